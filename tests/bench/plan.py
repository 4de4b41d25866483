"""What a run measures, and for how long."""

import os
from dataclasses import dataclass, field
from enum import StrEnum


class Phase(StrEnum):
    """A part of the run that can be asked for alone."""

    PGBENCH = "pgbench"
    ECHO = "echo"
    BATCH = "batch"
    UNARY = "unary"
    REST = "rest"
    SWAP = "swap"
    SDK = "sdk"
    FANOUT = "fanout"

    @property
    def needs_server(self) -> bool:
        """Whether the phase drives our server rather than what it is compared with."""
        return self not in (Phase.PGBENCH, Phase.ECHO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Sizes and durations of one run.

    The defaults take under four minutes on two cores. They are also what the figures in the
    documentation mean: a change here makes them incomparable.
    """

    phases: frozenset[Phase] = frozenset(Phase)
    seconds: float = 10.0
    accounts: int = 10_000
    pg_clients: int = 16
    unary_in_flight: int = 64
    batch_size: int = 1_000
    batches_in_flight: int = 8
    sdk_callers: int = 2_000
    watchers: int = 1_000
    # Transfers a second while the delay of the streams is measured: with 1,000 watchers 10,000
    # deliveries a second, well below what the streams can carry.
    paced_tps: float = 10.0
    # One on two cores. More only where there are cores for them, so that it is never the clients
    # that are measured; the bare server gets just as many.
    client_processes: int = field(
        default_factory=lambda: max(1, min(4, (os.cpu_count() or 1) // 2))
    )
