"""Server-streaming methods for browsers: as Server-Sent Events, and as WebSockets.

A stream lasts until its reader goes, the ledger ends it, the gateway shuts down, or its time is over:
then a reader connects again, which checks anew who it is. Nothing is kept for a slow reader: its
messages wait in the ledger, which tells it the newest of them when it reads again.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from google.protobuf.message import Message
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from ticketonomics_gateway.calling import Credentials, Metadata, tracing
from ticketonomics_gateway.contracts import Match
from ticketonomics_gateway.credentials import ACTING_FOR, AUTHORIZATION
from ticketonomics_gateway.cursors import is_resumable, resume
from ticketonomics_gateway.event_stream import EventStream, accepts_events
from ticketonomics_gateway.origins import Origins
from ticketonomics_gateway.places import Places
from ticketonomics_gateway.problems import DRAINING, NOT_ACCEPTABLE, Problem
from ticketonomics_gateway.transcoding import decode_request
from ticketonomics_gateway.upstream import Told, Upstreams
from ticketonomics_gateway.web_socket import WebSocketStream

LAST_EVENT_ID = "last-event-id"
# For as long a stream that tells nothing is not begun: an error may still be an ordinary answer.
_FIRST_SECONDS = 1.0


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
        trusted: Origins, beside this gateway's own, whose pages may open WebSockets; `*` for all.
    """

    def __init__(
        self,
        upstreams: Upstreams,
        credentials: Credentials,
        places: Places,
        origins: Origins,
        *,
        trusted: Sequence[str] = (),
        patience: Patience | None = None,
    ) -> None:
        self._upstreams = upstreams
        self._credentials = credentials
        self._places = places
        self._origins = origins
        self._trusted = frozenset(trusted)
        self._patience = patience or Patience()
        self._draining = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send, match: Match) -> None:
        """Answers a request for a stream, or raises the Problem that is the answer."""
        connection = HTTPConnection(scope)
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
            raise draining()
        request = self._decode(connection, match)
        metadata = await self._credentials.metadata(connection, match.method)
        with self._places.take(_caller(connection, metadata)):
            await self._serve(match, request, (*metadata, *tracing(scope)), reader)

    async def drain(self, seconds: float) -> None:
        """Ends all streams: their readers are told to connect again."""
        self._draining.set()
        async with asyncio.timeout(seconds):
            while self._places.taken:  # noqa: ASYNC110 - it is not worth an event.
                await asyncio.sleep(0.02)

    def _decode(self, connection: HTTPConnection, match: Match) -> Message:
        request = decode_request(match, connection.scope["query_string"], b"")
        # An empty one is what browsers have before the first message.
        if is_resumable(match.method) and (last := connection.headers.get(LAST_EVENT_ID)):
            resume(request, last)
        return request

    def _guard_origin(self, connection: HTTPConnection) -> None:
        """Browsers let every page open a WebSocket to everywhere, with cookies, and only say whose."""
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
            first = asyncio.ensure_future(anext(messages, None))
            await asyncio.wait({first}, timeout=_FIRST_SECONDS)
            if first.done() and (error := first.exception()) is not None:
                raise error
            await reader.begin()
            pump = _Pump(reader, first, messages, self._patience.stall_seconds)
            await self._until_over(reader, pump)

    async def _until_over(self, reader: Reader, pump: _Pump) -> None:
        tasks = {
            "pump": asyncio.create_task(pump.run()),
            "gone": asyncio.create_task(reader.until_gone()),
            "draining": asyncio.create_task(self._draining.wait()),
        }
        # Not all at once, where many have connected at once.
        lifetime_seconds = self._patience.lifetime_seconds * random.uniform(0.9, 1.1)
        over = asyncio.get_running_loop().time() + lifetime_seconds
        problem: Problem | None = None
        stalled = False
        try:
            while not await self._wait(tasks.values(), pump, reader, over):
                pass
            if tasks["pump"].done() and not tasks["gone"].done():
                try:
                    tasks["pump"].result()
                except Problem as told:
                    problem = told
                except TimeoutError:
                    stalled = True
            elif tasks["draining"].done():
                problem = draining()
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        if not stalled and not tasks["gone"].done():
            await reader.end(problem)
