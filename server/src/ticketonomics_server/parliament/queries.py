"""Reads of proposals, ballots and eligibility. Each takes a snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.tables import texts
from ticketonomics_server.identity.model import Person
from ticketonomics_server.identity.tables import linked_identities, people
from ticketonomics_server.parameters.queries import read_parameters
from ticketonomics_server.parliament.eligibility import SOURCES, Judgement, Rules, judge
from ticketonomics_server.parliament.model import Ballot, Proposal, ProposalState
from ticketonomics_server.parliament.tables import ballots, proposals
from ticketonomics_server.progression.model import Progress
from ticketonomics_server.progression.tables import progress
from ticketonomics_server.storage.reading import Snapshot

_OPEN = (ProposalState.DISCUSSION, ProposalState.VOTING, ProposalState.VETO_WINDOW)


@dataclass(slots=True, eq=False, kw_only=True)
class ShownProposal(Proposal):
    """A proposal with its words, which are kept apart and may be erased."""

    title: str
    body: str
    veto_reason: str


def _columns(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if column.name != "economy_id"]


_made, _ended = texts.alias("made"), texts.alias("ended")
_P = proposals.c
_PROPOSALS = sa.select(
    *_columns(proposals),
    sa.func.coalesce(_made.c.metadata["title"].astext, "").label("title"),
    sa.func.coalesce(_made.c.memo, "").label("body"),
    sa.func.coalesce(_ended.c.memo, "").label("veto_reason"),
).select_from(
    proposals.outerjoin(
        _made,
        sa.and_(_made.c.economy_id == _P.economy_id, _made.c.sequence == _P.create_sequence),
    ).outerjoin(
        _ended,
        sa.and_(_ended.c.economy_id == _P.economy_id, _ended.c.sequence == _P.end_sequence),
    )
)


async def _fetch(snapshot: Snapshot, query: sa.Select[Any]) -> Sequence[ShownProposal]:
    query = query.where(_P.economy_id == snapshot.economy_id)
    return [ShownProposal(**row._mapping) for row in await snapshot.connection.execute(query)]


async def find_proposal(snapshot: Snapshot, proposal_id: str) -> ShownProposal:
    """Finds a proposal, or refuses with PROPOSAL_NOT_FOUND."""
    return _one(
        await _fetch(snapshot, _PROPOSALS.where(_P.proposal_id == proposal_id)), proposal_id
    )


async def find_created_proposal(snapshot: Snapshot, sequence: int) -> ShownProposal:
    """Finds the proposal that an entry made, or refuses with PROPOSAL_NOT_FOUND."""
    found = await _fetch(snapshot, _PROPOSALS.where(_P.create_sequence == sequence))
    return _one(found, f"of entry {sequence}")


def _one(found: Sequence[ShownProposal], name: str) -> ShownProposal:
    if not found:
        raise Rejection(Reason.PROPOSAL_NOT_FOUND, f"there is no proposal {name}", proposal=name)
    return found[0]


async def list_proposals(
    snapshot: Snapshot, *, state: int, kind: int, proposer_id: str, below: int, limit: int
) -> Sequence[ShownProposal]:
    """Lists proposals, newest first, those made before the entry `below`.

    Args:
        state: Only those in this state; 0 for all.
        kind: Only those of this type; 0 for all.
        proposer_id: Only this person's; empty for everybody's.
    """
    query = _PROPOSALS.where(_P.create_sequence < below)
    if state:
        query = query.where(_P.state == state)
    if kind:
        query = query.where(_P.type == kind)
    if proposer_id:
        query = query.where(_P.proposer_id == proposer_id)
    return await _fetch(snapshot, query.order_by(_P.create_sequence.desc()).limit(limit))


async def list_open(snapshot: Snapshot, *, after: int, limit: int) -> Sequence[ShownProposal]:
    """Lists proposals that have not ended, oldest first, those made after an entry."""
    query = _PROPOSALS.where(_P.state.in_(_OPEN), _P.create_sequence > after)
    return await _fetch(snapshot, query.order_by(_P.create_sequence).limit(limit))


async def list_changed(snapshot: Snapshot, *, after: int, limit: int) -> Sequence[ShownProposal]:
    """Lists proposals that changed after an entry, by the entry that changed each last."""
    query = _PROPOSALS.where(_P.last_sequence > after)
    query = query.order_by(_P.last_sequence, _P.create_sequence).limit(limit)
    return await _fetch(snapshot, query)


# --- ballots --------------------------------------------------------------------------------------


async def find_ballot(snapshot: Snapshot, proposal_id: str, person_id: str) -> Ballot | None:
    """Finds a person's vote; None where there is none."""
    query = sa.select(*_columns(ballots)).where(
        ballots.c.economy_id == snapshot.economy_id,
        ballots.c.proposal_id == proposal_id,
        ballots.c.person_id == person_id,
    )
    row = (await snapshot.connection.execute(query)).one_or_none()
    return Ballot(**row._mapping) if row else None


async def list_ballots(
    snapshot: Snapshot, proposal_id: str, *, after: int, limit: int
) -> Sequence[Ballot]:
    """Lists votes on a proposal, those cast or changed after an entry, in that order."""
    query = (
        sa.select(*_columns(ballots))
        .where(
            ballots.c.economy_id == snapshot.economy_id,
            ballots.c.proposal_id == proposal_id,
            ballots.c.sequence > after,
        )
        .order_by(ballots.c.sequence)
        .limit(limit)
    )
    return [Ballot(**row._mapping) for row in await snapshot.connection.execute(query)]


async def list_ballots_of(
    snapshot: Snapshot, person_ids: Sequence[str], *, after: int, limit: int
) -> Sequence[Ballot]:
    """Lists votes of people, those cast or changed after an entry, in that order."""
    query = (
        sa.select(*_columns(ballots))
        .where(
            ballots.c.economy_id == snapshot.economy_id,
            ballots.c.person_id.in_(person_ids),
            ballots.c.sequence > after,
        )
        .order_by(ballots.c.sequence)
        .limit(limit)
    )
    return [Ballot(**row._mapping) for row in await snapshot.connection.execute(query)]


# --- eligibility ----------------------------------------------------------------------------------

_NOW = sa.text("SELECT clock_timestamp()")


async def judge_person(
    snapshot: Snapshot, person_id: str, proposal_id: str
) -> tuple[datetime, list[Judgement]]:
    """Judges a person as voting would, for a proposal or, without one, as of now.

    Refuses with PERSON_NOT_FOUND or PROPOSAL_NOT_FOUND.

    Returns:
        As of when, and every rule.
    """
    connection, economy_id = snapshot.connection, snapshot.economy_id
    query = sa.select(*_columns(people)).where(
        people.c.economy_id == economy_id, people.c.person_id == person_id
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise Rejection(
            Reason.PERSON_NOT_FOUND, f"there is no person {person_id}", person=person_id
        )
    person = Person(**row._mapping)
    rules = None
    if proposal_id:
        proposal = await find_proposal(snapshot, proposal_id)
        time = proposal.voting_time
        rules = proposal.rules if proposal.open_time is not None else None
    else:
        time = (await connection.execute(_NOW)).scalar_one()
    if rules is None:
        values = await read_parameters(snapshot, *SOURCES)
        rules = Rules(*(values[parameter.name][0] for parameter in SOURCES))
    query = sa.select(linked_identities.c.link_time).where(
        linked_identities.c.economy_id == economy_id, linked_identities.c.person_id == person_id
    )
    links = list((await connection.execute(query)).scalars())
    query = sa.select(*_columns(progress)).where(
        progress.c.economy_id == economy_id, progress.c.person_id == person_id
    )
    done = (await connection.execute(query)).one_or_none()
    return time, judge(rules, time, person, links, Progress(**done._mapping) if done else None)
