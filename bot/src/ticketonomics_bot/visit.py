"""One update, and what answering it needs: who came, in which language, on whose behalf we call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Chat, InlineQuery, Message, Update, User
from ticketonomics_client import Client, Principal

from ticketonomics_bot.flows import Flow
from ticketonomics_bot.money import asset_name, money, short_money
from ticketonomics_bot.texts import Argument, Html, Texts

if TYPE_CHECKING:
    from ticketonomics.identity.v1.person_pb2 import Person

    from ticketonomics_bot.services import Services

log = structlog.get_logger()

_LONGEST_ALERT = 200


class Complaint(Exception):  # noqa: N818
    """What a person did not get right, or may not; answered with a text, and nothing was done."""

    def __init__(self, text_id: str, **arguments: Argument) -> None:
        super().__init__(text_id)
        self.text_id = text_id
        self.arguments = arguments


@dataclass(slots=True)
class Visit:
    """Handed to every handler as `visit`."""

    services: Services
    bot: Bot
    update: Update
    user: User
    chat: Chat | None
    t: Texts
    flow: Flow
    # What the person was asked to type, in Redis or in memory.
    state: FSMContext
    # Whether this is another try at an update that the server was away for.
    resumed: bool = False
    answered: bool = field(default=False)

    @property
    def client(self) -> Client:
        """The server, called by the bot itself."""
        return self.services.client

    @property
    def language(self) -> str:
        """One of the bot's languages."""
        return self.t.language

    @property
    def is_private(self) -> bool:
        """Whether nobody else reads along."""
        return self.chat is None or self.chat.type == "private"

    @property
    def key(self) -> str:
        """Names the update: the same whenever and wherever it is delivered."""
        event = self.update.event
        if isinstance(event, Message):
            # A number of a message that only one sees may be used again; its time tells them apart.
            number = (
                event.message_id or f"e{event.ephemeral_message_id}.{event.date.timestamp():.0f}"
            )
            return f"{self.bot.id}/message/{event.chat.id}/{number}"
        if isinstance(event, CallbackQuery):
            return f"{self.bot.id}/callback/{event.id}"
        return f"{self.bot.id}/update/{self.update.update_id}"

    def request_id(self, purpose: str = "") -> str:
        """Returns the id of a request: the same one for the same update and purpose.

        So what a redelivered update asks for, or one that is tried again, happens once.
        """
        return str(self.request_uuid(purpose))

    def request_uuid(self, purpose: str = "") -> UUID:
        """Returns `request_id` as buttons carry it."""
        return uuid5(NAMESPACE_URL, f"ticketonomics:bot/{self.key}/{purpose}")

    async def person(self) -> Person:
        """Returns who came, in the economy."""
        return await self.services.people.of(self.user)

    async def acting(self) -> Principal:
        """Returns the server's calls on behalf of who came."""
        return self.services.people.acting((await self.person()).person_id)

    async def money(self, minor: int, asset: str) -> Html:
        """Writes an amount exactly, with what it is of: `1,234.50 🥉 Bronze`."""
        return await money(self.t, self.services.assets, minor, asset)

    async def short_money(self, minor: int, asset: str) -> Html:
        """Writes an amount shortly, and never as more than it is: `1.2k 🥉 Bronze`."""
        return await short_money(self.t, self.services.assets, minor, asset)

    async def asset(self, code: str) -> Html:
        """Writes what an asset is called; a tier in the person's language."""
        return await asset_name(self.t, self.services.assets, code)

    async def answer(self, text: str = "", *, alert: bool = False) -> None:
        """Answers a pressed button; a text is plain and shown above the chat or as an alert."""
        event = self.update.event
        if not isinstance(event, CallbackQuery) or self.answered:
            return
        self.answered = True
        try:
            await self.bot.answer_callback_query(
                event.id, text=text[:_LONGEST_ALERT] or None, show_alert=alert
            )
        except TelegramAPIError as error:
            # It is too old, as of a redelivered update: nobody waits for the answer.
            log.debug("a button's answer came too late", error=str(error))

    async def complain(self, text_id: str, **arguments: Argument) -> None:
        """Says that something cannot be done: as an alert to a button, otherwise in the flow."""
        event = self.update.event
        plain = self.t.plain(text_id, **arguments)
        pressed = isinstance(event, CallbackQuery) and not self.resumed
        if pressed and len(plain) <= _LONGEST_ALERT:
            await self.answer(plain, alert=True)
            return
        if not isinstance(event, InlineQuery):
            await self.flow.show(self.t(text_id, **arguments))
