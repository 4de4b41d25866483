"""A block is decided while the one before is on its way to the disk."""

import asyncio

import pytest
from ticketonomics_server.engine import queue as queue_module
from ticketonomics_server.engine import sequencer as sequencer_module
from ticketonomics_server.engine.command import Accepted, Caller
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.session import Session, UnknownCommitError
from ticketonomics_server.engine.timers import ENGINE
from ticketonomics_server.identity.scopes import ALL_SCOPES
from ticketonomics_server.ledger.domain import LEDGER
from ticketonomics_server.ledger.model import (
    MINT,
    CloseAccount,
    CreateAsset,
    CreateTransaction,
    EntryKind,
    OpenAccount,
    Posting,
)
from ticketonomics_server.spending.domain import SPENDING

from tests.integration.counter_domain import Look, Stumble, add, added, request
from tests.integration.sequencing import last_sequence, sequencing, tally, until

OPERATOR = Caller(application_id="operator", scopes=ALL_SCOPES)


@pytest.fixture(autouse=True)
def ahead_for_any(monkeypatch) -> None:
    """Lets a single command be enough to decide a block ahead."""
    monkeypatch.setattr(queue_module, "ENOUGH_COMMANDS", 1)
    monkeypatch.setattr(sequencer_module, "ENOUGH_COMMANDS", 1)


class Held(Session):
    """Waits before it writes its first block until it is told what to do."""

    word: asyncio.Future[Exception | None] | None = None
    looks = 0

    async def look(self, request_ids):
        type(self).looks += 1
        return await super().look(request_ids)

    async def begin(self) -> None:
        word = type(self).word
        if word is not None:
            failure = await word
            type(self).word = None
            if failure is not None:
                raise failure
        await super().begin()


@pytest.fixture
async def held() -> type[Held]:
    return type("HeldHere", (Held,), {"word": asyncio.get_running_loop().create_future()})


async def decided_ahead(held: type[Held], looks: int = 2) -> None:
    """Waits until so many blocks were begun; the loop has then also decided the last one."""

    async def begun() -> bool:
        return held.looks >= looks

    await until(begun)
    await asyncio.sleep(0.05)


async def test_a_block_is_decided_on_what_the_one_in_flight_leaves(
    database, economy_id, plain, held
) -> None:
    """Fails without `plenty`, and without the state of the block in flight: 3 would be refused."""
    async with sequencing(database, economy_id, session_type=held) as running:
        first = asyncio.create_task(running.submit(add("a", 5)))
        await decided_ahead(held, looks=1)
        second = asyncio.create_task(running.submit(add("a", -3), add("b"), add("a", -9)))
        await decided_ahead(held)
        assert not first.done()
        assert not second.done(), "nobody is told what may still fail"
        held.word.set_result(None)
        assert await first == [added(1, 5)]
        accepted, also, refused = await second
        assert (accepted, also) == (added(2, 2), added(3, 1))
        assert refused.metadata == {}
        assert [block.height for block in running.blocks] == [1, 2]
        assert running.blocks[1].previous_hash == running.blocks[0].hash
    assert await tally(plain, "a") == 2


async def test_a_request_in_flight_is_known(database, economy_id, held) -> None:
    command = add("a", 5)
    async with sequencing(database, economy_id, session_type=held) as running:
        first = asyncio.create_task(running.submit_one(command))
        await decided_ahead(held, looks=1)
        again = asyncio.create_task(running.submit_one(command))
        await decided_ahead(held)
        held.word.set_result(None)
        assert await first == added(1, 5)
        assert await again == Accepted(1, replayed=True)


@pytest.mark.parametrize("lost", [False, True], ids=["refused", "connection lost"])
async def test_what_was_decided_on_a_block_that_failed_is_decided_again(
    database, economy_id, plain, held, lost
) -> None:
    """Fails when the block ahead is sent off although the one below was made anew."""
    async with sequencing(database, economy_id, session_type=held) as running:
        first = asyncio.create_task(running.submit_one(add("a", 5)))
        await decided_ahead(held, looks=1)
        second = asyncio.create_task(running.submit_one(add("a", 2)))
        await decided_ahead(held)
        if lost:
            pid = running.sessions[0].connection.get_server_pid()
            await plain.fetchval("SELECT pg_terminate_backend($1)", pid)
            held.word.set_result(None)
        else:
            held.word.set_result(ConnectionResetError("the network went away"))
        assert await first == added(1, 5)
        assert await second == added(2, 7)
    assert await tally(plain, "a") == 7
    assert await last_sequence(plain, economy_id) == 2


async def test_a_block_ahead_that_fails_harms_not_the_one_in_flight(
    database, economy_id, plain, held
) -> None:
    async with sequencing(database, economy_id, session_type=held) as running:
        first = asyncio.create_task(running.submit_one(add("a", 5)))
        await decided_ahead(held, looks=1)
        pid = running.sessions[0].reader.get_server_pid()
        await plain.fetchval("SELECT pg_terminate_backend($1)", pid)
        second = asyncio.create_task(running.submit_one(add("a", 2)))
        await decided_ahead(held)
        held.word.set_result(None)
        assert await first == added(1, 5)
        assert await second == added(2, 7)
        assert len(running.sessions) == 2
    assert await tally(plain, "a") == 7


async def test_a_block_in_flight_that_cannot_be_told_is_looked_up_before_the_next(
    database, economy_id, plain, held
) -> None:
    """The commit happens, its answer is lost, and another block was decided on it."""

    class AnswerLost(held):
        async def commit(self, last_sequence: int, **options: bool) -> None:
            await super().commit(last_sequence, **options)
            if last_sequence == 1:
                raise UnknownCommitError

    async with sequencing(database, economy_id, session_type=AnswerLost) as running:
        first = asyncio.create_task(running.submit_one(add("a", 5)))
        await decided_ahead(AnswerLost, looks=1)
        second = asyncio.create_task(running.submit_one(add("a", 2)))
        await decided_ahead(AnswerLost)
        AnswerLost.word.set_result(None)
        assert await first == added(1, 5)
        assert await second == added(2, 7)
    assert await tally(plain, "a") == 7


async def test_refusals_ahead_wait_for_what_they_saw(database, economy_id, held) -> None:
    """A block of refusals writes nothing, and still must not speak before the one below."""
    async with sequencing(database, economy_id, session_type=held) as running:
        first = asyncio.create_task(running.submit_one(add("a", 5)))
        await decided_ahead(held, looks=1)
        second = asyncio.create_task(running.submit(add("a", -9), Look(*request(), "a")))
        await decided_ahead(held)
        assert not second.done()
        held.word.set_result(None)
        await first
        assert (await second)[1].value == 5


async def test_poison_ahead_is_split_off(
    database, economy_id, plain, held, no_errors_logged
) -> None:
    async with sequencing(database, economy_id, session_type=held) as running:
        first = asyncio.create_task(running.submit_one(add("a", 5)))
        await decided_ahead(held, looks=1)
        poison = Stumble(*request(), "a", lambda: ValueError("planted"))
        second = asyncio.create_task(running.submit(add("a"), poison, add("a")))
        await decided_ahead(held)
        held.word.set_result(None)
        await first
        outcomes = await second
        assert [type(outcome) is Accepted for outcome in outcomes] == [True, False, True]
    assert await tally(plain, "a") == 7
    no_errors_logged.clear()


async def test_a_busy_server_lets_another_one_in(database, economy_id, plain) -> None:
    """Fails without the turnstile: a server that leads on never lets go of the lock."""
    async with (
        sequencing(database, economy_id) as busy,
        sequencing(database, economy_id) as other,
    ):
        stop = False

        async def flood() -> None:
            while not stop:
                await busy.submit_one(add("a"))

        floods = [asyncio.create_task(flood()) for _ in range(20)]
        for number in range(1, 6):
            before = len(busy.blocks)
            assert (await other.submit_one(add("b"))).value == number
            assert len(busy.blocks) - before < 10
        stop = True
        await asyncio.gather(*floods)
    assert await tally(plain, "b") == 5


async def test_a_lock_kept_for_nobody_is_let_go(database, economy_id, plain, held) -> None:
    """The caller for whom the lock was kept goes away; nobody else calls this server."""
    async with sequencing(database, economy_id, session_type=held) as running:
        first = asyncio.create_task(running.submit_one(add("a")))
        await decided_ahead(held, looks=1)
        gone = asyncio.create_task(running.submit_one(add("a")))
        await decided_ahead(held)
        gone.cancel()
        held.word.set_result(None)
        await first

        async def free() -> bool:
            return await plain.fetchval(
                "SELECT NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory')"
            )

        await until(free)


async def test_all_balances_of_an_account_are_not_read_past_the_block_in_flight(
    database, economy_id, held
) -> None:
    """Fails when such rows are loaded at once: the account is closed with a balance in it."""
    word, held.word = held.word, None
    async with sequencing(
        database, economy_id, session_type=held, domains=(ENGINE, LEDGER, SPENDING)
    ) as running:
        opened = OpenAccount(*request(), "orgs/a")
        asset = CreateAsset(*request(), "COIN", 1, 0, "Coin", 0, 0, 0, 0)
        assert all(
            isinstance(outcome, Accepted)
            for outcome in (
                await running.sequencer.submit(OPERATOR, [opened, asset], weight=1)
            ).outcomes
        )
        held.word, looks = word, held.looks
        posting = Posting(MINT, "orgs/a", "COIN", 7)
        minted = CreateTransaction(*request(), EntryKind.MINT, (posting,))
        first = asyncio.create_task(running.sequencer.submit(OPERATOR, [minted], weight=1))
        await decided_ahead(held, looks + 1)
        close = CloseAccount(*request(), "orgs/a")
        second = asyncio.create_task(running.sequencer.submit(OPERATOR, [close], weight=1))
        await decided_ahead(held, looks + 2)
        word.set_result(None)
        await first
        (outcome,) = (await second).outcomes
        assert isinstance(outcome, Rejection)
        assert outcome.reason is Reason.ACCOUNT_NOT_EMPTY
