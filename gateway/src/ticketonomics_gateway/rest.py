"""The contracts' methods as REST: a plain ASGI application, for the sake of speed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from starlette.types import Receive, Scope, Send

from ticketonomics_gateway.bodies import read_body
from ticketonomics_gateway.calling import Calls
from ticketonomics_gateway.contracts import Binding, Match, Method
from ticketonomics_gateway.problems import (
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    Problem,
    invalid_field,
)
from ticketonomics_gateway.settings import Settings
from ticketonomics_gateway.transcoding import decode_request, encode

IDEMPOTENCY_KEY = b"idempotency-key"
# What makes a request the same one, by precedence. Only where the body can say it.
_REQUEST_IDS = ("request_id", "transaction_id", "hold_id")

# JSON of so many bytes takes several milliseconds.
_LARGE_BYTES = 32 << 10

T = TypeVar("T")

_JSON = (b"content-type", b"application/json")
# Answers are of this moment, and many are nobody else's.
_NO_STORE = (b"cache-control", b"no-store")


class Streams(Protocol):
    """Offers methods that stream."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send, match: Match) -> None:
        """Answers a request for a stream, by HTTP or as a WebSocket."""


class Rest:
    """Answers requests that are for a method of the contracts.

    Args:
        streams: Offers what streams; None refuses it.
    """

    def __init__(self, calls: Calls, settings: Settings, streams: Streams | None = None) -> None:
        self._calls = calls
        self._streams = streams
        self._most_bytes = settings.max_body_bytes
        self._seconds = settings.request_timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send, match: Match) -> None:
        """Answers, or raises the Problem that is the answer."""
        if match.method.server_streaming or scope["type"] == "websocket":
            await self._stream(scope, receive, send, match)
            return
        body = await read_body(scope, receive, most_bytes=self._most_bytes, seconds=self._seconds)
        request = await _aside(len(body), decode_request, match, scope["query_string"], body)
        fill_request_id(scope, match, request)
        answer = await self._calls.unary(scope, receive, match.method, request)
        field = match.binding.response_body
        await respond(send, await _aside(answer.ByteSize(), encode, answer, field))

    async def _stream(self, scope: Scope, receive: Receive, send: Send, match: Match) -> None:
        if self._streams is None or not match.method.server_streaming:
            raise Problem(
                HTTPStatus.NOT_ACCEPTABLE, NOT_ACCEPTABLE, "this is not offered as a stream"
            )
        if scope.get("method") == "HEAD":
            # It would be open until somebody closes it, and tell nothing.
            raise Problem(
                HTTPStatus.METHOD_NOT_ALLOWED,
                METHOD_NOT_ALLOWED,
                "HEAD is not for streams",
                headers=[(b"allow", b"GET")],
            )
        await self._streams(scope, receive, send, match)


async def _aside(size: int, work: Callable[..., T], *arguments: Any) -> T:
    """Does work at once if it is about little, and else in a thread: other callers go on."""
    if size <= _LARGE_BYTES:
        return work(*arguments)
    return await asyncio.to_thread(work, *arguments)


async def respond(
    send: Send, body: bytes, status: int = 200, headers: tuple[tuple[bytes, bytes], ...] = (_JSON,)
) -> None:
    """Sends an answer that is whole."""
    length = (b"content-length", b"%d" % len(body))
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, length, _NO_STORE],
        }
    )
    await send({"type": "http.response.body", "body": body})


def fill_request_id(scope: Scope, match: Match, request: Message) -> None:
    """Fills a request's id from `Idempotency-Key`, unless the request has one.

    Raises:
        Problem: The header is no UUID.
    """
    for name, value in scope["headers"]:
        if name == IDEMPOTENCY_KEY:
            _fill(match, request, value.decode("latin-1"))
            return


def _fill(match: Match, request: Message, text: str) -> None:
    try:
        key = str(UUID(text.strip('"')))
    except ValueError:
        raise invalid_field("Idempotency-Key", "is no UUID") from None
    name = request_id_field(match.method, match.binding)
    if name and not getattr(request, name):
        setattr(request, name, key)


def request_id_field(method: Method, binding: Binding) -> str:
    """Returns the field that makes a request the same one; empty where there is none."""
    if binding.verb == "GET":
        return ""
    in_path = {variable.field_path for variable in binding.template.variables}
    fields = method.request_class.DESCRIPTOR.fields_by_name
    for name in _REQUEST_IDS:
        field = fields.get(name)
        if field is not None and field.type == field.TYPE_STRING and name not in in_path:
            return name
    return ""
