"""Schedules and requests to pay over a real database: timers, servers that die, and `verify`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from ticketonomics_server.engine.command import Accepted, Caller
from ticketonomics_server.engine.domain import Registry
from ticketonomics_server.engine.sequencer import Sequencer
from ticketonomics_server.engine.session import Session
from ticketonomics_server.engine.timers import ENGINE, Due, TimerRunner
from ticketonomics_server.identity.domain import IDENTITY
from ticketonomics_server.identity.model import CreateApplication
from ticketonomics_server.ledger.domain import LEDGER
from ticketonomics_server.ledger.model import (
    MINT,
    CreateAsset,
    CreateTransaction,
    EntryKind,
    OpenAccount,
    Posting,
)
from ticketonomics_server.payments.domain import PAYMENTS
from ticketonomics_server.payments.model import (
    AcceptPaymentRequest,
    CreateSchedule,
    DeclinePaymentRequest,
    PauseSchedule,
    RequestPayment,
    pack_postings,
)
from ticketonomics_server.payments.recurrence import Frequency
from ticketonomics_server.spending.domain import SPENDING
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.due_timers import find_due_timers
from ticketonomics_server.verification import Invariant, verify

from tests.integration.sequencing import Running, failing_once, sequencing, until

DOMAINS = (ENGINE, LEDGER, IDENTITY, PAYMENTS, SPENDING)
SCOPES = frozenset({"ledger.transfer", "ledger.debit_any", "ledger.accounts"})


def ids() -> tuple[bytes, bytes]:
    return uuid4().bytes, bytes(16)


@dataclass
class Bank:
    """Two accounts, of which the first has 100 WOOD, and an application that may move it all."""

    database: Database
    economy_id: int
    running: Running
    caller: Caller

    async def __call__(self, command: Any) -> Any:
        submission = await self.running.sequencer.submit(self.caller, [command])
        (outcome,) = submission.outcomes
        assert isinstance(outcome, Accepted), outcome
        return outcome.value

    async def schedule(self, amount: int = 10, **changes: Any) -> str:
        fields: dict[str, Any] = {
            "postings": (Posting("orgs/a", "orgs/b", "WOOD", amount),),
            "memo": "tea",
            "first_time": datetime.now(UTC) + timedelta(seconds=0.3),
            "frequency": Frequency.DAILY,
            "every": 1,
            "time_zone": "Europe/Berlin",
            "end_time": None,
            "run_limit": 0,
            "retry_attempts": 3,
            "retry_seconds": 3_600,
            "stop_after_failures": 0,
            **changes,
        }
        identifier: str = await self(CreateSchedule(*ids(), **fields))
        return identifier

    async def ask(self) -> str:
        command = RequestPayment(*ids(), "orgs/b", "orgs/a", "WOOD", 5, "tea", None)
        identifier: str = await self(command)
        return identifier

    async def due(self) -> list[Due]:
        return await find_due_timers(self.database, 100)

    def runner(self, running: Running | None = None, seen: list[Due] | None = None) -> TimerRunner:
        async def sequencer(_: int) -> Sequencer:
            return (running or self.running).sequencer

        async def look(limit: int) -> list[Due]:
            return seen if seen is not None else await find_due_timers(self.database, limit)

        return TimerRunner(registry=Registry(DOMAINS), find_due=look, sequencer=sequencer)


@asynccontextmanager
async def open_bank(database: Database, economy_id: int) -> AsyncIterator[Bank]:
    async with sequencing(database, economy_id, domains=DOMAINS) as running:
        bank = Bank(database, economy_id, running, Caller("founder", SCOPES))
        application_id = await bank(CreateApplication(*ids(), "bank", SCOPES, 10))
        bank.caller = Caller(application_id, SCOPES)
        await bank(CreateAsset(*ids(), "WOOD", 2, 0, "Wood", 0, 0, 0, 0))
        for address in ("orgs/a", "orgs/b"):
            await bank(OpenAccount(*ids(), address))
        posting = Posting(MINT, "orgs/a", "WOOD", 100)
        await bank(CreateTransaction(*ids(), EntryKind.MINT, (posting,)))
        yield bank


@pytest.fixture
async def bank(database: Database, economy_id: int) -> AsyncIterator[Bank]:
    async with open_bank(database, economy_id) as opened:
        yield opened


async def paid(plain: asyncpg.Connection) -> int:
    return await plain.fetchval(
        "SELECT coalesce(sum(posted), 0)::int FROM balances b JOIN accounts a USING (economy_id,"
        " account_id) WHERE address = 'orgs/b'"
    )


async def coherent(bank: Bank) -> None:
    assert (await verify(bank.database, bank.economy_id)).violations == ()


async def test_two_servers_make_a_run_once(bank: Bank, plain: asyncpg.Connection) -> None:
    for _ in range(5):
        await bank.schedule(amount=1)
    await until(partial(_five_due, bank))
    seen = await bank.due()
    async with sequencing(bank.database, bank.economy_id, domains=DOMAINS) as other:
        await asyncio.gather(bank.runner(seen=seen).turn(), bank.runner(other, seen).turn())
        await bank.runner(other, seen).turn()
    assert await paid(plain) == 5
    assert await plain.fetchval("SELECT count(*) FROM schedule_attempts") == 5
    assert await plain.fetchval("SELECT count(*) FROM timers") == 5
    await coherent(bank)


async def _five_due(bank: Bank) -> bool:
    return len(await bank.due()) == 5


@pytest.mark.parametrize("after", [False, True])
async def test_a_server_that_dies_with_its_block_makes_the_run_once(
    bank: Bank, plain: asyncpg.Connection, after: bool
) -> None:
    """Before the commit, and after it, when nobody has heard of it."""
    await bank.schedule()
    await until(bank.due)
    dying: type[Session] = failing_once(
        "commit", "SELECT pg_terminate_backend(pg_backend_pid())", after=after
    )
    async with sequencing(
        bank.database, bank.economy_id, domains=DOMAINS, session_type=dying
    ) as other:
        await bank.runner(other).turn()
        await bank.runner(other).turn()
    assert await paid(plain) == 10
    row = await plain.fetchrow("SELECT * FROM schedules")
    assert (row["run"], row["succeeded"], row["state"]) == (1, 1, 1)
    await coherent(bank)


async def test_the_eleventh_request_is_refused_by_the_database_too(
    bank: Bank, plain: asyncpg.Connection
) -> None:
    await bank.ask()
    with pytest.raises(asyncpg.CheckViolationError):
        await plain.execute("UPDATE open_requests SET open_count = 11")


# --- verify ---------------------------------------------------------------------------------------

CORRUPTIONS = {
    "another amount": "UPDATE schedules SET postings = (SELECT postings FROM schedules s"
    " WHERE s.create_sequence <> schedules.create_sequence ORDER BY create_sequence DESC LIMIT 1)",
    "another rule": "UPDATE schedules SET every = every + 1",
    "another maker": "UPDATE schedules SET application_id = 'somebody'",
    "a lost schedule": "DELETE FROM schedules WHERE frequency = 0",
    "a schedule from nowhere": "UPDATE schedules SET schedule_id = '0000000000000000'"
    " WHERE state = 2",
    "an ended schedule": "UPDATE schedules SET state = 5, timer_id = 0, next_attempt_time = NULL"
    " WHERE state = 1",
    "a lost timer": "DELETE FROM timers WHERE kind = 50",
    "a lost refusal": "DELETE FROM schedule_attempts WHERE reason <> ''",
    "another reason": "UPDATE schedule_attempts SET reason = 'BAD_LUCK' WHERE reason <> ''",
    "a lost payment": "DELETE FROM schedule_attempts WHERE reason = ''",
    "a run paid by another entry": "UPDATE schedule_attempts SET sequence = sequence - 1"
    " WHERE reason = ''",
    "another price": "UPDATE payment_requests SET amount = amount + 1 WHERE state = 1",
    "another payer": "UPDATE payment_requests SET payer = 'orgs/c' WHERE state = 2",
    "a lost request": "DELETE FROM payment_requests WHERE state = 3",
    "a request that is open again": "UPDATE payment_requests SET state = 1, close_time = NULL,"
    " close_sequence = 0 WHERE state = 3",
    "a request paid by nothing": "UPDATE payment_requests SET close_sequence = 1 WHERE state = 2",
    "a request that was never declined": "UPDATE payment_requests SET state = 4 WHERE state = 3",
    "a lost expiry": "DELETE FROM timers WHERE kind = 51",
    "a wrong count": "UPDATE open_requests SET open_count = open_count + 1",
    "a schedule too many": "UPDATE open_schedules SET open_count = open_count + 1",
    "a schedule that nobody counts": "DELETE FROM open_schedules WHERE holder = 'orgs/a'",
}


async def live(bank: Bank) -> None:
    """Makes schedules and requests of all sorts."""
    await bank.schedule(frequency=Frequency.ONCE)
    await bank.schedule(amount=1_000, retry_attempts=1)
    paused = await bank.schedule(first_time=datetime.now(UTC) + timedelta(days=1))
    postings = pack_postings((Posting("orgs/a", "orgs/b", "WOOD", 10),))
    await bank(PauseSchedule(*ids(), paused, 3, bank.caller.application_id, postings))
    await until(partial(_two_due, bank))
    await bank.runner().turn()
    for kind in (AcceptPaymentRequest, DeclinePaymentRequest, None):
        identifier = await bank.ask()
        if kind:
            row = await _request(bank.database, identifier)
            terms = ("orgs/b", "orgs/a", "WOOD", 5, row["timer_id"], row["create_sequence"])
            await bank(kind(*ids(), identifier, *terms))


async def _two_due(bank: Bank) -> bool:
    return len(await bank.due()) == 2


async def _request(database: Database, identifier: str) -> Any:
    connection = await database.connect()
    row = await connection.fetchrow(
        "SELECT timer_id, create_sequence FROM payment_requests WHERE payment_request_id = $1",
        identifier,
    )
    await connection.close()
    return row


@pytest.mark.parametrize("corruption", ["none", *CORRUPTIONS])
async def test_a_corruption_of_payments_is_told(
    bank: Bank, plain: asyncpg.Connection, corruption: str
) -> None:
    await live(bank)
    if corruption == "none":
        await coherent(bank)
        return
    done = await plain.execute(CORRUPTIONS[corruption])
    assert not done.endswith(" 0"), "nothing was damaged"
    report = await verify(bank.database, bank.economy_id)
    assert set(report.violation_counts) == {Invariant.PAYMENTS_MATCH_JOURNAL}, report.violations
