"""Reads of allowances, budgets, and what happened to them. Each takes a snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from ticketonomics_server.spending.decide import no_allowance
from ticketonomics_server.spending.model import SpendingLimit
from ticketonomics_server.spending.tables import spending_limits, spending_records
from ticketonomics_server.storage.reading import Snapshot

_LIMITS: sa.Select[Any] = sa.select(
    *(column for column in spending_limits.c if column.name != "economy_id")
)
_l = spending_limits.c
_r = spending_records.c


@dataclass(slots=True, frozen=True)
class SpendingRecord:
    """One thing that happened to a limit."""

    sequence: int
    application_id: str
    person_id: str
    asset: str
    kind: int
    amount: int
    record_time: datetime


async def find_allowance(
    snapshot: Snapshot, application_id: str, person_id: str, asset: str
) -> SpendingLimit:
    """Finds an allowance, or refuses with ALLOWANCE_NOT_FOUND."""
    found = await find_limit(snapshot, application_id, person_id, asset)
    if found is None:
        raise no_allowance(application_id, person_id, asset)
    return found


async def find_limit(
    snapshot: Snapshot, application_id: str, person_id: str, asset: str
) -> SpendingLimit | None:
    """Finds an allowance, or with an empty person the budget; None where there is none."""
    query = _LIMITS.where(
        _l.economy_id == snapshot.economy_id,
        _l.application_id == application_id,
        _l.person_id == person_id,
        _l.asset == asset,
    )
    row = (await snapshot.connection.execute(query)).one_or_none()
    return SpendingLimit(**row._mapping) if row else None


async def list_allowances(
    snapshot: Snapshot,
    *,
    application_id: str,
    person_id: str,
    after: tuple[str, str, str],
    limit: int,
) -> Sequence[SpendingLimit]:
    """Lists allowances by application, person and asset, those behind `after`.

    Args:
        application_id: Only that application's; empty for all.
        person_id: Only that person's; empty for all.
    """
    key = _l.application_id, _l.person_id, _l.asset
    query = _LIMITS.where(
        _l.economy_id == snapshot.economy_id,
        _l.person_id != "",
        sa.tuple_(*key) > sa.tuple_(*map(sa.literal, after)),
    )
    if application_id:
        query = query.where(_l.application_id == application_id)
    if person_id:
        query = query.where(_l.person_id == person_id)
    query = query.order_by(*key).limit(limit)
    return [SpendingLimit(**row._mapping) for row in await snapshot.connection.execute(query)]


async def list_budgets(
    snapshot: Snapshot, application_id: str, *, after: str, limit: int
) -> Sequence[SpendingLimit]:
    """Lists an application's budgets by asset, those behind `after`."""
    query = (
        _LIMITS.where(
            _l.economy_id == snapshot.economy_id,
            _l.application_id == application_id,
            _l.person_id == "",
            _l.asset > after,
        )
        .order_by(_l.asset)
        .limit(limit)
    )
    return [SpendingLimit(**row._mapping) for row in await snapshot.connection.execute(query)]


async def list_records(
    snapshot: Snapshot,
    *,
    application_id: str,
    person_id: str,
    below: tuple[int, str, str, str],
    limit: int,
) -> Sequence[SpendingRecord]:
    """Lists records, newest first, those below an entry, application, person and asset.

    Args:
        application_id: Only that application's; empty for all.
        person_id: Only those of that person's allowances; empty for all, and budgets.
    """
    key = _r.sequence, _r.application_id, _r.person_id, _r.asset
    query = sa.select(*key, _r.kind, _r.amount, _r.record_time).where(
        _r.economy_id == snapshot.economy_id,
        # The first part alone, for the index; then all of it, for the rest of an entry.
        _r.sequence <= below[0],
        sa.tuple_(*key) < sa.tuple_(*map(sa.literal, below)),
    )
    if application_id:
        query = query.where(_r.application_id == application_id)
    if person_id:
        query = query.where(_r.person_id == person_id, _r.person_id != "")
    query = query.order_by(*(column.desc() for column in key)).limit(limit)
    return [SpendingRecord(*row) for row in await snapshot.connection.execute(query)]
