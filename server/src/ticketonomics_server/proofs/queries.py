"""Reads for proofs: blocks, keys, and the entries of a block as leaves."""

import asyncio
from typing import Any

import sqlalchemy as sa

from ticketonomics_server.engine.block import Block
from ticketonomics_server.engine.canonical import encode_text
from ticketonomics_server.engine.merkle import leaf_hash
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.tables import blocks, texts
from ticketonomics_server.proofs.log import CHUNK_LEVEL
from ticketonomics_server.proofs.tables import log_nodes, signing_keys
from ticketonomics_server.storage.reading import Snapshot
from ticketonomics_server.verification.chain import (
    WITH_EVENT,
    build_event_leaf,
    build_transaction_leaf,
    transactions_of,
)
from ticketonomics_server.verification.people import MOVING
from ticketonomics_server.verification.replay import JournalPosting

_POSTINGS = sa.text(
    "SELECT sequence, position, kind, uuid_send(transaction_id), source_id, destination_id,"
    " asset_id, amount, previous_of_source, previous_of_destination FROM postings"
    " WHERE economy_id = :economy_id AND sequence >= :first AND sequence <= :last"
    " ORDER BY sequence, position"
)
_EVENTS = sa.text(
    "SELECT sequence, kind, event FROM entries"
    " WHERE economy_id = :economy_id AND sequence >= :first AND sequence <= :last"
)
_REQUESTS = sa.text(
    "SELECT sequence, uuid_send(request_id) FROM requests"
    " WHERE economy_id = :economy_id AND sequence >= :first AND sequence <= :last"
)
_COMMITMENTS = sa.text(
    "SELECT sequence, commitment FROM texts"
    " WHERE economy_id = :economy_id AND sequence >= :first AND sequence <= :last"
)
_ADDRESSES = sa.text(
    "SELECT account_id, address FROM accounts"
    " WHERE economy_id = :economy_id AND account_id = ANY(:accounts)"
)
_CODES = sa.text("SELECT asset_id, code FROM assets WHERE economy_id = :economy_id")


async def find_block(snapshot: Snapshot, height: int) -> Block:
    """Finds a block, the newest for height 0, or refuses with BLOCK_NOT_FOUND."""
    query = sa.select(blocks).where(blocks.c.economy_id == snapshot.economy_id)
    if height:
        query = query.where(blocks.c.height == height)
    row = (
        await snapshot.connection.execute(query.order_by(blocks.c.height.desc()).limit(1))
    ).one_or_none()
    if row is None:
        raise Rejection(
            Reason.BLOCK_NOT_FOUND, f"there is no block of height {height}", block=height
        )
    return _block(row)


async def find_block_of(snapshot: Snapshot, sequence: int) -> Block | None:
    """Finds the block that an entry is in."""
    row = (
        await snapshot.connection.execute(
            sa.select(blocks)
            .where(blocks.c.economy_id == snapshot.economy_id, blocks.c.last_sequence >= sequence)
            .order_by(blocks.c.last_sequence)
            .limit(1)
        )
    ).one_or_none()
    return None if row is None or row.first_sequence > sequence else _block(row)


async def find_newest_height(snapshot: Snapshot) -> int:
    """Finds the height of the newest block; 0 where there is none."""
    found: int | None = await snapshot.connection.scalar(
        sa.select(sa.func.max(blocks.c.height)).where(blocks.c.economy_id == snapshot.economy_id)
    )
    return found or 0


async def find_logged_size(snapshot: Snapshot) -> int:
    """Finds how many blocks are in full chunks whose nodes are stored."""
    found: int | None = await snapshot.connection.scalar(
        sa.select(sa.func.max(log_nodes.c.position)).where(
            log_nodes.c.economy_id == snapshot.economy_id, log_nodes.c.level == CHUNK_LEVEL
        )
    )
    return 0 if found is None else (found + 1) << CHUNK_LEVEL


def _block(row: sa.Row[Any]) -> Block:
    return Block(
        row.height,
        row.first_sequence,
        row.last_sequence,
        row.block_time,
        row.merkle_root,
        row.previous_hash,
        row.hash,
    )


# --- keys -------------------------------------------------------------------------------------


async def find_key_in_use(snapshot: Snapshot) -> str | None:
    """Finds the id of the key that heads are signed with."""
    found: str | None = await snapshot.connection.scalar(
        sa.select(signing_keys.c.signing_key_id).where(
            signing_keys.c.economy_id == snapshot.economy_id, signing_keys.c.end_time.is_(None)
        )
    )
    return found


async def list_keys(snapshot: Snapshot, *, below: int, limit: int) -> list[sa.Row[Any]]:
    """Lists keys below a number, newest first."""
    query = (
        sa.select(signing_keys)
        .where(signing_keys.c.economy_id == snapshot.economy_id, signing_keys.c.number < below)
        .order_by(signing_keys.c.number.desc())
        .limit(limit)
    )
    return list((await snapshot.connection.execute(query)).all())


# --- entries ----------------------------------------------------------------------------------


async def find_salt(snapshot: Snapshot, sequence: int) -> bytes | None:
    """Finds what opens the commitment of an entry's text; None where there is none any more."""
    found: bytes | None = await snapshot.connection.scalar(
        sa.select(texts.c.salt).where(
            texts.c.economy_id == snapshot.economy_id, texts.c.sequence == sequence
        )
    )
    return found


async def read_leaf(snapshot: Snapshot, sequence: int) -> bytes:
    """Rebuilds one entry's leaf from the journal.

    Raises:
        KeyError: The journal has no such entry.
        UnbuildableLeafError: What it has is no entry.
    """
    return (await _read_leaves(snapshot, sequence, sequence))[sequence]


async def read_leaf_hashes(snapshot: Snapshot, block: Block) -> list[bytes]:
    """Rebuilds the leaves of a block, at most 8,192, and hashes them.

    Raises what `read_leaf` raises.
    """
    leaves = await _read_leaves(snapshot, block.first_sequence, block.last_sequence)
    sequences = range(block.first_sequence, block.last_sequence + 1)
    return [leaf_hash(leaves[sequence]) for sequence in sequences]


async def _read_leaves(snapshot: Snapshot, first: int, last: int) -> dict[int, bytes]:
    bounds = {"economy_id": snapshot.economy_id, "first": first, "last": last}
    execute = snapshot.connection.execute
    postings = list(map(JournalPosting._make, await execute(_POSTINGS, bounds)))
    accounts = {p.source_id for p in postings} | {p.destination_id for p in postings}
    addresses = {
        account: encode_text(address)
        for account, address in await execute(
            _ADDRESSES, {"economy_id": snapshot.economy_id, "accounts": list(accounts)}
        )
    }
    codes = {
        asset: encode_text(code)
        for asset, code in await execute(_CODES, {"economy_id": snapshot.economy_id})
    }
    commitments: dict[int, bytes] = dict(list(await execute(_COMMITMENTS, bounds)))
    events = list(await execute(_EVENTS, bounds))
    requests: dict[int, bytes] = dict(list(await execute(_REQUESTS, bounds))) if events else {}

    def build() -> dict[int, bytes]:
        leaves = {
            sequence: build_event_leaf(
                sequence, kind, event, requests.get(sequence), commitments.get(sequence, b"")
            )
            for sequence, kind, event in events
        }
        beside = {sequence: event for sequence, kind, event in events if kind in WITH_EVENT}
        for rows in transactions_of(postings):
            sequence = rows[0].sequence
            if rows[0].kind in MOVING:
                # The event says it all; the postings are beside it.
                continue
            leaves[sequence] = build_transaction_leaf(
                rows, addresses, codes, commitments.get(sequence, b""), beside.get(sequence)
            )
        return leaves

    # A large block is a tenth of a second's work, which must not keep the economy waiting.
    return await asyncio.to_thread(build) if len(postings) + len(events) > 200 else build()
