"""Several sequencers on one economy, as several servers have them."""

import asyncio
import os
from collections import Counter as Multiset
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest
from ticketonomics_server import metrics
from ticketonomics_server.engine.command import Accepted
from ticketonomics_server.engine.session import Session
from ticketonomics_server.engine.state import State
from ticketonomics_server.storage.embedded import EmbeddedPostgres

from tests.integration.counter_domain import TALLIES, add, added
from tests.integration.sequencing import (
    last_sequence,
    sequencing,
    tally,
    until_queued_for_lock,
)


def retries() -> float:
    return metrics.block_retries._value.get()


async def write_a_block(session: Session) -> None:
    await session.connection.execute(
        "INSERT INTO blocks VALUES ($1, 1, 1, 1, clock_timestamp(), '', '', '\\xaa')",
        session.economy_id,
    )


async def test_who_queued_for_the_lock_reads_the_head_of_who_went_before(
    database, economy_id, plain
) -> None:
    """Both are prepared, and the second asks for the lock before the first has committed."""
    first, second = [await database.connect_sequencer(economy_id) for _ in range(2)]
    await first.lock()
    await first.begin()
    await write_a_block(first)
    queued = asyncio.create_task(second.lock())
    await until_queued_for_lock(plain)
    assert not queued.done()
    await first.commit(1)
    await queued
    head = (await second.look([])).head
    assert (head.height, head.hash) == (1, b"\xaa")
    await second.let_go()
    await first.close()
    await second.close()


async def test_a_look_from_before_the_lock_would_be_stale(database, economy_id, plain) -> None:
    """What the order of `lock` and `look` is for: the other way round reads an old head."""
    first, second = [await database.connect_sequencer(economy_id) for _ in range(2)]
    await first.lock()
    await first.begin()
    await write_a_block(first)
    queued = asyncio.create_task(second.lock())
    await until_queued_for_lock(plain)
    assert (await second.look([])).head.height == 0
    await first.commit(1)
    await queued
    assert (await second.look([])).head.height == 1
    await first.close()
    await second.close()


async def test_preparing_leaves_a_transaction_open_that_one_more_message_ends(
    database, economy_id, plain
) -> None:
    """What the second line of `Session.prepare` is for."""
    states = "SELECT state FROM pg_stat_activity WHERE pid = $1"
    bare = await database.connect()
    await bare.prepare("SELECT height FROM blocks WHERE economy_id = $1")
    assert await plain.fetchval(states, bare.get_server_pid()) == "active"
    bare.terminate()
    prepared = await database.connect_sequencer(economy_id)
    assert await plain.fetchval(states, prepared.reader.get_server_pid()) == "idle"
    await prepared.close()


async def test_both_connections_must_meet_the_same_server(database) -> None:
    """Of several hosts, each connection could meet another primary: one would read old blocks."""
    with TemporaryDirectory(prefix="ticketonomics-tests-") as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101 - nothing blocks here, whatever Ruff thinks of Path.
        async with EmbeddedPostgres(Path(folder) / "data") as other:
            session = Session(await database.connect(), await asyncpg.connect(other.dsn), 1)
            with pytest.raises(ConnectionError, match="different servers"):
                await session.meet()
            await session.close()


class SnapshotFirst(Session):
    """Takes its snapshot before the lock."""

    async def lock(self) -> None:
        await super().begin()
        await self.connection.execute("SELECT 1 FROM blocks")
        await super().lock()

    async def begin(self) -> None:
        pass


async def both_at_once(database, economy_id, session_type: type[Session]) -> float:
    before = retries()
    async with (
        sequencing(database, economy_id, session_type=session_type) as first,
        sequencing(database, economy_id, session_type=session_type) as second,
    ):
        for _ in range(10):
            outcomes = await asyncio.gather(
                *(side.submit_one(add("a")) for side in (first, second))
            )
            assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    return retries() - before


async def test_servers_take_turns_and_never_abort_each_other(database, economy_id, plain) -> None:
    assert await both_at_once(database, economy_id, Session) == 0
    assert await tally(plain, "a") == 20
    # The same with the snapshot first: Postgres has to abort, and saves the ledger.
    assert await both_at_once(database, economy_id, SnapshotFirst) > 0
    assert await tally(plain, "a") == 40
    assert await last_sequence(plain, economy_id) == 40


async def test_servers_that_alternate_see_each_other_s_last_block(
    database, economy_id, plain
) -> None:
    async with (
        sequencing(database, economy_id) as first,
        sequencing(database, economy_id) as second,
    ):
        for number in range(1, 7):
            side = first if number % 2 else second
            assert await side.submit_one(add("a")) == added(number, number)
        assert [b.height for b in first.blocks] == [1, 3, 5]
        assert [b.height for b in second.blocks] == [2, 4, 6]
        assert second.blocks[0].previous_hash == first.blocks[0].hash
    assert await tally(plain, "a") == 6


async def test_the_same_request_at_two_servers_is_accepted_once(
    database, economy_id, plain
) -> None:
    commands = [add(f"t{number}") for number in range(30)]
    async with (
        sequencing(database, economy_id) as first,
        sequencing(database, economy_id) as second,
    ):
        answers = await asyncio.gather(
            *(side.submit_one(command) for command in commands for side in (first, second))
        )
    for one, other in zip(answers[::2], answers[1::2], strict=True):
        assert one.sequence == other.sequence
        assert {one.replayed, other.replayed} == {True, False}
    assert Multiset(e.sequence for e in first.entries + second.entries) == Multiset(range(1, 31))
    assert await plain.fetchval("SELECT sum(value) FROM tallies") == 30


@pytest.fixture
def loaded(monkeypatch) -> list[str]:
    """Keys of the tallies that are loaded, as they are."""
    keys: list[str] = []
    ordinary = type(TALLIES).load

    async def load(self, connection, economy_id, wanted, state: State) -> None:
        if self is TALLIES:
            keys.extend(wanted)
        await ordinary(self, connection, economy_id, wanted, state)

    monkeypatch.setattr(type(TALLIES), "load", load)
    return keys


async def test_kept_rows_are_used_while_the_head_is_one_s_own_and_dropped_when_not(
    database, economy_id, plain, loaded
) -> None:
    """Fails when `_attempt` never drops: the second server then updates from an old value."""
    async with (
        sequencing(database, economy_id) as first,
        sequencing(database, economy_id) as second,
    ):
        await first.submit(add("a"), add("b"))
        assert sorted(loaded) == ["a", "b"]
        for _ in range(3):
            await first.submit(add("a"))
        await first.submit(add("a", -99))
        await first.submit(add("a"))
        assert sorted(loaded) == ["a", "b"], "kept rows are not loaded again"
        loaded.clear()
        assert await second.submit_one(add("a")) == added(7, 6)
        assert loaded == ["a"]
        loaded.clear()
        assert await first.submit_one(add("a")) == added(8, 7)
        assert loaded == ["a"]
        loaded.clear()
        assert await first.submit_one(add("b")) == added(9, 2)
        assert loaded == ["b"], "the whole state was dropped, not only the rows of the last block"


async def test_kept_rows_are_dropped_when_a_block_fails(
    database, economy_id, plain, loaded
) -> None:
    """Fails when `_commit` does not distrust its state after a failure: values would double."""
    fail = [True]

    class FailsOnce(Session):
        async def commit(self, last_sequence: int, **options: bool) -> None:
            if last_sequence == 2 and fail:
                fail.pop()
                raise ConnectionResetError("the network went away")
            await super().commit(last_sequence, **options)

    async with sequencing(database, economy_id, session_type=FailsOnce) as running:
        await running.submit(add("a"))
        assert await running.submit_one(add("a")) == added(2, 2)
    assert loaded == ["a", "a"]
    assert await tally(plain, "a") == 2
