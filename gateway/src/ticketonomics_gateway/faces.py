"""What browsers need beside REST: sessions, streams, and the web app itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc.aio
import structlog
from fastapi import APIRouter

from ticketonomics_gateway.access import MethodAccess
from ticketonomics_gateway.ads import AdCallbacks
from ticketonomics_gateway.app_routes import AppRoutes
from ticketonomics_gateway.auth_routes import AuthRoutes
from ticketonomics_gateway.credentials import AUTHORIZATION, GatewayCredentials
from ticketonomics_gateway.csrf import CsrfTokens
from ticketonomics_gateway.memory import Memory, open_memory
from ticketonomics_gateway.origins import Origins
from ticketonomics_gateway.people import People
from ticketonomics_gateway.places import Places
from ticketonomics_gateway.sessions import Sessions, read_secret_keys
from ticketonomics_gateway.settings import Settings
from ticketonomics_gateway.sign_in import TelegramSignIn
from ticketonomics_gateway.streams import Patience, Streams
from ticketonomics_gateway.telegram import InitDataChecker
from ticketonomics_gateway.upstream import Upstreams

_DAY_SECONDS = 86_400
_HOUR_SECONDS = 3_600

log = structlog.get_logger(__name__)


@dataclass(slots=True, frozen=True)
class Faces:
    """What is made of the settings.

    Attributes:
        credentials: Who calls, for every method of the contracts.
        streams: Methods that stream.
        router: Routes of their own.
        places: How many streams are open.
    """

    credentials: GatewayCredentials
    streams: Streams
    router: APIRouter
    places: Places


@asynccontextmanager
async def open_faces(
    settings: Settings,
    channel: grpc.aio.Channel,
    draining: asyncio.Event,
    trusted_origins: Sequence[str],
) -> AsyncIterator[Faces]:
    """Makes everything.

    Args:
        draining: Set when the gateway is about to stop.
        trusted_origins: Origins of other pages that may open streams; `*` for all.

    Raises:
        OSError: A file of a key cannot be read.
        ValueError: A key, the session secret or the bot's token is malformed.
    """
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    memory = open_memory(redis_url)
    try:
        yield _make(settings, channel, memory, draining, trusted_origins)
    finally:
        await memory.close()


def _make(
    settings: Settings,
    channel: grpc.aio.Channel,
    memory: Memory,
    draining: asyncio.Event,
    trusted_origins: Sequence[str],
) -> Faces:
    people_key = _read_key(settings.people_key_file)
    sign_in_key = _read_key(settings.sign_in_key_file)
    metadata = ((AUTHORIZATION, f"Bearer {people_key}"),) if people_key else ()
    secret = settings.session_secret.get_secret_value() if settings.session_secret else None
    secret_keys = read_secret_keys(secret, settings.session_secret_file)
    sessions = Sessions(
        secret_keys,
        memory,
        lifetime_seconds=settings.session_hours * _HOUR_SECONDS,
        longest_seconds=settings.session_max_days * _DAY_SECONDS,
        same_site=settings.session_same_site,
    )
    tokens = CsrfTokens(secret_keys)
    origins = Origins(settings.public_url)
    credentials = GatewayCredentials(
        people_key=people_key,
        access=MethodAccess(channel, metadata),
        sessions=sessions,
        tokens=tokens,
        origins=origins,
    )
    people = (
        People(channel, people_key=people_key, sign_in_key=sign_in_key)
        if people_key and sign_in_key
        else None
    )
    auth = AuthRoutes(
        people=people,
        telegram=_telegram(settings, people, memory),
        credentials=credentials,
        sessions=sessions,
        tokens=tokens,
        origins=origins,
        dev_login=settings.dev_login,
    )
    app = AppRoutes(
        channel,
        metadata,
        bot_username=settings.bot_username,
        dev_login=settings.dev_login and people is not None,
    )
    places = Places(settings.max_streams, settings.max_streams_per_caller)
    streams = Streams(
        Upstreams(channel),
        credentials,
        places,
        origins,
        draining=draining,
        trusted=trusted_origins,
        patience=Patience(lifetime_seconds=settings.stream_hours * _HOUR_SECONDS),
    )
    router = APIRouter()
    for part in (auth, app, AdCallbacks(channel, people_key)):
        part.add_to(router)
    return Faces(credentials, streams, router, places)


def _telegram(settings: Settings, people: People | None, memory: Memory) -> TelegramSignIn | None:
    if settings.bot_token is None and settings.bot_id is None:
        return None
    if people is None:
        log.warning(
            "nobody can sign in: TICKETONOMICS_GATEWAY_PEOPLE_KEY_FILE and "
            "TICKETONOMICS_GATEWAY_SIGN_IN_KEY_FILE are not both set"
        )
        return None
    checker = InitDataChecker(
        bot_token=settings.bot_token.get_secret_value() if settings.bot_token else None,
        bot_id=settings.bot_id,
        public_key=settings.telegram_public_key,
        max_age_seconds=settings.init_data_max_age_seconds,
    )
    return TelegramSignIn(
        checker,
        people,
        memory,
        max_age_seconds=settings.init_data_max_age_seconds,
        reuse_seconds=settings.init_data_reuse_seconds,
    )


def _read_key(file: Path | None) -> str | None:
    if file is None:
        return None
    key = file.read_text().strip()
    if not key:
        raise ValueError(f"{file} is empty: it should have an API key")
    return key
