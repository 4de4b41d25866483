"""Checks what imported transactions say of themselves. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from struct import error as StructError  # noqa: N812 - it is a class.

from ticketonomics_server.engine.block import Block, to_micros
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.verification.report import Findings, Invariant


def check_import(
    sequence: int, event: bytes | None, blocks: Sequence[Block], findings: Findings
) -> None:
    """Checks that the event beside it tells a time and a reference, and no time to come."""
    if event is None:
        tell_no_import(sequence, "does not say when it happened", findings)
        return
    try:
        micros, reference = decode_fields(event)
    except (ValueError, StructError):
        micros, reference = "", ""
    if not isinstance(micros, int) or not isinstance(reference, str):
        tell_no_import(sequence, f"says neither time nor reference: {event.hex()}", findings)
        return
    at = bisect_left(blocks, sequence, key=lambda block: block.last_sequence)
    # What lies in no block is told elsewhere.
    if at < len(blocks) and micros > to_micros(blocks[at].block_time):
        tell_no_import(sequence, f"happened after it was imported, {micros}", findings)


def tell_no_import(sequence: int, what: str, findings: Findings) -> None:
    """Tells that an imported entry is not what it must be."""
    findings.add(Invariant.IMPORTS_MARKED, f"imported entry {sequence} {what}")
