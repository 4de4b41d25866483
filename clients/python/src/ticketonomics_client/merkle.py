"""Verifies proofs of RFC 6962 trees, by the algorithms of RFC 9162, section 2.1."""

from collections.abc import Sequence
from hashlib import sha256

HASH_BYTES = 32


def leaf_hash(leaf: bytes) -> bytes:
    """Hashes one leaf. 32 bytes."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hashes an inner node. 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


def root_of_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Computes the root that an audit path leads to.

    Args:
        leaf: The leaf's hash.
        index: Its place, from 0.
        size: How many leaves the tree has.

    Raises:
        ValueError: The path does not belong to this place in a tree of this size.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no leaf {index}")
    _check_hashes(path)
    place, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the path is too long")
        if place & 1 or place == last:
            root = node_hash(sibling, root)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return root


def roots_of_consistency(
    first: int, second: int, first_root: bytes, path: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Computes the two roots that a consistency proof leads to.

    Args:
        first: The smaller size, at least 1.
        second: The greater size.
        first_root: Root of the smaller tree: a part of the proof where its size is a power of two.

    Raises:
        ValueError: The proof does not belong to these sizes.
    """
    if not 0 < first <= second:
        raise ValueError(f"no tree of {second} begins with one of {first}")
    _check_hashes([first_root, *path])
    if first == second:
        if path:
            raise ValueError("the path is too long")
        return first_root, first_root
    if not path:
        raise ValueError("the path is too short")
    nodes = [first_root, *path] if first & (first - 1) == 0 else list(path)
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            raise ValueError("the path is too long")
        if place & 1 or place == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, node)
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return old, new


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ValueError("a hash has not 32 bytes")
