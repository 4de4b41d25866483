"""Reads of webhooks and their dead letters. Each takes a snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.rewards.model import Scheme
from ticketonomics_server.rewards.tables import ad_networks
from ticketonomics_server.storage.reading import Snapshot
from ticketonomics_server.webhooks.model import Webhook
from ticketonomics_server.webhooks.progress import BacklogRow, Progress
from ticketonomics_server.webhooks.tables import webhook_backlog, webhook_progress, webhooks


@dataclass(slots=True, frozen=True)
class FoundWebhook:
    """A webhook, and how far its deliveries are."""

    webhook: Webhook
    progress: Progress
    retrying_count: int
    dead_letter_count: int


_WEBHOOK = [column for column in webhooks.c if column.name != "economy_id"]
_PROGRESS = [c for c in webhook_progress.c if c.name not in ("economy_id", "webhook_id")]


def _count(condition: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .select_from(webhook_backlog)
        .where(
            webhook_backlog.c.economy_id == webhooks.c.economy_id,
            webhook_backlog.c.webhook_id == webhooks.c.webhook_id,
            condition,
        )
        .scalar_subquery()
    )


_SELECT: sa.Select[Any] = sa.select(
    *_WEBHOOK,
    *(column.label(f"progress_{column.name}") for column in _PROGRESS),
    _count(webhook_backlog.c.dead_time.is_(None) & (webhook_backlog.c.attempts > 0)).label(
        "retrying_count"
    ),
    _count(webhook_backlog.c.dead_time.is_not(None)).label("dead_letter_count"),
).select_from(
    webhooks.outerjoin(
        webhook_progress,
        sa.and_(
            webhook_progress.c.economy_id == webhooks.c.economy_id,
            webhook_progress.c.webhook_id == webhooks.c.webhook_id,
        ),
    )
)


async def find_webhook(snapshot: Snapshot, webhook_id: str) -> FoundWebhook:
    """Finds a webhook, or refuses with WEBHOOK_NOT_FOUND."""
    return await _find(snapshot, webhooks.c.webhook_id == webhook_id, webhook_id)


async def find_created_webhook(
    snapshot: Snapshot, application_id: str, sequence: int
) -> FoundWebhook:
    """Finds the webhook that an entry made, or refuses with WEBHOOK_NOT_FOUND."""
    made = sa.and_(
        webhooks.c.application_id == application_id, webhooks.c.create_sequence == sequence
    )
    return await _find(snapshot, made, f"of entry {sequence}")


async def _find(snapshot: Snapshot, condition: sa.ColumnElement[bool], name: str) -> FoundWebhook:
    found = await _read(snapshot, _SELECT.where(condition))
    if not found:
        raise Rejection(Reason.WEBHOOK_NOT_FOUND, f"there is no webhook {name}", webhook=name)
    return found[0]


async def find_owner(snapshot: Snapshot, webhook_id: str) -> str | None:
    """Finds whose a webhook is; None where there is none."""
    found: str | None = await snapshot.connection.scalar(
        sa.select(webhooks.c.application_id).where(
            webhooks.c.economy_id == snapshot.economy_id, webhooks.c.webhook_id == webhook_id
        )
    )
    return found


async def list_webhooks(
    snapshot: Snapshot, application_id: str, *, after: int, limit: int
) -> Sequence[FoundWebhook]:
    """Lists an application's webhooks in the order of their creation, behind the entry `after`."""
    query = _SELECT.where(
        webhooks.c.application_id == application_id, webhooks.c.create_sequence > after
    )
    return await _read(snapshot, query.order_by(webhooks.c.create_sequence).limit(limit))


async def _read(snapshot: Snapshot, query: sa.Select[Any]) -> list[FoundWebhook]:
    rows = await snapshot.connection.execute(
        query.where(webhooks.c.economy_id == snapshot.economy_id)
    )
    found = []
    for row in rows.mappings():
        webhook = Webhook(**{column.name: row[column.name] for column in _WEBHOOK})
        progress = Progress(webhook.start_sequence, webhook.start_after)
        if row["progress_cursor"] is not None:
            progress = Progress(**{c.name: row[f"progress_{c.name}"] for c in _PROGRESS})
        if progress.start_sequence < webhook.start_sequence:
            # The server that delivers has not gone back yet.
            progress.cursor = min(progress.cursor, webhook.start_after)
        found.append(
            FoundWebhook(webhook, progress, row["retrying_count"], row["dead_letter_count"])
        )
    return found


async def list_dead_letters(
    snapshot: Snapshot, webhook_id: str, *, after: int, limit: int
) -> Sequence[BacklogRow]:
    """Lists events that were given up, in the order of their entries, behind the entry `after`."""
    c = webhook_backlog.c
    rows = await snapshot.connection.execute(
        sa.select(
            c.event_sequence, c.attempts, c.attempt_time, c.dead_time, c.last_status, c.last_failure
        )
        .where(
            c.economy_id == snapshot.economy_id,
            c.webhook_id == webhook_id,
            c.event_sequence > after,
            c.dead_time.is_not(None),
        )
        .order_by(c.event_sequence)
        .limit(limit)
    )
    return [BacklogRow(*row) for row in rows]


async def has_secrets(connection: AsyncConnection) -> bool:
    """Tells whether any economy has a secret that is encrypted: a webhook's or an ad network's."""
    networks = ad_networks.c.scheme == Scheme.HMAC_SHA256
    either = sa.exists().select_from(webhooks) | sa.exists().select_from(ad_networks).where(
        networks
    )
    return bool(await connection.scalar(sa.select(either)))
