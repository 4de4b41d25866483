"""How this room's rows reach Postgres."""

from collections.abc import Iterable
from typing import Any

import asyncpg

from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.writing import TIMERS
from ticketonomics_server.identity.model import person_account
from ticketonomics_server.identity.model_people import PARLIAMENT_GONE_TIMER
from ticketonomics_server.identity.rows import PEOPLE
from ticketonomics_server.ledger.journal import ACCOUNTS, BALANCES
from ticketonomics_server.ledger.tickets import BRONZE
from ticketonomics_server.parliament.decide import read_rules
from ticketonomics_server.parliament.decide_voting import MOST_ENDED
from ticketonomics_server.parliament.model import (
    Ballot,
    Electorate,
    HeirOf,
    LateMerges,
    OpenProposals,
    ParticipationOf,
    PolicyPeriod,
    Proposal,
    ProposalState,
)
from ticketonomics_server.parliament.tables import (
    ballots,
    open_proposals,
    policy_periods,
    proposals,
)
from ticketonomics_server.progression.model import day_of
from ticketonomics_server.storage.rows import BulkTable
from ticketonomics_server.storage.writes import Write

PROPOSALS = BulkTable(
    Proposal,
    proposals,
    key=("proposal_id",),
    unchanging=(
        *("create_sequence", "application_id", "proposer_id", "type", "create_time", "voting_time"),
        *("voting_seconds", "veto_seconds", "deposit", "escrow", "parameter", "setting"),
        *("account", "amount", "event_time"),
    ),
)
BALLOTS = BulkTable(Ballot, ballots, key=("proposal_id", "person_id"))
OPEN_PROPOSALS = BulkTable(OpenProposals, open_proposals, key=("person_id",))
POLICY_PERIODS = BulkTable(PolicyPeriod, policy_periods, key=("asset",))


async def _bring(
    connection: asyncpg.Connection,
    economy_id: int,
    state: State,
    table: BulkTable[Any],
    wanted: Iterable[Any],
) -> None:
    """Loads rows into the state where they are not there yet."""
    if missing := set(wanted).difference(state.rows[table.row_type]):
        await table.load(connection, economy_id, missing, state)


class ElectorateTable:
    """Counts who is eligible, as of the block before; only where a vote is about to open."""

    row_type = Electorate
    by_key = False
    # The days before the one on which voting opens, as `Progress.active_before` counts them.
    count_sql = """
WITH days AS (
    SELECT person_id, bit_count((CASE
        WHEN last_day - $5 + 1 >= 62 THEN 0
        WHEN last_day - $5 + 1 >= 0 THEN active_days >> (last_day - $5 + 1)
        WHEN $5 - 1 - last_day >= $6 THEN 0
        ELSE active_days << ($5 - 1 - last_day) END & ((1::bigint << $6) - 1))::bit(64)) AS active
    FROM progress WHERE economy_id = $1
)
SELECT count(*) FROM people p
WHERE p.economy_id = $1 AND p.state = 1
    AND p.create_time <= $2::timestamptz - make_interval(secs => $3::double precision)
    AND ($4 = 0 OR p.person_id IN (
        SELECT person_id FROM linked_identities WHERE economy_id = $1 AND link_time <= $2
        GROUP BY person_id HAVING count(*) >= $4))
    AND ($7 = 0 OR p.person_id IN (SELECT person_id FROM days WHERE active >= $7))
"""

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        for proposal_id in keys:
            proposal = state.find(Proposal, proposal_id)
            if proposal is None or proposal.state != ProposalState.DISCUSSION:
                continue
            rules = read_rules(state)
            count = await connection.fetchval(
                self.count_sql,
                economy_id,
                proposal.voting_time,
                rules.age_seconds,
                rules.identities,
                day_of(proposal.voting_time),
                rules.window_days,
                rules.active_days,
            )
            state.rows[Electorate][proposal_id] = Electorate(count, rules)

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: it is kept in the proposal's row."""
        return []


class HeirOfTable:
    """Loads whoever people were merged into, with the accounts and what they have of BRONZE."""

    row_type = HeirOf
    by_key = False
    load_sql = """
WITH RECURSIVE heirs(person_id) AS (
    SELECT $2::text COLLATE "C"
    UNION SELECT p.merged_into FROM people p JOIN heirs h ON p.person_id = h.person_id
    WHERE p.economy_id = $1 AND p.merged_into IS NOT NULL
) SELECT person_id FROM heirs
"""

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        for person_id in keys:
            people = [
                row[0] for row in await connection.fetch(self.load_sql, economy_id, person_id)
            ]
            addresses = [person_account(person) for person in people]
            await _bring(connection, economy_id, state, PEOPLE, people)
            await _bring(connection, economy_id, state, ACCOUNTS, addresses)
            purses = [(address, BRONZE) for address in addresses]
            await _bring(connection, economy_id, state, BALANCES, purses)
            state.rows[HeirOf][person_id] = HeirOf()

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: people have a table of their own."""
        return []


class ParticipationOfTable:
    """Loads what is open of people who are gone."""

    row_type = ParticipationOf
    by_key = False
    ballots_sql = (
        "SELECT b.proposal_id, b.person_id FROM proposals p JOIN ballots b"
        " USING (economy_id, proposal_id)"
        " WHERE p.economy_id = $1 AND p.state = 2 AND b.person_id = $2 ORDER BY 1 LIMIT $3"
    )
    proposals_sql = (
        "SELECT proposal_id FROM proposals WHERE economy_id = $1 AND proposer_id = $2"
        " AND state IN (1, 2) ORDER BY create_sequence LIMIT $3"
    )

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        for person_id in keys:
            arguments = economy_id, person_id, MOST_ENDED + 1
            cast = [tuple(row) for row in await connection.fetch(self.ballots_sql, *arguments)]
            made = [row[0] for row in await connection.fetch(self.proposals_sql, *arguments)]
            concerned = {*made, *(proposal_id for proposal_id, _ in cast)}
            await _bring(connection, economy_id, state, PROPOSALS, concerned)
            await _bring(connection, economy_id, state, BALLOTS, cast)
            rows = [state.find(Proposal, proposal_id) for proposal_id in made]
            timer_ids = {row.timer_id for row in rows if row is not None}
            await _bring(connection, economy_id, state, TIMERS, timer_ids)
            state.rows[ParticipationOf][person_id] = cast, made

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: ballots and proposals have tables of their own."""
        return []


class LateMergesTable:
    """Finds ballots of people who were merged in time, and whose timer has not come yet.

    The timer's due time is when they were merged.
    """

    row_type = LateMerges
    by_key = False
    load_sql = """
SELECT b.proposal_id, b.person_id FROM timers t
JOIN people p ON p.economy_id = t.economy_id AND p.person_id = convert_from(t.payload, 'UTF8')
JOIN ballots b ON b.economy_id = t.economy_id AND b.proposal_id = $2 AND b.person_id = p.person_id
WHERE t.economy_id = $1 AND t.kind = $3 AND t.due_time < $4 AND p.state = 3 ORDER BY b.person_id
"""

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        for proposal_id in keys:
            proposal = state.find(Proposal, proposal_id)
            if proposal is None:
                continue
            found = [
                tuple(row)
                for row in await connection.fetch(
                    self.load_sql,
                    economy_id,
                    proposal_id,
                    PARLIAMENT_GONE_TIMER,
                    proposal.close_time,
                )
            ]
            await _bring(connection, economy_id, state, BALLOTS, found)
            state.rows[LateMerges][proposal_id] = found

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: ballots have a table of their own."""
        return []
