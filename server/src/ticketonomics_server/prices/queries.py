"""Reads of prices, ticks and candles. Each takes a snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.tables import blocks
from ticketonomics_server.prices.model import SECOND, Candle, Tick
from ticketonomics_server.prices.tables import candles, instruments, price_retention, ticks
from ticketonomics_server.storage.reading import Snapshot

_c, _i, _t = candles.c, instruments.c, ticks.c
_CANDLE = sa.select(*(_c[name] for name in Candle.__dataclass_fields__))
_TICK = sa.select(*(_t[name] for name in Tick._fields))


@dataclass(slots=True, frozen=True)
class Day:
    """What happened in the last 24 hours, by whole hours."""

    open: Decimal
    high: Decimal
    low: Decimal
    volume: int
    trade_count: int


@dataclass(slots=True, frozen=True)
class Instrument:
    """What is traded, with its newest trade."""

    last: Tick
    base: str
    quote: str
    trade_count: int
    first_time: datetime
    day: Day

    @property
    def name(self) -> str:
        return self.last.instrument


@dataclass(slots=True, frozen=True)
class Update:
    """A trade, and how many its instrument has had with it."""

    tick: Tick
    trade_count: int


# --- newest prices ------------------------------------------------------------------------------


_PRICES = """
SELECT i.*, coalesce(b.close, d.open, i.last_price) AS day_open,
    coalesce(d.high, i.last_price) AS day_high, coalesce(d.low, i.last_price) AS day_low,
    coalesce(d.volume, 0) AS day_volume, coalesce(d.trade_count, 0) AS day_trade_count
FROM instruments i
CROSS JOIN (
    SELECT date_bin('1 hour', now() - interval '24 hours', timestamptz '2000-01-01Z') AS start_time
) w
LEFT JOIN LATERAL (
    SELECT (array_agg(c.open ORDER BY c.start_time))[1] AS open, max(c.high) AS high,
        min(c.low) AS low, sum(c.volume) AS volume, sum(c.trade_count) AS trade_count
    FROM candles c WHERE c.economy_id = i.economy_id AND c.instrument = i.instrument
        AND c.interval_seconds = 3600 AND c.start_time >= w.start_time
) d ON true
LEFT JOIN LATERAL (
    SELECT c.close FROM candles c WHERE c.economy_id = i.economy_id
        AND c.instrument = i.instrument AND c.interval_seconds = 3600
        AND c.start_time < w.start_time ORDER BY c.start_time DESC LIMIT 1
) b ON true
WHERE i.economy_id = :economy_id AND
"""
_ONE_PRICE = sa.text(_PRICES + "i.instrument = :instrument")
_ALL_PRICES = sa.text(
    _PRICES + "i.instrument > :behind AND (:source = '' OR"
    " i.instrument > :source || '/' AND i.instrument < :source || '0')"
    " AND (:base = '' OR i.base = :base) AND (:quote = '' OR i.quote = :quote)"
    " ORDER BY i.instrument LIMIT :limit"
).bindparams(*(sa.bindparam(name, type_=sa.Text) for name in ("source", "base", "quote")))


async def find_price(snapshot: Snapshot, instrument: str) -> Instrument:
    """Finds an instrument's newest price, or refuses with INSTRUMENT_NOT_FOUND."""
    rows = await snapshot.connection.execute(
        _ONE_PRICE, {"economy_id": snapshot.economy_id, "instrument": instrument}
    )
    row = rows.one_or_none()
    if row is None:
        raise _never_traded(instrument)
    return _instrument(row)


def _never_traded(instrument: str) -> Rejection:
    return Rejection(
        Reason.INSTRUMENT_NOT_FOUND, f"{instrument} has never been traded", instrument=instrument
    )


async def check_traded(snapshot: Snapshot, instrument: str) -> None:
    """Refuses with INSTRUMENT_NOT_FOUND what was never traded."""
    query = sa.select(_i.trade_count).where(
        _i.economy_id == snapshot.economy_id, _i.instrument == instrument
    )
    if await snapshot.connection.scalar(query) is None:
        raise _never_traded(instrument)


async def list_prices(
    snapshot: Snapshot, *, source: str, base: str, quote: str, behind: str, limit: int
) -> list[Instrument]:
    """Lists instruments by name, those behind one; empty filters let all pass."""
    rows = await snapshot.connection.execute(
        _ALL_PRICES,
        {
            "economy_id": snapshot.economy_id,
            "source": source,
            "base": base,
            "quote": quote,
            "behind": behind,
            "limit": limit,
        },
    )
    return [_instrument(row) for row in rows]


def _instrument(row: Any) -> Instrument:
    return Instrument(
        last=_newest(row),
        base=row.base,
        quote=row.quote,
        trade_count=row.trade_count,
        first_time=row.first_time,
        day=Day(
            row.day_open,
            row.day_high,
            row.day_low,
            int(row.day_volume),
            int(row.day_trade_count),
        ),
    )


def _newest(row: Any) -> Tick:
    return Tick(
        row.last_sequence,
        row.last_position,
        row.instrument,
        row.last_price,
        row.last_size,
        row.last_time,
    )


async def newest_updates(
    snapshot: Snapshot, *, after: int = 0, wanted: Sequence[str] | None = None
) -> list[Update]:
    """Lists the newest trade of each instrument that has traded after an entry, in order.

    Args:
        wanted: Only these; all if None.
    """
    query = sa.select(instruments).where(
        _i.economy_id == snapshot.economy_id, _i.last_sequence > after
    )
    if wanted is not None:
        query = query.where(_i.instrument.in_(wanted))
    query = query.order_by(_i.last_sequence, _i.last_position)
    rows = await snapshot.connection.execute(query)
    return [Update(_newest(row), row.trade_count) for row in rows]


# --- ticks --------------------------------------------------------------------------------------


async def list_ticks(
    snapshot: Snapshot, instrument: str, *, after: int, below: tuple[int, int], limit: int
) -> list[Tick]:
    """Lists an instrument's trades, newest first.

    Args:
        after: Only those of later entries.
        below: Only those before this entry and position.
    """
    query = (
        _TICK.where(
            _t.economy_id == snapshot.economy_id,
            _t.instrument == instrument,
            _t.sequence > after,
            sa.tuple_(_t.sequence, _t.position) < sa.tuple_(*map(sa.literal, below)),
        )
        .order_by(_t.sequence.desc(), _t.position.desc())
        .limit(limit)
    )
    return [Tick(*row) for row in await snapshot.connection.execute(query)]


async def ticks_since(snapshot: Snapshot, after: int, limit: int) -> list[Tick] | None:
    """Lists all trades after an entry in order; None where there are more than the limit.

    Also None where some of them are not kept any more.
    """
    values = {"economy_id": snapshot.economy_id, "after": after, "limit": limit}
    if not await snapshot.connection.scalar(_LISTABLE, values):
        return None
    query = (
        _TICK.where(_t.economy_id == snapshot.economy_id, _t.sequence > after)
        .order_by(_t.sequence, _t.position)
        .limit(limit)
    )
    return [Tick(*row) for row in await snapshot.connection.execute(query)]


_LISTABLE = sa.text(
    "SELECT NOT EXISTS (SELECT FROM ticks WHERE economy_id = :economy_id AND sequence > :after"
    " OFFSET :limit) AND NOT EXISTS (SELECT FROM price_retention WHERE economy_id = :economy_id"
    " AND ticks_from > :after + 1)"
)


async def ticks_kept_from(snapshot: Snapshot) -> int:
    """The entry from which on ticks are kept."""
    query = sa.select(price_retention.c.ticks_from).where(
        price_retention.c.economy_id == snapshot.economy_id
    )
    return await snapshot.connection.scalar(query) or 1


# --- candles ------------------------------------------------------------------------------------


async def list_candles(
    snapshot: Snapshot,
    instrument: str,
    interval_seconds: int,
    *,
    start: datetime | None = None,
    below: datetime | None = None,
    limit: int,
) -> list[Candle]:
    """Lists candles, newest first: those that begin from `start` on and before `below`."""
    query = _of(snapshot, instrument, interval_seconds)
    if start is not None:
        query = query.where(_c.start_time >= start)
    if below is not None:
        query = query.where(_c.start_time < below)
    query = query.order_by(_c.start_time.desc()).limit(limit)
    return [_candle(row) for row in await snapshot.connection.execute(query)]


async def first_candle_start(
    snapshot: Snapshot, instrument: str, interval_seconds: int
) -> datetime | None:
    """When the oldest candle that there is begins."""
    query = (
        _of(snapshot, instrument, interval_seconds)
        .with_only_columns(_c.start_time)
        .order_by(_c.start_time)
        .limit(1)
    )
    found: datetime | None = await snapshot.connection.scalar(query)
    return found


async def candles_since(
    snapshot: Snapshot, instrument: str, interval_seconds: int, *, after: int, limit: int
) -> list[Candle] | None:
    """Lists the candles that have a trade after an entry, oldest first.

    None where there are more than the limit, or where some are not kept any more.
    """
    time = await snapshot.connection.scalar(
        sa.select(blocks.c.block_time)
        .where(blocks.c.economy_id == snapshot.economy_id, blocks.c.last_sequence > after)
        .order_by(blocks.c.last_sequence)
        .limit(1)
    )
    if time is None:
        return []
    if interval_seconds == SECOND:
        kept_from = await snapshot.connection.scalar(
            sa.select(price_retention.c.seconds_from).where(
                price_retention.c.economy_id == snapshot.economy_id
            )
        )
        if kept_from is not None and time < kept_from:
            return None
    query = (
        _of(snapshot, instrument, interval_seconds)
        # The one that was running when the entry's next one came, and all after it.
        .where(_c.start_time > time - timedelta(seconds=interval_seconds), _c.last_sequence > after)
        .order_by(_c.start_time)
        .limit(limit + 1)
    )
    found = [_candle(row) for row in await snapshot.connection.execute(query)]
    return found if len(found) <= limit else None


async def read_now(snapshot: Snapshot) -> datetime:
    """The database's clock at the snapshot."""
    now: datetime = (await snapshot.connection.execute(sa.select(sa.func.now()))).scalar_one()
    return now


def _of(snapshot: Snapshot, instrument: str, interval_seconds: int) -> sa.Select[Any]:
    return _CANDLE.where(
        _c.economy_id == snapshot.economy_id,
        _c.instrument == instrument,
        _c.interval_seconds == interval_seconds,
    )


def _candle(row: Any) -> Candle:
    candle = Candle(*row)
    candle.volume = int(candle.volume)
    return candle
