"""A stream that outlives the connections it runs over."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol, Self, TypeVar, cast

import grpc.aio

from ticketonomics_client.calling import Caller
from ticketonomics_client.errors import TicketonomicsError, UnavailableError, translate
from ticketonomics_client.retrying import pause_seconds
from ticketonomics_client.tracing import with_trace

# Servers send a heartbeat at once and after every 15 s of silence: three missing ones are a death.
SILENCE_SECONDS = 45.0


class Resumable(Protocol):
    """A request of a stream that goes on behind an entry."""

    after_sequence: int

    def CopyFrom(self, other: Self) -> None:  # noqa: N802 - protobuf's name.
        """Takes over all fields."""


class Told(Protocol):
    """A message of such a stream."""

    @property
    def cursor(self) -> int:
        """What to go on behind."""


WatchRequest = TypeVar("WatchRequest", bound=Resumable)
WatchResponse = TypeVar("WatchResponse", bound=Told)

_log = logging.getLogger("ticketonomics_client")


async def watch(
    caller: Caller,
    method: grpc.aio.UnaryStreamMultiCallable[WatchRequest, WatchResponse],
    request: WatchRequest,
    *,
    silence_seconds: float = SILENCE_SECONDS,
) -> AsyncGenerator[WatchResponse, None]:
    """Yields every message of the stream, reconnecting for ever and resuming without gap or repeat.

    Before the first message, a stream "from now" has promised nothing, so a reconnection then
    starts from the new now; the server's first heartbeat comes at once to keep that short.

    Args:
        caller: Who watches.
        method: The stub's, such as WatchTransactions.
        request: Where to start; `after_sequence` is moved on as messages come.
        silence_seconds: After how long without any message a connection is given up.

    Raises:
        RefusedError: The server will not serve this stream, now or later.
    """
    failures = 0
    while True:
        try:
            connection = _connection(caller, method, request, silence_seconds)
            # Whoever stops watching closes the call now, not when memory is next cleaned up.
            async with aclosing(connection) as messages:
                async for message in messages:
                    failures = 0
                    # Without one, it is the part of a longer message, and no place to resume.
                    if message.cursor:
                        request.after_sequence = message.cursor
                    yield message
        except TicketonomicsError as error:
            if not error.retryable:
                raise
            failures += 1
            pause = pause_seconds(failures, error)
            _log.warning("watch interrupted, resuming in %.1f s: %s", pause, error)
        await asyncio.sleep(pause)


async def _connection(
    caller: Caller,
    method: grpc.aio.UnaryStreamMultiCallable[WatchRequest, WatchResponse],
    request: WatchRequest,
    silence_seconds: float,
) -> AsyncGenerator[WatchResponse, None]:
    """Yields the messages of one connection; always ends with an error."""
    caller.check_open()
    # A copy, because the request moves on while gRPC may not have sent it yet.
    first = type(request)()
    first.CopyFrom(request)
    call = method(first, metadata=with_trace(caller.metadata))
    try:
        while True:
            async with asyncio.timeout(silence_seconds):
                message = await call.read()
            if message is grpc.aio.EOF:
                raise UnavailableError("the server ended the stream")
            yield cast(WatchResponse, message)
    except TimeoutError:
        raise UnavailableError(f"no heartbeat for {silence_seconds:g} s") from None
    except grpc.aio.AioRpcError as error:
        raise translate(error) from error
    except asyncio.CancelledError:
        caller.raise_if_closed()
        raise
    finally:
        call.cancel()
