"""Bodies of requests: read within limits of size and time."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from starlette.types import Receive, Scope

from ticketonomics_gateway.problems import (
    BODY_TOO_LARGE,
    CALLER_GONE,
    CLIENT_CLOSED_REQUEST,
    MEDIA_TYPE_UNSUPPORTED,
    REQUEST_MALFORMED,
    REQUEST_TOO_SLOW,
    Problem,
)

_CLOSE = [(b"connection", b"close")]


async def read_body(
    scope: Scope, receive: Receive, *, most_bytes: int, seconds: float, json_only: bool = True
) -> bytes:
    """Reads the body of a request.

    Args:
        json_only: Whether JSON is the only form it may have.

    Raises:
        Problem: It is too large, comes too slowly, or is of another form.
    """
    if not _announced(scope, most_bytes, json_only=json_only):
        return b""
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, most_bytes)
    except TimeoutError:
        raise Problem(
            HTTPStatus.REQUEST_TIMEOUT,
            REQUEST_TOO_SLOW,
            f"the body did not arrive within {seconds:g} s",
            headers=_CLOSE,
        ) from None


def _announced(scope: Scope, most_bytes: int, *, json_only: bool) -> bool:
    """Tells whether there is a body, and refuses what its headers say already."""
    announced = False
    for name, value in scope["headers"]:
        if name == b"content-length":
            if not value.isdigit():
                raise Problem(
                    HTTPStatus.BAD_REQUEST, REQUEST_MALFORMED, "Content-Length is no number"
                )
            if int(value) > most_bytes:
                raise _too_large(most_bytes)
            announced = announced or value != b"0"
        elif name == b"transfer-encoding":
            announced = True
        elif name == b"content-type" and json_only:
            _guard_type(value)
        elif name == b"content-encoding" and value.lower() != b"identity":
            raise _unsupported("the body must not be compressed")
    return announced


def _guard_type(value: bytes) -> None:
    kind, _, parameters = value.lower().partition(b";")
    kind = kind.strip()
    charset = parameters.replace(b" ", b"").replace(b'"', b"")
    if kind != b"application/json" and not (
        kind.startswith(b"application/") and kind.endswith(b"+json")
    ):
        raise _unsupported("a body must have Content-Type: application/json")
    if b"charset=" in charset and b"charset=utf-8" not in charset:
        raise _unsupported("a body must be UTF-8")


async def _read(receive: Receive, most_bytes: int) -> bytes:
    body = b""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem(CLIENT_CLOSED_REQUEST, CALLER_GONE, "the caller went away")
        body = message.get("body", b"")
        size += len(body)
        if size > most_bytes:
            raise _too_large(most_bytes)
        if not message.get("more_body", False):
            return b"".join([*parts, body]) if parts else body
        parts.append(body)


def _too_large(most_bytes: int) -> Problem:
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        BODY_TOO_LARGE,
        f"the body is larger than {most_bytes} bytes",
        metadata={"max_body_bytes": str(most_bytes)},
    )


def _unsupported(detail: str) -> Problem:
    return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, MEDIA_TYPE_UNSUPPORTED, detail)
