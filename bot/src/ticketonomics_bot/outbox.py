"""What is sent to Telegram, no faster than it allows.

About 30 messages a second in all, one a second in a chat, 20 a minute in a group. Whoever sends
waits for a place; `retry_after` is waited for. An edit that waits is overtaken by a later edit of
the same message: both callers get the answer of the later one, so what nobody would have read is
never sent.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import (
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

log = structlog.get_logger()

_ATTEMPTS = 5
_NETWORK_ATTEMPTS = 3
_SWEEP_AT = 2_048
# Beginnings of the names of methods that put something into a chat.
_SENDING = ("send", "edit", "copy", "forward", "stopPoll")
_UNLIMITED = frozenset({"sendChatAction"})

Chat = int | str


@dataclass(slots=True, frozen=True, kw_only=True)
class Limits:
    """What Telegram allows: so many messages within so many seconds."""

    a_second: float = 30.0
    chat: tuple[int, float] = (1, 1.0)
    group: tuple[int, float] = (20, 60.0)


class Places:
    """Hands out moments to send at, first come first served. It knows no Telegram and no sleep."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._next = 0.0
        self._sent: dict[Chat, deque[float]] = {}
        self._closed: dict[Chat | None, float] = {}

    def in_chat(self, chat: Chat | None) -> float:
        """Takes the chat's next place, and returns how many seconds away it is."""
        now = self._clock()
        at = max(now, self._closed.get(chat, 0.0))
        if chat is not None:
            sent = self._sent.setdefault(chat, deque(maxlen=self._limits.group[0]))
            for count, seconds in self._rules(chat):
                if len(sent) >= count:
                    at = max(at, sent[-count] + seconds)
            sent.append(at)
            self._sweep(now)
        return at - now

    def in_all(self) -> float:
        """Takes the next place among all messages, and returns how many seconds away it is."""
        now = self._clock()
        at = max(now, self._next, self._closed.get(None, 0.0))
        self._next = at + 1.0 / self._limits.a_second
        return at - now

    def close(self, chat: Chat | None, seconds: float) -> None:
        """Lets nothing go to a chat for a while; None means to any."""
        self._closed[chat] = max(self._clock() + seconds, self._closed.get(chat, 0.0))

    def _rules(self, chat: Chat) -> list[tuple[int, float]]:
        group = isinstance(chat, str) or chat < 0
        return [self._limits.chat, self._limits.group] if group else [self._limits.chat]

    def _sweep(self, now: float) -> None:
        if len(self._sent) + len(self._closed) > _SWEEP_AT:
            old = now - self._limits.group[1]
            self._sent = {chat: sent for chat, sent in self._sent.items() if sent[-1] > old}
            self._closed = {chat: end for chat, end in self._closed.items() if end > now}


@dataclass(slots=True, eq=False)
class _Letter:
    """What waits for a place, and everybody who waits for its answer."""

    method: TelegramMethod[Any]
    answer: asyncio.Future[Any] = field(default_factory=asyncio.Future)


class Outbox(BaseRequestMiddleware):
    """Stands between the bot and Telegram: `bot.session.middleware(Outbox())`."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._places = Places(limits or Limits())
        self._edits: dict[Hashable, _Letter] = {}

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Sends when there is a place; raises what Telegram refuses for good."""
        key = edit_key(method)
        letter = self._edits.get(key) if key is not None else None
        if letter is not None:
            letter.method = method
            answer: Response[TelegramType] = await asyncio.shield(letter.answer)
            return answer
        letter = _Letter(method)
        try:
            answer = await self._deliver(make_request, bot, letter, key)
        except BaseException as error:
            self._settle(letter, key, error)
            raise
        letter.answer.set_result(answer)
        return answer

    async def _deliver(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        letter: _Letter,
        key: Hashable | None,
    ) -> Response[TelegramType]:
        attempt = 0
        while True:
            attempt += 1
            if key is not None:
                # It went once and was sent back: meanwhile a newer one may have taken its place.
                newer = self._edits.setdefault(key, letter)
                if newer is not letter:
                    answer: Response[TelegramType] = await asyncio.shield(newer.answer)
                    return answer
            await self._wait(letter.method)
            if key is not None:
                # Now it is on its way: a later edit waits for a place of its own.
                del self._edits[key]
            try:
                return await make_request(bot, letter.method)
            except TelegramRetryAfter as error:
                if attempt >= _ATTEMPTS:
                    raise
                log.info("telegram asks to wait", seconds=error.retry_after)
                self._places.close(chat_of(letter.method), error.retry_after)
                if not is_limited(letter.method):
                    await asyncio.sleep(error.retry_after)
            except TelegramServerError:
                if attempt >= _NETWORK_ATTEMPTS:
                    raise
                await asyncio.sleep(0.5 * attempt)
            except TelegramNetworkError:
                # A message may have arrived although nobody said so; an edit may be said twice.
                if key is None or attempt >= _NETWORK_ATTEMPTS:
                    raise
                await asyncio.sleep(0.5 * attempt)

    async def _wait(self, method: TelegramMethod[Any]) -> None:
        if not is_limited(method):
            return
        # One after the other: who waits for a slow chat uses up nothing of what all share.
        if (seconds := self._places.in_chat(chat_of(method))) > 0:
            await asyncio.sleep(seconds)
        if (seconds := self._places.in_all()) > 0:
            await asyncio.sleep(seconds)

    def _settle(self, letter: _Letter, key: Hashable | None, error: BaseException) -> None:
        """Tells those who wait for an edit that its sender has failed, or was cancelled."""
        if key is not None and self._edits.get(key) is letter:
            del self._edits[key]
        told = error if isinstance(error, Exception) else ConnectionAbortedError("cancelled")
        letter.answer.set_exception(told)
        # There may be nobody who waits.
        letter.answer.exception()


def is_limited(method: TelegramMethod[Any]) -> bool:
    """Tells whether a method puts something into a chat."""
    name = method.__api_method__
    return name.startswith(_SENDING) and name not in _UNLIMITED


def chat_of(method: TelegramMethod[Any]) -> Chat | None:
    """Returns the chat that a method is about; None for none, or for a message sent inline."""
    chat: Chat | None = getattr(method, "chat_id", None)
    return chat


def edit_key(method: TelegramMethod[Any]) -> Hashable | None:
    """Returns which message a method edits, and how; None for methods that edit none."""
    name = method.__api_method__
    if not name.startswith("edit"):
        return None
    message = (
        getattr(method, "inline_message_id", None)
        or getattr(method, "message_id", None)
        or (
            getattr(method, "receiver_user_id", None),
            getattr(method, "ephemeral_message_id", None),
        )
    )
    return (name, chat_of(method), message)
