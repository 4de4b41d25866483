"""What browsers need beside REST: sessions, streams, and the web app itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import grpc.aio
import structlog
from fastapi import APIRouter

from ticketonomics_gateway.access import MethodAccess
from ticketonomics_gateway.ads import AdCallbacks
from ticketonomics_gateway.app_routes import AppRoutes
from ticketonomics_gateway.auth_routes import AuthRoutes
from ticketonomics_gateway.credentials import AUTHORIZATION, GatewayCredentials
from ticketonomics_gateway.csrf import CsrfTokens
from ticketonomics_gateway.keyring import Keyring
from ticketonomics_gateway.memory import Memory, open_memory
from ticketonomics_gateway.origins import Origins
from ticketonomics_gateway.people import People
from ticketonomics_gateway.places import Places
from ticketonomics_gateway.sessions import Sessions
from ticketonomics_gateway.settings import Settings
from ticketonomics_gateway.sign_in import TelegramSignIn
from ticketonomics_gateway.streams import Patience, Streams
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
    keyring: Keyring,
    channel: grpc.aio.Channel,
    *,
    draining: asyncio.Event,
    trusted_origins: Sequence[str],
) -> AsyncIterator[Faces]:
    """Makes everything.

    Args:
        draining: Set when the gateway is about to stop.
        trusted_origins: Origins of other pages that may open streams; `*` for all.
    """
    redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
    memory = open_memory(redis_url)
    try:
        yield _make(
            settings,
            keyring,
            channel,
            memory,
            draining=draining,
            trusted_origins=trusted_origins,
        )
    finally:
        await memory.close()


def _make(
    settings: Settings,
    keyring: Keyring,
    channel: grpc.aio.Channel,
    memory: Memory,
    *,
    draining: asyncio.Event,
    trusted_origins: Sequence[str],
) -> Faces:
    people_key = keyring.people_key
    metadata = ((AUTHORIZATION, f"Bearer {people_key}"),) if people_key else ()
    sessions = Sessions(
        keyring.session_keys,
        memory,
        lifetime_seconds=settings.session_hours * _HOUR_SECONDS,
        longest_seconds=settings.session_max_days * _DAY_SECONDS,
        same_site=settings.session_same_site,
    )
    tokens = CsrfTokens(keyring.session_keys)
    origins = Origins(settings.public_url)
    credentials = GatewayCredentials(
        people_key=people_key,
        access=MethodAccess(channel, metadata),
        sessions=sessions,
        tokens=tokens,
        origins=origins,
    )
    people = (
        People(channel, people_key=people_key, sign_in_key=keyring.sign_in_key)
        if people_key and keyring.sign_in_key
        else None
    )
    auth = AuthRoutes(
        people=people,
        telegram=_telegram(settings, keyring, people, memory),
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


def _telegram(
    settings: Settings, keyring: Keyring, people: People | None, memory: Memory
) -> TelegramSignIn | None:
    if keyring.checker is None:
        return None
    if people is None:
        log.warning(
            "nobody can sign in: TICKETONOMICS_GATEWAY_PEOPLE_KEY_FILE and "
            "TICKETONOMICS_GATEWAY_SIGN_IN_KEY_FILE are not both set"
        )
        return None
    return TelegramSignIn(
        keyring.checker,
        people,
        memory,
        max_age_seconds=settings.init_data_max_age_seconds,
        reuse_seconds=settings.init_data_reuse_seconds,
    )
