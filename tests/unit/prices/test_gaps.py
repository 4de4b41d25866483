"""An interval without trades has no candle; where it is asked for, it has the close before."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ticketonomics_server.prices.gaps import fill_gaps
from ticketonomics_server.prices.model import MINUTE, Candle

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def candle(minute: int, close: str = "1") -> Candle:
    low, high = sorted((Decimal("1"), Decimal(close)))
    return Candle(
        "pools/iron", MINUTE, at(minute), Decimal(1), high, low, Decimal(close), 9, 3,
        minute * 10 + 1, minute * 10 + 5,
    )  # fmt: skip


def filled(found: list[Candle], before: Candle | None, first: int, last: int) -> list[Candle]:
    return fill_gaps(found, before, interval_seconds=MINUTE, first=at(first), last=at(last))


def test_a_gap_is_filled_with_the_close_before_it() -> None:
    one, four = candle(1, "2.5"), candle(4)
    there = filled([one, four], None, 1, 5)
    assert [c.start_time for c in there] == [at(n) for n in (5, 4, 3, 2, 1)]
    assert there[1] is four
    assert there[4] is one
    gap = there[2]
    assert {gap.open, gap.high, gap.low, gap.close} == {Decimal("2.5")}
    assert (gap.volume, gap.trade_count, gap.last_sequence) == (0, 0, one.last_sequence)
    assert there[0].close == four.close


def test_a_page_that_begins_in_a_gap_takes_the_close_from_before() -> None:
    assert [c.close for c in filled([], candle(0, "7"), 3, 4)] == [Decimal(7)] * 2


def test_before_the_first_trade_there_is_nothing() -> None:
    assert [c.start_time for c in filled([candle(3)], None, 1, 4)] == [at(4), at(3)]
    assert filled([], None, 1, 4) == []
    assert filled([], candle(0), 4, 3) == []
