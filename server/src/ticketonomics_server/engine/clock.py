"""Watches the database's clock against this machine's steady one."""

import time
from datetime import datetime

import structlog

from ticketonomics_server import metrics

JUMP_SECONDS = 60.0

log = structlog.get_logger(__name__)


class ClockWatch:
    """Notices jumps of over 60 s. While the clock is off, the timers are held.

    The clock counts as right again when it agrees with what it was before the jump, or when the
    server is started again.
    """

    def __init__(self) -> None:
        self._first: tuple[datetime, float] | None = None
        self.jumped = False

    def observe(self, now: datetime) -> None:
        """Compares a reading of the database's clock with the time that passed here."""
        steady = _steady_seconds()
        if self._first is None:
            self._first = now, steady
            return
        first, began = self._first
        off_seconds = (now - first).total_seconds() - (steady - began)
        jumped = abs(off_seconds) > JUMP_SECONDS
        if jumped and not self.jumped:
            metrics.clock_jumps.inc()
            log.critical("the database's clock jumped; timers are held", off_seconds=off_seconds)
        self.jumped = jumped
        if not jumped:
            # Follows slow drift, so that only jumps are noticed.
            self._first = now, steady


def _steady_seconds() -> float:
    """Seconds that only go up, also while the machine sleeps, where the system can tell."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
