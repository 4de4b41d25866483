"""Reads of this room. Each takes a snapshot."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ticketonomics_server.identity.model import PersonState
from ticketonomics_server.identity.tables import people
from ticketonomics_server.ledger.tables import accounts
from ticketonomics_server.progression.model import Progress
from ticketonomics_server.progression.tables import progress, standings
from ticketonomics_server.statistics.tables import person_figures
from ticketonomics_server.storage.reading import Snapshot

_SHOWN = (people.c.person_id, people.c.display_name, people.c.privacy)


async def find_progress(snapshot: Snapshot, person_id: str) -> Progress | None:
    """Finds what a person has done; None for nothing yet."""
    query = sa.select(
        *(column for column in progress.columns if column.name != "economy_id")
    ).where(progress.c.economy_id == snapshot.economy_id, progress.c.person_id == person_id)
    row = (await snapshot.connection.execute(query)).mappings().one_or_none()
    return None if row is None else Progress(**row)


async def list_standings(
    snapshot: Snapshot,
    value: sa.Column[Any],
    *,
    month: int | None,
    behind: tuple[int, str] | None,
    limit: int,
) -> Sequence[Any]:
    """Lists the first by a column of `standings`, those behind a cursor.

    Args:
        month: Only those who gained something in it.
    """
    t = standings.c
    query = (
        sa.select(value.label("value"), t.person_id.label("place"), *_SHOWN)
        .join(
            people,
            sa.and_(people.c.economy_id == t.economy_id, people.c.person_id == t.person_id),
        )
        .where(t.economy_id == snapshot.economy_id, value > 0, people.c.state == PersonState.ACTIVE)
        .order_by(value.desc(), t.person_id.desc())
        .limit(limit)
    )
    if month is not None:
        query = query.where(t.month == month)
    if behind is not None:
        after = sa.tuple_(sa.literal(behind[0], sa.BigInteger), sa.literal(behind[1]))
        query = query.where(sa.tuple_(value, t.person_id) < after)
    return (await snapshot.connection.execute(query)).all()


async def list_wealth(
    snapshot: Snapshot, *, behind: tuple[str, int] | None, limit: int
) -> Sequence[Any]:
    """Lists the wealthiest, those behind a cursor."""
    t = person_figures.c
    query = (
        sa.select(t.wealth.label("value"), t.account_id.label("place"), *_SHOWN)
        .join(
            accounts,
            sa.and_(accounts.c.economy_id == t.economy_id, accounts.c.account_id == t.account_id),
        )
        .join(
            people,
            sa.and_(
                people.c.economy_id == t.economy_id,
                people.c.person_id == sa.func.split_part(accounts.c.address, "/", 2),
            ),
        )
        .where(
            t.economy_id == snapshot.economy_id,
            t.wealth > 0,
            people.c.state == PersonState.ACTIVE,
        )
        .order_by(t.wealth.desc(), t.account_id.desc())
        .limit(limit)
    )
    if behind is not None:
        after = sa.tuple_(
            sa.cast(sa.literal(behind[0]), sa.Numeric), sa.literal(behind[1], sa.BigInteger)
        )
        query = query.where(sa.tuple_(t.wealth, t.account_id) < after)
    return (await snapshot.connection.execute(query)).all()
