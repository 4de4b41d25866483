"""Figures that are read from the rooms themselves, as of now: pools, queues, the Parliament."""

from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa

from ticketonomics_server.amm.formulas import amount_out, price_impact_bps
from ticketonomics_server.amm.queries import ShownPool
from ticketonomics_server.parliament.model import ProposalState
from ticketonomics_server.parliament.tables import proposals
from ticketonomics_server.queues.model import RoundState
from ticketonomics_server.queues.tables import queue_rounds, queues
from ticketonomics_server.storage.reading import Snapshot

DEPTH_BPS = (100, 500, 1_000)
MOST_VOTES = 100
_FULL_BPS = 10_000


class Step(NamedTuple):
    """What a swap of a part of a reserve would come to."""

    asset_in: str
    reserve_bps: int
    amount_in: int
    amount_out: int
    slippage_bps: int


class QueueFigures(NamedTuple):
    """All tier queues together."""

    finished_rounds: int
    expired_rounds: int
    entries: int
    waiting_players: int


class ParliamentFigures(NamedTuple):
    """Proposals that are open, by state, and the turnout of the newest votes that are over."""

    discussed_proposals: int
    voted_proposals: int
    passed_proposals: int
    ended_votes: int
    turnout_bps: int


def depth_of(pool: ShownPool) -> Iterator[Step]:
    """Computes swaps of parts of either reserve; a part that comes to nothing is left out."""
    for asset_in in (pool.base, pool.quote):
        x, y = pool.reserves(asset_in)
        for bps in DEPTH_BPS:
            given = x * bps // _FULL_BPS
            received = amount_out(given, x, y, pool.fee_bps) if given else 0
            if received:
                slippage = price_impact_bps(given, received, x, y, pool.fee_bps)
                yield Step(asset_in, bps, given, received, slippage)


async def read_queues(snapshot: Snapshot) -> QueueFigures:
    """Adds up what the queues count, and the places that are taken in open rounds."""
    q, r = queues.c, queue_rounds.c
    counted = await snapshot.connection.execute(
        sa.select(
            *(
                sa.func.coalesce(sa.func.sum(column), 0)
                for column in (q.finished, q.expired, q.entries)
            )
        ).where(q.economy_id == snapshot.economy_id)
    )
    players = sa.func.cardinality(sa.func.string_to_array(r.players, " "))
    waiting = await snapshot.connection.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(players), 0)).where(
            r.economy_id == snapshot.economy_id,
            r.state < sa.literal_column(str(int(RoundState.FINISHED))),
        )
    )
    finished, expired, entries = map(int, counted.one())
    return QueueFigures(finished, expired, entries, int(waiting or 0))


async def read_parliament(snapshot: Snapshot) -> ParliamentFigures:
    """Counts open proposals, and ballots of the newest votes that are over."""
    p = proposals.c
    mine = p.economy_id == snapshot.economy_id
    states = (ProposalState.DISCUSSION, ProposalState.VOTING, ProposalState.VETO_WINDOW)
    rows = await snapshot.connection.execute(
        sa.select(p.state, sa.func.count().label("proposals"))
        .where(mine, p.state.in_(states))
        .group_by(p.state)
    )
    counts = {row.state: row.proposals for row in rows}
    ended = (
        sa.select((p.yes + p.no + p.abstain).label("ballots"), p.electorate)
        .where(mine, p.state > ProposalState.VETO_WINDOW, p.electorate > 0)
        .order_by(p.create_sequence.desc())
        .limit(MOST_VOTES)
        .subquery()
        .c
    )
    counted = await snapshot.connection.execute(
        sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(ended.ballots), 0),
            sa.func.coalesce(sa.func.sum(ended.electorate), 0),
        )
    )
    votes, ballots, electorate = map(int, counted.one())
    turnout = ballots * _FULL_BPS // electorate if electorate else 0
    discussed, voted, passed = (counts.get(state, 0) for state in states)
    return ParliamentFigures(discussed, voted, passed, votes, turnout)
