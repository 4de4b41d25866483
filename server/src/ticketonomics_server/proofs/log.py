"""The block log: hashes of its spans from stored nodes and headers, and how its nodes are kept.

A node is stored when its 256 blocks, or a multiple, are committed. Blocks are never changed, so a
node is the same whoever computes it and when: it needs no lock, and a block pays nothing for it.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

import asyncpg
import sqlalchemy as sa

from ticketonomics_server.engine.block import Block, encode_header
from ticketonomics_server.engine.merkle import (
    Node,
    Span,
    fold,
    full_nodes,
    leaf_hash,
    node_hash,
    tree_root,
)
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.storage.reading import Snapshot

CHUNK_LEVEL = 8
CHUNK_BLOCKS = 1 << CHUNK_LEVEL

_COLUMNS = "height, first_sequence, last_sequence, block_time, merkle_root, previous_hash, hash"
_HEADERS = sa.text(
    f"SELECT {_COLUMNS} FROM blocks"
    " WHERE economy_id = :economy_id AND height > :after AND height <= :to ORDER BY height"
)
_NODES = sa.text(
    "SELECT level, position, hash FROM log_nodes"
    " JOIN unnest(CAST(:levels AS smallint[]), CAST(:positions AS bigint[])) w(level, position)"
    " USING (level, position) WHERE economy_id = :economy_id"
)
_STORED = sa.text(
    f"SELECT coalesce(max(position) + 1, 0) FROM log_nodes"
    f" WHERE economy_id = :economy_id AND level = {CHUNK_LEVEL}"
)


class BrokenLogError(Exception):
    """The blocks are not what they were: nothing is proven from them. `verify` tells more."""


def chunk_node(economy: str, chunk: int, blocks: Sequence[Block]) -> bytes:
    """Hashes the headers of a full chunk.

    Raises:
        BrokenLogError: They are not its blocks, or one has not the hash of its header.
    """
    return tree_root(_leaf_hashes(economy, chunk * CHUNK_BLOCKS, CHUNK_BLOCKS, blocks))


def _leaf_hashes(economy: str, after: int, count: int, blocks: Sequence[Block]) -> list[bytes]:
    if [block.height for block in blocks] != list(range(after + 1, after + count + 1)):
        raise BrokenLogError(f"the {count} blocks after block {after} are not all there")
    hashes = []
    for block in blocks:
        header = encode_header(economy, block)
        if sha256(header).digest() != block.hash:
            raise BrokenLogError(f"block {block.height} has not the hash of its header")
        hashes.append(leaf_hash(header))
    return hashes


async def read_spans(
    snapshot: Snapshot, economy: str, size: int, spans: Iterable[Span]
) -> list[bytes]:
    """Hashes spans of the log at a size, from O(log n) nodes and the headers of a few chunks.

    Raises:
        Rejection: LOG_BEHIND where a node is not stored yet.
        BrokenLogError: The blocks are damaged.
    """
    cut = [full_nodes(span) for span in spans]
    wanted = {node for nodes in cut for node in nodes}
    found = await _read_nodes(snapshot, [node for node in wanted if node[0] >= CHUNK_LEVEL])
    low = [node for node in wanted if node[0] < CHUNK_LEVEL]
    for chunk in {(position << level) >> CHUNK_LEVEL for level, position in low}:
        start = chunk * CHUNK_BLOCKS
        stop = min(start + CHUNK_BLOCKS, size)
        rows = await snapshot.connection.execute(
            _HEADERS, {"economy_id": snapshot.economy_id, "after": start, "to": stop}
        )
        blocks = [Block(*row) for row in rows]
        hashes = _leaf_hashes(economy, start, stop - start, blocks)
        for level, position in low:
            first = position << level
            if start <= first < stop:
                found[level, position] = tree_root(hashes[first - start :][: 1 << level])
    return [fold([found[node] for node in nodes]) for nodes in cut]


async def _read_nodes(snapshot: Snapshot, wanted: list[Node]) -> dict[Node, bytes]:
    if not wanted:
        return {}
    rows = await snapshot.connection.execute(
        _NODES,
        {
            "economy_id": snapshot.economy_id,
            "levels": [level for level, _ in wanted],
            "positions": [position for _, position in wanted],
        },
    )
    found: dict[Node, bytes] = {(level, position): hash_ for level, position, hash_ in rows}
    if len(found) != len(wanted):
        raise Rejection(
            Reason.LOG_BEHIND,
            "the block log is still being built; it takes a moment after an upgrade",
            retry_seconds=1.0,
        )
    return found


async def is_behind(snapshot: Snapshot, height: int) -> bool:
    """Tells whether full chunks up to a height have no node yet."""
    stored: int = await snapshot.connection.scalar(_STORED, {"economy_id": snapshot.economy_id})
    return stored < height >> CHUNK_LEVEL


async def extend_log(
    connection: asyncpg.Connection, economy_id: int, economy: str, *, most: int
) -> int:
    """Stores the nodes of full chunks that have none yet, each chunk in a transaction of its own.

    Several servers may do so at once: they find the same.

    Args:
        connection: In no transaction.
        most: How many chunks at most.

    Returns:
        How many chunks were added.

    Raises:
        BrokenLogError: The blocks are damaged.
    """
    height: int = await connection.fetchval(
        "SELECT coalesce(max(height), 0) FROM blocks WHERE economy_id = $1", economy_id
    )
    first: int = await connection.fetchval(
        "SELECT coalesce(max(position) + 1, 0) FROM log_nodes WHERE economy_id = $1 AND level = $2",
        economy_id,
        CHUNK_LEVEL,
    )
    last = min(height >> CHUNK_LEVEL, first + most)
    for chunk in range(first, last):
        rows = await connection.fetch(
            f"SELECT {_COLUMNS} FROM blocks"
            " WHERE economy_id = $1 AND height > $2 AND height <= $3 ORDER BY height",
            economy_id,
            chunk * CHUNK_BLOCKS,
            (chunk + 1) * CHUNK_BLOCKS,
        )
        node = chunk_node(economy, chunk, [Block(*row) for row in rows])
        left = await _left_nodes(connection, economy_id, chunk)
        nodes = grown_nodes(chunk, node, left)
        await connection.execute(
            "INSERT INTO log_nodes (economy_id, level, position, hash)"
            " SELECT $1, v.* FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]) v"
            " ON CONFLICT DO NOTHING",
            economy_id,
            [level for level, _ in nodes],
            [position for _, position in nodes],
            list(nodes.values()),
        )
    return max(0, last - first)


def left_of(chunk: int) -> list[Node]:
    """Names the full subtrees that a chunk completes greater ones with, smallest first."""
    nodes, level, position = [], CHUNK_LEVEL, chunk
    while position % 2:
        nodes.append((level, position - 1))
        level, position = level + 1, position // 2
    return nodes


def grown_nodes(chunk: int, node: bytes, left: Sequence[bytes]) -> dict[Node, bytes]:
    """Returns a chunk's node, and all that are full with it: amortised two.

    Args:
        left: Hashes of `left_of(chunk)`.
    """
    nodes: dict[Node, bytes] = {(CHUNK_LEVEL, chunk): node}
    for (level, position), sibling in zip(left_of(chunk), left, strict=True):
        node = node_hash(sibling, node)
        nodes[level + 1, position // 2] = node
    return nodes


async def _left_nodes(connection: asyncpg.Connection, economy_id: int, chunk: int) -> list[bytes]:
    wanted = left_of(chunk)
    rows = await connection.fetch(
        "SELECT level, position, hash FROM log_nodes"
        " JOIN unnest($2::smallint[], $3::bigint[]) w(level, position) USING (level, position)"
        " WHERE economy_id = $1",
        economy_id,
        [level for level, _ in wanted],
        [position for _, position in wanted],
    )
    found = {(level, position): hash_ for level, position, hash_ in rows}
    if len(found) != len(wanted):
        raise BrokenLogError("nodes of the block log are missing: delete its last ones")
    return [found[node] for node in wanted]
