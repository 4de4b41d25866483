"""Reads of the aggregates. Each takes a snapshot."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from ticketonomics_server.ledger.tables import assets
from ticketonomics_server.statistics.formulas import Bucket
from ticketonomics_server.statistics.tables import (
    daily_activity,
    daily_flows,
    daily_supplies,
    statistics_cursors,
    wealth_buckets,
)
from ticketonomics_server.storage.reading import Snapshot


async def find_cursor(snapshot: Snapshot) -> int:
    """Tells up to which entry the figures stand."""
    query = sa.select(statistics_cursors.c.last_sequence).where(
        statistics_cursors.c.economy_id == snapshot.economy_id
    )
    return await snapshot.connection.scalar(query) or 0


def _of_days(table: sa.Table, start: date | None, end: date | None) -> list[sa.ColumnElement[bool]]:
    terms: list[sa.ColumnElement[bool]] = []
    if start is not None:
        terms.append(table.c.day >= start)
    if end is not None:
        terms.append(table.c.day <= end)
    return terms


def _cursor(values: Sequence[date | int | str]) -> sa.Tuple:
    """Writes a cursor as a row of SQL. A token may hold any int64."""
    return sa.tuple_(
        *(sa.literal(v, sa.BigInteger) if isinstance(v, int) else sa.literal(v) for v in values)
    )


async def list_supplies(
    snapshot: Snapshot,
    *,
    asset_id: int | None,
    start: date | None,
    end: date | None,
    behind: tuple[date, int] | None,
    limit: int,
) -> Sequence[Any]:
    """Lists supplies by day and asset, those behind a cursor."""
    t = daily_supplies
    query = (
        sa.select(t.c.day, t.c.asset_id, t.c.minted, t.c.burned, assets.c.code)
        .join(
            assets,
            sa.and_(assets.c.economy_id == t.c.economy_id, assets.c.asset_id == t.c.asset_id),
        )
        .where(t.c.economy_id == snapshot.economy_id, *_of_days(t, start, end))
        .order_by(t.c.day, t.c.asset_id)
        .limit(limit)
    )
    if asset_id is not None:
        query = query.where(t.c.asset_id == asset_id)
    if behind is not None:
        query = query.where(sa.tuple_(t.c.day, t.c.asset_id) > _cursor(behind))
    return (await snapshot.connection.execute(query)).all()


async def list_flows(
    snapshot: Snapshot,
    *,
    asset_id: int | None,
    kind: int,
    start: date | None,
    end: date | None,
    behind: tuple[date, int, int, str] | None,
    limit: int,
) -> Sequence[Any]:
    """Lists flows by day, asset, kind and party, those behind a cursor."""
    t = daily_flows
    place = (t.c.day, t.c.asset_id, t.c.kind, t.c.party)
    query = (
        sa.select(*place, t.c.transaction_count, t.c.moved, t.c.minted, t.c.burned, assets.c.code)
        .join(
            assets,
            sa.and_(assets.c.economy_id == t.c.economy_id, assets.c.asset_id == t.c.asset_id),
        )
        .where(t.c.economy_id == snapshot.economy_id, *_of_days(t, start, end))
        .order_by(*place)
        .limit(limit)
    )
    if asset_id is not None:
        query = query.where(t.c.asset_id == asset_id)
    if kind:
        query = query.where(t.c.kind == kind)
    if behind is not None:
        query = query.where(sa.tuple_(*place) > _cursor(behind))
    return (await snapshot.connection.execute(query)).all()


async def list_activity(
    snapshot: Snapshot, *, start: date | None, end: date | None, behind: date | None, limit: int
) -> Sequence[Any]:
    """Lists days on which people were active, those behind a cursor."""
    t = daily_activity
    query = (
        sa.select(t.c.day, t.c.active_people)
        .where(t.c.economy_id == snapshot.economy_id, *_of_days(t, start, end))
        .order_by(t.c.day)
        .limit(limit)
    )
    if behind is not None:
        query = query.where(t.c.day > behind)
    return (await snapshot.connection.execute(query)).all()


async def read_volume(
    snapshot: Snapshot, asset_id: int, kinds: Sequence[int], start: date, end: date
) -> int:
    """Adds up what moved of an asset between accounts by these kinds."""
    t = daily_flows
    query = sa.select(sa.func.sum(t.c.moved)).where(
        t.c.economy_id == snapshot.economy_id,
        t.c.asset_id == asset_id,
        t.c.kind.in_(kinds),
        t.c.day.between(start, end),
    )
    return int(await snapshot.connection.scalar(query) or 0)


async def read_circulating(
    snapshot: Snapshot, asset_id: int, start: date, end: date
) -> list[tuple[date, int]]:
    """Reads what was circulating on each day of a window, from the asset's first day on.

    A day on which nothing was minted or burned is as the one before it.
    """
    t = daily_supplies
    mine = (t.c.economy_id == snapshot.economy_id, t.c.asset_id == asset_id)
    columns = sa.select(t.c.day, (t.c.minted - t.c.burned).label("circulating"))
    before = columns.where(*mine, t.c.day < start).order_by(t.c.day.desc()).limit(1)
    within = columns.where(*mine, t.c.day.between(start, end)).order_by(t.c.day)
    supply: int | None = None
    if (row := (await snapshot.connection.execute(before)).one_or_none()) is not None:
        supply = int(row.circulating)
    changes = {row.day: int(row.circulating) for row in await snapshot.connection.execute(within)}
    days: list[tuple[date, int]] = []
    for number in range((end - start).days + 1):
        day = start + timedelta(days=number)
        supply = changes.get(day, supply)
        if supply is not None:
            days.append((day, supply))
    return days


async def read_buckets(snapshot: Snapshot) -> list[Bucket]:
    """Reads the buckets of wealth in which somebody is, poorest first."""
    t = wealth_buckets
    query = (
        sa.select(t.c.people_count, t.c.wealth)
        .where(t.c.economy_id == snapshot.economy_id, t.c.people_count > 0)
        .order_by(t.c.bucket)
    )
    rows = await snapshot.connection.execute(query)
    return [Bucket(row.people_count, int(row.wealth)) for row in rows]


async def count_active(snapshot: Snapshot, today: date, windows: Sequence[int]) -> list[int]:
    """Counts the different people who were active in windows of days that end today."""
    t = daily_activity
    counts = [
        sa.func.coalesce(
            sa.func.sum(t.c.last_active_people).filter(t.c.day > today - timedelta(days=days)), 0
        )
        for days in windows
    ]
    query = sa.select(*counts).where(
        t.c.economy_id == snapshot.economy_id, t.c.day > today - timedelta(days=max(windows))
    )
    return list((await snapshot.connection.execute(query)).one())


async def read_today(snapshot: Snapshot) -> date:
    """Reads the database's day: the same clock that blocks have."""
    today: date = await snapshot.connection.scalar(
        sa.text("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date")
    )
    return today
