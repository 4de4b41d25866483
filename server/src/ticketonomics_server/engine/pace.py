"""How fast an economy's blocks are made on this server, and where their time goes."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter

PHASES = ("lock", "load", "decide", "write", "commit")


@dataclass(slots=True, frozen=True)
class Lap:
    """One phase of one block, by `perf_counter`."""

    phase: str
    began: float
    ended: float


@dataclass(slots=True, frozen=True)
class MadeBlock:
    """A block that this server has committed."""

    economy: str
    height: int
    entries: int
    laps: list[Lap]


OnMade = Callable[[MadeBlock], None]


@dataclass(slots=True)
class Pace:
    """What was made since this server began. It only grows: rates are differences.

    Attributes:
        phase_seconds: Time of each phase, all blocks together.
    """

    blocks: int = 0
    entries: int = 0
    phase_seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PHASES, 0.0))

    def copy(self) -> "Pace":
        """Copies it as it is now."""
        return replace(self, phase_seconds=dict(self.phase_seconds))

    def note(self, made: MadeBlock) -> None:
        """Counts a block."""
        self.blocks += 1
        self.entries += made.entries
        for lap in made.laps:
            self.phase_seconds[lap.phase] += lap.ended - lap.began


class Stopwatch:
    """Measures the phases of a block, one after the other.

    Args:
        laps: Gets the phases; those that were measured before are in it.
        observe: Called with each phase and its seconds.
    """

    def __init__(self, laps: list[Lap], observe: Callable[[str, float], None]) -> None:
        self._laps = laps
        self._observe = observe
        self._began = perf_counter()

    def lap(self, phase: str) -> None:
        """Ends a phase and begins the next."""
        now = perf_counter()
        self._observe(phase, now - self._began)
        self._laps.append(Lap(phase, self._began, now))
        self._began = now
