"""Letters: what the bot tells people by itself, kept until it was sent.

A letter is put on its shelf together with the cursor of the stream that it comes from, so none is
lost and none is written twice. What waits for the same person and is of the same kind goes as one
message. A chat that the bot may not write to is not tried again until its person writes.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import structlog
from aiogram import BaseMiddleware, Bot
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from aiogram.types import Message, TelegramObject
from redis.exceptions import RedisError
from ticketonomics.identity.v1.preferences_pb2 import Notification
from ticketonomics_client import Client, RefusedError, TicketonomicsError

from ticketonomics_bot.people import People
from ticketonomics_bot.shelves import Change, Shelves
from ticketonomics_bot.store import Store
from ticketonomics_bot.texts import Html, Texts, texts

log = structlog.get_logger()

SHELF = "letters"
_GONE_SECONDS = 90 * 86_400.0
_AT_ONCE = 30
_PAUSE_SECONDS = 3.0
# How long letters of a kind gather behind one that was sent; applications may take often.
_REST_SECONDS = {"allowance-used": 60.0}
_FINAL = ("chat not found", "user is deactivated", "bot was blocked", "peer_id_invalid")


@dataclass(slots=True, frozen=True, kw_only=True)
class Letter:
    """Something to tell somebody.

    Attributes:
        kind: As the texts and the preferences call it, such as `payment-received`.
        number: Tells letters of a kind to the same person apart.
        facts: What it is about, as JSON can hold it.
        person_id: Who is told, in all chats, unless muted.
        chat_id: Instead of a person: the one chat that asked for it.
        language: Of such a chat.
    """

    kind: str
    number: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    person_id: str = ""
    chat_id: int = 0
    language: str = ""

    @property
    def key(self) -> str:
        """Names the letter."""
        return f"{self.to}|{self.number}"

    @property
    def to(self) -> str:
        """Whom it goes to, and of what kind it is: such letters go together."""
        return f"{self.person_id or self.chat_id}|{self.kind}"


@dataclass(slots=True, frozen=True)
class Reader:
    """Whom letters are written to."""

    t: Texts
    person_id: str
    chat_id: int


Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]
# Writes letters of a kind as one message; None where there is nothing to tell this reader.
Writing = Callable[[Reader, list[Letter]], Awaitable[Html | None]]


class Outcomes(Protocol):
    """Hears what became of letters."""

    def done(self, letter: Letter, *, sent: bool) -> None:
        """Notes that a letter was sent, or will not be."""


class Post:
    """Delivers letters. Only the instance that leads has one at work."""

    def __init__(
        self, bot: Bot, client: Client, people: People, store: Store, shelves: Shelves
    ) -> None:
        self._bot = bot
        self._client = client
        self._people = people
        self._store = store
        self._shelves = shelves
        self._writings: dict[str, Writing] = {}
        self._waiting: dict[str, dict[str, Letter]] = {}
        self._carriers: dict[str, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(_AT_ONCE)
        self.outcomes: Outcomes | None = None

    def writes(self, kind: str, writing: Writing) -> None:
        """Says how letters of a kind are written."""
        self._writings[kind] = writing

    async def resume(self) -> None:
        """Takes up what was not delivered, maybe by another instance."""
        self.accept(read(text) for text in (await self._shelves.all(SHELF)).values())

    def accept(self, letters: Iterable[Letter]) -> None:
        """Delivers letters that are on the shelf already."""
        for letter in letters:
            self._waiting.setdefault(letter.to, {})[letter.key] = letter
            if letter.to not in self._carriers:
                self._carriers[letter.to] = asyncio.create_task(self._carry(letter.to))

    @property
    def waiting(self) -> int:
        """How many letters wait."""
        return sum(map(len, self._waiting.values()))

    async def drain(self, seconds: float) -> None:
        """Waits until all that goes now is delivered; what gathers for later is not waited for."""
        end = asyncio.get_running_loop().time() + seconds
        # Asked again and again, once, at the end: an event would be kept all along for this.
        while self._waiting and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Stops; what is left stays on the shelf."""
        tasks = list(self._carriers.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._waiting.clear()
        self._carriers.clear()

    async def _carry(self, to: str) -> None:
        kind = to.partition("|")[2]
        try:
            while to in self._waiting:
                letters = list(self._waiting[to].values())
                try:
                    async with self._room:
                        sent = await self._deliver(kind, letters)
                    keys = [letter.key for letter in letters]
                    await self._shelves.remove(SHELF, *keys)
                except (TicketonomicsError, TelegramAPIError, RedisError) as error:
                    log.info("letters wait", kind=kind, error=str(error))
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                self._settle(to, letters, sent=sent)
                if to not in self._waiting and kind in _REST_SECONDS:
                    await asyncio.sleep(_REST_SECONDS[kind])
        except Exception:
            log.exception("letters cannot be delivered", kind=kind)
            self._settle(to, list(self._waiting.get(to, {}).values()), sent=False)
        finally:
            self._carriers.pop(to, None)

    def _settle(self, to: str, letters: list[Letter], *, sent: bool) -> None:
        left = self._waiting.get(to, {})
        for letter in letters:
            left.pop(letter.key, None)
            if self.outcomes is not None:
                self.outcomes.done(letter, sent=sent)
        if not left:
            self._waiting.pop(to, None)

    async def _deliver(self, kind: str, letters: list[Letter]) -> bool:
        """Writes and sends letters to one reader; returns whether they reached a chat.

        Raises:
            TicketonomicsError, TelegramAPIError: It has to be tried again.
        """
        writing = self._writings.get(kind)
        if writing is None:
            # Of a version of the bot that is newer than this one, or older.
            return False
        first = letters[0]
        reached = False
        for reader in await self._readers(kind, first):
            if await self._store.get(_gone(reader.chat_id)) is not None:
                continue
            text = await writing(reader, letters)
            if text is not None:
                reached |= await self._send(reader.chat_id, text)
        return reached

    async def _readers(self, kind: str, letter: Letter) -> list[Reader]:
        if not letter.person_id:
            return [Reader(texts(letter.language or "en"), "", letter.chat_id)]
        try:
            wished = await self._client.preferences(letter.person_id)
            if muted(kind) in wished.muted:
                return []
            chats = await self._people.telegram_ids(letter.person_id)
        except RefusedError as error:
            if error.reason_name.startswith("PERSON_"):
                return []
            raise
        return [
            Reader(await self._people.voice(letter.person_id, chat), letter.person_id, chat)
            for chat in chats
        ]

    async def _send(self, chat_id: int, text: Html) -> bool:
        try:
            await self._bot.send_message(chat_id, text)
        except TelegramForbiddenError as error:
            await self._give_up(chat_id, str(error))
            return False
        except TelegramBadRequest as error:
            if any(words in error.message.lower() for words in _FINAL):
                await self._give_up(chat_id, error.message)
            else:
                log.exception("a letter is refused")
            return False
        return True

    async def _give_up(self, chat_id: int, why: str) -> None:
        log.info("a chat is gone", chat=chat_id, why=why)
        await self._store.put(_gone(chat_id), "1", seconds=_GONE_SECONDS)


class Returned(BaseMiddleware):
    """Lets letters go to a chat again when its person writes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Calls the handler."""
        if isinstance(event, Message) and event.chat.type == ChatType.PRIVATE:
            with suppress(RedisError):
                await self._store.drop(_gone(event.chat.id))
        return await handler(event, data)


def put(letters: Iterable[Letter]) -> Change:
    """Returns the change that puts letters on their shelf."""
    return Change(SHELF, put={letter.key: json.dumps(asdict(letter)) for letter in letters})


def read(text: str) -> Letter:
    """Reads a letter as it was kept."""
    return Letter(**json.loads(text))


def muted(kind: str) -> int:
    """Returns the notification that a kind of letters is; 0 for none that can be muted."""
    name = f"NOTIFICATION_{kind.upper().replace('-', '_')}"
    known = Notification.DESCRIPTOR.values_by_name.get(name)
    return known.number if known is not None else 0


def _gone(chat_id: int) -> str:
    return f"gone:{chat_id}"
