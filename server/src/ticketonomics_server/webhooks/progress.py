"""Deliveries in the database: how far each webhook is, what waits, and what was given up.

All but `requeue` go over the connection that holds the economy's delivery lock, so that a server
that has lost the lock can write nothing more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

import asyncpg

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.webhooks.model import Webhook


class DisableReason(IntEnum):
    """As in the contract's `Webhook.DisableReason`."""

    NONE = 0
    GONE = 1
    FAILING = 2


@dataclass(slots=True)
class Progress:
    """A webhook's row: see the table for what the fields mean."""

    start_sequence: int
    cursor: int
    delivered_count: int = 0
    last_success_time: datetime | None = None
    last_failure_time: datetime | None = None
    last_failure: str = ""
    failing_since: datetime | None = None
    disable_sequence: int = 0
    disable_reason: int = DisableReason.NONE
    disable_time: datetime | None = None

    def disables(self, webhook: Webhook) -> bool:
        """Tells whether the server has given the webhook up, and nobody has enabled it since."""
        return self.disable_sequence >= webhook.enable_sequence


@dataclass(slots=True, frozen=True)
class BacklogRow:
    """An event that waits for long, or for ever: then `attempt_time` is None."""

    event_sequence: int
    attempts: int
    attempt_time: datetime | None
    dead_time: datetime | None = None
    last_status: int = 0
    last_failure: str = ""


@dataclass(slots=True)
class Changes:
    """What became of one webhook since the last time."""

    economy_id: int
    webhook_id: str
    progress: Progress
    kept: Sequence[BacklogRow]
    done: Sequence[int]


_COLUMNS = (
    "start_sequence, cursor, delivered_count, last_success_time, last_failure_time, last_failure,"
    " failing_since, disable_sequence, disable_reason, disable_time"
)
_SELECT = f"SELECT {_COLUMNS} FROM webhook_progress WHERE economy_id = $1 AND webhook_id = $2"
_SAVE = f"""
INSERT INTO webhook_progress (economy_id, webhook_id, {_COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (economy_id, webhook_id) DO UPDATE SET ({_COLUMNS})
    = ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""
_KEEP = """
INSERT INTO webhook_backlog (economy_id, webhook_id, event_sequence, attempts, attempt_time,
                             dead_time, last_status, last_failure, requeued)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, false)
ON CONFLICT (economy_id, webhook_id, event_sequence) DO UPDATE SET
    (attempts, attempt_time, dead_time, last_status, last_failure, requeued)
    = ($4, $5, $6, $7, $8, false)
"""
_DONE = (
    "DELETE FROM webhook_backlog"
    " WHERE economy_id = $1 AND webhook_id = $2 AND event_sequence = ANY($3::bigint[])"
)
_FORGET = (
    "DELETE FROM webhook_backlog WHERE economy_id = $1 AND webhook_id = $2 AND event_sequence > $3"
)
_WAITING = """
SELECT event_sequence, attempts, attempt_time FROM webhook_backlog
WHERE economy_id = $1 AND webhook_id = $2 AND attempt_time IS NOT NULL AND NOT requeued
ORDER BY event_sequence
"""
_DEAD = """
SELECT event_sequence FROM webhook_backlog
WHERE economy_id = $1 AND webhook_id = $2 AND dead_time IS NOT NULL AND event_sequence > $3
"""
_TAKE_REQUEUED = """
UPDATE webhook_backlog b SET requeued = false FROM (
    SELECT event_sequence FROM webhook_backlog
    WHERE economy_id = $1 AND webhook_id = $2 AND requeued ORDER BY event_sequence LIMIT $3
) r WHERE b.economy_id = $1 AND b.webhook_id = $2 AND b.event_sequence = r.event_sequence
RETURNING b.event_sequence, b.attempts, b.attempt_time
"""
_REQUEUED = """
SELECT DISTINCT economy_id, webhook_id FROM webhook_backlog
WHERE economy_id = ANY($1::int[]) AND requeued
"""
_CLEAN = """
DELETE FROM {table} t WHERE economy_id = ANY($1::int[]) AND NOT EXISTS (
    SELECT FROM webhooks w WHERE w.economy_id = t.economy_id AND w.webhook_id = t.webhook_id)
"""
_REQUEUE = """
UPDATE webhook_backlog SET dead_time = NULL, attempt_time = clock_timestamp(), attempts = 0,
    requeued = true
WHERE economy_id = $1 AND webhook_id = $2 AND dead_time IS NOT NULL
    AND ($3::bigint[] IS NULL OR event_sequence = ANY($3::bigint[]))
RETURNING event_sequence
"""


async def open_progress(
    connection: asyncpg.Connection, economy_id: int, webhook: Webhook
) -> tuple[Progress, list[BacklogRow], set[int]]:
    """Reads how far a webhook is, and goes back where a replay was asked for.

    Returns:
        The row, events that wait, and the dead letters that lie above the cursor.
    """
    webhook_id = webhook.webhook_id
    async with connection.transaction():
        row = await connection.fetchrow(_SELECT, economy_id, webhook_id)
        progress = Progress(**row) if row else Progress(0, webhook.start_after)
        if progress.start_sequence < webhook.start_sequence:
            progress.start_sequence = webhook.start_sequence
            progress.cursor = min(progress.cursor, webhook.start_after)
            await connection.execute(_FORGET, economy_id, webhook_id, progress.cursor)
        if progress.disable_time is not None:
            # Whoever enabled it again wants it to be given its time.
            progress.disable_reason, progress.disable_time = DisableReason.NONE, None
            progress.failing_since = None
        await _save(connection, economy_id, webhook_id, progress)
        waiting = await connection.fetch(_WAITING, economy_id, webhook_id)
        dead = await connection.fetch(_DEAD, economy_id, webhook_id, progress.cursor)
    return progress, [BacklogRow(*r) for r in waiting], {r["event_sequence"] for r in dead}


async def save_changes(connection: asyncpg.Connection, changes: Iterable[Changes]) -> None:
    """Writes what became of webhooks, all in one transaction."""
    async with connection.transaction():
        for change in changes:
            key = change.economy_id, change.webhook_id
            await _save(connection, *key, change.progress)
            if change.done:
                await connection.execute(_DONE, *key, list(change.done))
            if change.kept:
                await connection.executemany(
                    _KEEP,
                    [
                        (
                            *key,
                            row.event_sequence,
                            row.attempts,
                            row.attempt_time,
                            row.dead_time,
                            row.last_status,
                            row.last_failure,
                        )
                        for row in change.kept
                    ],
                )


async def _save(
    connection: asyncpg.Connection, economy_id: int, webhook_id: str, progress: Progress
) -> None:
    p = progress
    values: tuple[Any, ...] = (
        *(p.start_sequence, p.cursor, p.delivered_count, p.last_success_time),
        *(p.last_failure_time, p.last_failure, p.failing_since),
        *(p.disable_sequence, int(p.disable_reason), p.disable_time),
    )
    await connection.execute(_SAVE, economy_id, webhook_id, *values)


async def find_requeued(
    connection: asyncpg.Connection, economies: Sequence[int]
) -> list[tuple[int, str]]:
    """Finds webhooks whose dead letters are to be tried again."""
    return [tuple(row) for row in await connection.fetch(_REQUEUED, list(economies))]


async def take_requeued(
    connection: asyncpg.Connection, economy_id: int, webhook_id: str, limit: int
) -> list[BacklogRow]:
    """Takes up to so many dead letters that are to be tried again."""
    rows = await connection.fetch(_TAKE_REQUEUED, economy_id, webhook_id, limit)
    return sorted((BacklogRow(*row) for row in rows), key=lambda row: row.event_sequence)


async def clean_up(connection: asyncpg.Connection, economies: Sequence[int]) -> None:
    """Removes what is left of webhooks that were deleted."""
    for table in ("webhook_backlog", "webhook_progress"):
        await connection.execute(_CLEAN.format(table=table), list(economies))


async def requeue(
    connection: asyncpg.Connection, economy_id: int, webhook_id: str, sequences: Sequence[int]
) -> int:
    """Makes dead letters wait again: those of these entries, all or none; or all there are.

    Returns:
        How many.

    Raises:
        Rejection: DEAD_LETTER_NOT_FOUND.
    """
    async with connection.transaction():
        rows = await connection.fetch(
            _REQUEUE, economy_id, webhook_id, list(sequences) if sequences else None
        )
        missing = sorted(set(sequences) - {row["event_sequence"] for row in rows})
        if missing:
            raise Rejection(
                Reason.DEAD_LETTER_NOT_FOUND,
                f"entry {missing[0]} is no dead letter of {webhook_id}",
                webhook=webhook_id,
                dead_letter=missing[0],
            )
    return len(rows)
