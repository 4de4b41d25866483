"""Streams of the ledger, as JSON. Many pages are told the same, and it is written once."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc.aio
from google.protobuf.message import Message

from ticketonomics_gateway.calling import Metadata
from ticketonomics_gateway.contracts import Match, Method
from ticketonomics_gateway.cursors import cursor_of, is_heartbeat, is_resumable
from ticketonomics_gateway.problems import Problem, from_rpc_error
from ticketonomics_gateway.transcoding import encode

_MAX_KEPT = 256
_LARGEST_KEPT_BYTES = 64 << 10


@dataclass(slots=True, frozen=True)
class Told:
    """One message of a stream, in the forms in which pages take it.

    Attributes:
        event: As a Server-Sent Event.
        frame: As a WebSocket's text frame.
    """

    event: bytes
    frame: str


class Upstreams:
    """Opens streams of the ledger."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel
        self._stubs: dict[str, Any] = {}
        # The server encodes a message once for all streams that are told the same; so do we.
        self._kept: OrderedDict[tuple[str, str, bytes], Told] = OrderedDict()

    @asynccontextmanager
    async def open(
        self, match: Match, request: Message, metadata: Metadata
    ) -> AsyncIterator[AsyncIterator[Told]]:
        """Opens a stream; it is cancelled when the block ends."""
        call = self._stub(match.method)(request, metadata=metadata)
        try:
            async with aclosing(self._read(match, call)) as messages:
                yield messages
        finally:
            call.cancel()

    async def _read(self, match: Match, call: Any) -> AsyncGenerator[Told, None]:
        """Yields messages as they come. gRPC reads ahead no further than its window.

        Raises:
            Problem: The ledger ended the stream with an error.
        """
        try:
            while (content := await call.read()) is not grpc.aio.EOF:
                yield self._tell(match, content)
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from error

    def _stub(self, method: Method) -> Any:
        stub = self._stubs.get(method.path)
        if stub is None:
            stub = self._stubs[method.path] = self._channel.unary_stream(
                method.path, request_serializer=method.request_class.SerializeToString
            )
        return stub

    def _tell(self, match: Match, content: bytes) -> Told:
        name = match.method.path, match.binding.response_body, content
        told = self._kept.get(name)
        if told is None:
            message = match.method.response_class.FromString(content)
            told = tell(match.method, message, match.binding.response_body)
            if len(content) <= _LARGEST_KEPT_BYTES:
                self._kept[name] = told
                if len(self._kept) > _MAX_KEPT:
                    self._kept.popitem(last=False)
        return told


def tell(method: Method, message: Message, field: str = "") -> Told:
    """Writes a message of a stream."""
    content = encode(message, field)
    resumable = is_resumable(method)
    cursor = cursor_of(message) if resumable else ""
    line = b"id: %s\n" % cursor.encode() if cursor else b""
    if resumable and is_heartbeat(message):
        # Nobody is told, but a page that reconnects goes on from here.
        event = b": heartbeat\n%s\n" % line
    else:
        event = b"event: message\n%sdata: %s\n\n" % (line, content)
    return Told(event, f'{{"message":{content.decode()},"cursor":{json.dumps(cursor)}}}')


def problem_event(problem: Problem, request_id: str) -> bytes:
    """Writes the end of a stream as a Server-Sent Event."""
    return b"event: problem\ndata: %s\n\n" % problem.body(request_id)


def problem_frame(problem: Problem, request_id: str) -> str:
    """Writes the end of a stream as a WebSocket's text frame."""
    return f'{{"problem":{problem.body(request_id).decode()}}}'
