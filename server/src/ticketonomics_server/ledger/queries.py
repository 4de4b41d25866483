"""Reads of the ledger. Each takes a snapshot and ends within its time-out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from ticketonomics_server.engine.block import from_micros
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.engine.model import Text
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.tables import blocks, entries, requests, texts
from ticketonomics_server.ledger.decide import no_account, no_asset
from ticketonomics_server.ledger.model import (
    KINDS_WITH_EVENT,
    EntryKind,
    PostedTransaction,
    Posting,
)
from ticketonomics_server.ledger.tables import (
    MINT_ID,
    SINK_ID,
    accounts,
    assets,
    balances,
    postings,
)
from ticketonomics_server.storage.reading import Snapshot


class JournalTransaction(NamedTuple):
    """A transaction with its place and time."""

    sequence: int
    commit_time: datetime
    posted: PostedTransaction


@dataclass(slots=True, frozen=True)
class Supply:
    """What the mint gave out and the sink took in, in minor units."""

    minted: int
    burned: int


# --- transactions -----------------------------------------------------------------------------


async def find_sequence(snapshot: Snapshot, request_id: bytes) -> int | None:
    """Finds the entry of an accepted request."""
    query = sa.select(requests.c.sequence).where(
        requests.c.economy_id == snapshot.economy_id,
        requests.c.request_id == UUID(bytes=request_id),
    )
    found: int | None = await snapshot.connection.scalar(query)
    return found


_source, _destination = accounts.alias("source"), accounts.alias("destination")


async def read_transactions(snapshot: Snapshot, sequences: list[int]) -> list[JournalTransaction]:
    """Reads the transactions among these entries, in ascending order."""
    if not sequences:
        return []
    economy_id, p = snapshot.economy_id, postings.c
    rows = await snapshot.connection.execute(
        sa.select(
            p.sequence,
            p.kind,
            p.transaction_id,
            _source.c.address.label("source"),
            _destination.c.address.label("destination"),
            assets.c.code,
            p.amount,
        )
        .join(
            _source,
            sa.and_(_source.c.economy_id == p.economy_id, _source.c.account_id == p.source_id),
        )
        .join(
            _destination,
            sa.and_(
                _destination.c.economy_id == p.economy_id,
                _destination.c.account_id == p.destination_id,
            ),
        )
        .join(assets, sa.and_(assets.c.economy_id == p.economy_id, assets.c.asset_id == p.asset_id))
        .where(p.economy_id == economy_id, p.sequence == sa.func.any(sa.bindparam("sequences")))
        .order_by(p.sequence, p.position),
        {"sequences": sequences},
    )
    heads: dict[int, tuple[bytes, EntryKind]] = {}
    moved: dict[int, list[Posting]] = {}
    for sequence, kind, transaction_id, source, destination, asset, amount in rows:
        if transaction_id is not None:
            heads[sequence] = transaction_id.bytes, EntryKind(kind)
        moved.setdefault(sequence, []).append(Posting(source, destination, asset, amount))
    times = await read_commit_times(snapshot, list(heads))
    notes = await read_texts(snapshot, list(heads))
    with_event = [s for s, (_, kind) in heads.items() if kind in KINDS_WITH_EVENT]
    events = await _read_events(snapshot, with_event) if with_event else {}
    return [
        JournalTransaction(
            sequence,
            times[sequence],
            PostedTransaction(
                transaction_id,
                kind,
                tuple(moved[sequence]),
                notes.get(sequence),
                *_facts(kind, events.get(sequence)),
            ),
        )
        for sequence, (transaction_id, kind) in heads.items()
    ]


def _facts(kind: EntryKind, event: list[Any] | None) -> tuple[bytes, datetime | None, str]:
    """The hold, time and reference that an event tells beside its postings."""
    if event is None or kind not in (EntryKind.HOLD_CAPTURED, EntryKind.IMPORTED):
        return b"", None, ""
    if kind == EntryKind.HOLD_CAPTURED:
        return event[0], None, ""
    micros, reference = event
    return b"", from_micros(micros), reference


async def _read_events(snapshot: Snapshot, sequences: list[int]) -> dict[int, list[Any]]:
    """Reads the events of these transactions."""
    rows = await snapshot.connection.execute(
        sa.select(entries.c.sequence, entries.c.event).where(
            entries.c.economy_id == snapshot.economy_id,
            entries.c.sequence == sa.func.any(sa.bindparam("sequences")),
        ),
        {"sequences": sequences},
    )
    return {row.sequence: decode_fields(row.event) for row in rows}


async def read_commit_times(snapshot: Snapshot, sequences: list[int]) -> dict[int, datetime]:
    """Reads when these entries were made."""
    rows = await snapshot.connection.execute(
        sa.text(
            "SELECT s.sequence, b.block_time FROM unnest(CAST(:sequences AS bigint[])) s(sequence)"
            " JOIN LATERAL (SELECT block_time FROM blocks WHERE economy_id = :economy_id"
            " AND last_sequence >= s.sequence ORDER BY last_sequence LIMIT 1) b ON true"
        ),
        {"economy_id": snapshot.economy_id, "sequences": sequences},
    )
    return {row.sequence: row.block_time for row in rows}


async def read_texts(snapshot: Snapshot, sequences: list[int]) -> dict[int, Text]:
    """Reads the texts of these entries that have one, and have it still."""
    rows = await snapshot.connection.execute(
        sa.select(texts.c.sequence, texts.c.memo, texts.c.metadata).where(
            texts.c.economy_id == snapshot.economy_id,
            texts.c.sequence == sa.func.any(sa.bindparam("sequences")),
            texts.c.memo.is_not(None),
        ),
        {"sequences": sequences},
    )
    return {row.sequence: Text(row.memo, tuple(sorted(row.metadata.items()))) for row in rows}


# --- accounts, assets, supply -----------------------------------------------------------------


async def find_account(snapshot: Snapshot, address: str) -> sa.Row[Any]:
    """Finds an account, or refuses with ACCOUNT_NOT_FOUND."""
    query = sa.select(accounts).where(
        accounts.c.economy_id == snapshot.economy_id, accounts.c.address == address
    )
    row = (await snapshot.connection.execute(query)).one_or_none()
    if row is None:
        raise no_account(address)
    return row


async def list_accounts(
    snapshot: Snapshot, *, prefix: str, behind: int, limit: int
) -> list[sa.Row[Any]]:
    """Lists accounts by id, those behind a cursor."""
    query = (
        sa.select(accounts)
        .where(accounts.c.economy_id == snapshot.economy_id, accounts.c.account_id > behind)
        .order_by(accounts.c.account_id)
        .limit(limit)
    )
    if prefix:
        query = query.where(accounts.c.address.startswith(prefix, autoescape=True))
    return list((await snapshot.connection.execute(query)).all())


async def find_asset(snapshot: Snapshot, code: str) -> sa.Row[Any]:
    """Finds an asset, or refuses with ASSET_NOT_FOUND."""
    query = sa.select(assets).where(
        assets.c.economy_id == snapshot.economy_id, assets.c.code == code
    )
    row = (await snapshot.connection.execute(query)).one_or_none()
    if row is None:
        raise no_asset(code)
    return row


async def list_assets(snapshot: Snapshot, *, behind: int, limit: int) -> list[sa.Row[Any]]:
    """Lists assets by id, those behind a cursor."""
    query = (
        sa.select(assets)
        .where(assets.c.economy_id == snapshot.economy_id, assets.c.asset_id > behind)
        .order_by(assets.c.asset_id)
        .limit(limit)
    )
    return list((await snapshot.connection.execute(query)).all())


async def read_supply(snapshot: Snapshot, asset_id: int) -> Supply:
    """Reads what was minted and burned of an asset."""
    query = sa.select(balances.c.account_id, balances.c.posted).where(
        balances.c.economy_id == snapshot.economy_id,
        balances.c.asset_id == asset_id,
        balances.c.account_id.in_((MINT_ID, SINK_ID)),
    )
    posted = {row.account_id: row.posted for row in await snapshot.connection.execute(query)}
    return Supply(minted=-posted.get(MINT_ID, 0), burned=posted.get(SINK_ID, 0))


# --- blocks -----------------------------------------------------------------------------------


async def find_block(snapshot: Snapshot, height: int) -> sa.Row[Any]:
    """Finds a block, the newest for height 0, or refuses with BLOCK_NOT_FOUND."""
    query = (
        sa.select(blocks)
        .where(blocks.c.economy_id == snapshot.economy_id)
        .order_by(blocks.c.height.desc())
        .limit(1)
    )
    if height:
        query = query.where(blocks.c.height == height)
    row = (await snapshot.connection.execute(query)).one_or_none()
    if row is None:
        raise Rejection(
            Reason.BLOCK_NOT_FOUND, f"there is no block of height {height}", block=height
        )
    return row


async def list_blocks(snapshot: Snapshot, *, below: int, limit: int) -> list[sa.Row[Any]]:
    """Lists blocks below a height, newest first."""
    query = (
        sa.select(blocks)
        .where(blocks.c.economy_id == snapshot.economy_id, blocks.c.height < below)
        .order_by(blocks.c.height.desc())
        .limit(limit)
    )
    return list((await snapshot.connection.execute(query)).all())


async def last_sequence_at(snapshot: Snapshot, time: datetime, *, before: bool = False) -> int:
    """Finds the last entry made at or before a time, or only before it; 0 for none."""
    earlier = blocks.c.block_time < time if before else blocks.c.block_time <= time
    query = (
        sa.select(blocks.c.last_sequence)
        .where(blocks.c.economy_id == snapshot.economy_id, earlier)
        .order_by(blocks.c.block_time.desc(), blocks.c.height.desc())
        .limit(1)
    )
    return await snapshot.connection.scalar(query) or 0
