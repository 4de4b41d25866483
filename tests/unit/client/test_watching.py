"""Watching over a socket: a journal that cuts the line wherever a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import grpc
import pytest
from ticketonomics.ledger.v1.ledger_service_pb2 import (
    WatchTransactionsRequest,
    WatchTransactionsResponse,
)
from ticketonomics.ledger.v1.transaction_pb2 import Transaction
from ticketonomics_client import Client, ClosedError, RefusedError
from ticketonomics_client.policies import Policy
from ticketonomics_client.watching import watch


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Policy, "pause_ceiling_seconds", lambda *_: 0.001)


class Journal:
    """Streams what was accepted as the contract says, in messages of two."""

    def __init__(self, server: Any, refused: Any) -> None:
        self.server = server
        self.refused = refused
        self.last = 0
        # After how many messages each connection is cut; the ones after these are not.
        self.cuts: list[int] = []
        self.grown = asyncio.Event()
        self.left = asyncio.Event()
        server.methods["WatchTransactions"] = self.watch

    @property
    def starts(self) -> list[int | None]:
        return [
            request.after_sequence if request.HasField("after_sequence") else None
            for request in self.server.requests("WatchTransactions")
        ]

    async def watch(self, request: WatchTransactionsRequest, context: Any) -> None:
        left = self.cuts.pop(0) if self.cuts else None
        cursor = request.after_sequence if request.HasField("after_sequence") else self.last
        try:
            message = WatchTransactionsResponse(cursor=cursor)
            while True:
                if left == 0:
                    raise self.refused(grpc.StatusCode.UNAVAILABLE, "DRAINING")
                await context.write(message)
                left = None if left is None else left - 1
                while cursor == self.last:
                    self.grown.clear()
                    await self.grown.wait()
                end = min(cursor + 2, self.last)
                numbers = range(cursor + 1, end + 1)
                cursor = end
                message = WatchTransactionsResponse(
                    transactions=[Transaction(sequence=number) for number in numbers],
                    cursor=cursor,
                )
        finally:
            self.left.set()

    def grow(self, last: int) -> None:
        self.last = last
        self.grown.set()


@pytest.fixture
def journal(server: Any, refused: Any) -> Journal:
    return Journal(server, refused)


async def take(stream: AsyncGenerator[Transaction, None], count: int) -> list[int]:
    got: list[int] = []
    async with asyncio.timeout(5), aclosing(stream) as transactions:
        async for transaction in transactions:
            got.append(transaction.sequence)
            if len(got) == count:
                break
    return got


async def test_everything_from_the_beginning_comes_once(client: Client, journal: Journal) -> None:
    journal.last = 7
    assert await take(client.watch_transactions(after_sequence=0), 7) == [1, 2, 3, 4, 5, 6, 7]
    assert journal.starts == [0]


async def test_cut_lines_leave_no_gap_and_no_repeat(client: Client, journal: Journal) -> None:
    journal.last = 9
    journal.cuts = [0, 1, 2, 0, 3]
    assert await take(client.watch_transactions(after_sequence=0), 9) == list(range(1, 10))
    assert journal.starts == [0, 0, 0, 2, 2, 6]


async def test_a_cut_before_any_transaction_resumes_from_the_first_heartbeat(
    client: Client, journal: Journal
) -> None:
    journal.last = 5
    journal.cuts = [1]
    async with asyncio.timeout(5), aclosing(client.watch_messages()) as messages:
        assert (await anext(messages)).cursor == 5
        # These come while nobody is connected: only the heartbeat's cursor can find them again.
        journal.grow(7)
        sequences: list[int] = []
        async for message in messages:
            sequences += [transaction.sequence for transaction in message.transactions]
            if message.cursor == 7:
                break
    assert sequences == [6, 7]
    assert journal.starts == [None, 5]


async def test_a_connection_without_heartbeats_is_given_up(
    client: Client, server: Any, journal: Journal
) -> None:
    silent = 2

    async def silent_at_first(request: WatchTransactionsRequest, context: Any) -> None:
        nonlocal silent
        if silent:
            silent -= 1
            await context.write(WatchTransactionsResponse(cursor=3))
            await asyncio.Event().wait()
        await journal.watch(request, context)

    server.methods["WatchTransactions"] = silent_at_first
    journal.last = 4
    messages = watch(
        client,
        client.ledger.WatchTransactions,
        WatchTransactionsRequest(after_sequence=3),
        silence_seconds=0.1,
    )
    async with asyncio.timeout(5), aclosing(messages):
        async for message in messages:
            if message.transactions:
                break
    assert [transaction.sequence for transaction in message.transactions] == [4]
    assert journal.starts == [3, 3, 3]


async def test_a_stream_that_just_ends_is_resumed(
    client: Client, server: Any, journal: Journal
) -> None:
    async def ends(_request: Any, context: Any) -> None:
        await context.write(WatchTransactionsResponse(cursor=1))
        server.methods["WatchTransactions"] = journal.watch

    server.methods["WatchTransactions"] = ends
    journal.last = 2
    assert await take(client.watch_transactions(after_sequence=0), 1) == [2]


async def test_a_refusal_ends_the_watch(client: Client, server: Any, refused: Any) -> None:
    server.answer(
        "WatchTransactions", refused(grpc.StatusCode.NOT_FOUND, "ACCOUNT_NOT_FOUND", "who?")
    )
    with pytest.raises(RefusedError, match="ACCOUNT_NOT_FOUND"):
        await take(client.watch_transactions(accounts=["users/nobody"]), 1)
    assert len(server.calls) == 1


async def test_leaving_the_loop_closes_the_stream(client: Client, journal: Journal) -> None:
    journal.last = 2
    await take(client.watch_transactions(after_sequence=0), 2)
    async with asyncio.timeout(5):
        await journal.left.wait()


async def test_filters_and_the_person_are_sent(client: Client, journal: Journal) -> None:
    journal.last = 1
    stream = client.acting_for("ann").watch_transactions(
        accounts=["users/ann"], asset="GOLD", kinds=[Transaction.KIND_BURN], after_sequence=0
    )
    await take(stream, 1)
    call = journal.server.calls[0]
    assert call.metadata["ticketonomics-acting-for"] == "ann"
    assert (list(call.request.accounts), call.request.asset) == (["users/ann"], "GOLD")
    assert list(call.request.kinds) == [Transaction.KIND_BURN]
    assert call.time_remaining is None or call.time_remaining > 3600, "a stream has no deadline"


async def test_closing_the_client_ends_its_watches(server: Any, journal: Journal) -> None:
    client = Client(server.target, api_key="secret")
    messages = client.watch_messages()
    await anext(messages)
    waiting = asyncio.ensure_future(anext(messages))
    await asyncio.sleep(0)
    await client.close()
    with pytest.raises(ClosedError):
        await waiting
