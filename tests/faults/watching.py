"""Watchers: streams that outlive servers, by their cursors."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from time import monotonic_ns

import grpc
from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics_client import Client, TicketonomicsError

from .calling import Caller
from .records import ASSET, Message, Told, Watched

_PAUSE_SECONDS = 0.1


class Watcher:
    """Follows the ledger for ever; `take` tells what it saw since the last time."""

    def __init__(self, name: str, *, account: str, after: int) -> None:
        self._watched = Watched(name, account, after)
        self._news = asyncio.Event()

    def take(self) -> Watched:
        watched = self._watched
        self._watched = Watched(watched.name, watched.account, watched.cursor)
        return watched

    async def reach(self, sequence: int) -> None:
        """Waits until the cursor has come so far."""
        while self._watched.cursor < sequence:
            self._news.clear()
            await self._news.wait()

    async def follow_either(self, caller: Caller, *, first: int) -> None:
        """Watches through one server after the other, whenever a stream ends."""
        server = first
        while True:
            watched = self._watched
            request = rpc.WatchTransactionsRequest(
                accounts=[watched.account] if watched.account else [],
                asset=ASSET,
                after_sequence=watched.cursor,
            )
            stream = caller.watch(server, request)
            try:
                async for message in stream:
                    self._see(message)
            except grpc.aio.AioRpcError as error:
                if error.code() in {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}:
                    caller.note_fault(f"WatchTransactions: {error.details()}")
            finally:
                stream.cancel()
            await asyncio.sleep(_PAUSE_SECONDS)
            server = 1 - server

    async def follow_one(self, client: Client, report_fault: Callable[[str], None]) -> None:
        """Watches through one server as the SDK does, which reconnects by itself."""
        while True:
            # All transactions, without a filter: servers share what they encode for such streams.
            messages = client.watch_messages(after_sequence=self._watched.cursor)
            try:
                async with aclosing(messages):
                    async for message in messages:
                        self._see(message)
            except TicketonomicsError as error:
                report_fault(f"WatchTransactions: {error}")
            await asyncio.sleep(_PAUSE_SECONDS)

    def _see(self, message: rpc.WatchTransactionsResponse) -> None:
        told = tuple(Told(one.sequence, one.transaction_id) for one in message.transactions)
        self._watched.messages.append(Message(monotonic_ns(), message.cursor, told))
        self._news.set()
