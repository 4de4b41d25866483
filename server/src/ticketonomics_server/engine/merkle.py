"""The tree hash of RFC 6962, section 2.1: leaves are prefixed with 0x00, nodes with 0x01."""

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256().digest()


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
