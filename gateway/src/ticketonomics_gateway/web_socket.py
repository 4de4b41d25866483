"""A stream as a WebSocket."""

from starlette.types import Receive, Scope, Send

from ticketonomics_gateway.problems import Problem
from ticketonomics_gateway.upstream import Told, problem_frame

# RFC 6455, section 7.4.1, and IANA's registry.
NORMAL = 1000
POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013
_SERVER_FAULT = 500


class WebSocketStream:
    """Tells a stream to somebody who has opened a WebSocket, and listens to nothing."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._request_id: str = scope["state"]["request_id"]
        self._receive = receive
        self._send = send

    async def begin(self) -> None:
        """Accepts the connection."""
        await self._send({"type": "websocket.accept"})

    async def tell(self, told: Told) -> None:
        """Tells a message."""
        await self._send({"type": "websocket.send", "text": told.frame})

    async def beat(self) -> None:
        """Does nothing: WebSockets have pings of their own."""

    async def until_gone(self) -> None:
        """Returns when the reader has gone, or has sent anything: there is nothing to say here."""
        while (message := await self._receive())["type"] != "websocket.disconnect":
            if message["type"] == "websocket.receive":
                await self._send(
                    {
                        "type": "websocket.close",
                        "code": POLICY_VIOLATION,
                        "reason": "this stream only tells",
                    }
                )
                return

    async def end(self, problem: Problem | None) -> None:
        """Closes the connection."""
        code = NORMAL
        if problem is not None:
            await self._send(
                {"type": "websocket.send", "text": problem_frame(problem, self._request_id)}
            )
            again = problem.status >= _SERVER_FAULT or problem.retry_after_seconds is not None
            code = TRY_AGAIN_LATER if again else POLICY_VIOLATION
        await self._send({"type": "websocket.close", "code": code})
