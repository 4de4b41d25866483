"""Candles of intervals in which nothing was traded: the close before, without volume. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ticketonomics_server.prices.model import Candle


def fill_gaps(
    found: Iterable[Candle],
    before: Candle | None,
    *,
    interval_seconds: int,
    first: datetime,
    last: datetime,
) -> list[Candle]:
    """Makes a row of candles without gaps, newest first.

    Args:
        found: Those that there are from `first` to `last`.
        before: The newest one that begins before `first`, if any: without it, nothing is filled
            before the oldest one found.
        first: When the oldest wanted begins.
        last: When the newest wanted begins.
    """
    there = {candle.start_time: candle for candle in found}
    filled: list[Candle] = []
    start, newest = first, before
    while start <= last:
        newest = there.get(start) or (_empty(newest, start) if newest else None)
        if newest is not None:
            filled.append(newest)
        start += timedelta(seconds=interval_seconds)
    filled.reverse()
    return filled


def _empty(before: Candle, start_time: datetime) -> Candle:
    close = before.close
    return Candle(
        instrument=before.instrument,
        interval_seconds=before.interval_seconds,
        start_time=start_time,
        open=close,
        high=close,
        low=close,
        close=close,
        volume=0,
        trade_count=0,
        first_sequence=before.last_sequence,
        last_sequence=before.last_sequence,
    )
