"""Fills the journal fast: real blocks by the ordinary sequencer, without gRPC."""

import asyncio
import os
import random
from collections.abc import Callable
from uuid import UUID

from ticketonomics_server.domains import DOMAINS
from ticketonomics_server.engine.command import Accepted, Caller
from ticketonomics_server.engine.domain import Registry
from ticketonomics_server.engine.queue import MAX_BLOCK_COMMANDS
from ticketonomics_server.engine.sequencer import Sequencer
from ticketonomics_server.ledger.model import CreateTransaction, EntryKind, Posting
from ticketonomics_server.storage.database import Database

from tests.bench.workload import ASSET, HOT, address, new_ids

_LOADER = Caller("growth", frozenset({"ledger.debit_any"}))
_IN_FLIGHT = 3
# One of so many transactions goes to the busy account.
_BUSY_SHARE = 10


async def load(
    database: Database, economy: str, transactions: int, accounts: int, done: Callable[[int], None]
) -> None:
    """Makes so many transfers between the benchmark's accounts, a tenth of them to the busy one.

    Args:
        done: Called with how many are committed.
    """
    connection = await database.connect()
    economy_id = await connection.fetchval(
        "SELECT economy_id FROM economies WHERE name = $1", economy
    )
    await connection.close()
    sequencer = Sequencer(
        economy_id=economy_id,
        economy=economy,
        registry=Registry(DOMAINS),
        connect=database.connect_sequencer,
        on_commit=lambda *_: None,
    )
    running = asyncio.create_task(sequencer.run())
    chance = random.Random(1)
    addresses = [address(number) for number in range(accounts + 1)]
    left, committed = transactions, 0

    async def feed() -> None:
        nonlocal left, committed
        while left > 0:
            size = min(left, MAX_BLOCK_COMMANDS)
            left -= size
            commands = [_draw(chance, addresses, UUID(id_).bytes) for id_ in new_ids(size)]
            submission = await sequencer.submit(_LOADER, commands, weight=size)
            for outcome in submission.outcomes:
                assert isinstance(outcome, Accepted), outcome
            committed += size
            done(committed)

    async with asyncio.TaskGroup() as group:
        for _ in range(_IN_FLIGHT):
            group.create_task(feed())
    await sequencer.drain()
    await running


def _draw(chance: random.Random, addresses: list[str], id_: bytes) -> CreateTransaction:
    source = chance.randrange(1, len(addresses))
    destination = HOT
    if chance.randrange(_BUSY_SHARE):
        # Another one than the source.
        destination = 1 + (source + chance.randrange(1, len(addresses) - 1) - 1) % (
            len(addresses) - 1
        )
    posting = Posting(addresses[source], addresses[destination], ASSET, chance.randint(1, 100))
    return CreateTransaction(id_, os.urandom(16), EntryKind.TRANSFER, (posting,))
