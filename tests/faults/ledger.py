"""Reads the ledger itself, from its tables, behind the servers' backs."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from time import monotonic
from uuid import UUID

import asyncpg

from .records import Entry, Journal, Movement, purse
from .rooms import Proposal, Rooms, Round
from .story_checks import Attempted, Standing

_POSTINGS = """
SELECT p.sequence, p.transaction_id::text, s.address, d.address, p.amount, a.code
FROM postings p
JOIN assets a ON a.economy_id = p.economy_id AND a.asset_id = p.asset_id
JOIN accounts s ON s.economy_id = p.economy_id AND s.account_id = p.source_id
JOIN accounts d ON d.economy_id = p.economy_id AND d.account_id = p.destination_id
WHERE p.sequence > $1 ORDER BY p.sequence, p.position
"""
_BALANCES = """
SELECT a.address, b.posted, s.code FROM balances b
JOIN accounts a ON a.economy_id = b.economy_id AND a.account_id = b.account_id
JOIN assets s ON s.economy_id = b.economy_id AND s.asset_id = b.asset_id
"""
_HEAD = "SELECT last_sequence, height FROM blocks ORDER BY height DESC LIMIT 1"


# Other timers are due in days.
_SOON = "SELECT count(*) FROM timers WHERE due_time <= clock_timestamp() + $1 * interval '1 s'"
_HOLDS = "SELECT hold_id, state FROM holds WHERE create_sequence > $1"
_SCHEDULES = "SELECT schedule_id, state FROM schedules WHERE create_sequence > $1"
_ATTEMPTS = """
SELECT a.schedule_id, a.run, a.attempt, a.sequence, a.reason FROM schedule_attempts a
JOIN schedules s USING (economy_id, schedule_id) WHERE s.create_sequence > $1
ORDER BY a.schedule_id, a.run, a.attempt
"""
_REQUESTS = """
SELECT payment_request_id, state, close_sequence FROM payment_requests WHERE create_sequence > $1
"""
_PEOPLE = """
SELECT person_id, state, coalesce(merged_into, '') FROM people WHERE create_sequence > $1
"""
_ROUNDS = """
SELECT r.round_id, r.state, r.places, array_remove(array_agg(e.person_id), NULL)
FROM queue_rounds r LEFT JOIN queue_entries e USING (economy_id, round_id)
WHERE r.change_sequence > $1 GROUP BY r.economy_id, r.round_id
"""
_PROPOSALS = """
SELECT p.proposal_id, p.state, p.escrow, ARRAY[p.yes, p.no, p.abstain],
       array_remove(array_agg(b.person_id), NULL), array_remove(array_agg(b.choice), NULL)
FROM proposals p LEFT JOIN ballots b USING (economy_id, proposal_id)
WHERE p.create_sequence > $1 GROUP BY p.economy_id, p.proposal_id
"""
_TIMERS_SECONDS = 20.0
# A run that is refused is tried again a second later.
_SOON_SECONDS = 1.2


class Ledger:
    """The one economy of the campaign, followed from round to round.

    Attributes:
        height: The newest block when it was last read.
    """

    def __init__(self, dsn: str) -> None:
        self.height = 0
        self.last_sequence = 0
        self._dsn = dsn
        self._balances: Mapping[str, int] = {}
        self._earlier: dict[str, int] = {}

    async def peek(self) -> frozenset[str]:
        """Reads the ids of the transactions since the last `advance`."""
        return frozenset(entry.transaction_id for entry in (await self._read()).entries)

    async def advance(self) -> Journal:
        """Reads what has happened since the last time, and goes on from there."""
        journal = await self._read()
        self.last_sequence = journal.last_sequence
        self._balances = journal.closing
        self._earlier = dict(self._earlier)
        self._earlier.update((entry.transaction_id, entry.sequence) for entry in journal.entries)
        return journal

    async def stand(self, after: int) -> Standing:
        """Waits until timers have nothing to do, and reads what was made after an entry."""
        connection = await asyncpg.connect(self._dsn, timeout=10)
        try:
            deadline = monotonic() + _TIMERS_SECONDS
            while monotonic() < deadline:
                if not await connection.fetchval(_SOON, _SOON_SECONDS):
                    break
                await asyncio.sleep(0.1)
            attempts: dict[str, list[Attempted]] = defaultdict(list)
            for schedule_id, *attempt in await connection.fetch(_ATTEMPTS, after):
                attempts[schedule_id].append(Attempted(*attempt))
            return Standing(
                holds={str(UUID(bytes=i)): s for i, s in await connection.fetch(_HOLDS, after)},
                schedules={
                    id_: (state, tuple(attempts[id_]))
                    for id_, state in await connection.fetch(_SCHEDULES, after)
                },
                requests={id_: tuple(r) for id_, *r in await connection.fetch(_REQUESTS, after)},
                people={id_: tuple(r) for id_, *r in await connection.fetch(_PEOPLE, after)},
                rooms=await _read_rooms(connection, after),
                overdue=await connection.fetchval(_SOON, 0.0),
            )
        finally:
            await connection.close()

    async def _read(self) -> Journal:
        connection = await asyncpg.connect(self._dsn, timeout=10)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                head = await connection.fetchrow(_HEAD)
                postings = await connection.fetch(_POSTINGS, self.last_sequence)
                balances = await connection.fetch(_BALANCES)
        finally:
            await connection.close()
        self.height = head["height"]
        return Journal(
            after=self.last_sequence,
            opening=dict(self._balances),
            entries=_entries(postings),
            last_sequence=head["last_sequence"],
            closing={purse(row["address"], row["code"]): row["posted"] for row in balances},
            earlier=self._earlier,
        )


async def _read_rooms(connection: asyncpg.Connection, after: int) -> Rooms:
    """Reads the rounds and proposals that changed after an entry, or are not over."""
    rounds = await connection.fetch(_ROUNDS, after)
    proposals = await connection.fetch(_PROPOSALS, after)
    return Rooms(
        rounds={id_: Round(state, places, tuple(people)) for id_, state, places, people in rounds},
        proposals={
            id_: Proposal(state, escrow, tuple(tally), dict(zip(people, choices, strict=True)))
            for id_, state, escrow, tally, people, choices in proposals
        },
    )


def _entries(postings: list[asyncpg.Record]) -> list[Entry]:
    """Puts the postings of each transaction together; the first one carries its id."""
    entries: list[tuple[int, str, list[Movement]]] = []
    for sequence, id_, source, destination, amount, asset in postings:
        if not entries or entries[-1][0] != sequence:
            entries.append((sequence, id_, []))
        sides = purse(source, asset), purse(destination, asset)
        entries[-1][2].append(Movement(*sides, amount))
    return [Entry(sequence, id_, tuple(movements)) for sequence, id_, movements in entries]
