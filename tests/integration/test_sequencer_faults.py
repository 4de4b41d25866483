"""What may go wrong under a sequencer: bugs, poison, lost connections, unknown commits."""

import asyncio
import random

import asyncpg
import pytest
from ticketonomics_server import metrics
from ticketonomics_server.engine import maker as maker_module
from ticketonomics_server.engine.command import Accepted
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.session import Session, UnknownCommitError
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.economies import create_economy

from tests.integration.counter_domain import (
    FORBIDDEN,
    BugError,
    Stumble,
    Undeclarable,
    add,
    added,
    request,
)
from tests.integration.postgres_proxy import Loss, proxied
from tests.integration.sequencing import (
    failing_once,
    last_sequence,
    sequencing,
    tally,
    until_queued_for_lock,
)

POISONS = {
    "a bug in decide": lambda: Stumble(*request(), "poisoned", BugError),
    "a bug in declare": lambda: Undeclarable(*request()),
    "a row that a CHECK refuses": lambda: add("poisoned", FORBIDDEN),
    "text that Postgres cannot hold": lambda: add("poisoned", 1, "\0"),
    "a number that no int64 holds": lambda: add("poisoned", 2**63),
    "a request id that is none": lambda: Stumble(b"short", bytes(16), "poisoned", BugError),
}


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS.keys())
async def test_a_poisoned_command_harms_nobody_else(
    database, economy_id, plain, poison, no_errors_logged
) -> None:
    """One among 1,000, in a batch and beside other calls."""
    commands = [add(f"t{number % 50}") for number in range(999)]
    commands.insert(random.Random(7).randrange(1_000), poison())
    async with sequencing(database, economy_id) as running:
        batch, *alone = await asyncio.gather(
            running.submit(*commands), *(running.submit(add("alone")) for _ in range(20))
        )
        refused = [outcome for outcome in batch if not isinstance(outcome, Accepted)]
        assert [outcome.reason for outcome in refused] == [Reason.INTERNAL]
        assert "incident" in refused[0].metadata
        assert all(isinstance(outcome, Accepted) for (outcome,) in alone)
        assert await plain.fetchval("SELECT sum(value) FROM tallies") == 1_019
        assert await tally(plain, "poisoned") is None
        assert await last_sequence(plain, economy_id) == 1_019
        assert [e.sequence for e in running.entries] == list(range(1, 1_020))
    no_errors_logged.clear()


async def test_a_bug_in_decide_does_not_cost_the_others_their_block(
    database, economy_id, plain, no_errors_logged
) -> None:
    # Once, `undo_command` left what the bug had changed to be written.
    async with sequencing(database, economy_id) as running:
        await running.submit(add("a"), Stumble(*request(), "b", BugError), add("a"))
        assert len(running.blocks) == 1
        assert await tally(plain, "a") == 2
    no_errors_logged.clear()


async def test_order_is_kept_when_a_block_is_split(
    database, economy_id, plain, no_errors_logged
) -> None:
    """Every command but the first needs the one before."""
    commands = [add("a", -1 if number % 2 else 1) for number in range(40)]
    commands.insert(11, add("poisoned", FORBIDDEN))
    async with sequencing(database, economy_id) as running:
        outcomes = await running.submit(*commands)
    accepted = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
    assert [outcome.sequence for outcome in accepted] == list(range(1, 41))
    assert len(running.blocks) > 1
    no_errors_logged.clear()


RAISE = "DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{}'; END $$"


@pytest.mark.parametrize(
    ("method", "sql"),
    [
        ("commit", RAISE.format("40001")),
        ("commit", RAISE.format("40P01")),
        ("commit", RAISE.format("53100")),
        ("lock", RAISE.format("55P03")),
        ("look", RAISE.format("57014")),
        ("lock", "SELECT pg_terminate_backend(pg_backend_pid())"),
        ("begin", "SELECT pg_terminate_backend(pg_backend_pid())"),
        ("look", "SELECT pg_terminate_backend(pg_backend_pid())"),
        ("commit", "SELECT pg_terminate_backend(pg_backend_pid())"),
    ],
)
async def test_a_passing_failure_is_tried_again(database, economy_id, plain, method, sql) -> None:
    """The failures are Postgres' own, at several places of a block. Nobody notices."""
    before = metrics.block_retries._value.get()
    faulty = failing_once(method, sql)
    async with sequencing(database, economy_id, session_type=faulty) as running:
        assert await running.submit(add("a"), add("a")) == [
            added(1, 1),
            added(2, 2),
        ]
        assert len(running.sessions) == 2
    assert await tally(plain, "a") == 2
    assert metrics.block_retries._value.get() == before + 1


@pytest.mark.parametrize(
    ("sqlstate", "reason"),
    [("40001", Reason.CONTENTION), ("08006", Reason.DATABASE_UNAVAILABLE)],
)
async def test_a_failure_that_does_not_pass_is_told_in_the_end(  # noqa: PLR0917 - fixtures.
    database, economy_id, plain, monkeypatch, no_errors_logged, sqlstate, reason
) -> None:
    monkeypatch.setattr(maker_module, "PATIENCE_SECONDS", 0.05)
    broken = [True]

    class Broken(Session):
        async def commit(self, last_sequence: int, **options: bool) -> None:
            if broken:
                await self.connection.execute(RAISE.format(sqlstate))
            await super().commit(last_sequence, **options)

    async with sequencing(database, economy_id, session_type=Broken) as running:
        outcomes = await running.submit(add("a"), add("a"))
        assert [outcome.reason for outcome in outcomes] == [reason, reason]
        assert outcomes[0].retry_seconds > 0
        broken.clear()
        assert await running.submit_one(add("a")) == added(1, 1)
    no_errors_logged.clear()


@pytest.mark.parametrize(
    "error",
    [
        OSError("no route"),
        asyncpg.CannotConnectNowError("starting up"),
        # Once, a fail-over without a primary, or a changed password, was taken for poison: the
        # block was split down, and all got INTERNAL, even those of an unknown commit.
        asyncpg.exceptions.TargetServerAttributeNotMatched("no primary"),
        asyncpg.InvalidPasswordError("rotated"),
    ],
    ids=["network", "starting", "no primary", "password"],
)
async def test_whoever_cannot_connect_is_not_taken_for_poison(
    database, economy_id, monkeypatch, no_errors_logged, error
) -> None:
    monkeypatch.setattr(maker_module, "PATIENCE_SECONDS", 0.05)

    async def connect(_: int) -> Session:
        raise error

    async with sequencing(database, economy_id, connect=connect) as running:
        outcomes = await running.submit(add("a"), add("a"))
        assert {outcome.reason for outcome in outcomes} == {Reason.DATABASE_UNAVAILABLE}
    no_errors_logged.clear()


async def test_a_stale_state_is_loaded_again_and_harms_nobody(
    database, economy_id, plain, no_errors_logged
) -> None:
    # Where a hand has changed a row beside the engine, one innocent caller once got INTERNAL,
    # although the next try would do.
    async with sequencing(database, economy_id) as running:
        await running.submit(add("a", 5))
        await plain.execute("DELETE FROM tallies")
        assert await running.submit_one(add("a")) == added(2, 1)


class ConfusedConnection:
    """Fails as asyncpg does when it has read of its end and not yet acted on it."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.terminate = connection.terminate

    async def execute(self, *_: object) -> None:
        raise asyncpg.InternalClientError("cannot switch to state 15")

    fetch = fetchrow = execute


@pytest.mark.parametrize("method", ["lock", "begin", "look", "commit"])
async def test_asyncpg_s_own_confusion_is_a_lost_connection(
    database, economy_id, plain, method
) -> None:
    # asyncpg raises `InternalClientError` when a killed backend's FATAL came before the next
    # statement ("cannot switch to state 15; another operation (2) is in progress"). Callers once
    # got INTERNAL, in every other run of the test below.
    left = [True]

    async def fail(self: Session, *arguments: object, **options: object) -> object:
        if left:
            left.clear()
            self.connection = ConfusedConnection(self.connection)
        return await getattr(Session, method)(self, *arguments, **options)

    Confused = type("Confused", (Session,), {method: fail})  # noqa: N806 - a class.
    async with sequencing(database, economy_id, session_type=Confused) as running:
        assert await running.submit_one(add("a")) == added(1, 1)


async def test_killed_backends_at_random_moments_lose_and_double_nothing(
    database, economy_id, plain
) -> None:
    """Two servers under load; one of their backends is killed whenever ten more were answered."""
    chance = random.Random(20)
    answered = asyncio.Semaphore(0)
    look = await database.connect()
    async with (
        sequencing(database, economy_id) as first,
        sequencing(database, economy_id) as second,
    ):

        async def work(number: int) -> list[int]:
            sequences = []
            for step in range(25):
                side = chance.choice((first, second))
                outcome = await side.submit_one(add(f"t{(number + step) % 5}"))
                assert isinstance(outcome, Accepted), outcome
                sequences.append(outcome.sequence)
                answered.release()
            return sequences

        async def kill() -> None:
            while True:
                for _ in range(10):
                    await answered.acquire()
                for _ in range(chance.randrange(4)):
                    await asyncio.sleep(0)
                await look.fetch(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'ticketonomics sequencer'"
                    " AND datname = current_database() ORDER BY random() LIMIT 1"
                )

        killing = asyncio.create_task(kill())
        sequences = await asyncio.gather(*(work(number) for number in range(12)))
        killing.cancel()
        assert len(first.sessions) + len(second.sessions) > 10
    look.terminate()
    assert sorted(s for own in sequences for s in own) == list(range(1, 301))
    assert await plain.fetchval("SELECT sum(value) FROM tallies") == 300
    assert await plain.fetchval("SELECT count(*) FROM requests") == 300
    broken = await plain.fetchval(
        "SELECT count(*) FROM blocks b JOIN blocks a ON a.height = b.height - 1"
        " WHERE b.previous_hash <> a.hash OR b.first_sequence <> a.last_sequence + 1"
    )
    assert broken == 0


# --- unknown commits --------------------------------------------------------------------------


def unknown_commits(found: str) -> float:
    return metrics.unknown_commits.labels(found)._value.get()


class AnyRefusal:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rejection) and other.reason == Reason.INSUFFICIENT_FUNDS

    __hash__ = None


REFUSAL = AnyRefusal()


@pytest.mark.parametrize(
    ("loss", "found"),
    [
        (Loss.BEFORE, "absent"),
        (Loss.AFTER, "committed"),
        (Loss.ENDED_BY_SERVER, "committed"),
    ],
)
async def test_a_commit_whose_answer_is_lost_is_looked_up(
    database_url, economy_id, plain, loss, found
) -> None:
    """Callers get the first outcome, no replay, and nothing happens twice."""
    async with proxied(database_url) as proxy:
        database = Database(proxy.url)
        async with sequencing(database, economy_id) as running:
            await running.submit(add("a"))
            before = unknown_commits(found)
            proxy.next_loss = loss
            assert await running.submit(add("a"), add("a", -9), add("a")) == [
                added(2, 2),
                REFUSAL,
                added(3, 3),
            ]
            assert proxy.lost == 1
            assert unknown_commits(found) == before + 1
            assert await running.submit_one(add("a")) == added(4, 4)
            assert [entry.sequence for entry in running.entries] == [1, 2, 3, 4]
        await database.close()
    assert await tally(plain, "a") == 4
    assert await plain.fetchval("SELECT count(*) FROM requests") == 4


async def test_a_commit_on_its_way_is_waited_for_under_the_lock(
    database_url, economy_id, plain
) -> None:
    """The old session still holds the lock, so the look-up queues until COMMIT has happened.

    Fails when `_was_committed` does not take the lock: it then finds no block, and tries again.
    """
    async with proxied(database_url) as proxy:
        database = Database(proxy.url)
        async with sequencing(database, economy_id) as running:
            await running.submit(add("a"))
            before = unknown_commits("committed")
            proxy.next_loss = Loss.DELAYED
            call = asyncio.create_task(running.submit_one(add("a")))
            await until_queued_for_lock(plain)
            assert await tally(plain, "a") == 1
            proxy.release.set()
            assert await call == added(2, 2)
            assert unknown_commits("committed") == before + 1
        await database.close()
    assert await tally(plain, "a") == 2


async def test_an_unknown_commit_is_told_from_another_server_s_block_of_that_height(
    database_url, database, economy_id, plain
) -> None:
    """The other server gets the lock first: what the look-up finds at that height is not its own.

    Fails when `_was_committed` only looks whether there is a block (tried).
    """
    at_commit, go_on = asyncio.Event(), asyncio.Event()

    class Waiting(Session):
        async def commit(self, last_sequence: int, **options: bool) -> None:
            if last_sequence == 2:
                at_commit.set()
                await go_on.wait()
            await super().commit(last_sequence, **options)

    async with proxied(database_url) as proxy:
        behind = Database(proxy.url)
        async with (
            sequencing(behind, economy_id, session_type=Waiting) as unlucky,
            sequencing(database, economy_id) as other,
        ):
            await unlucky.submit(add("a"))
            call = asyncio.create_task(unlucky.submit_one(add("a")))
            await at_commit.wait()
            meanwhile = asyncio.create_task(other.submit_one(add("a")))
            await until_queued_for_lock(plain)
            proxy.next_loss = Loss.BEFORE
            go_on.set()
            assert await meanwhile == added(2, 2)
            assert await call == added(3, 3)
            assert proxy.lost == 1
        await behind.close()
    assert await tally(plain, "a") == 3


# --- frozen servers ---------------------------------------------------------------------------


async def test_a_frozen_server_is_evicted_by_postgres(database, economy_id, plain) -> None:
    """One froze in its transaction, one with nothing but the lock: both let go within seconds.

    Fails without `idle_in_transaction_session_timeout` and `idle_session_timeout` (then only
    `lock_timeout` ends the waiting, with CONTENTION).
    """
    other_id = await create_economy(plain, "other")
    in_transaction = await database.connect_sequencer(economy_id)
    await in_transaction.lock()
    await in_transaction.begin()
    await in_transaction.look([])
    with_lock = await database.connect_sequencer(other_id)
    await with_lock.lock()
    async with (
        sequencing(database, economy_id) as first,
        sequencing(database, other_id, economy="other") as second,
    ):
        outcomes = await asyncio.gather(first.submit_one(add("a")), second.submit_one(add("a")))
        assert outcomes == [added(1, 1), added(1, 1)]
    # Whoever wakes up finds its session ended.
    for session in (in_transaction, with_lock):
        with pytest.raises(UnknownCommitError):
            await session.commit(0)
        await session.close()
