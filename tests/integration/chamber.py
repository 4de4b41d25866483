"""A Parliament over a real database, without sockets: people, proposals, votes, and timers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
from ticketonomics_server.domains import DOMAINS
from ticketonomics_server.engine.command import Accepted, Caller, NothingToDo
from ticketonomics_server.engine.domain import Registry
from ticketonomics_server.engine.sequencer import Sequencer
from ticketonomics_server.engine.timers import Due, TimerRunner
from ticketonomics_server.identity.model import GetOrCreatePerson
from ticketonomics_server.identity.scopes import ALL_SCOPES
from ticketonomics_server.ledger.model import MINT, CreateAsset, CreateTransaction, EntryKind
from ticketonomics_server.ledger.model import Posting as LedgerPosting
from ticketonomics_server.parameters.catalog import CATALOG
from ticketonomics_server.parameters.model import SetParameter
from ticketonomics_server.parliament.model import CastVote, Choice, CreateProposal, Type
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.due_timers import find_due_timers

from tests.integration.sequencing import Running, sequencing

OPERATOR = Caller("operator", ALL_SCOPES)


def ids() -> tuple[bytes, bytes]:
    return uuid4().bytes, bytes(16)


@dataclass
class Chamber:
    """An economy whose people may vote at once, for a day."""

    database: Database
    economy_id: int
    running: Running
    plain: asyncpg.Connection

    async def __call__(self, *commands: Any, caller: Caller = OPERATOR) -> list[Any]:
        submission = await self.running.sequencer.submit(caller, commands, weight=len(commands))
        for outcome in submission.outcomes:
            assert isinstance(outcome, Accepted | NothingToDo), outcome
        return [outcome.value for outcome in submission.outcomes]

    async def set(self, **values: int) -> None:
        for name, value in values.items():
            assert f"parliament.{name}" in CATALOG
            await self(SetParameter(*ids(), f"parliament.{name}", (value,)))

    async def come(self, subjects: Sequence[str]) -> list[str]:
        made = [GetOrCreatePerson(*ids(), "t", subject, "") for subject in subjects]
        return await self(*made)

    async def propose(self, person_id: str, **changes: Any) -> str:
        fields: dict[str, Any] = {"title": "Tea", "body": "", "type": Type.TEXT, **changes}
        command = CreateProposal(*ids(), person_id, **fields)
        (posted,) = await self(command, caller=Caller("operator", ALL_SCOPES, person_id))
        return str(posted.details)

    async def vote(self, proposal_id: str, person_id: str, choice: Choice = Choice.YES) -> None:
        command = CastVote(*ids(), proposal_id, person_id, choice)
        await self(command, caller=Caller("operator", ALL_SCOPES, person_id))

    async def row(self, proposal_id: str) -> Any:
        return await self.plain.fetchrow(
            "SELECT * FROM proposals WHERE proposal_id = $1", proposal_id
        )

    def runner(self, running: Running | None = None, seen: list[Due] | None = None) -> TimerRunner:
        async def sequencer(_: int) -> Sequencer:
            return (running or self.running).sequencer

        async def look(limit: int) -> list[Due]:
            return seen if seen is not None else await find_due_timers(self.database, limit)

        return TimerRunner(registry=Registry(DOMAINS), find_due=look, sequencer=sequencer)


@asynccontextmanager
async def open_chamber(
    database: Database, economy_id: int, plain: asyncpg.Connection, **options: Any
) -> AsyncIterator[Chamber]:
    """Goes on with the economy as the database has it; nothing of it is kept from before."""
    async with sequencing(database, economy_id, domains=DOMAINS, **options) as running:
        yield Chamber(database, economy_id, running, plain)


async def furnish(chamber: Chamber, people: Sequence[str] = ("ann", "bob", "cat")) -> list[str]:
    """Rules for a day of voting, BRONZE, and people; the first three can pay deposits."""
    await chamber.set(discussion_period=1, voting_period=86_400, age=0, active_days=0, deposit=100)
    await chamber(CreateAsset(*ids(), "BRONZE", 1, 2, "Bronze", 0, 0, 0, 0))
    found = await chamber.come(people)
    gifts = [LedgerPosting(MINT, f"users/{person}", "BRONZE", 1_000) for person in found[:3]]
    await chamber(CreateTransaction(*ids(), EntryKind.MINT, tuple(gifts)))
    return found


async def hasten(plain: asyncpg.Connection, proposal_id: str) -> None:
    """Makes what a proposal waits for due now. Only while nobody keeps its rows."""
    async with plain.transaction():
        await plain.execute(
            "UPDATE timers t SET due_time = now() FROM proposals p"
            " WHERE p.proposal_id = $1 AND t.timer_id = p.timer_id",
            proposal_id,
        )
        await plain.execute(
            "UPDATE proposals SET close_time = greatest(now(), voting_time + '1 us')"
            " WHERE proposal_id = $1 AND state = 2",
            proposal_id,
        )
