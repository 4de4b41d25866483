"""The log's spans against the definition in RFC 6962, and the nodes that are stored of it."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from ticketonomics_client import merkle as sdk
from ticketonomics_server.engine.block import GENESIS, Block, build_block, encode_header
from ticketonomics_server.engine.merkle import (
    consistency_spans,
    fold,
    full_nodes,
    inclusion_spans,
    leaf_hash,
    tree_root,
)
from ticketonomics_server.proofs.log import (
    CHUNK_BLOCKS,
    CHUNK_LEVEL,
    BrokenLogError,
    chunk_node,
    grown_nodes,
    left_of,
)
from ticketonomics_server.verification.proofs import LogReplay

HASHES = [sha256(b"\x00" + bytes([n])).digest() for n in range(70)]
TIME = datetime(2026, 1, 2, tzinfo=UTC)


def path(index: int, hashes: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1, to the letter."""
    if len(hashes) == 1:
        return []
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if index < k:
        return [*path(index, hashes[:k]), tree_root(hashes[k:])]
    return [*path(index - k, hashes[k:]), tree_root(hashes[:k])]


def subproof(m: int, hashes: list[bytes], known: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2, to the letter."""
    if m == len(hashes):
        return [] if known else [tree_root(hashes)]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    if m <= k:
        return [*subproof(m, hashes[:k], known), tree_root(hashes[k:])]
    return [*subproof(m - k, hashes[k:], False), tree_root(hashes[:k])]


def joined(span: tuple[int, int]) -> bytes:
    """The hash of a span, from full subtrees only, as the server computes it."""
    nodes = full_nodes(span)
    assert all((position + 1) << level <= span[1] for level, position in nodes)
    return fold([tree_root(HASHES[p << level : (p + 1) << level]) for level, p in nodes])


@pytest.mark.parametrize("size", range(1, 71))
def test_proofs_are_those_of_the_rfc_and_the_sdk_verifies_them(size: int) -> None:
    hashes = HASHES[:size]
    assert joined((0, size)) == tree_root(hashes)
    for index in range(size):
        proof = [joined(span) for span in inclusion_spans(index, size)]
        assert proof == path(index, hashes)
        assert sdk.root_of_path(hashes[index], index, size, proof) == tree_root(hashes)
    for first in range(1, size + 1):
        proof = [joined(span) for span in consistency_spans(first, size)]
        assert proof == subproof(first, hashes, True)
        roots = tree_root(hashes[:first]), tree_root(hashes)
        assert sdk.roots_of_consistency(first, size, roots[0], proof) == roots


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 3), (3, 3)])
def test_no_path_leads_to_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError):
        inclusion_spans(index, size)
    with pytest.raises(ValueError):
        sdk.root_of_path(HASHES[0], index, size, [])


@pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3), (-1, 3), (0, 0)])
def test_no_proof_is_between_sizes_that_are_none(first: int, second: int) -> None:
    with pytest.raises(ValueError):
        consistency_spans(first, second)
    with pytest.raises(ValueError):
        sdk.roots_of_consistency(first, second, HASHES[0], [])


def chain(count: int) -> list[Block]:
    blocks, below = [], GENESIS
    for _ in range(count):
        blocks.append(build_block("main", below, 1, TIME, bytes(32)))
        below = blocks[-1].head
    return blocks


def test_stored_nodes_are_full_subtrees_and_few() -> None:
    blocks = chain(CHUNK_BLOCKS * 7 + 5)
    hashes = [leaf_hash(encode_header("main", block)) for block in blocks]
    stored: dict[tuple[int, int], bytes] = {}
    replay = LogReplay()
    for block in blocks:
        replay.add("main", block)
    for chunk in range(7):
        part = blocks[chunk * CHUNK_BLOCKS : (chunk + 1) * CHUNK_BLOCKS]
        left = [stored[node] for node in left_of(chunk)]
        stored.update(grown_nodes(chunk, chunk_node("main", chunk, part), left))
    for (level, position), found in stored.items():
        assert found == tree_root(hashes[position << level : (position + 1) << level])
    assert stored == replay.nodes
    assert len(stored) == 7 + 3 + 1
    assert min(level for level, _ in stored) == CHUNK_LEVEL
    for size, (block, root) in replay.ends.items():
        assert block.height == size
        assert root == tree_root(hashes[:size])


def test_a_chunk_of_damaged_blocks_has_no_node() -> None:
    blocks = chain(CHUNK_BLOCKS)
    chunk_node("main", 0, blocks)
    for damaged in (blocks[:-1], [*blocks[1:], blocks[0]], [blocks[1], *blocks[1:]]):
        with pytest.raises(BrokenLogError, match="not all there"):
            chunk_node("main", 0, damaged)
    with pytest.raises(BrokenLogError, match="hash of its header"):
        chunk_node("other", 0, blocks)
