"""What an answer's headers ask for, and what an outcome means."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from ticketonomics_server.webhooks.sending import Outcome, _read_retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0.0), ("120", 120.0), (" 7 ", 7.0), ("9" * 20, float("9" * 20))],
)
def test_seconds_are_read(value: str, seconds: float) -> None:
    assert _read_retry_after(value) == seconds


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "²", "١", "1 2", "Mon, 99 Foo 2030"])
def test_what_is_neither_seconds_nor_a_date_is_nothing(value: str) -> None:
    assert _read_retry_after(value) is None


@pytest.mark.parametrize(("ahead", "least", "most"), [(60, 55, 61), (-60, 0, 0)])
def test_dates_are_read(ahead: int, least: float, most: float) -> None:
    when = datetime.now(UTC) + timedelta(seconds=ahead)
    found = _read_retry_after(format_datetime(when, usegmt=True))
    assert found is not None
    assert least <= found <= most


def test_what_failed_was_not_delivered() -> None:
    assert Outcome(204).delivered
    assert not Outcome(500, "HTTP status 500").delivered
    assert not Outcome(0, "no answer within 15 s").delivered
