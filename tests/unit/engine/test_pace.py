"""What is counted of the blocks that were made."""

import pytest
from ticketonomics_server.engine.flight import observe_phase
from ticketonomics_server.engine.pace import PHASES, Lap, MadeBlock, Pace, Stopwatch


def made(entries: int, **seconds: float) -> MadeBlock:
    laps = [Lap(phase, 10.0, 10.0 + spent) for phase, spent in seconds.items()]
    return MadeBlock("main", 1, entries, laps)


def test_totals_grow_with_each_block() -> None:
    pace = Pace()
    assert list(pace.phase_seconds) == list(PHASES)
    pace.note(made(3, lock=0.5, commit=1.0))
    pace.note(made(4, commit=2.0))
    assert (pace.blocks, pace.entries) == (2, 7)
    assert pace.phase_seconds == {"lock": 0.5, "load": 0, "decide": 0, "write": 0, "commit": 3.0}


def test_a_copy_does_not_grow() -> None:
    pace = Pace()
    copy = pace.copy()
    pace.note(made(1, lock=1.0))
    assert copy == Pace()


def test_laps_follow_each_other() -> None:
    laps: list[Lap] = []
    observed: list[tuple[str, float]] = []
    stopwatch = Stopwatch(laps, lambda phase, seconds: observed.append((phase, seconds)))
    stopwatch.lap("lock")
    stopwatch.lap("load")
    assert [lap.phase for lap in laps] == ["lock", "load"]
    assert laps[0].ended == laps[1].began
    assert observed == [(lap.phase, pytest.approx(lap.ended - lap.began)) for lap in laps]


def test_prometheus_knows_each_phase() -> None:
    for phase in PHASES:
        observe_phase(phase, 0.0)
