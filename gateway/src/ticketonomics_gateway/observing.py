"""What is counted, timed, named and logged of requests; and problems become answers here."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import count
from secrets import token_hex
from time import perf_counter
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ticketonomics_gateway import metrics
from ticketonomics_gateway.problems import CLIENT_CLOSED_REQUEST, INTERNAL, Problem
from ticketonomics_gateway.settings import Settings

SLOW_SECONDS = 1.0
REQUEST_ID = b"x-request-id"
# Others' ids may be anything; ours stay within this, and so do logs.
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._\-]{1,128}")
_POLICY_VIOLATION = 1008
_FAULT = 500

_START = token_hex(8)
_numbers = count(1)

log = structlog.get_logger(__name__)


class Observing:
    """Wraps everything else.

    `scope["state"]` has `request_id`; `headers`, which the answer gets; `called`, which tells
    metrics and logs what a request was for; and `reason`, where it was refused.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._access_log = settings.access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, and tells of it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        metrics.open_requests.inc()
        try:
            await self._app(scope, receive, exchange.send)
        except Problem as problem:
            await exchange.refuse(problem)
        except Exception:
            log.exception("a request failed", **exchange.facts())
            if exchange.status:
                # What has begun cannot be answered otherwise: the connection ends.
                raise
            await exchange.refuse(Problem(_FAULT, INTERNAL, "something went wrong here"))
        finally:
            metrics.open_requests.dec()
            exchange.tell(everything=self._access_log)


class _Exchange:
    """One request and its answer."""

    __slots__ = ("_answered", "_began", "_request_id", "_scope", "_send", "_state", "status")

    def __init__(self, scope: Scope, send: Send) -> None:
        self._began = perf_counter()
        self._answered = 0.0
        self._scope = scope
        self._send = send
        self._request_id = _request_id(scope)
        self._state = scope.setdefault("state", {})
        self._state["request_id"] = self._request_id
        self._state["headers"] = [(REQUEST_ID, self._request_id.encode())]
        self._state["called"] = ""
        self._state["reason"] = ""
        self.status = 0

    async def send(self, message: Message) -> None:
        kind = message["type"]
        # A stream's answer goes on for hours: what matters is when it begins.
        self._answered = self._answered or perf_counter()
        if kind in {"http.response.start", "websocket.http.response.start"}:
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._state["headers"]]
        elif kind == "websocket.accept":
            self.status = 101
            message["headers"] = [*message.get("headers", ()), *self._state["headers"]]
        await self._send(message)

    async def refuse(self, problem: Problem) -> None:
        """Answers with a problem, unless an answer has begun."""
        self._state["reason"] = problem.reason
        if self.status:
            return
        if problem.status == CLIENT_CLOSED_REQUEST:
            self.status = problem.status
            return
        body = problem.body(self._request_id)
        headers = [*problem.all_headers(), (b"content-length", b"%d" % len(body))]
        headers.append((b"cache-control", b"no-store"))
        start, part = "http.response.start", "http.response.body"
        if self._scope["type"] == "websocket":
            if "websocket.http.response" not in self._scope.get("extensions", {}):
                await self.send({"type": "websocket.close", "code": _POLICY_VIOLATION})
                return
            start, part = f"websocket.{start}", f"websocket.{part}"
        await self.send({"type": start, "status": problem.status, "headers": headers})
        await self.send({"type": part, "body": body})

    def tell(self, *, everything: bool) -> None:
        """Counts it, and logs it if it was slow, failed, or everything is logged."""
        seconds = (self._answered or perf_counter()) - self._began
        if reason := self._state["reason"]:
            metrics.refusals.labels(reason).inc()
        _observer(self._called(), self.status)(seconds)
        if everything or self.status >= _FAULT:
            log.info("request", status=self.status, seconds=round(seconds, 4), **self.facts())
        elif reason:
            log.debug("refused", status=self.status, seconds=round(seconds, 4), **self.facts())
        elif seconds >= SLOW_SECONDS:
            log.warning("slow", status=self.status, seconds=round(seconds, 4), **self.facts())

    def facts(self) -> dict[str, Any]:
        """Returns what logs tell of it: no query, no header and no body, where secrets may be."""
        client = self._scope.get("client")
        facts = {
            "method": self._scope.get("method", "WEBSOCKET"),
            "called": self._called(),
            "request_id": self._request_id,
            "client": client[0] if client else "",
        }
        reason = self._state["reason"]
        return facts | ({"reason": reason} if reason else {})

    def _called(self) -> str:
        called: str = self._state["called"]
        if called:
            return called
        route = self._scope.get("route")
        # Paths that somebody made up are no label.
        return getattr(route, "path", "") or "other"


@cache
def _observer(called: str, status: int) -> Callable[[float], None]:
    return metrics.request_seconds.labels(called, status).observe


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == REQUEST_ID and _REQUEST_ID.fullmatch(value):
            text: str = value.decode()
            return text
    # Nobody has to guess it wrongly, so it need not be random as a whole, which takes time.
    return f"{_START}-{next(_numbers):x}"
