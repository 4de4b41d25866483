"""When the server is away: a calm answer, and the same update again until the server is back.

An update that is handled again asks for the same request ids, so what did happen the first time
does not happen twice. Should this process go meanwhile, the button «try again» is left.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import structlog
from aiogram import Bot
from aiogram.types import InlineQuery, Update
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
        self._tasks: dict[str, asyncio.Task[None]] = {}

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
        if name not in self._tasks and len(self._tasks) < _MOST_AT_ONCE:
            task = asyncio.create_task(self._again_and_again(visit, name))
            self._tasks[name] = task
            task.add_done_callback(lambda _: self._tasks.pop(name, None))

    async def again(self, bot: Bot, name: str) -> bool:
        """Handles an update again, now; False where it is not known any more.

        Raises:
            UnavailableError: The server is still away.
        """
        kept = await self._store.get(f"away:{name}")
        if kept is None:
            return False
        record: dict[str, Any] = json.loads(kept)
        update = Update.model_validate(record["update"], context={"bot": bot})
        place = Place(**record["place"]) if record["place"] else None
        await self._feed(update, place)
        await self._store.drop(f"away:{name}")
        return True

    async def close(self) -> None:
        """Stops trying; the buttons are left."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _again_and_again(self, visit: "Visit", name: str) -> None:
        clock = asyncio.get_running_loop().time
        end = clock() + self._give_up_seconds
        attempt = 0
        while clock() < end:
            await asyncio.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
            attempt += 1
            try:
                await self.again(visit.bot, name)
            except UnavailableError:
                continue
            except Exception:
                log.exception("an update could not be handled again")
            return
        await visit.flow.show(visit.t("server-away-long"), again_button(visit, name))


def again_button(visit: "Visit", name: str) -> Any:
    """Makes the button that tries again at once."""
    return keyboard([button(visit.t.plain("button-try-again"), Again(update=name))])
