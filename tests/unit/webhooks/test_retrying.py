"""The schedule of attempts, as the document tells it."""

from datetime import timedelta

import pytest
from ticketonomics_server.webhooks.retrying import RetryPolicy

POLICY = RetryPolicy(attempts=11, first_wait_seconds=5.0, disable_after=timedelta(days=5))
HOUR = 3_600.0


def test_the_waits_are_the_documents() -> None:
    waits = [POLICY.wait_seconds(n, None, lambda: 0.5) for n in range(1, 11)]
    assert waits == [5, 15, 45, 135, 405, 1_215, 3_645, 10_935, 32_805, 12 * HOUR]
    assert 25 * HOUR < sum(waits) < 27 * HOUR


@pytest.mark.parametrize(("drawn", "wait"), [(0.0, 4.0), (0.5, 5.0), (1.0, 6.0)])
def test_chance_makes_a_fifth(drawn: float, wait: float) -> None:
    assert POLICY.wait_seconds(1, None, lambda: drawn) == pytest.approx(wait)


@pytest.mark.parametrize(
    ("asked", "wait"), [(0.0, 5), (1.0, 5), (100.0, 100), (-5.0, 5), (1e9, 12 * HOUR)]
)
def test_what_the_receiver_asks_for_is_honoured_within_bounds(asked: float, wait: float) -> None:
    assert POLICY.wait_seconds(1, asked, lambda: 0.5) == wait
