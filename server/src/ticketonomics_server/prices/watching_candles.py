"""Streams of candles: read once for all streams of a server that want the same."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from ticketonomics.prices.v1.price_service_pb2 import WatchCandlesResponse

from ticketonomics_server.engine.feed import Feed, Page
from ticketonomics_server.prices.decode import MOST_CANDLES
from ticketonomics_server.prices.encode import encode_candle
from ticketonomics_server.prices.model import Candle
from ticketonomics_server.prices.queries import candles_since, list_candles
from ticketonomics_server.storage.reading import Snapshot

# Opens a snapshot that has seen at least an entry.
Open = Callable[[int], AbstractAsyncContextManager[Snapshot]]


@dataclass(slots=True, frozen=True)
class Wanted:
    """Which candles a stream tells of."""

    instrument: str
    interval_seconds: int
    snapshot_size: int


@dataclass(slots=True)
class News:
    """Candles that have changed after an entry, up to another one; or the newest.

    Attributes:
        encoded: Its message, once somebody was told.
    """

    candles: list[Candle]
    last_sequence: int
    snapshot: bool
    encoded: bytes = b""


def encode_news(news: News) -> WatchCandlesResponse:
    """Encodes what a stream is told."""
    return WatchCandlesResponse(
        candles=[encode_candle(candle) for candle in news.candles],
        cursor=news.last_sequence,
        snapshot=news.snapshot,
    )


async def read_snapshot(snapshot: Snapshot, wanted: Wanted) -> News:
    """Reads the newest candles."""
    newest = await list_candles(
        snapshot, wanted.instrument, wanted.interval_seconds, limit=wanted.snapshot_size
    )
    return News(newest[::-1], snapshot.last_sequence, snapshot=True)


async def read_news(snapshot: Snapshot, wanted: Wanted, after: int) -> News:
    """Reads the candles that have changed after an entry, or the newest where they are too many."""
    changed = await _changed(snapshot, wanted, after)
    if changed is None:
        return await read_snapshot(snapshot, wanted)
    return News(changed, snapshot.last_sequence, snapshot=False)


async def _changed(snapshot: Snapshot, wanted: Wanted, after: int) -> list[Candle] | None:
    return await candles_since(
        snapshot, wanted.instrument, wanted.interval_seconds, after=after, limit=MOST_CANDLES
    )


async def begin(snapshot: Snapshot, wanted: Wanted, cursor: int | None) -> WatchCandlesResponse:
    """Makes a stream's first message: a snapshot, or what has changed since its cursor."""
    if cursor is None:
        return encode_news(await read_snapshot(snapshot, wanted))
    return encode_news(await read_news(snapshot, wanted, cursor))


async def follow(
    feed: Feed, open_snapshot: Open, wanted: Wanted, cursor: int
) -> AsyncIterator[WatchCandlesResponse | bytes]:
    """Yields a stream's messages behind a cursor.

    The pages say when there is something new. What it is, is read: a candle as it is by then. The
    cursor may thereby run ahead of the pages.
    """
    reach = feed.head
    traded = False
    async for page in feed.follow(cursor):
        if page is None:
            yield WatchCandlesResponse(cursor=cursor)
            continue
        traded = traded or any(
            update.tick.sequence > cursor and update.tick.instrument == wanted.instrument
            for update in page.items
        )
        if page.last_sequence < reach:
            # There is more already: it was slow, and is told once for all.
            continue
        if traded:
            news = await _share(page, open_snapshot, wanted, cursor)
            # All who share it are told the same.
            news.encoded = news.encoded or encode_news(news).SerializeToString()
            yield news.encoded
            cursor = max(cursor, news.last_sequence)
        cursor = max(cursor, page.last_sequence)
        reach, traded = feed.head, False


async def _share(page: Page, open_snapshot: Open, wanted: Wanted, cursor: int) -> News:
    """Reads the news behind a cursor: once for all streams that come from there."""

    async def read() -> News:
        async with open_snapshot(page.last_sequence) as snapshot:
            return await read_news(snapshot, wanted, cursor)

    key: Any = ("candles", wanted, cursor)
    reading = page.encoded.get(key)
    if reading is None:
        # A task of its own: whoever asked first may go.
        reading = page.encoded[key] = asyncio.create_task(read())
    news: News = await asyncio.shield(reading)
    return news
