"""How a block's trades reach Postgres: ticks appended, candles and newest prices in one go.

All are rows of the block's own transaction, and none of them is a row of the state: nothing is
loaded for a trade, so a hot instrument costs a block two statements, however many trades it has.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from struct import Struct
from typing import Any

from ticketonomics_server.prices.model import (
    INTERVALS_SECONDS,
    SECOND,
    TICKS,
    Candle,
    RecordedTick,
    Tick,
    begin_candle,
    interval_start,
)
from ticketonomics_server.storage.arrays import int_array
from ticketonomics_server.storage.writes import FEW, Copy, Statement, Write

_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# A row of COPY's binary format up to the price, whose length depends on its digits.
_TICK = Struct(">hiqiqiqiiih")
_COLUMNS = ("sequence", "tick_time", "size", "economy_id", "position", "price", "instrument")
# As `numeric_recv` in Postgres reads it: so many digits of base 10,000, the first one's weight,
# sign, and how many decimal places are shown. The length leads.
_NUMERIC = tuple(Struct(f">ihhHH{count}H") for count in range(16))

_INSERT_TICKS = """
INSERT INTO ticks (economy_id, sequence, tick_time, size, position, price, instrument)
SELECT {0}::int, v.* FROM unnest(
    {1}::text::bigint[], {2}::timestamptz[], {3}::text::bigint[], {4}::text::smallint[],
    {5}::text::numeric[], {6}::text[]) v
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
        # An instrument's trades of a block have one time, so they are in one candle of a kind.
        seconds: dict[tuple[str, datetime], Candle] = {}
        newest: dict[str, RecordedTick] = {}
        counts: dict[str, int] = {}
        first: dict[str, RecordedTick] = {}
        for record in records:
            tick = record.tick
            key = tick.instrument, tick.tick_time
            candle = seconds.get(key)
            if candle is None:
                seconds[key] = begin_candle(tick, SECOND)
                first.setdefault(tick.instrument, record)
            else:
                candle.add(tick)
            newest[tick.instrument] = record
            counts[tick.instrument] = counts.get(tick.instrument, 0) + 1
        return [
            _append([record.tick for record in records], economy_id),
            _merge_candles(economy_id, seconds),
            _merge_instruments(economy_id, first, newest, counts),
        ]


def _append(ticks: list[Tick], economy_id: int) -> Write:
    if len(ticks) < FEW:
        sequences, positions, instruments, prices, sizes, times = zip(*ticks, strict=True)
        arguments = [
            economy_id,
            int_array(sequences),
            list(times),
            int_array(sizes),
            int_array(positions),
            _numeric_array(prices),
            list(instruments),
        ]
        return Statement(_INSERT_TICKS, arguments, len(ticks))
    micros = {time: _micros(time) for time in {tick.tick_time for tick in ticks}}
    names = {name: _text(name) for name in {tick.instrument for tick in ticks}}
    pack = _TICK.pack
    rows = [
        pack(7, 8, sequence, 8, micros[time], 8, size, 4, economy_id, 2, position)
        + _pack_price(price)
        + names[instrument]
        for sequence, position, instrument, price, size, time in ticks
    ]
    return Copy("ticks", _COLUMNS, rows)


def _merge_candles(economy_id: int, seconds: dict[tuple[str, datetime], Candle]) -> Statement:
    """Merges what each instrument's trades come to into its candle of every interval."""
    merged: dict[tuple[str, int, datetime], Candle] = {}
    for (instrument, time), candle in seconds.items():
        for interval in INTERVALS_SECONDS:
            key = instrument, interval, interval_start(time, interval)
            found = merged.get(key)
            if found is None:
                merged[key] = replaced(candle, interval, key[2])
            else:
                absorb(found, candle)
    candles = list(merged.values())
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


def _merge_instruments(
    economy_id: int,
    first: dict[str, RecordedTick],
    newest: dict[str, RecordedTick],
    counts: dict[str, int],
) -> Statement:
    last = [record.tick for record in newest.values()]
    names = list(newest)
    arguments: list[Any] = [
        economy_id,
        names,
        [first[name].base for name in names],
        [first[name].quote for name in names],
        int_array(first[name].tick.sequence for name in names),
        [first[name].tick.tick_time for name in names],
        int_array(tick.sequence for tick in last),
        int_array(tick.position for tick in last),
        [tick.tick_time for tick in last],
        int_array(tick.size for tick in last),
        _numeric_array(tick.price for tick in last),
        int_array(counts[name] for name in names),
    ]
    return Statement(_MERGE_INSTRUMENTS, arguments, len(names))


def replaced(candle: Candle, interval_seconds: int, start_time: datetime) -> Candle:
    """Makes a candle of another interval with the same trades."""
    return Candle(
        candle.instrument,
        interval_seconds,
        start_time,
        candle.open,
        candle.high,
        candle.low,
        candle.close,
        candle.volume,
        candle.trade_count,
        candle.first_sequence,
        candle.last_sequence,
    )


def absorb(candle: Candle, later: Candle) -> None:
    """Adds the trades of a later candle."""
    candle.high = max(candle.high, later.high)
    candle.low = min(candle.low, later.low)
    candle.close = later.close
    candle.volume += later.volume
    candle.trade_count += later.trade_count
    candle.last_sequence = later.last_sequence


def _numeric_array(values: Iterable[Decimal]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _pack_price(price: Decimal) -> bytes:
    exponent: Any = price.as_tuple().exponent
    # To a multiple of four decimal digits, which is one of Postgres' own.
    digits_of_one, extra = divmod(exponent, 4)
    coefficient = int(price.scaleb(-exponent)) * 10**extra
    digits = []
    while coefficient:
        coefficient, digit = divmod(coefficient, 10_000)
        digits.append(digit)
    count = len(digits)
    digits.reverse()
    return _NUMERIC[count].pack(
        8 + 2 * count, count, count - 1 + digits_of_one, 0, max(0, -exponent), *digits
    )


def _micros(time: datetime) -> int:
    return (time - _POSTGRES_EPOCH) // _MICROSECOND


def _text(value: str) -> bytes:
    encoded = value.encode()
    return len(encoded).to_bytes(4, "big") + encoded
