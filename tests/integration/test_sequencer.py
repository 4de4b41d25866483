"""One sequencer over a real database. Who wants to see a test fail finds in its docstring how."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from ticketonomics_server.engine import maker as maker_module
from ticketonomics_server.engine import sequencer as sequencer_module
from ticketonomics_server.engine.block import NO_HASH
from ticketonomics_server.engine.command import Accepted, NothingToDo
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.session import LOCK_CLASS, Session
from ticketonomics_server.storage.economies import create_economy

from tests.integration.counter_domain import Look, Remove, Stumble, add, added, request
from tests.integration.sequencing import (
    CALLER,
    last_sequence,
    sequencing,
    tally,
    until,
)


async def test_a_domain_that_the_engine_does_not_know_plugs_in(database, economy_id, plain) -> None:
    async with sequencing(database, economy_id) as running:
        first, second, refused, look = await running.submit(
            add("a", 2), add("a", 3), add("a", -9), Look(*request(), "a")
        )
        assert first == added(1, 2)
        assert second == added(2, 5)
        assert refused.reason == Reason.INSUFFICIENT_FUNDS
        assert look == NothingToDo(5)
        assert await tally(plain, "a") == 5
        await running.submit(Remove(*request(), "a"), add("b"))
        assert await tally(plain, "a") is None
        assert await tally(plain, "b") == 1


async def test_blocks_hang_together_and_are_what_was_told(database, economy_id, plain) -> None:
    async with sequencing(database, economy_id) as running:
        for size in (1, 3, 2):
            await running.submit(*(add("a") for _ in range(size)))
        rows = await plain.fetch("SELECT * FROM blocks ORDER BY height")
    assert [(r["height"], r["first_sequence"], r["last_sequence"]) for r in rows] == [
        (1, 1, 1),
        (2, 2, 4),
        (3, 5, 6),
    ]
    assert [r["previous_hash"] for r in rows] == [NO_HASH, rows[0]["hash"], rows[1]["hash"]]
    assert [r["hash"] for r in rows] == [block.hash for block in running.blocks]
    assert [entry.sequence for entry in running.entries] == list(range(1, 7))


async def test_rows_are_loaded_and_written_in_bulk(database, economy_id) -> None:
    """A block of 500 commands takes as many statements as one of 5."""
    async with sequencing(database, economy_id) as running:
        await running.submit(add("first"))
        asked: list[str] = []
        running.sessions[0].connection.add_query_logger(lambda record: asked.append(record.query))
        counts = []
        # The first size is not counted: asyncpg asks about types once.
        for size in (3, 5, 500):
            for _ in range(2):  # New rows, then changed ones that are dropped and loaded again.
                asked.clear()
                await running.submit(*(add(f"{size}-{n}") for n in range(size)))
                counts.append(len(asked))
                running.sequencer._maker._state.drop()
        assert counts[2:4] == counts[4:]
        assert max(counts) < 12


class GatedCommit(Session):
    """Waits before it commits."""

    reached: asyncio.Event
    gate: asyncio.Event

    async def commit(self, last_sequence: int, **options: bool) -> None:
        self.reached.set()
        await self.gate.wait()
        await super().commit(last_sequence, **options)


@pytest.fixture
def gated() -> type[GatedCommit]:
    return type("Gated", (GatedCommit,), {"reached": asyncio.Event(), "gate": asyncio.Event()})


async def test_nobody_is_answered_before_the_commit(database, economy_id, plain, gated) -> None:
    """Fails when `_commit` answers before `_attempt` has committed (tried)."""
    async with sequencing(database, economy_id, session_type=gated) as running:
        calls = [
            asyncio.create_task(running.submit_one(command))
            for command in (add("a"), add("a", -9), Look(*request(), "a"))
        ]
        await gated.reached.wait()
        await asyncio.wait(calls, timeout=0.05)
        assert not any(call.done() for call in calls)
        assert running.blocks == []
        assert await last_sequence(plain, economy_id) == 0
        gated.gate.set()
        accepted, *_ = await asyncio.gather(*calls)
        # No waiting here: the answer itself says that others can see it.
        assert await plain.fetchval("SELECT sequence FROM requests") == accepted.sequence == 1
        assert await tally(plain, "a") == 1


async def test_sessions_commit_durably_and_are_let_go_when_frozen(database, economy_id) -> None:
    session = await database.connect_sequencer(economy_id)
    shown = {
        name: await session.connection.fetchval(f"SHOW {name}")
        for name in (
            "synchronous_commit",
            "idle_in_transaction_session_timeout",
            "idle_session_timeout",
            "statement_timeout",
            "lock_timeout",
            "client_connection_check_interval",
        )
    }
    await session.close()
    assert shown == {
        "synchronous_commit": "on",
        "idle_in_transaction_session_timeout": "2s",
        "idle_session_timeout": "3s",
        "statement_timeout": "30s",
        "lock_timeout": "3s",
        "client_connection_check_interval": "1s",
    }


async def test_an_outcome_is_stored_in_the_transaction_of_its_effect(
    database, economy_id, plain
) -> None:
    """The rows bear the number of the Postgres transaction that wrote them."""
    async with sequencing(database, economy_id) as running:
        await running.submit(add("a"))
        writers = {
            await plain.fetchval(f"SELECT xmin::text FROM {table}")
            for table in ("tallies", "requests", "entries", "blocks")
        }
    assert len(writers) == 1


async def test_a_replay_tells_the_first_outcome_and_a_reuse_is_refused(
    database, economy_id, plain
) -> None:
    async with sequencing(database, economy_id) as running:
        command = add("a", 5)
        other = type(command)(command.request_id, bytes(16), "a", 7)
        outcomes = await running.submit(command, command, other)
        assert outcomes[:2] == [added(1, 5), Accepted(1, replayed=True)]
        assert outcomes[2].reason == Reason.REQUEST_ID_REUSED
        assert outcomes[2].metadata == {"sequence": "1"}
    async with sequencing(database, economy_id) as running:
        replayed, reused = await running.submit(command, other)
        assert replayed == Accepted(1, replayed=True)
        assert reused.reason == Reason.REQUEST_ID_REUSED
        assert await tally(plain, "a") == 5


async def test_a_refused_id_may_be_tried_again(database, economy_id, plain) -> None:
    async with sequencing(database, economy_id) as running:
        command = add("a", -1)
        assert (await running.submit_one(command)).reason == Reason.INSUFFICIENT_FUNDS
        await running.submit(add("a", 4))
        assert await running.submit_one(command) == added(2, 3)


async def test_a_block_of_refusals_writes_nothing(database, economy_id, plain) -> None:
    async with sequencing(database, economy_id) as running:
        await running.submit(add("a"))
        before = await plain.fetchval("SELECT pg_current_wal_insert_lsn()")
        submission = await running.sequencer.submit(CALLER, [add("a", -9), Look(*request(), "a")])
        assert submission.last_sequence == 1
        assert submission.block_time is not None
        assert len(running.blocks) == 1
        assert await last_sequence(plain, economy_id) == 1
        written = await plain.fetchval("SELECT pg_current_wal_insert_lsn() - $1::pg_lsn", before)
        # Other databases of this Postgres are quiet in a test; what it notes for itself is small.
        assert written < 2_000


async def test_a_block_of_refusals_leaves_nothing_to_the_next_block(
    database, economy_id, plain, no_errors_logged
) -> None:
    # Once, `undo_command` left a row that was added and changed to be written, and a block that
    # writes nothing did not end: the next one updated a row that was not there, and its innocent
    # caller got INTERNAL.
    async with sequencing(database, economy_id) as running:
        late = Stumble(*request(), "ghost", lambda: Rejection(Reason.ACCOUNT_CLOSED, "late"))
        assert (await running.submit_one(late)).reason == Reason.ACCOUNT_CLOSED
        assert await running.submit_one(add("a")) == added(1, 1)
        assert await tally(plain, "ghost") is None


async def test_later_commands_of_a_block_do_not_write_what_was_undone(
    database, economy_id, plain
) -> None:
    # As above; here the block failed and was split, and the last half failed like that block.
    async with sequencing(database, economy_id) as running:
        late = Stumble(*request(), "ghost", lambda: Rejection(Reason.ACCOUNT_CLOSED, "late"))
        await running.submit(add("a"), late, add("a"))
        assert len(running.blocks) == 1
        assert await tally(plain, "a") == 2


async def test_an_empty_submission_is_answered(database, economy_id) -> None:
    # Once, a submission without commands was never done.
    async with sequencing(database, economy_id) as running, asyncio.timeout(2):
        assert await running.submit() == []


async def test_what_follows_the_commit_cannot_turn_an_acceptance_into_a_fault(
    database, economy_id, plain, no_errors_logged
) -> None:
    # Once, what raised after the commit was taken for a poisoned command, and the caller of a
    # committed command got INTERNAL.
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    async with sequencing(database, economy_id, on_commit=fail) as running:
        assert await running.submit_one(add("a")) == added(1, 1)
        assert await running.submit_one(add("a")) == added(2, 2)
    no_errors_logged.clear()


async def test_a_tracer_that_fails_keeps_no_block_from_the_streams(
    database, economy_id, plain, no_errors_logged
) -> None:
    # Once, both were told in one `try`: after a failing tracer, streams waited for the next block.
    def fail(_: object) -> None:
        raise ZeroDivisionError

    async with sequencing(database, economy_id, on_made=fail) as running:
        assert await running.submit_one(add("a")) == added(1, 1)
        assert [block.height for block in running.blocks] == [1]
    assert len(no_errors_logged) == 1
    no_errors_logged.clear()


# --- time -------------------------------------------------------------------------------------


async def test_block_time_is_the_database_s_and_never_goes_back(
    database, economy_id, plain
) -> None:
    """Fails without `max` in `Draft.__init__` (tried)."""
    ahead = datetime.now(UTC).replace(microsecond=7) + timedelta(days=1)
    async with sequencing(database, economy_id) as running:
        before = await plain.fetchval("SELECT clock_timestamp()")
        await running.submit(add("a"))
        after = await plain.fetchval("SELECT clock_timestamp()")
        assert before <= running.blocks[0].block_time <= after
    await plain.execute(
        "INSERT INTO blocks SELECT economy_id, 2, 2, 2, $1, hash, hash, '\\xaa' FROM blocks", ahead
    )
    async with sequencing(database, economy_id) as running:
        submission = await running.sequencer.submit(CALLER, [add("a")])
        assert submission.block_time == ahead
        assert (running.blocks[0].height, running.blocks[0].block_time) == (3, ahead)


# --- several economies ------------------------------------------------------------------------


async def test_economies_in_one_process_share_nothing(database, economy_id, plain) -> None:
    other_id = await create_economy(plain, "other")
    command = add("a", 5)
    async with (
        sequencing(database, economy_id) as first,
        sequencing(database, other_id, economy="other") as second,
    ):
        outcomes = await asyncio.gather(
            first.submit(command, add("a")), second.submit(command, command)
        )
        assert outcomes == [
            [added(1, 5), added(2, 6)],
            [added(1, 5), Accepted(1, replayed=True)],
        ]
        # A lock that is held in one economy holds up nobody in the other.
        await plain.execute(f"SELECT pg_advisory_lock({LOCK_CLASS}, {economy_id})")
        held_up = asyncio.create_task(first.submit(add("a")))
        assert await second.submit_one(add("a")) == added(2, 6)
        assert not held_up.done()
        await plain.execute(f"SELECT pg_advisory_unlock({LOCK_CLASS}, {economy_id})")
        await held_up
        assert first.blocks[0].hash != second.blocks[0].hash
    found = await plain.fetch("SELECT economy_id, value FROM tallies ORDER BY 1")
    assert [tuple(row) for row in found] == [(economy_id, 7), (other_id, 6)]


# --- the session between blocks ---------------------------------------------------------------


async def test_an_idle_session_is_kept_alive_and_closed_in_the_end(
    database, economy_id, monkeypatch
) -> None:
    monkeypatch.setattr(sequencer_module, "KEEP_ALIVE_SECONDS", 0.01)
    monkeypatch.setattr(sequencer_module, "CLOSE_IDLE_SECONDS", 0.05)
    kept: list[Session] = []

    class Noting(Session):
        async def keep_alive(self) -> None:
            kept.append(self)
            await super().keep_alive()

    async with sequencing(database, economy_id, session_type=Noting) as running:
        await running.submit(add("a"))
        first = running.sessions[0].connection

        async def is_closed() -> bool:
            return first.is_closed()

        await until(is_closed)
        assert kept
        assert await running.submit_one(add("a")) == added(2, 2)
        assert len(running.sessions) == 2


async def test_a_session_that_was_lost_while_idle_is_replaced(
    database, economy_id, plain, monkeypatch
) -> None:
    monkeypatch.setattr(sequencer_module, "KEEP_ALIVE_SECONDS", 0.01)
    async with sequencing(database, economy_id) as running:
        await running.submit(add("a"))
        lost = running.sessions[0].connection
        await plain.execute("SELECT pg_terminate_backend($1)", lost.get_server_pid())

        async def is_dropped() -> bool:
            return running.sequencer._maker._session is None

        await until(is_dropped)
        assert await running.submit_one(add("a")) == added(2, 2)


async def test_more_rows_than_may_be_kept_are_dropped(
    database, economy_id, plain, monkeypatch
) -> None:
    monkeypatch.setattr(maker_module, "KEPT_KEYS", 10)
    async with sequencing(database, economy_id) as running:
        for _ in range(3):
            await running.submit(*(add(f"t{n}") for n in range(20)))
            await running.submit(add("t0"))
            assert running.sequencer._maker._state.size == 1
        assert await tally(plain, "t0") == 6


async def test_a_connection_that_cannot_be_prepared_is_not_left_behind(
    database, economy_id, plain
) -> None:
    # Once, `connect_sequencer` left its connection open where `prepare` failed.
    await plain.execute("ALTER TABLE requests RENAME TO elsewhere")
    with pytest.raises(asyncpg.UndefinedTableError):
        await database.connect_sequencer(economy_id)
    count = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'ticketonomics sequencer'"
    )

    async def is_gone() -> bool:
        return await plain.fetchval(count) == 0

    async with asyncio.timeout(2):
        await until(is_gone)
