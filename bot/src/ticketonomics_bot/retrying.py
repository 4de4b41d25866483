"""When the server is away: a calm answer, and the same update again until the server is back.

An update that is handled again asks for the same request ids, so what did happen the first time
does not happen twice. Should this process go meanwhile, the button «try again» is left.
"""

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import InlineQuery, Update
from redis.exceptions import RedisError
from ticketonomics_client import UnavailableError

from ticketonomics_bot.callbacks import Again, button, keyboard
from ticketonomics_bot.flows import Place
from ticketonomics_bot.store import Store

if TYPE_CHECKING:
    from ticketonomics_bot.visit import Visit

log = structlog.get_logger()

_KEEP_SECONDS = 24 * 3600.0
_PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
_MOST_AT_ONCE = 500

# Handles an update again; raises UnavailableError while the server is still away.
Feed = Callable[[Update, Place | None], Awaitable[None]]


class Retries:
    """Updates that wait for the server."""

    def __init__(self, store: Store, feed: Feed, *, give_up_seconds: float) -> None:
        self._store = store
        self._feed = feed
        self._give_up_seconds = give_up_seconds
        self._tasks: set[asyncio.Task[None]] = set()
        # Those that wait for their next try, by name.
        self._waiting: dict[str, asyncio.Event] = {}

    async def later(self, visit: "Visit") -> None:
        """Says that the server is away, and handles the update again by and by."""
        if isinstance(visit.update.event, InlineQuery):
            return
        name = visit.request_uuid("again").hex
        markup = again_button(visit, name)
        await visit.answer(visit.t.plain("server-away-short"))
        await visit.flow.show(visit.t("server-away"), markup)
        kept = {
            "update": visit.update.model_dump(mode="json", exclude_none=True),
            "place": visit.flow.place.as_dict() if visit.flow.place else None,
        }
        await self._store.put(
            f"away:{name}", json.dumps(kept, ensure_ascii=False), seconds=_KEEP_SECONDS
        )
        self._begin(visit, name)

    async def now(self, visit: "Visit", name: str) -> bool:
        """Handles an update again at once; False where it is not known any more.

        Not by the caller, who holds the lock of the same person in the same chat.
        """
        if await self._store.get(f"away:{name}") is None:
            return False
        if (waiting := self._waiting.get(name)) is not None:
            waiting.set()
        else:
            self._begin(visit, name)
        return True

    async def close(self) -> None:
        """Stops trying; the buttons are left."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, visit: "Visit", name: str) -> None:
        if name in self._waiting or len(self._tasks) >= _MOST_AT_ONCE:
            return
        self._waiting[name] = asyncio.Event()
        task = asyncio.create_task(self._again_and_again(visit, name))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _again_and_again(self, visit: "Visit", name: str) -> None:
        clock = asyncio.get_running_loop().time
        end = clock() + self._give_up_seconds
        hurry = self._waiting[name]
        try:
            for attempt in itertools.count():
                with suppress(TimeoutError):
                    pause = _PAUSES[min(attempt, len(_PAUSES) - 1)]
                    await asyncio.wait_for(hurry.wait(), pause)
                hurry.clear()
                if await self._again(visit.bot, name):
                    return
                if clock() > end:
                    break
            await visit.flow.show(visit.t("server-away-long"), again_button(visit, name))
        except TelegramAPIError as error:
            log.warning("telegram refuses", error=str(error))
        finally:
            del self._waiting[name]

    async def _again(self, bot: Bot, name: str) -> bool:
        """Handles an update again; False while the server is still away."""
        try:
            kept = await self._store.get(f"away:{name}")
            if kept is None:
                return True
            record: dict[str, Any] = json.loads(kept)
            update = Update.model_validate(record["update"], context={"bot": bot})
            await self._feed(update, Place(**record["place"]) if record["place"] else None)
            await self._store.drop(f"away:{name}")
        except (UnavailableError, RedisError):
            return False
        except Exception:
            log.exception("an update could not be handled again")
        return True


def again_button(visit: "Visit", name: str) -> Any:
    """Makes the button that tries again at once."""
    return keyboard([button(visit.t.plain("button-try-again"), Again(update=name))])
