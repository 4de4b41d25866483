"""Blocks: what one committed batch leaves behind, and how blocks hang together."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ticketonomics_server.engine.canonical import encode_bytes, encode_int

HEADER_DOMAIN = b"ticketonomics/block/1\0"
NO_HASH = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(time: datetime) -> int:
    """Counts the microseconds since 1970, exactly (floats would not)."""
    return (time - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Returns the time that `to_micros` counted."""
    return _EPOCH + micros * _MICROSECOND


@dataclass(slots=True, frozen=True)
class Head:
    """The newest block of an economy, or where the first one will be built (height 0)."""

    height: int
    last_sequence: int
    hash: bytes
    block_time: datetime


GENESIS = Head(height=0, last_sequence=0, hash=NO_HASH, block_time=_EPOCH)


@dataclass(slots=True, frozen=True)
class Block:
    """A block's header. `hash` covers all other fields and the economy's name."""

    height: int
    first_sequence: int
    last_sequence: int
    block_time: datetime
    merkle_root: bytes
    previous_hash: bytes
    hash: bytes

    @property
    def head(self) -> Head:
        return Head(self.height, self.last_sequence, self.hash, self.block_time)


def encode_header(economy: str, block: Block) -> bytes:
    """Encodes a block's header: what its hash is of, and the leaf of the block log."""
    return b"".join(
        (
            HEADER_DOMAIN,
            encode_bytes(economy.encode()),
            encode_int(block.height),
            encode_int(block.first_sequence),
            encode_int(block.last_sequence),
            encode_int(to_micros(block.block_time)),
            block.merkle_root,
            block.previous_hash,
        )
    )


def build_block(
    economy: str, below: Head, entry_count: int, block_time: datetime, merkle_root: bytes
) -> Block:
    """Builds the header of the block that follows `below`."""
    unnamed = Block(
        height=below.height + 1,
        first_sequence=below.last_sequence + 1,
        last_sequence=below.last_sequence + entry_count,
        block_time=block_time,
        merkle_root=merkle_root,
        previous_hash=below.hash,
        hash=NO_HASH,
    )
    return replace(unnamed, hash=hashlib.sha256(encode_header(economy, unnamed)).digest())
