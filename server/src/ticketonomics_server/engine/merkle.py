"""The tree hash of RFC 6962, section 2.1: leaves are prefixed with 0x00, nodes with 0x01.

Proofs are told as spans: `(start, stop)` stands for the tree hash of the leaves from `start` up to
and without `stop`. Whoever has the leaves, or stored nodes, can compute it.
"""

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256().digest()

Span = tuple[int, int]
# Level and position: the hash of the 2^level leaves that begin with leaf position * 2^level.
Node = tuple[int, int]


def leaf_hash(leaf: bytes) -> bytes:
    """Hashes one leaf. 32 bytes."""
    return sha256(b"\x00" + leaf).digest()


def tree_root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Hashes a tree from its leaf hashes. 32 bytes.

    Works level by level: pairs are joined and an odd last node moves up as it is, which gives the
    same tree as the recursive definition (RFC 6962 splits at the largest power of two).
    """
    if not leaf_hashes:
        return EMPTY_ROOT
    level = list(leaf_hashes)
    while len(level) > 1:
        odd = [level[-1]] if len(level) % 2 else []
        pairs = zip(level[0::2], level[1::2], strict=False)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs] + odd
    return level[0]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hashes an inner node. 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Joins full subtrees, greatest first, into the tree of all their leaves."""
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def full_nodes(span: Span) -> list[Node]:
    """Cuts a span of a proof into full subtrees, greatest first; `fold` joins them again.

    The span begins where a subtree of its size can begin, as those of proofs do.
    """
    start, stop = span
    nodes = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Tells the audit path of a leaf in a tree, leaf first: PATH of RFC 6962, section 2.1.1."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no leaf {index}")
    spans: list[Span] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """Tells the proof between two sizes of a tree: PROOF of RFC 6962, section 2.1.2."""
    if not 0 < first <= second:
        raise ValueError(f"no tree of {second} begins with one of {first}")
    spans: list[Span] = []
    start, stop = 0, second
    known = True
    while stop != first:
        middle = start + _split(stop - start)
        if first <= middle:
            spans.append((middle, stop))
            stop = middle
        else:
            spans.append((start, middle))
            start = middle
            known = False
    if not known:
        spans.append((start, stop))
    return spans[::-1]


def _split(size: int) -> int:
    """The greatest power of two below a size."""
    return 1 << ((size - 1).bit_length() - 1)
