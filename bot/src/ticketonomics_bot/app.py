"""The composition: settings in, a running bot out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    AiogramError,
    TelegramBadRequest,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.fsm.storage.base import BaseStorage
from aiogram.fsm.storage.memory import MemoryStorage, SimpleEventIsolation
from aiogram.fsm.storage.redis import RedisStorage
from aiogram.types import LinkPreviewOptions, Update
from aiogram.utils.token import TokenValidationError
from aiohttp import web
from redis.asyncio import Redis
from ticketonomics_client import Client, TlsFiles

from ticketonomics_bot.alerts import Alerts
from ticketonomics_bot.assets import Assets
from ticketonomics_bot.campaigns import Campaigns
from ticketonomics_bot.commands import ROUTERS
from ticketonomics_bot.commands.menu import publish_menu
from ticketonomics_bot.confirming import Confirmations
from ticketonomics_bot.flows import Place
from ticketonomics_bot.leading import lead
from ticketonomics_bot.letters import Post, Returned
from ticketonomics_bot.live import Live
from ticketonomics_bot.maintenance import Maintenance
from ticketonomics_bot.news import News
from ticketonomics_bot.outbox import Limits, Outbox
from ticketonomics_bot.people import People
from ticketonomics_bot.receiving import Inbox, poll, webhook_app
from ticketonomics_bot.reception import Reception
from ticketonomics_bot.retrying import Retries
from ticketonomics_bot.services import Services
from ticketonomics_bot.settings import Settings
from ticketonomics_bot.shelves import MemoryShelves, RedisShelves, Shelves
from ticketonomics_bot.store import MemoryStore, RedisStore, Store
from ticketonomics_bot.throttling import Throttle
from ticketonomics_bot.writings import Writings

log = structlog.get_logger()

Answer = TypeVar("Answer")

_FSM_SECONDS = 3_600
_TIMEOUT_SECONDS = 5.0


class StartError(Exception):
    """The bot cannot start; the message says why, to an operator."""


@dataclass(slots=True, frozen=True)
class App:
    """A bot that is ready to receive."""

    services: Services
    dispatcher: Dispatcher
    inbox: Inbox
    news: News
    post: Post


@asynccontextmanager
async def open_app(settings: Settings) -> AsyncIterator[App]:
    """Connects everything, and disconnects it in the end.

    Raises:
        StartError: A key or the token cannot be used.
    """
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(_client(settings, _secret(settings.key_file)))
        operator = None
        if settings.operator_key_file is not None:
            key = _secret(settings.operator_key_file)
            operator = await stack.enter_async_context(_client(settings, key))
        store, storage, shelves = _memory(settings)
        stack.push_async_callback(store.close)
        bot = _bot(settings)
        stack.push_async_callback(bot.session.close)
        # One after the other, of one person in one chat; of several instances the server's own
        # order is enough, for what counts has request ids.
        dispatcher = Dispatcher(storage=storage, events_isolation=SimpleEventIsolation())

        async def feed(update: Update, place: Place | None) -> None:
            await dispatcher.feed_update(bot, update, resumed=True, resumed_at=place)

        retries = Retries(store, feed, give_up_seconds=settings.retry_minutes * 60)
        stack.push_async_callback(retries.close)
        assets = Assets(client)
        people = People(client, store)
        live = Live(bot, client, assets, shelves)
        stack.push_async_callback(live.close)
        post = Post(bot, client, people, store, shelves)
        Writings(bot, client, operator, assets, post)
        # Half of what may be sent is for those who ask something.
        pace = settings.messages_per_second / 2
        campaigns = Campaigns(bot, client, shelves, post, letters_per_second=pace)
        alerts = Alerts(shelves)
        news = News(client, shelves, post=post, live=live, alerts=alerts, campaigns=campaigns)
        services = Services(
            settings=settings,
            bot=bot,
            bot_username=(await _insist(bot.get_me)).username or "",
            client=client,
            operator=operator,
            people=people,
            assets=assets,
            maintenance=Maintenance(client),
            store=store,
            confirmations=Confirmations(store, wait_seconds=settings.confirm_minutes * 60),
            throttle=Throttle(
                store,
                person_limit=settings.person_actions_per_minute,
                chat_limit=settings.chat_actions_per_minute,
            ),
            retries=retries,
            shelves=shelves,
            live=live,
            alerts=alerts,
            campaigns=campaigns,
        )
        _assemble(dispatcher, services)
        inbox = Inbox(bot, dispatcher, store)
        stack.push_async_callback(inbox.drain, settings.stop_seconds)
        yield App(services, dispatcher, inbox, news, post)


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Receives updates until told to stop, then finishes those that it has.

    Raises:
        StartError: A key or the token cannot be used, or the webhook's address is taken.
    """
    async with open_app(settings) as app:
        await publish_menu(app.services)
        async with _telling(settings, app):
            await _receive(settings, app, stop)
        log.info("stopping")


async def _receive(settings: Settings, app: App, stop: asyncio.Event) -> None:
    if settings.receive == "webhook":
        await _serve(settings, app, stop)
    else:
        bot = app.services.bot
        await _insist(lambda: bot.delete_webhook(drop_pending_updates=False))
        log.info("polling", bot=app.services.bot_username)
        try:
            await poll(bot, app.inbox, _kinds(app.dispatcher), stop)
        except TelegramUnauthorizedError as error:
            raise StartError("Telegram does not know this token any more") from error


@asynccontextmanager
async def _telling(settings: Settings, app: App) -> AsyncIterator[None]:
    """Tells people what happens, as long as no other instance does."""
    telling = asyncio.create_task(lead(app.services.shelves, "news", app.news.follow))
    try:
        yield
    finally:
        await app.services.campaigns.close()
        # What is on its way arrives; without Redis nobody else would send it.
        await app.post.drain(settings.stop_seconds / 3)
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _serve(settings: Settings, app: App, stop: asyncio.Event) -> None:
    # The settings' own check has seen that both are there.
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else ""
    address = settings.webhook_url or ""
    path = urlsplit(address).path or "/"
    host, _, port = settings.webhook_listen.rpartition(":")
    runner = web.AppRunner(
        webhook_app(app.inbox, path=path, secret=secret),
        access_log=None,
        shutdown_timeout=settings.stop_seconds,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, host.strip("[]"), int(port)).start()
    except OSError as error:
        await runner.cleanup()
        raise StartError(f"cannot listen on {settings.webhook_listen}: {error}") from error
    try:
        bot, kinds = app.services.bot, _kinds(app.dispatcher)
        await _insist(
            lambda: bot.set_webhook(
                address, secret_token=secret, allowed_updates=kinds, drop_pending_updates=False
            )
        )
        log.info("webhook", bot=app.services.bot_username, listen=settings.webhook_listen)
        await stop.wait()
    finally:
        # The webhook stays: other instances go on, and Telegram keeps what comes meanwhile.
        await runner.cleanup()


def _assemble(dispatcher: Dispatcher, services: Services) -> None:
    dispatcher["admins"] = services.settings.admins
    dispatcher.message.outer_middleware(Returned(services.store))
    reception = Reception(services)
    for observer in (
        dispatcher.message,
        dispatcher.callback_query,
        dispatcher.inline_query,
        dispatcher.my_chat_member,
    ):
        observer.middleware(reception)
    dispatcher.include_routers(*ROUTERS)


def _kinds(dispatcher: Dispatcher) -> list[str]:
    return dispatcher.resolve_used_update_types()


def _client(settings: Settings, key: str) -> Client:
    files = TlsFiles(ca=settings.tls_ca, certificate=settings.tls_certificate, key=settings.tls_key)
    own = settings.tls_ca is not None or settings.tls_certificate is not None
    try:
        return Client(
            settings.target,
            api_key=key,
            economy=settings.economy,
            tls=files if own else None,
            insecure=settings.insecure,
            # People wait: what takes longer is told, and tried again.
            timeout_seconds=_TIMEOUT_SECONDS,
        )
    except ValueError as error:
        raise StartError(str(error)) from error


def _bot(settings: Settings) -> Bot:
    session = AiohttpSession(api=TelegramAPIServer.from_base(settings.api_url.rstrip("/")))
    limits = Limits(
        a_second=settings.messages_per_second,
        chat=(1, 1.0 / settings.chat_messages_per_second),
    )
    session.middleware(Outbox(limits))
    default = DefaultBotProperties(
        parse_mode=ParseMode.HTML, link_preview=LinkPreviewOptions(is_disabled=True)
    )
    try:
        return Bot(settings.token.get_secret_value(), session=session, default=default)
    except TokenValidationError as error:
        raise StartError("the token does not look like one of BotFather's") from error


def _memory(settings: Settings) -> tuple[Store, BaseStorage, Shelves]:
    if settings.redis_url is None:
        return MemoryStore(), MemoryStorage(), MemoryShelves()
    redis: Redis = Redis.from_url(settings.redis_url.get_secret_value())
    storage = RedisStorage(redis, state_ttl=_FSM_SECONDS, data_ttl=_FSM_SECONDS)
    return RedisStore(redis), storage, RedisShelves(redis)


async def _insist(call: Callable[[], Awaitable[Answer]]) -> Answer:
    """Calls Telegram until it can be reached.

    Raises:
        StartError: It does not know the token, or refuses.
    """
    pause = 0.5
    while True:
        try:
            return await call()
        except (TelegramUnauthorizedError, TelegramNotFound) as error:
            raise StartError("Telegram does not know this token") from error
        except TelegramBadRequest as error:
            raise StartError(f"Telegram refuses: {error.message}") from error
        except AiogramError as error:
            log.warning("telegram is away", error=str(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, 15.0)


def _secret(path: Path) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StartError(f"the key file cannot be read: {error}") from error
    if not key:
        raise StartError(f"the key file {path} is empty")
    return key
