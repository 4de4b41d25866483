"""Whom a person means: by handle, by pointing, or by answering a message."""

from dataclasses import dataclass
from html import escape

from aiogram.exceptions import TelegramAPIError
from aiogram.types import Message, User
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics_client import RefusedError

from ticketonomics_bot.links import HANDLE
from ticketonomics_bot.naming import names_of
from ticketonomics_bot.parsing import Wish, pointed_at
from ticketonomics_bot.people import PROVIDER, name_of
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Complaint, Visit


@dataclass(slots=True, frozen=True, kw_only=True)
class Recipient:
    """Somebody who pays or is paid.

    Attributes:
        person_id: In the economy.
        name: HTML, as it is shown.
        doubtful: What Telegram knows differs from the handle, or Telegram does not know: ask first.
        telegram_name: How Telegram calls who is doubtful; may be empty.
    """

    person_id: str
    name: Html
    doubtful: bool = False
    telegram_name: str = ""

    @property
    def account(self) -> str:
        """Address of the account."""
        return f"users/{self.person_id}"


async def find_recipient(visit: Visit, message: Message, wish: Wish) -> Recipient | None:
    """Finds whom a wish names, or else whose message was answered; None where it is nobody's.

    Raises:
        Complaint: It names several, a bot, or somebody whom nobody knows.
    """
    if wish.too_many:
        raise Complaint("recipient-too-many")
    if wish.handle:
        return await by_handle(visit, wish.handle)
    if wish.telegram_id:
        return await by_user(visit, pointed_at(message.entities or [])[wish.telegram_id])
    answered = message.reply_to_message
    # In a topic, every message answers the one that opened it.
    if answered is None or answered.from_user is None or answered.forum_topic_created:
        return None
    return await by_user(visit, answered.from_user)


async def by_user(visit: Visit, user: User) -> Recipient:
    """Finds the person of somebody in Telegram; the first time makes one."""
    if user.is_bot:
        raise Complaint("recipient-bot")
    person = await visit.services.people.of(user)
    shown = f"@{user.username}" if user.username else name_of(user) or "…"
    return Recipient(person_id=person.person_id, name=Html(escape(shown, quote=False)))


async def by_handle(visit: Visit, handle: str) -> Recipient:
    """Finds who has a handle, and compares with what Telegram calls that person."""
    bare = handle.lower().removeprefix("@")
    if bare == visit.services.bot_username.lower():
        raise Complaint("recipient-bot")
    try:
        if not HANDLE.fullmatch(bare):
            raise Complaint("recipient-unknown", handle=bare)
        person = await visit.client.person_by_handle(bare)
    except RefusedError as error:
        if error.reason_name == "HANDLE_NOT_FOUND":
            raise Complaint("recipient-unknown", handle=bare) from error
        raise
    telegram_name = await _telegram_name(visit, person)
    return Recipient(
        person_id=person.person_id,
        name=Html(f"@{bare}"),
        doubtful=telegram_name.lower() != bare,
        telegram_name=telegram_name,
    )


async def by_person_id(visit: Visit, person_id: str) -> Recipient:
    """Finds somebody by the id in a link."""
    people = await names_of(await visit.acting(), [person_id])
    if person_id not in people:
        raise Complaint("recipient-gone")
    return Recipient(person_id=person_id, name=people[person_id])


async def _telegram_name(visit: Visit, person: Person) -> str:
    """Asks Telegram for the username of a person; empty where it has none or nobody knows."""
    for identity in person.linked_identities:
        if identity.provider != PROVIDER or not identity.subject.isdigit():
            continue
        try:
            chat = await visit.bot.get_chat(int(identity.subject))
        except TelegramAPIError:
            continue
        if chat.username:
            return chat.username
    return ""
