"""How a block's trades reach Postgres: ticks appended, candles and newest prices in one go.

All are rows of the block's own transaction, and none of them is a row of the state: nothing is
loaded for a trade, so a hot instrument costs a block two statements, however many trades it has.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from ticketonomics_server.prices.model import (
    INTERVALS_SECONDS,
    SECOND,
    TICKS,
    Candle,
    RecordedTick,
    begin_candle,
    interval_start,
)
from ticketonomics_server.storage.arrays import int_array
from ticketonomics_server.storage.writes import Statement, Write

_INSERT_TICKS = """
INSERT INTO ticks (economy_id, tick_time, sequence, size, position, price, instrument)
SELECT {0}::int, {1}::timestamptz, v.* FROM unnest(
    {2}::text::bigint[], {3}::text::bigint[], {4}::text::smallint[], {5}::text::numeric[],
    {6}::text::text[]) v
"""
# The block's trades are later than all that a row has.
_MERGE_CANDLES = """
INSERT INTO candles (economy_id, instrument, interval_seconds, start_time, open, high, low, close,
                     volume, trade_count, first_sequence, last_sequence)
SELECT {0}::int, v.* FROM unnest(
    {1}::text[], {2}::text::int[], {3}::timestamptz[], {4}::text::numeric[],
    {5}::text::numeric[], {6}::text::numeric[], {7}::text::numeric[], {8}::text::numeric[],
    {9}::text::bigint[], {10}::text::bigint[], {11}::text::bigint[]) v
ON CONFLICT (economy_id, instrument, interval_seconds, start_time) DO UPDATE SET
    high = greatest(candles.high, excluded.high),
    low = least(candles.low, excluded.low),
    close = excluded.close,
    volume = candles.volume + excluded.volume,
    trade_count = candles.trade_count + excluded.trade_count,
    last_sequence = excluded.last_sequence
"""
_MERGE_INSTRUMENTS = """
INSERT INTO instruments (economy_id, instrument, base, quote, first_sequence, first_time,
                         last_sequence, last_position, last_time, last_size, last_price,
                         trade_count)
SELECT {0}::int, v.* FROM unnest(
    {1}::text[], {2}::text[], {3}::text[], {4}::text::bigint[], {5}::timestamptz[],
    {6}::text::bigint[], {7}::text::smallint[], {8}::timestamptz[], {9}::text::bigint[],
    {10}::text::numeric[], {11}::text::bigint[]) v
ON CONFLICT (economy_id, instrument) DO UPDATE SET
    last_sequence = excluded.last_sequence,
    last_position = excluded.last_position,
    last_time = excluded.last_time,
    last_size = excluded.last_size,
    last_price = excluded.last_price,
    trade_count = instruments.trade_count + excluded.trade_count
"""


class TickJournal:
    """Appends ticks, and merges them into the candles and newest prices that there are."""

    name = TICKS

    def writes(self, economy_id: int, records: list[RecordedTick]) -> list[Write]:
        by_instrument: dict[str, list[RecordedTick]] = {}
        for record in records:
            found = by_instrument.get(record.instrument)
            if found is None:
                by_instrument[record.instrument] = [record]
            else:
                found.append(record)
        traded = [Traded(ticks) for ticks in by_instrument.values()]
        return [
            _append(economy_id, records),
            _merge_candles(economy_id, [found.candle for found in traded]),
            _merge_instruments(economy_id, traded),
        ]


class Traded:
    """What a block has traded of one instrument."""

    __slots__ = ("candle", "newest")

    def __init__(self, ticks: list[RecordedTick]) -> None:
        # A block has one time: its trades are in one candle of each interval.
        prices = [tick.price for tick in ticks]
        self.newest = ticks[-1]
        self.candle = replace(
            begin_candle(ticks[0], SECOND),
            high=max(prices),
            low=min(prices),
            close=prices[-1],
            volume=sum([tick.size for tick in ticks]),
            trade_count=len(ticks),
            last_sequence=self.newest.sequence,
        )


def _append(economy_id: int, ticks: list[RecordedTick]) -> Statement:
    sequences, positions, instruments, prices, sizes, *_ = zip(*ticks, strict=True)
    arguments = [
        economy_id,
        # The time of all of them.
        ticks[0].tick_time,
        int_array(sequences),
        int_array(sizes),
        int_array(positions),
        _numeric_array(prices),
        _name_array(instruments),
    ]
    return Statement(_INSERT_TICKS, arguments, len(ticks))


def _merge_candles(economy_id: int, traded: list[Candle]) -> Statement:
    """Merges what was traded into the candles of every interval."""
    candles = [
        replace(
            candle,
            interval_seconds=seconds,
            start_time=interval_start(candle.start_time, seconds),
        )
        for candle in traded
        for seconds in INTERVALS_SECONDS
    ]
    arguments = [
        economy_id,
        [candle.instrument for candle in candles],
        int_array(candle.interval_seconds for candle in candles),
        [candle.start_time for candle in candles],
        _numeric_array(candle.open for candle in candles),
        _numeric_array(candle.high for candle in candles),
        _numeric_array(candle.low for candle in candles),
        _numeric_array(candle.close for candle in candles),
        int_array(candle.volume for candle in candles),
        int_array(candle.trade_count for candle in candles),
        int_array(candle.first_sequence for candle in candles),
        int_array(candle.last_sequence for candle in candles),
    ]
    return Statement(_MERGE_CANDLES, arguments, len(candles))


def _merge_instruments(economy_id: int, traded: list[Traded]) -> Statement:
    last = [found.newest for found in traded]
    arguments = [
        economy_id,
        [tick.instrument for tick in last],
        [tick.base for tick in last],
        [tick.quote for tick in last],
        int_array(found.candle.first_sequence for found in traded),
        # The time of all of them.
        [tick.tick_time for tick in last],
        int_array(tick.sequence for tick in last),
        int_array(tick.position for tick in last),
        [tick.tick_time for tick in last],
        int_array(tick.size for tick in last),
        _numeric_array(tick.price for tick in last),
        int_array(found.candle.trade_count for found in traded),
    ]
    return Statement(_MERGE_INSTRUMENTS, arguments, len(traded))


def _numeric_array(values: Iterable[Decimal]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _name_array(instruments: Iterable[str]) -> str:
    # No name of an instrument has anything to be quoted.
    return "{" + ",".join(instruments) + "}"
