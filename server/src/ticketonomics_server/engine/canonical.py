"""Canonical bytes: what an entry is, to the byte, for hashing. See `docs/canonical-encoding.md`.

Every value is big-endian. Texts and byte strings carry their length in front (4 bytes), so that no
two different values share an encoding. A leaf begins with its domain and version.
"""

import hashlib
from collections.abc import Iterable, Mapping
from struct import Struct
from typing import NewType

from ticketonomics_server.engine.rejection import Reason, Rejection

Canonical = NewType("Canonical", bytes)

LEAF_DOMAIN = b"ticketonomics/entry/1\0"
TEXT_DOMAIN = b"ticketonomics/text/1\0"

_LENGTH = Struct(">I")
_INT64 = Struct(">q")


def encode_bytes(value: bytes) -> bytes:
    """Encodes a byte string: its length in 4 bytes, then itself."""
    return _LENGTH.pack(len(value)) + value


def encode_text(value: str) -> bytes:
    """Encodes a text as the byte string of its UTF-8."""
    return encode_bytes(value.encode())


def encode_int(value: int) -> bytes:
    """Encodes an int64 in 8 bytes, two's complement."""
    return _INT64.pack(value)


def encode_fields(*fields: bytes | str | int) -> Canonical:
    """Encodes the fields of an event, one after the other; `decode_fields` is its inverse."""
    parts = []
    for field in fields:
        if isinstance(field, bytes):
            parts.append(b"b" + encode_bytes(field))
        elif isinstance(field, str):
            parts.append(b"t" + encode_text(field))
        else:
            parts.append(b"i" + encode_int(field))
    return Canonical(b"".join(parts))


def decode_fields(encoded: bytes) -> list[bytes | str | int]:
    """Decodes what `encode_fields` made.

    Raises:
        ValueError: The bytes are not such an encoding.
    """
    fields: list[bytes | str | int] = []
    at = 0
    while at < len(encoded):
        tag = encoded[at : at + 1]
        if tag == b"i":
            fields.append(_INT64.unpack(_cut(encoded, at + 1, 8))[0])
            at += 9
            continue
        if tag not in (b"b", b"t"):
            raise ValueError(f"no field begins with {tag!r}")
        (length,) = _LENGTH.unpack(_cut(encoded, at + 1, 4))
        value = _cut(encoded, at + 5, length)
        fields.append(value if tag == b"b" else value.decode())
        at += 5 + length
    return fields


def _cut(encoded: bytes, at: int, length: int) -> bytes:
    value = encoded[at : at + length]
    if len(value) != length:
        raise ValueError("a field is cut off")
    return value


def text_commitment(salt: bytes, memo: str, metadata: Mapping[str, str]) -> bytes:
    """Commits to free text with a salted SHA-256, so that the text can be erased later.

    The proofs hold only this hash; without the 16 bytes of salt nobody can guess the text from it.
    """
    pairs: Iterable[bytes] = (
        encode_text(name) + encode_text(value) for name, value in sorted(metadata.items())
    )
    return hashlib.sha256(
        TEXT_DOMAIN + salt + encode_text(memo) + _LENGTH.pack(len(metadata)) + b"".join(pairs)
    ).digest()


def check_int64(value: int, field: str) -> int:
    """Returns the value, or refuses one that no int64 holds."""
    if not -(2**63) <= value < 2**63:
        raise Rejection(Reason.AMOUNT_OUT_OF_RANGE, f"{field} is no int64", field=field)
    return value


def leaf_with_event(transaction_leaf: bytes, event: bytes) -> bytes:
    """A transaction that is an event as well: its leaf is that of the transaction, then the event.

    So the journal has its postings, and the proofs hold what makes it more than those.
    """
    return transaction_leaf + encode_bytes(event)


def event_leaf(
    kind: int, sequence: int, request_id: bytes, event: bytes, commitment: bytes = b""
) -> bytes:
    """Builds the leaf of an entry that is stored as an event."""
    return b"".join(
        (
            LEAF_DOMAIN,
            kind.to_bytes(2, "big"),
            _INT64.pack(sequence),
            request_id,
            encode_bytes(event),
            encode_bytes(commitment),
        )
    )
