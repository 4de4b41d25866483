"""The least that a grpc.aio server can do: answer with what it got, and write to open streams.

It is what our server is compared with, so it takes every short cut: no interceptors, no metadata,
and a stream's message is encoded once. Run by the driver; ends with its stdin.
"""

import asyncio
import sys
from collections.abc import AsyncIterator

import grpc
import uvloop
from ticketonomics.ledger.v1.ledger_service_pb2 import TransferRequest, WatchTransactionsResponse
from ticketonomics.ledger.v1.transaction_pb2 import Posting, Transaction

from .workload import ASSET, address, new_ids

SERVICE = "ticketonomics.bench.Bare"
ECHO = f"/{SERVICE}/Echo"
WATCH = f"/{SERVICE}/Watch"
BEGIN = f"/{SERVICE}/Begin"


def example_event() -> WatchTransactionsResponse:
    """Return a message of WatchTransactions as it looks with one ordinary transfer."""
    posting = Posting(source=address(4321), destination=address(1234), asset=ASSET, amount=50)
    transaction = Transaction(
        transaction_id=new_ids(1)[0],
        sequence=1_234_567,
        kind=Transaction.KIND_TRANSFER,
        postings=[posting],
    )
    transaction.commit_time.GetCurrentTime()
    return WatchTransactionsResponse(transactions=[transaction], cursor=1_234_567)


async def _echo(request: TransferRequest, _context: object) -> TransferRequest:
    return request


class _Streams:
    """Streams that say one word at once, and all they can when they are told to."""

    def __init__(self) -> None:
        self._event = example_event().SerializeToString()
        self._begun = asyncio.Event()

    async def watch(self, _request: bytes, _context: object) -> AsyncIterator[bytes]:
        yield self._event
        await self._begun.wait()
        while True:
            yield self._event

    async def begin(self, _request: bytes, _context: object) -> bytes:
        self._begun.set()
        return b""


async def serve() -> None:
    """Serve on a free port of the loopback interface, print it, and end with stdin."""
    server = grpc.aio.server()
    streams = _Streams()
    handlers = {
        "Echo": grpc.unary_unary_rpc_method_handler(
            _echo,
            request_deserializer=TransferRequest.FromString,
            response_serializer=TransferRequest.SerializeToString,
        ),
        "Watch": grpc.unary_stream_rpc_method_handler(streams.watch),
        "Begin": grpc.unary_unary_rpc_method_handler(streams.begin),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(grace=None)


if __name__ == "__main__":
    # uvloop as our own server and all clients of the benchmark, for the loop alone moves the
    # figures; or asyncio's own loop, which is grpc.aio as it comes.
    run = asyncio.run if sys.argv[1:] == ["asyncio"] else uvloop.run
    run(serve())
