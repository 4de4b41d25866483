import time
from datetime import UTC, datetime, timedelta

import pytest
from ticketonomics_server.engine import clock
from ticketonomics_server.engine.clock import ClockWatch

START = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def watch(monkeypatch):
    """Observes the database's clock `database` seconds on, when `here` seconds passed here."""
    watched = ClockWatch()

    def observe(database: float, here: float) -> bool:
        monkeypatch.setattr(clock, "_steady_seconds", lambda: 1_000 + here)
        watched.observe(START + timedelta(seconds=database))
        return watched.jumped

    assert observe(0, 0) is False
    return observe


@pytest.mark.parametrize("jump", [61, -61, 86_400, -86_400])
def test_a_jump_alarms_once_and_ends_when_the_clock_is_right_again(
    watch, jump, no_errors_logged
) -> None:
    assert watch(10, 10) is False
    assert watch(20 + jump, 20) is True
    assert watch(30 + jump, 30) is True
    assert len(no_errors_logged) == 1
    assert watch(40, 40) is False
    assert watch(50 + jump, 50) is True
    assert len(no_errors_logged) == 2
    no_errors_logged.clear()


@pytest.mark.parametrize("off", [0, 59, -59, 60, -60])
def test_a_little_is_no_jump(watch, off) -> None:
    assert watch(10 + off, 10) is False


def test_a_long_silence_is_no_jump(watch) -> None:
    assert watch(86_400, 86_400) is False


def test_slow_drift_is_no_jump(watch) -> None:
    for step in range(1, 100):
        assert watch(step * 110, step * 100) is False


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="SKIPPED: this system cannot tell")
def test_sleep_of_this_machine_is_no_jump(monkeypatch) -> None:
    # `time.monotonic` stands still on Linux while a machine sleeps: after the lid was closed for
    # two minutes, the timers were once held until the server was started again.
    monkeypatch.setattr(time, "clock_gettime", lambda which: {time.CLOCK_BOOTTIME: 7.0}[which])
    assert clock._steady_seconds() == 7.0
