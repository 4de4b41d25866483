"""HTTP/1.1 with the limits that uvicorn leaves to proxies: how much comes in, and how slowly."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from ticketonomics_gateway.problems import (
    HEADERS_TOO_LARGE,
    REQUEST_MALFORMED,
    REQUEST_TOO_SLOW,
    Problem,
)
from ticketonomics_gateway.settings import Settings


def limited_protocol(settings: Settings) -> type[asyncio.Protocol]:
    """Makes the protocol with these settings' limits."""

    class Limited(LimitedProtocol):
        max_header_bytes = settings.max_header_bytes
        max_message_bytes = settings.max_header_bytes + 2 * settings.max_body_bytes
        header_seconds = settings.request_timeout_seconds

    return Limited


class LimitedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which refuses heads that are too large, or take too long.

    The size of bodies is checked where they are read. Here it is only made sure that nobody sends
    for ever: chunks, their extensions and trailers may be somewhat more than the body that they
    make.
    """

    max_header_bytes: int
    max_message_bytes: int
    header_seconds: float

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._refused = False
        self._received_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Waits for the first head."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(self.header_seconds, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts what comes, and has it parsed."""
        if self._refused:
            return
        self._received_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._received_bytes > self.max_header_bytes:
            self._refuse(_too_large(self.max_header_bytes))
        elif self._received_bytes > self.max_message_bytes:
            # Whether an answer is on its way or not: this is no request that anybody needs.
            self.transport.close()

    def on_message_begin(self) -> None:
        """Waits for the rest of the head."""
        super().on_message_begin()
        self._in_head = True
        if self._timer is None:
            self._timer = self.loop.call_later(self.header_seconds, self._give_up)

    def on_headers_complete(self) -> None:
        """Begins to answer, unless the head was too large."""
        self._stop_waiting()
        self._in_head = False
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self.max_header_bytes:
            self._refuse(_too_large(self.max_header_bytes))
        elif not self._refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Takes a part of the body, unless the request was refused."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Counts the next request anew."""
        self._in_head = True
        self._received_bytes = 0
        if not self._refused:
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuses what is no HTTP, in the form of all problems."""
        self._refuse(Problem(HTTPStatus.BAD_REQUEST, REQUEST_MALFORMED, msg.rstrip(".").lower()))

    def _give_up(self) -> None:
        self._timer = None
        if self._received_bytes:
            detail = f"the headers did not arrive within {self.header_seconds:g} s"
            self._refuse(Problem(HTTPStatus.REQUEST_TIMEOUT, REQUEST_TOO_SLOW, detail))
        else:
            # A connection that was opened ahead of need.
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, problem: Problem) -> None:
        if self._refused:
            return
        self._refused = True
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            body = problem.body()
            headers = [*problem.all_headers(), (b"content-length", b"%d" % len(body))]
            lines = b"".join(b"%b: %b\r\n" % header for header in headers)
            self.transport.write(
                STATUS_LINE[problem.status] + lines + b"connection: close\r\n\r\n" + body
            )
        self.transport.close()


def _too_large(most_bytes: int) -> Problem:
    return Problem(
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
        HEADERS_TOO_LARGE,
        f"the request's line and headers are larger than {most_bytes} bytes",
        metadata={"max_header_bytes": str(most_bytes)},
    )
