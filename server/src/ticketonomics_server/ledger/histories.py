"""Histories and past balances, read by the links between postings; see `docs/storage.md`."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ticketonomics_server.ledger.tables import balances, postings
from ticketonomics_server.storage.reading import Snapshot

# Goes back through one balance's history, from entry to entry before.
_HISTORY = sa.text(
    """
    WITH RECURSIVE history (sequence, steps) AS (
        SELECT CAST(:start AS bigint), 0
        UNION ALL
        SELECT p.previous, steps + 1
        FROM history JOIN LATERAL (
            SELECT CASE WHEN source_id = :account_id THEN previous_of_source
                        ELSE previous_of_destination END AS previous
            FROM postings
            WHERE economy_id = :economy_id AND postings.sequence = history.sequence
              AND asset_id = :asset_id AND :account_id IN (source_id, destination_id)
            ORDER BY position LIMIT 1
        ) p ON true
        WHERE steps < :limit AND p.previous > :after
    )
    SELECT sequence FROM history WHERE sequence > :after ORDER BY sequence DESC
    """
)

# The way into a balance's history below a sequence number: the oldest checkpoint at or above it, or
# the balance's newest entry; what lies between is stepped over.
_ENTRANCE = sa.text(
    """
    WITH RECURSIVE way (sequence) AS (
        SELECT coalesce(
            (SELECT sequence FROM checkpoints
             WHERE economy_id = :economy_id AND account_id = :account_id AND asset_id = :asset_id
               AND sequence >= :below ORDER BY sequence LIMIT 1),
            CAST(:newest AS bigint))
        UNION ALL
        SELECT p.previous
        FROM way JOIN LATERAL (
            SELECT CASE WHEN source_id = :account_id THEN previous_of_source
                        ELSE previous_of_destination END AS previous
            FROM postings
            WHERE economy_id = :economy_id AND postings.sequence = way.sequence
              AND asset_id = :asset_id AND :account_id IN (source_id, destination_id)
            ORDER BY position LIMIT 1
        ) p ON true
        WHERE way.sequence >= :below
    )
    SELECT coalesce(max(sequence) FILTER (WHERE sequence < :below), 0) FROM way
    """
)


async def list_history(
    snapshot: Snapshot,
    *,
    account_id: int,
    asset_id: int | None,
    after: int,
    below: int,
    limit: int,
) -> list[int]:
    """Lists entries of an account's history with `after < sequence < below`, newest first.

    Args:
        asset_id: Only the history of its balance of this asset.
    """
    key = {"economy_id": snapshot.economy_id, "account_id": account_id}
    query = sa.select(balances.c.asset_id, balances.c.last_sequence).where(
        balances.c.economy_id == snapshot.economy_id,
        balances.c.account_id == account_id,
        balances.c.last_sequence > after,
    )
    if asset_id is not None:
        query = query.where(balances.c.asset_id == asset_id)
    found: set[int] = set()
    for held_id, newest in (await snapshot.connection.execute(query)).all():
        balance = key | {"asset_id": held_id}
        start = newest
        if newest >= below:
            start = await snapshot.connection.scalar(
                _ENTRANCE, balance | {"below": below, "newest": newest}
            )
        if start and start > after:
            steps = balance | {"start": start, "after": after, "limit": limit - 1}
            found.update(await snapshot.connection.scalars(_HISTORY, steps))
    return sorted(found, reverse=True)[:limit]


async def list_journal(
    snapshot: Snapshot, *, asset_id: int | None, after: int, below: int, window: int
) -> list[int]:
    """Lists transactions with `after < sequence < below`, of the last `window` entries of these."""
    p = postings.c
    query = (
        sa.select(p.sequence)
        .where(
            p.economy_id == snapshot.economy_id,
            p.sequence < below,
            p.sequence > max(after, below - window - 1),
        )
        .order_by(p.sequence.desc())
        .distinct()
    )
    if asset_id is not None:
        query = query.where(p.asset_id == asset_id)
    return list(await snapshot.connection.scalars(query))


# What was posted to a balance when the ledger ended with entry `:at`: what is posted at the oldest
# checkpoint at or above it (or now), less what happened in between.
_POSTED_AT = """
    SELECT from_posted - coalesce((
        WITH RECURSIVE undone (sequence, previous, delta) AS (
            SELECT 0::bigint, from_sequence, 0::numeric
            UNION ALL
            SELECT u.previous, p.previous, p.delta
            FROM undone u JOIN LATERAL (
                SELECT max(CASE WHEN source_id = b.account_id THEN previous_of_source
                                ELSE previous_of_destination END) AS previous,
                       sum(CASE WHEN source_id = b.account_id THEN -amount ELSE amount END) AS delta
                FROM postings
                WHERE economy_id = b.economy_id AND postings.sequence = u.previous
                  AND asset_id = b.asset_id AND b.account_id IN (source_id, destination_id)
            ) p ON true
            WHERE u.previous > :at
        )
        SELECT sum(delta) FROM undone
    ), 0)
    FROM (
        SELECT c.sequence AS from_sequence, c.posted AS from_posted FROM checkpoints c
        WHERE c.economy_id = b.economy_id AND c.account_id = b.account_id
          AND c.asset_id = b.asset_id AND c.sequence >= :at
        UNION ALL
        SELECT b.last_sequence, b.posted
        ORDER BY from_sequence LIMIT 1
    ) entrance
"""

# What holds had set aside of a balance then: those that were created by entry `:at` and had not
# ended by it. Looks at every hold that the account ever gave something to.
_HELD_AT = """
    SELECT coalesce(sum(p.amount + p.fee), 0) FROM held_postings p
    JOIN holds h ON h.economy_id = p.economy_id AND h.create_sequence = p.sequence
    WHERE p.economy_id = b.economy_id AND p.source_id = b.account_id AND p.asset_id = b.asset_id
      AND p.sequence <= :at AND (h.end_sequence = 0 OR h.end_sequence > :at)
"""


@dataclass(slots=True, frozen=True)
class BalanceRow:
    """A balance, with the ids that paging goes by."""

    account_id: int
    asset_id: int
    account: str
    asset: str
    posted: int
    held: int


async def list_balances(
    snapshot: Snapshot,
    *,
    account_id: int | None,
    asset_id: int | None,
    behind: tuple[int, int],
    limit: int,
    at: int | None = None,
) -> list[BalanceRow]:
    """Lists balances by account and asset id, those behind a cursor.

    Args:
        at: As they were when the ledger ended with this entry; None means now.
    """
    posted = "b.posted" if at is None else f"({_POSTED_AT})"
    held = "b.held" if at is None else f"({_HELD_AT})"
    filters = ["b.economy_id = :economy_id", "(b.account_id, b.asset_id) > (:account, :asset)"]
    arguments: dict[str, Any] = {
        "economy_id": snapshot.economy_id,
        "account": behind[0],
        "asset": behind[1],
        "limit": limit,
    }
    if account_id is not None:
        filters.append("b.account_id = :account_id")
        arguments["account_id"] = account_id
    if asset_id is not None:
        filters.append("b.asset_id = :asset_id")
        arguments["asset_id"] = asset_id
    if at is not None:
        arguments["at"] = at
    rows = await snapshot.connection.execute(
        sa.text(
            "SELECT b.account_id, b.asset_id, c.address, s.code,"
            f" {posted} AS posted, {held} AS held FROM balances b"
            " JOIN accounts c ON c.economy_id = b.economy_id AND c.account_id = b.account_id"
            " JOIN assets s ON s.economy_id = b.economy_id AND s.asset_id = b.asset_id"
            f" WHERE {' AND '.join(filters)}"
            " ORDER BY b.account_id, b.asset_id LIMIT :limit"
        ),
        arguments,
    )
    return [
        BalanceRow(account_id, asset_id, address, code, int(posted), int(held))
        for account_id, asset_id, address, code, posted, held in rows
    ]
