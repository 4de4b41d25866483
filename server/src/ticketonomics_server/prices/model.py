"""What this room knows: trades, and what they come to in an interval. Pure data."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from typing import NamedTuple

# The journal that `record_trade` appends to.
TICKS = "ticks"

# A price has at most so many significant digits: what an int64 tells, and no more.
PRICE_DIGITS = 18
_ROUNDING = Context(prec=PRICE_DIGITS, rounding=ROUND_HALF_EVEN)
MAX_SIZE = 2**63 - 1

# How long candles last, in seconds; the numbers of `Candle.Interval` are their places, from 1.
INTERVALS_SECONDS = (1, 60, 300, 3_600, 86_400)
SECOND, MINUTE, FIVE_MINUTES, HOUR, DAY = INTERVALS_SECONDS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTRUMENT = re.compile(r"[A-Za-z0-9_.-]{1,64}(/[A-Za-z0-9_.-]{1,64}){1,3}")
MAX_INSTRUMENT = 96


class Tick(NamedTuple):
    """A trade, as it is recorded and stored.

    Attributes:
        sequence: Entry that traded.
        position: Which trade of that entry, from 0.
        size: In minor units of the base asset.
    """

    sequence: int
    position: int
    instrument: str
    price: Decimal
    size: int
    tick_time: datetime


class RecordedTick(NamedTuple):
    """A tick on its way to the database, with what is stored once for its instrument.

    It is made for every trade, so it has the tick's fields itself.
    """

    sequence: int
    position: int
    instrument: str
    price: Decimal
    size: int
    tick_time: datetime
    base: str
    quote: str

    @property
    def tick(self) -> Tick:
        return Tick(*self[:-2])


@dataclass(slots=True)
class Candle:
    """What trades of one instrument come to in an interval; fields as the row's."""

    instrument: str
    interval_seconds: int
    start_time: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int
    trade_count: int
    first_sequence: int
    last_sequence: int

    def add(self, tick: Tick) -> None:
        """Adds the next trade."""
        price = tick.price
        if price > self.high:
            self.high = price
        elif price < self.low:
            self.low = price
        self.close = price
        self.volume += tick.size
        self.trade_count += 1
        self.last_sequence = tick.sequence


def begin_candle(tick: Tick | RecordedTick, interval_seconds: int) -> Candle:
    """Makes the candle that has this trade alone."""
    return Candle(
        instrument=tick.instrument,
        interval_seconds=interval_seconds,
        start_time=interval_start(tick.tick_time, interval_seconds),
        open=tick.price,
        high=tick.price,
        low=tick.price,
        close=tick.price,
        volume=tick.size,
        trade_count=1,
        first_sequence=tick.sequence,
        last_sequence=tick.sequence,
    )


def interval_start(time: datetime, interval_seconds: int) -> datetime:
    """Returns when the interval that holds a time begins, by UTC."""
    # Whole seconds first: floats of today have no room for microseconds.
    whole = (time - _EPOCH) // timedelta(seconds=interval_seconds)
    return _EPOCH + timedelta(seconds=whole * interval_seconds)


def round_price(numerator: int, denominator: int) -> Decimal:
    """Divides exactly, and rounds once: to 18 significant digits, half to even."""
    # Integers are taken exactly, however many digits they have; only the quotient is rounded.
    return _ROUNDING.divide(numerator, denominator)


def format_price(price: Decimal) -> str:
    """Writes a price without exponent and without zeros that say nothing."""
    text = format(price, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=10_000)
def is_instrument(name: str) -> bool:
    """Tells whether a name has the form of an instrument's, such as `pools/iron`."""
    return len(name) <= MAX_INSTRUMENT and _INSTRUMENT.fullmatch(name) is not None


def source_of(instrument: str) -> str:
    """Returns where an instrument is traded."""
    return instrument.partition("/")[0]
