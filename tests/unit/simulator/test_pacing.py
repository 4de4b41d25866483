import pytest
from ticketonomics_simulator.pacing import BURST_SECONDS, Pacer


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("rate", [0.1, 1, 5, 333, 20_000])
async def test_turns_come_at_the_rate(rate: float) -> None:
    clock = Clock()
    pacer = Pacer(rate, clock=clock, sleep=clock.sleep)
    for _ in range(1001):
        await pacer.take()
    assert clock.now - 100 == pytest.approx(1000 / rate)


async def test_time_that_turns_take_themselves_is_not_added() -> None:
    clock = Clock()
    pacer = Pacer(10, clock=clock, sleep=clock.sleep)
    for _ in range(101):
        await pacer.take()
        clock.now += 0.07
    assert clock.now - 100 == pytest.approx(10 + 0.07, abs=0.001)


async def test_after_a_long_pause_only_a_short_burst_is_caught_up() -> None:
    clock = Clock()
    pacer = Pacer(100, clock=clock, sleep=clock.sleep)
    await pacer.take()
    clock.now += 3600
    resumed_at = clock.now
    at_once = 0
    while clock.now == resumed_at:
        await pacer.take()
        at_once += clock.now == resumed_at
    assert at_once == 100 * BURST_SECONDS


async def test_a_sleep_that_ends_early_is_made_up_for() -> None:
    clock = Clock()

    async def short_sleep(seconds: float) -> None:
        clock.now += seconds * 0.9

    pacer = Pacer(10, clock=clock, sleep=short_sleep)
    for _ in range(1001):
        await pacer.take()
    assert clock.now - 100 == pytest.approx(100, rel=0.01)
