"""Keeps the leaderboards: a copy of what they are ordered by, and reputation as of a day.

Progress itself is changed in the block. This goes with the follower of statistics, in the
transactions that hold its lock, and reads only what has changed since its cursor.
"""

from collections.abc import Iterable
from datetime import date

import asyncpg

from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.parameters.model import parse_setting
from ticketonomics_server.progression.counting import ReputationTerms, reputation_of
from ticketonomics_server.progression.model import EntryKind, Progress, number_of
from ticketonomics_server.progression.parameters import (
    FULL_ACTIVITY,
    REPUTATION_HALF,
    REPUTATION_MOST,
)

# People whose reputation is renewed in one transaction.
MOST_RENEWED = 2_000

_COLUMNS = ", ".join(f"p.{name}" for name in Progress.__slots__)
_CHANGED = f"""
SELECT {_COLUMNS} FROM progress p
WHERE economy_id = $1 AND change_sequence > $2 AND change_sequence <= $3
"""
_STALE = f"""
SELECT {_COLUMNS} FROM standings s JOIN progress p USING (economy_id, person_id)
WHERE s.economy_id = $1 AND s.reputation_day < $2 LIMIT $3
"""
_GONE = f"""
SELECT event FROM entries WHERE economy_id = $1 AND sequence > $2 AND sequence <= $3
    AND kind IN ({EntryKind.PROGRESS_MERGED}, {EntryKind.PROGRESS_ERASED})
"""
_FORGET = "DELETE FROM standings WHERE economy_id = $1 AND person_id = ANY($2::text[])"
_PUT = """
INSERT INTO standings (economy_id, person_id, experience, month, month_experience, reputation,
                       reputation_day)
SELECT $1, v.*, $7 FROM unnest($2::text[], $3::bigint[], $4::int[], $5::bigint[], $6::bigint[]) v
ON CONFLICT (economy_id, person_id) DO UPDATE SET
    (experience, month, month_experience, reputation, reputation_day)
    = (excluded.experience, excluded.month, excluded.month_experience, excluded.reputation,
       excluded.reputation_day)
"""
_TERMS = "SELECT name, setting FROM parameter_values WHERE economy_id = $1 AND name = ANY($2)"
_TODAY = "SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date"


async def take_standings(
    connection: asyncpg.Connection, economy_id: int, after: int, last: int
) -> None:
    """Takes in what people did in a range of entries.

    Args:
        connection: In a transaction that holds the economy's lock of statistics.
    """
    gone = await connection.fetch(_GONE, economy_id, after, last)
    if gone:
        people = [str(decode_fields(row["event"])[0]) for row in gone]
        await connection.execute(_FORGET, economy_id, people)
    changed = await connection.fetch(_CHANGED, economy_id, after, last)
    await _put(connection, economy_id, (Progress(**row) for row in changed))


async def renew_standings(connection: asyncpg.Connection, economy_id: int) -> int:
    """Renews the reputation of people whose last one is not of today.

    Args:
        connection: In a transaction that holds the economy's lock of statistics.

    Returns:
        Of how many; fewer than `MOST_RENEWED` when nobody is left.
    """
    today = number_of(await _today(connection))
    stale = await connection.fetch(_STALE, economy_id, today, MOST_RENEWED)
    await _put(connection, economy_id, (Progress(**row) for row in stale))
    return len(stale)


async def _today(connection: asyncpg.Connection) -> date:
    today: date = await connection.fetchval(_TODAY)
    return today


async def _put(connection: asyncpg.Connection, economy_id: int, people: Iterable[Progress]) -> None:
    rows = list(people)
    if not rows:
        return
    today = number_of(await _today(connection))
    terms = await _read_terms(connection, economy_id)
    await connection.execute(
        _PUT,
        economy_id,
        [row.person_id for row in rows],
        [row.experience for row in rows],
        [row.month for row in rows],
        [row.month_experience for row in rows],
        [reputation_of(row, today, terms).score for row in rows],
        today,
    )


async def _read_terms(connection: asyncpg.Connection, economy_id: int) -> ReputationTerms:
    wanted = (REPUTATION_MOST, REPUTATION_HALF, FULL_ACTIVITY)
    rows = await connection.fetch(_TERMS, economy_id, [parameter.name for parameter in wanted])
    found = {name: parse_setting(setting) for name, setting in rows}
    most, half, (full_activity,) = (found.get(p.name, p.defaults) for p in wanted)
    return ReputationTerms(most, half, full_activity)
