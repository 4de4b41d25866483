"""Prices are exact, and intervals begin where calendars say."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ticketonomics_server.prices.model import (
    DAY,
    INTERVALS_SECONDS,
    MAX_SIZE,
    PRICE_DIGITS,
    format_price,
    interval_start,
    is_instrument,
    round_price,
)

PARTS = st.integers(1, MAX_SIZE * 10**9)


@given(PARTS, PARTS)
@example(1, MAX_SIZE * 10**9)
@example(MAX_SIZE * 10**9, 1)
def test_a_price_is_the_nearest_of_18_digits(numerator: int, denominator: int) -> None:
    price = round_price(numerator, denominator)
    assert len(price.as_tuple().digits) <= PRICE_DIGITS
    exact, found = Fraction(numerator, denominator), Fraction(price)
    step = Fraction(10) ** (price.adjusted() - PRICE_DIGITS + 1)
    assert abs(exact - found) <= step / 2
    if abs(exact - found) == step / 2:
        assert int(price.scaleb(PRICE_DIGITS - 1 - price.adjusted())) % 2 == 0


@given(PARTS, PARTS, PARTS, PARTS)
def test_rounding_never_turns_an_order_round(a: int, b: int, c: int, d: int) -> None:
    if Fraction(a, b) <= Fraction(c, d):
        assert round_price(a, b) <= round_price(c, d)


@given(PARTS, PARTS)
def test_a_price_is_written_so_that_it_is_read_back(numerator: int, denominator: int) -> None:
    price = round_price(numerator, denominator)
    text = format_price(price)
    assert Decimal(text) == price
    assert "E" not in text
    assert "." not in text or text[-1] not in "0."


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [
        (1, 16, "0.0625"),
        (100, 1, "100"),
        (10**30, 1, "1" + "0" * 30),
        (1, 3, "0.333333333333333333"),
        (2, 3, "0.666666666666666667"),
        (1, 10**28, "0." + "0" * 27 + "1"),
        (30, 20, "1.5"),
        # Half to even, at the 18th digit.
        (2 * 10**17 + 1, 2, "100000000000000000"),
        (2 * 10**17 + 3, 2, "100000000000000002"),
    ],
)
def test_prices_as_they_are_told(numerator: int, denominator: int, text: str) -> None:
    assert format_price(round_price(numerator, denominator)) == text


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)), st.sampled_from(INTERVALS_SECONDS))
def test_an_interval_holds_its_time_and_begins_at_a_whole_multiple(
    naive: datetime, seconds: int
) -> None:
    time = naive.replace(tzinfo=UTC)
    start = interval_start(time, seconds)
    assert start <= time < start + timedelta(seconds=seconds)
    assert start.timestamp() % seconds == 0
    if seconds == DAY:
        assert (start.hour, start.minute, start.second, start.microsecond) == (0, 0, 0, 0)


def test_intervals_fit_into_each_other() -> None:
    for shorter, longer in pairwise(INTERVALS_SECONDS):
        assert longer % shorter == 0


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("pools/iron", True),
        ("market/IRON-SWORD/BRONZE", True),
        ("iron", False),
        ("/iron", False),
        ("pools/", False),
        ("pools//iron", False),
        ("pools/ir on", False),
        ("pools/iron\n", False),
        ("a/b/c/d/e", False),
        ("pools/" + "x" * 64, True),
        ("pools/" + "x" * 65, False),
        ("x" * 40 + "/" + "y" * 60, False),
        ("", False),
    ],
)
def test_names_of_instruments(name: str, valid: bool) -> None:
    assert is_instrument(name) == valid
