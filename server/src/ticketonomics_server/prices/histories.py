"""Pages of ticks and candles, from the newest back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ticketonomics_server.engine.block import from_micros, to_micros
from ticketonomics_server.ledger.queries import last_sequence_at
from ticketonomics_server.prices import queries
from ticketonomics_server.prices.gaps import fill_gaps
from ticketonomics_server.prices.model import Candle, Tick, interval_start
from ticketonomics_server.storage.reading import Snapshot

_BEHIND_ALL = 2**63 - 1
_MICROSECOND = timedelta(microseconds=1)


@dataclass(slots=True, frozen=True)
class CandlePage:
    """Candles, newest first.

    Attributes:
        more: Before which time the next page begins, in microseconds since 1970; None for none.
    """

    candles: list[Candle]
    more: int | None


def earlier(end: datetime | None, token: tuple[int] | None) -> datetime | None:
    """Returns before which time a page lies: that of the request, or of its token."""
    if token is None:
        return end
    try:
        below = from_micros(token[0])
    except OverflowError:
        return end
    return below if end is None else min(end, below)


async def list_ticks(
    snapshot: Snapshot,
    instrument: str,
    *,
    start: datetime | None,
    end: datetime | None,
    behind: tuple[int, int] | None,
    limit: int,
) -> list[Tick]:
    """Lists trades from a time on and before another one, behind an entry and position."""
    after = await last_sequence_at(snapshot, start, before=True) if start else 0
    below = behind or (_BEHIND_ALL, 0)
    if end is not None:
        below = min(below, (await last_sequence_at(snapshot, end, before=True) + 1, 0))
    return await queries.list_ticks(snapshot, instrument, after=after, below=below, limit=limit)


async def list_found(
    snapshot: Snapshot,
    instrument: str,
    interval_seconds: int,
    *,
    start: datetime | None,
    end: datetime | None,
    size: int,
) -> CandlePage:
    """Lists the candles that there are."""
    found = await queries.list_candles(
        snapshot, instrument, interval_seconds, start=start, below=end, limit=size + 1
    )
    more = to_micros(found[size - 1].start_time) if len(found) > size else None
    return CandlePage(found[:size], more)


async def list_filled(
    snapshot: Snapshot,
    instrument: str,
    interval_seconds: int,
    *,
    start: datetime | None,
    end: datetime | None,
    size: int,
) -> CandlePage:
    """Lists a candle of every interval, from the first that there is to now."""
    interval = timedelta(seconds=interval_seconds)
    oldest = await queries.first_candle_start(snapshot, instrument, interval_seconds)
    if oldest is None:
        return CandlePage([], None)
    now = await queries.read_now(snapshot) + _MICROSECOND
    end = now if end is None else min(end, now)
    if end <= oldest:
        return CandlePage([], None)
    last = interval_start(end - _MICROSECOND, interval_seconds)
    if start is not None and start > oldest:
        # The first that begins not before it.
        oldest = interval_start(start - _MICROSECOND, interval_seconds) + interval
    first = max(oldest, last - interval * (size - 1))
    found = await queries.list_candles(
        snapshot, instrument, interval_seconds, start=first, below=last + interval, limit=size
    )
    before = await queries.list_candles(
        snapshot, instrument, interval_seconds, below=first, limit=1
    )
    filled = fill_gaps(
        found,
        before[0] if before else None,
        interval_seconds=interval_seconds,
        first=first,
        last=last,
    )
    return CandlePage(filled, to_micros(first) if first > oldest else None)
