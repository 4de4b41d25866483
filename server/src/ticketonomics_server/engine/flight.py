"""A decided block on its way to the disk, and where its time goes."""

import asyncio
from dataclasses import dataclass

from ticketonomics_server import metrics
from ticketonomics_server.engine.block import Block
from ticketonomics_server.engine.command import Slice
from ticketonomics_server.engine.draft import Draft
from ticketonomics_server.engine.pace import PHASES, Lap
from ticketonomics_server.storage.writes import Write


@dataclass(slots=True)
class Flight:
    """A decided block on its way to the disk.

    Attributes:
        slices: What it was made of.
        block: None where nothing was accepted: then there are only answers to give.
        last: Whether the lock is let go of afterwards.
        laps: Where its time went until now.
        task: Ends when the block is durable and everybody has been answered.
    """

    slices: list[Slice]
    draft: Draft
    block: Block | None
    writes: list[Write]
    last: bool
    laps: list[Lap]
    task: asyncio.Task[None] | None = None


_OBSERVERS = {phase: metrics.block_phase_seconds.labels(phase).observe for phase in PHASES}


def observe_phase(phase: str, seconds: float) -> None:
    """Counts a phase of a block for Prometheus."""
    _OBSERVERS[phase](seconds)
