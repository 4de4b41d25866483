"""A stream as Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

import random

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from ticketonomics_gateway.problems import Problem
from ticketonomics_gateway.upstream import Told, problem_event

EVENT_STREAM = "text/event-stream"
_HEADERS = [
    (b"content-type", EVENT_STREAM.encode()),
    (b"cache-control", b"no-store"),
    # Proxies of the nginx kind would collect events otherwise.
    (b"x-accel-buffering", b"no"),
]
# Those who lose their connection together do not come back together.
_RETRY_MILLISECONDS = (500, 2_000)


class EventStream:
    """Tells a stream to somebody who reads an answer that does not end."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._request_id: str = scope["state"]["request_id"]
        self._receive = receive
        self._send = send

    async def begin(self) -> None:
        """Begins the answer."""
        await self._send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        await self._write(b"retry: %d\n\n" % random.randint(*_RETRY_MILLISECONDS))

    async def tell(self, told: Told) -> None:
        """Tells a message."""
        await self._write(told.event)

    async def beat(self) -> None:
        """Tells nothing, so that proxies and pages see that the stream is alive."""
        await self._write(b": heartbeat\n\n")

    async def until_gone(self) -> None:
        """Returns when the reader has gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def end(self, problem: Problem | None) -> None:
        """Ends the answer."""
        last = problem_event(problem, self._request_id) if problem else b""
        await self._write(last, more=False)

    async def _write(self, content: bytes, *, more: bool = True) -> None:
        await self._send({"type": "http.response.body", "body": content, "more_body": more})


def accepts_events(connection: HTTPConnection) -> bool:
    """Tells whether somebody takes Server-Sent Events, or whatever there is."""
    accepted = connection.headers.get("accept", "*/*")
    kinds = {kind.partition(";")[0].strip().lower() for kind in accepted.split(",")}
    return bool(kinds & {EVENT_STREAM, "text/*", "*/*"})
