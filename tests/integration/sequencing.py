"""Sequencers for tests: run over a real database, and told to fail where a test wants it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from ticketonomics_server.engine.block import Block
from ticketonomics_server.engine.command import Accepted, Caller, Outcome
from ticketonomics_server.engine.domain import Domain, Registry
from ticketonomics_server.engine.pace import OnMade
from ticketonomics_server.engine.sequencer import Sequencer
from ticketonomics_server.engine.session import LOCK_CLASS, Session
from ticketonomics_server.engine.timers import ENGINE
from ticketonomics_server.storage.database import Database

from tests.integration.counter_domain import COUNTING

CALLER = Caller("tester")
# Far more than any test needs: a test that hangs fails.
PATIENCE_SECONDS = 60


@dataclass
class Running:
    """A sequencer at work, and what it did."""

    sequencer: Sequencer
    task: asyncio.Task[None]
    blocks: list[Block] = field(default_factory=list)
    entries: list[Accepted] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)

    async def submit(self, *commands: Any, **options: Any) -> list[Outcome]:
        submission = await self.sequencer.submit(CALLER, commands, **options)
        return submission.outcomes

    async def submit_one(self, command: Any, **options: Any) -> Outcome:
        (outcome,) = await self.submit(command, **options)
        return outcome


Connect = Callable[[int], Awaitable[Session]]


@asynccontextmanager
async def sequencing(
    database: Database,
    economy_id: int,
    *,
    economy: str = "main",
    session_type: type[Session] = Session,
    connect: Connect | None = None,
    domains: Sequence[Domain] = (ENGINE, COUNTING),
    on_commit: Callable[[Block, Sequence[Accepted]], None] | None = None,
    on_made: OnMade = lambda _: None,
) -> AsyncIterator[Running]:
    """Runs a sequencer, and drains it at the end.

    Args:
        session_type: What it works with instead of the ordinary session.
        connect: Opens the ordinary session; may wait or fail.
    """

    async def open_session(number: int) -> Session:
        ordinary = await (connect or database.connect_sequencer)(number)
        session = session_type(ordinary.connection, ordinary.reader, number)
        running.sessions.append(session)
        return session

    def note(block: Block, entries: Sequence[Accepted]) -> None:
        running.blocks.append(block)
        running.entries.extend(entries)
        if on_commit:
            on_commit(block, entries)

    sequencer = Sequencer(
        economy_id=economy_id,
        economy=economy,
        registry=Registry(domains),
        connect=open_session,
        on_commit=note,
        on_made=on_made,
    )
    running = Running(sequencer, asyncio.create_task(sequencer.run()))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield running
            await sequencer.drain()
            await running.task
    finally:
        running.task.cancel()
        with suppress(asyncio.CancelledError):
            await running.task


async def until(condition: Callable[[], Awaitable[Any]]) -> None:
    """Waits until something can be seen to have happened."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await condition():  # noqa: ASYNC110 - Postgres sets no events.
            await asyncio.sleep(0.005)


async def until_queued_for_lock(plain: asyncpg.Connection, waiting: int = 1) -> None:
    """Waits until so many sessions queue for an economy's lock."""
    query = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = $1"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )

    async def queued() -> bool:
        return await plain.fetchval(query, LOCK_CLASS) >= waiting

    await until(queued)


async def tally(plain: asyncpg.Connection, name: str) -> int | None:
    return await plain.fetchval("SELECT value FROM tallies WHERE name = $1", name)


async def last_sequence(plain: asyncpg.Connection, economy_id: int) -> int:
    return await plain.fetchval(
        "SELECT coalesce(max(last_sequence), 0) FROM blocks WHERE economy_id = $1", economy_id
    )


def failing_once(method: str, sql: str, *, after: bool = False) -> type[Session]:
    """A session whose method runs some SQL first (or last), the first time that it is called."""
    left = [sql]

    async def failing(self: Session, *arguments: Any, **options: Any) -> Any:
        if left and not after:
            await self.connection.execute(left.pop())
        result = await getattr(Session, method)(self, *arguments, **options)
        if left:
            await self.connection.execute(left.pop())
        return result

    return type("FailingSession", (Session,), {method: failing})
