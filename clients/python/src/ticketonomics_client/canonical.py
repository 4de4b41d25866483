"""Canonical bytes of entries, headers and heads, as `docs/canonical-encoding.md` tells them.

Written for itself, not shared with the server: whoever verifies should not have to trust it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from struct import Struct
from typing import TYPE_CHECKING

from ticketonomics.ledger.v1.transaction_pb2 import Transaction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.timestamp_pb2 import Timestamp
    from ticketonomics.ledger.v1.block_pb2 import Block
    from ticketonomics.proofs.v1.head_pb2 import SignedHead

LEAF_DOMAIN = b"ticketonomics/entry/1\0"
TEXT_DOMAIN = b"ticketonomics/text/1\0"
HEADER_DOMAIN = b"ticketonomics/block/1\0"
HEAD_DOMAIN = b"ticketonomics/head/1\0"

_LENGTH = Struct(">I")
_INT64 = Struct(">q")
# Transactions whose event follows: that of a capture names the hold, that of an import its past.
# Those of 200 and more are of rooms such as queues and rewards, and tell what happened there.
_WITHOUT_EVENT = frozenset(
    (
        Transaction.KIND_TRANSFER,
        Transaction.KIND_MINT,
        Transaction.KIND_BURN,
        Transaction.KIND_SWAP,
    )
)
_WITH_EVENT = frozenset(
    (
        Transaction.KIND_CAPTURE,
        Transaction.KIND_IMPORTED,
        *(kind for kind in Transaction.Kind.values() if kind >= 200),
    )
).difference(_WITHOUT_EVENT)
_TRANSACTIONS = _WITH_EVENT | _WITHOUT_EVENT
# Events that move all that a person has.
_MOVES = frozenset((Transaction.KIND_MERGE, Transaction.KIND_ERASURE))
_MAX_NANOS = 1_000_000_000


@dataclass(slots=True, frozen=True)
class Leaf:
    """What an entry's canonical bytes say.

    Attributes:
        kind: Number of the kind of entry.
        request_id: For a transaction its id. 16 bytes.
        postings: Source, destination, asset and amount, in order; None for what moves nothing.
        fields: Of an event; None where there is none.
        commitment: To the text; empty where there is none.
    """

    kind: int
    sequence: int
    request_id: bytes
    postings: tuple[tuple[str, str, str, int], ...] | None
    fields: tuple[bytes | str | int, ...] | None
    commitment: bytes


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    @property
    def ended(self) -> bool:
        return self._at == len(self._content)

    def take(self, count: int) -> bytes:
        taken = self._content[self._at : self._at + count]
        if len(taken) != count:
            raise ValueError("it is cut off")
        self._at += count
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def integer(self) -> int:
        value: int = _INT64.unpack(self.take(8))[0]
        return value

    def string(self) -> bytes:
        return self.take(self.number(4))

    def text(self) -> str:
        return self.string().decode()


def decode_leaf(leaf: bytes) -> Leaf:
    """Decodes an entry's canonical bytes.

    Raises:
        ValueError: They are not those of an entry.
    """
    reader = _Reader(leaf)
    if reader.take(len(LEAF_DOMAIN)) != LEAF_DOMAIN:
        raise ValueError("it is no entry of version 1")
    kind, sequence, request_id = reader.number(2), reader.integer(), reader.take(16)
    postings, fields = None, None
    if kind in _TRANSACTIONS:
        postings = tuple(
            (reader.text(), reader.text(), reader.text(), reader.integer())
            for _ in range(reader.number(4))
        )
    else:
        fields = _decode_fields(reader.string())
        postings = _moved(kind, fields)
    commitment = reader.string()
    if kind in _WITH_EVENT:
        fields = _decode_fields(reader.string())
    if not reader.ended:
        raise ValueError("something follows its end")
    if len(commitment) not in (0, 32):
        raise ValueError("its commitment has not 32 bytes")
    return Leaf(kind, sequence, request_id, postings, fields, commitment)


def _moved(
    kind: int, fields: tuple[bytes | str | int, ...]
) -> tuple[tuple[str, str, str, int], ...] | None:
    """Reads what an event moved: all that a person had, when two became one, or one was erased."""
    if kind not in _MOVES:
        return None
    if len(fields) < 3 or len(fields) % 2 == 0:
        raise ValueError("its event has not the fields of its kind")
    source, target, _, *moved = fields
    destination = f"users/{target!s}" if kind == Transaction.KIND_MERGE else "system/sink"
    postings = []
    for asset, amount in zip(moved[::2], moved[1::2], strict=True):
        if not isinstance(asset, str) or not isinstance(amount, int):
            raise ValueError("its event has not the fields of its kind")  # noqa: TRY004 - so are all.
        postings.append((f"users/{source!s}", destination, asset, amount))
    return tuple(postings)


def _decode_fields(encoded: bytes) -> tuple[bytes | str | int, ...]:
    reader = _Reader(encoded)
    fields: list[bytes | str | int] = []
    while not reader.ended:
        tag = reader.take(1)
        if tag == b"i":
            fields.append(reader.integer())
        elif tag == b"t":
            fields.append(reader.text())
        elif tag == b"b":
            fields.append(reader.string())
        else:
            raise ValueError(f"no field begins with {tag!r}")
    return tuple(fields)


def text_commitment(salt: bytes, memo: str, metadata: Mapping[str, str]) -> bytes:
    """Computes the commitment to a text. 32 bytes."""
    pairs = b"".join(_text(name) + _text(value) for name, value in sorted(metadata.items()))
    return sha256(TEXT_DOMAIN + salt + _text(memo) + _LENGTH.pack(len(metadata)) + pairs).digest()


def encode_header(economy: str, block: Block) -> bytes:
    """Encodes a block's header. Its SHA-256 is the block's hash, and it is a leaf of the log.

    Raises:
        ValueError: A hash has not 32 bytes, or a time is none.
    """
    return b"".join(
        (
            HEADER_DOMAIN,
            _text(economy),
            _INT64.pack(block.height),
            _INT64.pack(block.first_sequence),
            _INT64.pack(block.last_sequence),
            _INT64.pack(to_micros(block.block_time)),
            _hash(block.merkle_root),
            _hash(block.previous_hash),
        )
    )


def encode_head(head: SignedHead) -> bytes:
    """Encodes what of a head is signed. Raises what `encode_header` raises."""
    return b"".join(
        (
            HEAD_DOMAIN,
            _text(head.economy),
            _INT64.pack(head.tree_size),
            _hash(head.root),
            _hash(head.block_hash),
            _INT64.pack(head.last_sequence),
            _INT64.pack(to_micros(head.block_time)),
        )
    )


def to_micros(time: Timestamp) -> int:
    """Counts microseconds since 1970; raises ValueError where a time has parts of one."""
    if not 0 <= time.nanos < _MAX_NANOS or time.nanos % 1_000:
        raise ValueError("a time is not in whole microseconds")
    return time.seconds * 1_000_000 + time.nanos // 1_000


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _LENGTH.pack(len(encoded)) + encoded


def _hash(value: bytes) -> bytes:
    if len(value) != 32:
        raise ValueError("a hash has not 32 bytes")
    return value
