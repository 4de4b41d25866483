"""Reads of what queues and people in them were like. Each takes a snapshot."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from ticketonomics_server.queues.model import Player, Queue, RoundState, WinCount
from ticketonomics_server.queues.tables import queue_players, queue_rounds, queue_win_counts
from ticketonomics_server.storage.reading import Snapshot

LAST_ROUNDS = 1_000


@dataclass(slots=True, frozen=True)
class FillFigures:
    """How fast the last rounds filled, and which places won."""

    rounds: int
    p50: timedelta | None
    p95: timedelta | None
    wins_by_position: list[int]


async def read_fills(snapshot: Snapshot, queue: Queue) -> FillFigures:
    """Reads the figures of a queue's last 1,000 rounds."""
    c = queue_rounds.c
    last = (
        sa.select(c.create_time, c.fill_time, c.state, c.winner_position)
        .where(c.economy_id == snapshot.economy_id, c.queue == queue.name)
        .order_by(c.number.desc())
        .limit(LAST_ROUNDS)
        .subquery()
    )
    taken = last.c.fill_time - last.c.create_time
    figures = sa.select(
        sa.func.count(last.c.fill_time),
        sa.func.percentile_disc(0.5).within_group(taken),
        sa.func.percentile_disc(0.95).within_group(taken),
    ).where(last.c.fill_time.is_not(None))
    filled, p50, p95 = (await snapshot.connection.execute(figures)).one()
    wins = (
        sa.select(last.c.winner_position, sa.func.count().label("wins"))
        .where(last.c.state == int(RoundState.FINISHED))
        .group_by(last.c.winner_position)
    )
    found = (await snapshot.connection.execute(wins)).all()
    by_position = {row.winner_position: row.wins for row in found}
    places = max(by_position, default=0)
    return FillFigures(
        filled, p50, p95, [by_position.get(position, 0) for position in range(1, places + 1)]
    )


async def list_win_counts(snapshot: Snapshot) -> list[WinCount]:
    """Lists how many people have won so often, by tier and number of wins."""
    c = queue_win_counts.c
    query = (
        sa.select(c.tier, c.wins, c.people, c.reach_seconds)
        .where(c.economy_id == snapshot.economy_id)
        .order_by(c.tier, c.wins)
    )
    return [WinCount(*row) for row in await snapshot.connection.execute(query)]


async def list_top_players(
    snapshot: Snapshot, tier: str, *, below: tuple[int, str] | None, limit: int
) -> list[Player]:
    """Lists who has won most in the queues of a tier, behind an amount and a person."""
    c = queue_players.c
    query = sa.select(c.tier, c.person_id, c.entries, c.wins, c.won).where(
        c.economy_id == snapshot.economy_id, c.tier == tier, c.won > 0
    )
    if below is not None:
        query = query.where(sa.tuple_(c.won, c.person_id) < below)
    query = query.order_by(c.won.desc(), c.person_id.desc()).limit(limit)
    return [Player(*row) for row in await snapshot.connection.execute(query)]
