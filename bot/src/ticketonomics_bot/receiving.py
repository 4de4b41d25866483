"""Updates, as Telegram gives them: asked for by polling, or sent to a webhook.

An update is acknowledged when it was handled, or takes long: a process that ends in the middle gets
it again, or another instance does. One that comes again is handled once.
"""

import asyncio
import secrets
from collections.abc import Iterable
from contextlib import suppress

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    AiogramError,
    TelegramConflictError,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetUpdates
from aiogram.types import Update
from aiohttp import web
from pydantic import ValidationError
from redis.exceptions import RedisError

from ticketonomics_bot.store import Store

log = structlog.get_logger()

# What is being handled is given to another instance after this long, if it was not finished.
_LEASE_SECONDS = 60.0
_REDIS_SECONDS = 30.0
_REMEMBER_SECONDS = 24 * 3600.0
_PATIENCE_SECONDS = 20.0
_POLL_SECONDS = 25
_BATCH_SECONDS = 3.0
_LONGEST_PAUSE_SECONDS = 15.0
_MOST_BYTES = 1 << 20
_BEGUN, _DONE = "begun", "done"


class Inbox:
    """Hands updates to the dispatcher, each once."""

    def __init__(self, bot: Bot, dispatcher: Dispatcher, store: Store) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._store = store
        self._tasks: set[asyncio.Task[bool]] = set()

    def take(self, update: Update) -> asyncio.Task[bool]:
        """Begins to handle an update; the task tells whether Telegram may forget it."""
        task = asyncio.create_task(self._handle(update))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def drain(self, seconds: float) -> None:
        """Waits for updates that are being handled, and ends those that take longer."""
        if self._tasks:
            _, late = await asyncio.wait(list(self._tasks), timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _handle(self, update: Update) -> bool:
        pause = 0.5
        while pause < _REDIS_SECONDS:
            try:
                return await self._handle_once(update)
            except RedisError as error:
                # Nothing was done yet: what a person was asked to type is not known.
                log.warning("redis is away", error=str(error))
                await asyncio.sleep(pause)
                pause *= 2
        return False

    async def _handle_once(self, update: Update) -> bool:
        key = f"update:{self._bot.id}:{update.update_id}"
        earlier = await self._store.claim(key, _BEGUN, seconds=_LEASE_SECONDS)
        if earlier is not None:
            return earlier == _DONE
        try:
            await self._dispatcher.feed_update(self._bot, update)
        except RedisError:
            with suppress(RedisError):
                await self._store.drop(key)
            raise
        except Exception:
            # Handlers' own failures are answered elsewhere; this one is worth a try no more.
            log.exception("an update could not be handled", update_id=update.update_id)
        with suppress(RedisError):
            await self._store.put(key, _DONE, seconds=_REMEMBER_SECONDS)
        return True


async def poll(bot: Bot, inbox: Inbox, kinds: list[str], stop: asyncio.Event) -> None:
    """Asks for updates until told to stop.

    A batch is acknowledged by asking for the next one, so that waits a little for the batch.
    """
    offset: int | None = None
    pause = 0.5
    while not stop.is_set():
        asking = asyncio.create_task(
            bot(
                GetUpdates(offset=offset, timeout=_POLL_SECONDS, allowed_updates=kinds),
                request_timeout=_POLL_SECONDS + 10,
            )
        )
        await _first(asking, stop)
        if not asking.done():
            asking.cancel()
            with suppress(asyncio.CancelledError, AiogramError):
                await asking
            break
        try:
            updates = asking.result()
        except TelegramUnauthorizedError:
            raise
        except AiogramError as error:
            what = "another instance polls" if isinstance(error, TelegramConflictError) else "away"
            log.warning("telegram gives no updates", why=what, error=str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            continue
        pause = 0.5
        if updates:
            offset = updates[-1].update_id + 1
            await _until_handled(inbox.take(update) for update in updates)
    if offset is not None:
        # What was handled is acknowledged, so that the next process does not get it again.
        with suppress(AiogramError, TimeoutError):
            await asyncio.wait_for(bot(GetUpdates(offset=offset, limit=1, timeout=0)), 3)


async def _first(asking: asyncio.Task[list[Update]], stop: asyncio.Event) -> None:
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()


async def _until_handled(tasks: Iterable[asyncio.Task[bool]]) -> None:
    await asyncio.wait(list(tasks), timeout=_BATCH_SECONDS)


def webhook_app(inbox: Inbox, *, path: str, secret: str) -> web.Application:
    """Makes the web server that Telegram sends updates to."""

    async def receive(request: web.Request) -> web.Response:
        told = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not secrets.compare_digest(told.encode(), secret.encode()):
            return web.Response(status=401)
        try:
            update = Update.model_validate_json(await request.read())
        except ValidationError as error:
            # Telegram would send it again for ever. Its text stays out of the log.
            log.warning("an update is not understood", problems=error.error_count())
            return web.Response()
        task = inbox.take(update)
        done, _ = await asyncio.wait({task}, timeout=_PATIENCE_SECONDS)
        if not done:
            # It is being handled and will be; Telegram need not wait.
            return web.Response()
        return web.Response(status=200 if task.result() else 503)

    async def healthy(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application(client_max_size=_MOST_BYTES)
    app.router.add_post(path, receive)
    app.router.add_get("/healthz", healthy)
    return app
