"""A decided block on its way to the disk, and where its time goes."""

import asyncio
from dataclasses import dataclass
from time import perf_counter

from ticketonomics_server import metrics
from ticketonomics_server.engine.block import Block
from ticketonomics_server.engine.command import Slice
from ticketonomics_server.engine.draft import Draft
from ticketonomics_server.storage.writes import Write


@dataclass(slots=True)
class Flight:
    """A decided block on its way to the disk.

    Attributes:
        slices: What it was made of.
        block: None where nothing was accepted: then there are only answers to give.
        last: Whether the lock is let go of afterwards.
        task: Ends when the block is durable and everybody has been answered.
    """

    slices: list[Slice]
    draft: Draft
    block: Block | None
    writes: list[Write]
    last: bool
    task: asyncio.Task[None] | None = None


_PHASES = {
    phase: metrics.block_phase_seconds.labels(phase)
    for phase in ("lock", "load", "decide", "write", "commit")
}


class Stopwatch:
    """Measures the phases of a block."""

    def __init__(self) -> None:
        self._began = perf_counter()

    def lap(self, phase: str) -> None:
        now = perf_counter()
        _PHASES[phase].observe(now - self._began)
        self._began = now
