"""Puts proofs together: heads, receipts and consistency, each from one snapshot."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

from ticketonomics_server.engine.block import Block
from ticketonomics_server.engine.merkle import (
    consistency_spans,
    inclusion_spans,
    leaf_hash,
    tree_root,
)
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.proofs import queries
from ticketonomics_server.proofs.log import BrokenLogError, read_spans
from ticketonomics_server.proofs.model import SignedHead, head_of, root_span
from ticketonomics_server.proofs.signing import Signer
from ticketonomics_server.storage.reading import Snapshot

# Leaf hashes of blocks that were asked for lately: 32 bytes an entry.
_KEPT_HASHES = 200_000
# Blocks that are rebuilt at the same time; the others wait.
_REBUILT_AT_ONCE = 2


@dataclass(slots=True, frozen=True)
class EntryProof:
    """All that leads from an entry to a signed head."""

    leaf: bytes
    block: Block
    block_path: list[bytes]
    log_path: list[bytes]
    signed_head: SignedHead


class Prover:
    """Makes proofs of what a snapshot shows."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._rebuilding = asyncio.Semaphore(_REBUILT_AT_ONCE)
        self._kept: OrderedDict[bytes, list[bytes]] = OrderedDict()
        self._kept_hashes = 0

    async def prove_head(self, snapshot: Snapshot, economy: str, size: int) -> SignedHead:
        """Signs the head of a size; 0 means the newest.

        Raises:
            Rejection: BLOCK_NOT_FOUND, LOG_BEHIND, SIGNING_KEY_NOT_ACTIVE.
        """
        last = await queries.find_block(snapshot, size)
        (root,) = await read_spans(snapshot, economy, last.height, [root_span(last.height)])
        return await self._signer.sign(snapshot, head_of(economy, last, root))

    async def prove_consistency(
        self, snapshot: Snapshot, economy: str, first: int, second: int
    ) -> tuple[list[bytes], SignedHead]:
        """Proves that the log of one size begins with that of a smaller one.

        Raises:
            Rejection: What `prove_head` raises, and INVALID_FIELD where the first is the greater.
        """
        last = await queries.find_block(snapshot, second)
        if first > last.height:
            if second:
                raise Rejection(
                    Reason.INVALID_FIELD,
                    "first_size is greater than second_size",
                    field="first_size",
                )
            await queries.find_block(snapshot, first)
        spans = [root_span(last.height), *consistency_spans(first, last.height)]
        root, *path = await read_spans(snapshot, economy, last.height, spans)
        return path, await self._signer.sign(snapshot, head_of(economy, last, root))

    async def prove_entry(
        self, snapshot: Snapshot, economy: str, sequence: int, size: int
    ) -> EntryProof:
        """Proves an entry up to the head of a size; 0 means the newest.

        Raises:
            Rejection: What `prove_head` raises, TRANSACTION_NOT_FOUND, and INVALID_FIELD where the
                log of this size ends before the entry.
            BrokenLogError: The journal is not what the blocks commit to.
        """
        block = await queries.find_block_of(snapshot, sequence)
        if block is None:
            raise no_entry(sequence)
        last = await queries.find_block(snapshot, size)
        if last.height < block.height:
            raise Rejection(
                Reason.INVALID_FIELD,
                f"tree_size is less than {block.height}, the height of the entry's block",
                field="tree_size",
            )
        leaf = await queries.read_leaf(snapshot, sequence)
        block_path = await self._prove_in_block(snapshot, block, sequence, leaf)
        spans = [root_span(last.height), *inclusion_spans(block.height - 1, last.height)]
        root, *log_path = await read_spans(snapshot, economy, last.height, spans)
        signed = await self._signer.sign(snapshot, head_of(economy, last, root))
        return EntryProof(leaf, block, block_path, log_path, signed)

    async def _prove_in_block(
        self, snapshot: Snapshot, block: Block, sequence: int, leaf: bytes
    ) -> list[bytes]:
        hashes = self._kept.get(block.hash)
        if hashes is None:
            async with self._rebuilding:
                hashes = await queries.read_leaf_hashes(snapshot, block)
            if tree_root(hashes) != block.merkle_root:
                raise BrokenLogError(f"block {block.height} has another root than its entries")
            self._keep(block.hash, hashes)
        index = sequence - block.first_sequence
        if hashes[index] != leaf_hash(leaf):
            raise BrokenLogError(f"entry {sequence} has changed")
        return [
            tree_root(hashes[start:stop]) for start, stop in inclusion_spans(index, len(hashes))
        ]

    def _keep(self, name: bytes, hashes: list[bytes]) -> None:
        if self._kept.setdefault(name, hashes) is not hashes:
            return
        self._kept_hashes += len(hashes)
        while self._kept_hashes > _KEPT_HASHES:
            _, dropped = self._kept.popitem(last=False)
            self._kept_hashes -= len(dropped)


def no_entry(key: object) -> Rejection:
    """Builds the refusal of an entry that is not there, or not for the caller."""
    return Rejection(Reason.TRANSACTION_NOT_FOUND, "there is no such transaction", transaction=key)
