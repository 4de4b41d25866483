"""Heads of the block log, and the bytes of them that are signed."""

from dataclasses import dataclass
from datetime import datetime

from ticketonomics_server.engine.block import Block, to_micros
from ticketonomics_server.engine.canonical import encode_int, encode_text
from ticketonomics_server.engine.merkle import Span

HEAD_DOMAIN = b"ticketonomics/head/1\0"


@dataclass(slots=True, frozen=True)
class LogHead:
    """The block log of an economy at one size: a function of its blocks."""

    economy: str
    tree_size: int
    root: bytes
    block_hash: bytes
    last_sequence: int
    block_time: datetime

    def encoded(self) -> bytes:
        """Returns the canonical bytes, which are signed."""
        return b"".join(
            (
                HEAD_DOMAIN,
                encode_text(self.economy),
                encode_int(self.tree_size),
                self.root,
                self.block_hash,
                encode_int(self.last_sequence),
                encode_int(to_micros(self.block_time)),
            )
        )


def head_of(economy: str, block: Block, root: bytes) -> LogHead:
    """Builds the head of the log that ends with a block."""
    return LogHead(economy, block.height, root, block.hash, block.last_sequence, block.block_time)


def root_span(size: int) -> Span:
    """The span whose hash is the root."""
    return 0, size


@dataclass(slots=True, frozen=True)
class SignedHead:
    """A head with its signature."""

    head: LogHead
    signing_key_id: str
    signature: bytes
