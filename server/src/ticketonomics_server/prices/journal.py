"""How a block's trades reach Postgres: ticks appended, candles and newest prices in one go.

All are rows of the block's own transaction, and none of them is a row of the state: nothing is
loaded for a trade, so a hot instrument costs a block two statements, however many trades it has.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from struct import Struct

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
        # A block has one time: an instrument's trades are in one candle of each interval.
        traded: dict[str, Traded] = {}
        for record in records:
            found = traded.get(record.tick.instrument)
            if found is None:
                traded[record.tick.instrument] = Traded(record)
            else:
                found.candle.add(record.tick)
                found.newest = record.tick
        return [
            _append([record.tick for record in records], economy_id),
            _merge_candles(economy_id, [found.candle for found in traded.values()]),
            _merge_instruments(economy_id, list(traded.values())),
        ]


class Traded:
    """What a block has traded of one instrument."""

    __slots__ = ("base", "candle", "newest", "quote")

    def __init__(self, first: RecordedTick) -> None:
        self.base, self.quote = first.base, first.quote
        self.candle = begin_candle(first.tick, SECOND)
        self.newest = first.tick


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
    micros = _micros(ticks[0].tick_time)
    names = {name: _text(name) for name in {tick.instrument for tick in ticks}}
    pack = _TICK.pack
    rows = [
        pack(7, 8, sequence, 8, micros, 8, size, 4, economy_id, 2, position)
        + _pack_price(price)
        + names[instrument]
        for sequence, position, instrument, price, size, _ in ticks
    ]
    return Copy("ticks", _COLUMNS, rows)


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
        [found.base for found in traded],
        [found.quote for found in traded],
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


def _pack_price(price: Decimal) -> bytes:
    # Text is the quickest way to a decimal's digits.
    whole, _, part = str(price).partition(".")
    if "E" in whole or "E" in part:
        whole, _, part = format(price, "f").partition(".")
    places = len(part)
    # Four decimal places are one digit of Postgres' own.
    below_one = -(-places // 4)
    coefficient = int(whole + part) * 10 ** (below_one * 4 - places)
    digits = []
    while coefficient:
        coefficient, digit = divmod(coefficient, 10_000)
        digits.append(digit)
    count = len(digits)
    digits.reverse()
    return _NUMERIC[count].pack(8 + 2 * count, count, count - 1 - below_one, 0, places, *digits)


def _micros(time: datetime) -> int:
    return (time - _POSTGRES_EPOCH) // _MICROSECOND


def _text(value: str) -> bytes:
    encoded = value.encode()
    return len(encoded).to_bytes(4, "big") + encoded
