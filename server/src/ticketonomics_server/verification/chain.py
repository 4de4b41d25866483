"""Rebuilds leaves, roots and hashes, and compares them with the blocks. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from struct import error as StructError  # noqa: N812 - it is a class.

from ticketonomics_server.engine.block import Block, Head, build_block
from ticketonomics_server.engine.canonical import event_leaf, leaf_with_event, text_commitment
from ticketonomics_server.engine.merkle import leaf_hash, tree_root
from ticketonomics_server.ledger.decide import transaction_leaf
from ticketonomics_server.verification.journal import StoredText
from ticketonomics_server.verification.replay import JournalPosting
from ticketonomics_server.verification.report import Findings, Invariant


class UnbuildableLeafError(Exception):
    """What the journal has of an entry is no entry; the text says why."""


def transactions_of(postings: Sequence[JournalPosting]) -> Iterator[Sequence[JournalPosting]]:
    """Cuts the journal's rows, which are in order, into transactions."""
    start, count = 0, len(postings)
    while start < count:
        stop, sequence = start + 1, postings[start].sequence
        while stop < count and postings[stop].sequence == sequence:
            stop += 1
        yield postings[start:stop]
        start = stop


def build_transaction_leaf(
    postings: Sequence[JournalPosting],
    addresses: Mapping[int, bytes],
    codes: Mapping[int, bytes],
    commitment: bytes,
    event: bytes | None = None,
) -> bytes:
    """Builds a transaction's leaf from its rows.

    Args:
        event: That of a kind of `KINDS_WITH_EVENT`.

    Raises:
        UnbuildableLeafError: A row, an account or an asset is missing or does not fit.
    """
    first = postings[0]
    if first.transaction_id is None:
        raise UnbuildableLeafError("its first posting has no transaction id")
    for position, posting in enumerate(postings):
        stray_id = position > 0 and posting.transaction_id is not None
        if posting.position != position or posting.kind != first.kind or stray_id:
            raise UnbuildableLeafError(f"its postings do not belong together at {position}")
    try:
        encoded = [
            (addresses[p.source_id], addresses[p.destination_id], codes[p.asset_id], p.amount)
            for p in postings
        ]
        leaf = transaction_leaf(
            first.kind, first.sequence, first.transaction_id, encoded, commitment
        )
    except KeyError as error:
        raise UnbuildableLeafError(f"there is no account or asset {error}") from None
    except StructError:
        raise UnbuildableLeafError(f"{first.kind} is no kind") from None
    return leaf if event is None else leaf_with_event(leaf, event)


def build_event_leaf(
    sequence: int, kind: int, event: bytes, request_id: bytes | None, commitment: bytes
) -> bytes:
    """Builds the leaf of an entry that is stored as an event.

    Raises:
        UnbuildableLeafError: Its request id is missing, or its kind is none.
    """
    if request_id is None:
        raise UnbuildableLeafError("its request id is missing")
    try:
        return event_leaf(kind, sequence, request_id, event, commitment)
    except OverflowError:
        raise UnbuildableLeafError(f"{kind} is no kind") from None


def check_text(sequence: int, text: StoredText, findings: Findings) -> bool:
    """Compares a text that is still there with its commitment; tells whether it is erased."""
    if text.salt is None and text.memo is None and text.metadata is None:
        return True
    if text.salt is None or text.memo is None or text.metadata is None:
        findings.add(Invariant.MERKLE_ROOTS_MATCH, f"the text of entry {sequence} is half erased")
        return False
    metadata = json.loads(text.metadata)
    well_formed = isinstance(metadata, dict) and all(
        isinstance(value, str) for value in metadata.values()
    )
    if not well_formed or text_commitment(text.salt, text.memo, metadata) != text.commitment:
        findings.add(
            Invariant.MERKLE_ROOTS_MATCH, f"the text of entry {sequence} is not what was committed"
        )
    return False


def check_link(economy: str, below: Head, block: Block, findings: Findings) -> None:
    """Checks that a block stands on the one below, and that its hash is that of its header."""

    def tell(detail: str) -> None:
        findings.add(Invariant.CHAIN_UNBROKEN, f"block {block.height} {detail}")

    if block.height != below.height + 1:
        tell(f"stands on block {below.height}")
    if block.first_sequence != below.last_sequence + 1:
        tell(f"begins with entry {block.first_sequence} after entry {below.last_sequence}")
    if block.previous_hash != below.hash:
        tell("names another hash of the block below than that block's")
    if block.block_time < below.block_time:
        tell(f"is of {block.block_time}, the block below of {below.block_time}")
    # From what the block itself says, so that a break is told where it is, and only there.
    claimed = Head(
        block.height - 1, block.first_sequence - 1, block.previous_hash, below.block_time
    )
    count = block.last_sequence - block.first_sequence + 1
    if build_block(economy, claimed, count, block.block_time, block.merkle_root).hash != block.hash:
        tell("has not the hash of its header")


def check_root(block: Block, leaves: dict[int, bytes | None], findings: Findings) -> None:
    """Compares a block's root with the tree of its entries' leaves, and takes those away.

    Args:
        leaves: By sequence number; None for one that could not be built, which was told.
    """
    count = block.last_sequence - block.first_sequence + 1
    claimed = range(block.first_sequence, block.last_sequence + 1)
    # Whichever is shorter: a forged block may claim any number of entries.
    sequences = claimed if count <= len(leaves) else [s for s in leaves if s in claimed]
    found = [leaves.pop(sequence) for sequence in sequences if sequence in leaves]
    if len(found) != count:
        findings.add(
            Invariant.MERKLE_ROOTS_MATCH,
            f"block {block.height} has {count} entries, {len(found)} of them are in the journal",
        )
        return
    built = [leaf for leaf in found if leaf is not None]
    if len(built) == count and tree_root([leaf_hash(leaf) for leaf in built]) != block.merkle_root:
        findings.add(
            Invariant.MERKLE_ROOTS_MATCH,
            f"block {block.height} has another root than its entries"
            f" {block.first_sequence}-{block.last_sequence}",
        )
