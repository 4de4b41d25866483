"""Unary calls: who calls, how long it may take, and what becomes of a caller who goes away."""

from __future__ import annotations

import asyncio
import json
import re
from http import HTTPStatus
from typing import Any, Protocol

import grpc
import grpc.aio
from google.protobuf.message import Message
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope

from ticketonomics_gateway.channel import service_config
from ticketonomics_gateway.contracts import Method
from ticketonomics_gateway.problems import (
    CALLER_GONE,
    CLIENT_CLOSED_REQUEST,
    CREDENTIALS_INVALID,
    Problem,
    from_rpc_error,
    invalid_field,
)
from ticketonomics_gateway.settings import Settings

Metadata = tuple[tuple[str, str], ...]

# Of a method that is newer than the service config.
_DEFAULT_SECONDS = 10.0
# A call that is over by then is not worth a watch for callers who leave.
_WATCH_AFTER_SECONDS = 0.05
_TRACE = (b"traceparent", b"tracestate")
_SECONDS = re.compile(r"\d{1,4}(\.\d{1,6})?")


class Credentials(Protocol):
    """Who calls, as the ledger takes it."""

    async def metadata(self, connection: HTTPConnection, method: Method) -> Metadata:
        """Returns what tells the ledger who calls.

        Raises:
            Problem: The caller may not call this method, or shows bad credentials.
        """


def header(value: str) -> str:
    """Returns a header's value, if gRPC can carry it.

    Raises:
        Problem: It is no printable ASCII.
    """
    if not (value.isascii() and value.isprintable()):
        # The value itself is not told: it may be a secret, misplaced by a sign.
        raise Problem(
            HTTPStatus.UNAUTHORIZED, CREDENTIALS_INVALID, "credentials are printable ASCII"
        )
    return value


class Calls:
    """Calls to the ledger over one channel."""

    def __init__(
        self, channel: grpc.aio.Channel, credentials: Credentials, settings: Settings
    ) -> None:
        self._channel = channel
        self._credentials = credentials
        self._deadlines = Deadlines(settings)
        self._stubs: dict[str, Any] = {}

    async def unary(
        self, scope: Scope, receive: Receive, method: Method, request: Message
    ) -> Message:
        """Calls a unary method for an HTTP request, and cancels the call when its caller goes.

        Raises:
            Problem: The ledger refused, could not be reached, or the caller went away.
        """
        metadata = await self.metadata(scope, method)
        stub = self._stubs.get(method.path)
        if stub is None:
            stub = self._stubs[method.path] = self._channel.unary_unary(
                method.path,
                request_serializer=method.request_class.SerializeToString,
                response_deserializer=method.response_class.FromString,
            )
        call = stub(request, metadata=metadata, timeout=self._deadlines.of(scope, method))
        async with _Watch(call, receive) as watch:
            try:
                answer: Message = await call
            except grpc.aio.AioRpcError as error:
                raise from_rpc_error(error) from error
            except asyncio.CancelledError:
                if not watch.gone:
                    raise
                raise Problem(CLIENT_CLOSED_REQUEST, CALLER_GONE, "the caller went away") from None
        return answer

    async def metadata(self, scope: Scope, method: Method) -> Metadata:
        """Returns what a call carries along: who calls, the request's id, and its trace."""
        credentials = await self._credentials.metadata(HTTPConnection(scope), method)
        return (*credentials, *tracing(scope))


def tracing(scope: Scope) -> Metadata:
    """Returns a request's id and its trace, for logs and spans of the server."""
    state = scope["state"]
    carried = [("x-request-id", state["request_id"])]
    if "trace" in state:
        # A span of our own is between the caller's and the server's.
        return (*carried, *state["trace"])
    for name, value in scope["headers"]:
        if name in _TRACE and value.isascii() and (text := value.decode()).isprintable():
            carried.append((name.decode(), text))
    return tuple(carried)


class _Watch:
    """Cancels a call once its caller has gone."""

    def __init__(self, call: grpc.aio.Call, receive: Receive) -> None:
        self._call = call
        self._receive = receive
        self._task: asyncio.Task[None] | None = None
        self.gone = False

    async def __aenter__(self) -> _Watch:
        self._timer = asyncio.get_running_loop().call_later(_WATCH_AFTER_SECONDS, self._begin)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        self._call.cancel()


class Deadlines:
    """How long calls may take: what the caller says, or else the settings, or else the contracts.

    Never longer than the settings allow.
    """

    def __init__(self, settings: Settings) -> None:
        self._longest = settings.max_timeout_seconds
        self._default = settings.timeout_seconds
        self._own = _own_timeouts()

    def of(self, scope: Scope, method: Method) -> float:
        """Returns the seconds that a call may take.

        Raises:
            Problem: The header `Ticketonomics-Timeout` is no number of seconds.
        """
        for name, value in scope["headers"]:
            if name == b"ticketonomics-timeout":
                return min(_seconds(value.decode("latin-1")), self._longest)
        own = self._default or self._own.get(method.path, _DEFAULT_SECONDS)
        return min(own, self._longest)


def _seconds(text: str) -> float:
    if not _SECONDS.fullmatch(text) or float(text) == 0:
        raise invalid_field("Ticketonomics-Timeout", "is no number of seconds, such as 2.5")
    return float(text)


def _own_timeouts() -> dict[str, float]:
    return {
        f"/{name['service']}/{name['method']}": float(entry["timeout"].removesuffix("s"))
        for entry in json.loads(service_config())["methodConfig"]
        if "timeout" in entry
        for name in entry["name"]
    }
