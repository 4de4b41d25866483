"""Server-streaming methods for browsers: as Server-Sent Events, and as WebSockets.

A stream lasts until its reader goes, the ledger ends it, the gateway shuts down, or its time is
over: then a reader connects again, which checks anew who it is. Nothing is kept for a slow reader:
its messages wait in the ledger, which tells it the newest of them when it reads again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus
from time import monotonic
from typing import Any, Protocol

from google.protobuf.message import Message
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from ticketonomics_gateway.calling import Credentials, Metadata, tracing
from ticketonomics_gateway.contracts import Match
from ticketonomics_gateway.credentials import ACTING_FOR, AUTHORIZATION, foreign
from ticketonomics_gateway.cursors import is_resumable, resume
from ticketonomics_gateway.event_stream import EventStream, accepts_events
from ticketonomics_gateway.origins import Origins
from ticketonomics_gateway.places import Places
from ticketonomics_gateway.problems import DRAINING, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, Problem
from ticketonomics_gateway.transcoding import decode_request
from ticketonomics_gateway.upstream import Told, Upstreams
from ticketonomics_gateway.web_socket import WebSocketStream

LAST_EVENT_ID = "last-event-id"
# For as long a stream that tells nothing is not begun: an error may still be an ordinary answer.
_FIRST_SECONDS = 1.0
_FAREWELL_SECONDS = 2.0
_DRAINED_RETRY_SECONDS = 0.5


@dataclass(slots=True, frozen=True)
class Patience:
    """How long things may take.

    Attributes:
        heartbeat_seconds: After so much silence of the ledger, a stream shows that it is alive.
        stall_seconds: A reader that takes nothing for so long is given up.
        lifetime_seconds: About how long a stream lasts; then its reader connects again.
    """

    heartbeat_seconds: float = 20.0
    stall_seconds: float = 60.0
    lifetime_seconds: float = 3600.0


class Reader(Protocol):
    """Somebody who follows a stream."""

    async def begin(self) -> None:
        """Begins the answer; called before anything else is told."""

    async def tell(self, told: Told) -> None:
        """Tells a message, and returns once the reader can take another."""

    async def beat(self) -> None:
        """Shows that the stream is alive."""

    async def until_gone(self) -> None:
        """Returns when the reader has gone."""

    async def end(self, problem: Problem | None) -> None:
        """Ends the stream; without a problem, the reader may connect again at once."""


class Streams:
    """Answers requests for streams.

    Args:
        draining: Set when the gateway is about to stop.
        trusted: Origins, beside this gateway's own, whose pages may open WebSockets; `*` for all.
    """

    def __init__(
        self,
        upstreams: Upstreams,
        credentials: Credentials,
        places: Places,
        origins: Origins,
        *,
        draining: asyncio.Event,
        trusted: Sequence[str] = (),
        patience: Patience | None = None,
    ) -> None:
        self._upstreams = upstreams
        self._credentials = credentials
        self._places = places
        self._origins = origins
        self._trusted = frozenset(trusted)
        self._patience = patience or Patience()
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send, match: Match) -> None:
        """Answers a request for a stream, or raises the Problem that is the answer."""
        connection = HTTPConnection(scope)
        if scope.get("method") == "HEAD":
            raise Problem(
                HTTPStatus.METHOD_NOT_ALLOWED, METHOD_NOT_ALLOWED, "a stream has no head alone"
            )
        reader: Reader
        if scope["type"] == "websocket":
            self._guard_origin(connection)
            reader = WebSocketStream(scope, receive, send)
        else:
            if not accepts_events(connection):
                raise Problem(
                    HTTPStatus.NOT_ACCEPTABLE,
                    NOT_ACCEPTABLE,
                    "this is a stream: `Accept: text/event-stream`, or a WebSocket",
                )
            reader = EventStream(scope, receive, send)
        if self._draining.is_set():
            raise drained()
        request = self._decode(connection, match)
        metadata = await self._credentials.metadata(connection, match.method)
        with self._places.take(_caller(connection, metadata)):
            await self._serve(match, request, (*metadata, *tracing(scope)), reader)

    def _decode(self, connection: HTTPConnection, match: Match) -> Message:
        request = decode_request(match, connection.scope["query_string"], b"")
        # An empty one is what browsers have before the first message.
        if is_resumable(match.method) and (last := connection.headers.get(LAST_EVENT_ID)):
            resume(request, last)
        return request

    def _guard_origin(self, connection: HTTPConnection) -> None:
        """Browsers let every page open WebSockets to everywhere, with cookies, and say whose."""
        origin = connection.headers.get("origin")
        if (
            origin is not None
            and not self._origins.is_own(connection, origin)
            and not self._trusted & {origin, "*"}
        ):
            raise foreign()

    async def _serve(
        self, match: Match, request: Message, metadata: Metadata, reader: Reader
    ) -> None:
        async with self._upstreams.open(match, request, metadata) as messages:
            telling = _Telling(reader, messages, self._patience)
            told = asyncio.create_task(telling.run())
            gone = asyncio.create_task(reader.until_gone())
            draining = asyncio.create_task(self._draining.wait())
            try:
                problem = await self._follow(telling, told, gone, draining)
            finally:
                await _cancel(told, gone, draining)
        if not telling.begun and problem is not None:
            raise problem
        if telling.reachable and not (gone.done() and not gone.cancelled()):
            with suppress(TimeoutError):
                async with asyncio.timeout(_FAREWELL_SECONDS):
                    await telling.begin()
                    await reader.end(problem)

    async def _follow(
        self,
        telling: _Telling,
        told: asyncio.Task[None],
        gone: asyncio.Task[None],
        draining: asyncio.Task[bool],
    ) -> Problem | None:
        """Waits for the stream's end, and returns what is to be said about it."""
        loop = asyncio.get_running_loop()
        # Those who have connected together do not come back together.
        over = loop.time() + self._patience.lifetime_seconds * random.uniform(0.9, 1.1)
        while loop.time() < over:
            await asyncio.wait(
                {told, gone, draining},
                timeout=telling.next_beat_seconds(),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if gone.done():
                return None
            if told.done():
                return await _outcome(told)
            if draining.done():
                return drained()
            await telling.beat()
        return None


class _Telling:
    """Tells a reader what the ledger tells.

    Attributes:
        begun: Whether the answer has begun: until then, an error is an answer of its own.
        reachable: Whether the reader still takes what it is told.
    """

    def __init__(self, reader: Reader, messages: AsyncIterator[Told], patience: Patience) -> None:
        self._reader = reader
        self._messages = messages
        self._patience = patience
        self._busy = False
        self._last = monotonic()
        self.begun = False
        self.reachable = True

    async def run(self) -> None:
        """Tells every message.

        Raises:
            Problem: The ledger ended the stream with an error.
        """
        async for told in self._messages:
            await self.begin()
            self._busy = True
            try:
                async with asyncio.timeout(self._patience.stall_seconds):
                    await self._reader.tell(told)
            except TimeoutError:
                self.reachable = False
                return
            self._busy = False
            self._last = monotonic()

    async def begin(self) -> None:
        """Begins the answer, unless it has begun."""
        if not self.begun:
            self.begun = True
            await self._reader.begin()

    def next_beat_seconds(self) -> float:
        """Returns when there is next something to show."""
        if not self.begun:
            return _FIRST_SECONDS
        quiet_seconds = monotonic() - self._last
        return max(0.1, self._patience.heartbeat_seconds - quiet_seconds)

    async def beat(self) -> None:
        """Shows that the stream is alive, if nothing has for a while."""
        if not self.begun:
            await self.begin()
        elif not self._busy and self.next_beat_seconds() <= 0.1:
            self._last = monotonic()
            await self._reader.beat()


async def _outcome(told: asyncio.Task[None]) -> Problem | None:
    try:
        await told
    except Problem as problem:
        return problem
    return None


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def drained() -> Problem:
    """Makes the end of a stream because the gateway ends."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        DRAINING,
        "the gateway is shutting down; connect again",
        retry_after_seconds=_DRAINED_RETRY_SECONDS,
    )


def _caller(connection: HTTPConnection, metadata: Metadata) -> str:
    """Names who has a stream: a person, an application's key, or an address."""
    shown = dict(metadata)
    if person := shown.get(ACTING_FOR):
        return f"person {person}"
    if AUTHORIZATION in connection.headers:
        # The key itself is kept nowhere.
        return f"key {blake2b(shown[AUTHORIZATION].encode(), digest_size=16).hexdigest()}"
    return f"address {connection.client.host if connection.client else ''}"
