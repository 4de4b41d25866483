"""What a stream is told, and that who is slow costs no memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from decimal import Decimal

from ticketonomics.prices.v1.price_service_pb2 import WatchPricesResponse
from ticketonomics_server.engine.feed import Feed, Page
from ticketonomics_server.prices.model import Tick
from ticketonomics_server.prices.queries import Update
from ticketonomics_server.prices.watching import (
    MESSAGE_UPDATES,
    MOST_TICKS,
    Gathered,
    coalesce,
    follow,
    messages,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def update(sequence: int, instrument: str = "pools/iron", position: int = 0) -> Update:
    return Update(Tick(sequence, position, instrument, Decimal(sequence), 1, NOON), sequence)


def page(first: int, last: int, *updates: Update) -> Page:
    return Page(first, last, list(updates))


def read(message: WatchPricesResponse | bytes) -> WatchPricesResponse:
    return message if not isinstance(message, bytes) else WatchPricesResponse.FromString(message)


def told(gathered: Gathered) -> list[tuple[list[int], int]]:
    return [([u.tick.sequence for u in read(m).updates], read(m).cursor) for m in gathered.take()]


def test_a_page_is_told_as_it_is() -> None:
    gathered = Gathered(None, 4)
    gathered.add(page(5, 9, update(6), update(8)))
    assert told(gathered) == [([6, 8], 9)]
    assert (gathered.cursor, gathered.size) == (9, 0)


def test_what_was_told_before_is_not_told_again() -> None:
    gathered = Gathered(None, 6)
    gathered.add(page(5, 9, update(5), update(6), update(8)))
    assert told(gathered) == [([8], 9)]


def test_only_what_is_wanted_is_told_and_the_cursor_passes_the_rest() -> None:
    gathered = Gathered(frozenset({"pools/iron"}), 0)
    gathered.add(page(1, 3, update(1, "pools/copper")))
    assert told(gathered) == []
    assert gathered.cursor == 3
    gathered.add(page(4, 6, update(4, "pools/copper"), update(5)))
    assert told(gathered) == [([5], 6)]


def test_streams_that_want_the_same_share_an_encoding() -> None:
    shared = page(1, 3, update(1), update(2))
    one, other, third = Gathered(None, 0), Gathered(None, 0), Gathered(None, 1)
    for gathered in (one, other, third):
        gathered.add(shared)
    (first,), (second,), (later,) = one.take(), other.take(), third.take()
    assert first is second
    assert isinstance(first, bytes)
    assert [u.tick.sequence for u in read(later).updates] == [2]


def test_who_is_slow_is_told_the_newest_of_each_and_keeps_little() -> None:
    gathered = Gathered(None, 0)
    for first in range(1, 100_001, 100):
        found = [update(n, f"pools/{n % 3}") for n in range(first, first + 100)]
        gathered.add(page(first, first + 99, *found))
        assert gathered.size <= MOST_TICKS + 100
    (message,) = gathered.take()
    newest = {u.tick.instrument: u.tick.sequence for u in read(message).updates}
    assert {"pools/0": 99_999, "pools/1": 100_000, "pools/2": 99_998}.items() <= newest.items()
    assert len(read(message).updates) <= MOST_TICKS
    assert read(message).cursor == 100_000


def test_coalescing_keeps_the_order() -> None:
    found = [update(1, "a/a"), update(2, "b/b"), update(3, "a/a"), update(3, "c/c", 1)]
    assert [u.tick.sequence for u in coalesce(found)] == [2, 3, 3]


def test_a_long_snapshot_is_no_place_to_resume_until_it_is_whole() -> None:
    found = [update(n, f"pools/{n}") for n in range(1, MESSAGE_UPDATES * 2 + 2)]
    parts = messages(found, 5_000, snapshot=True)
    assert [len(part.updates) for part in parts] == [MESSAGE_UPDATES, MESSAGE_UPDATES, 1]
    assert [part.cursor for part in parts] == [0, 0, 5_000]
    assert all(part.snapshot for part in parts)
    (empty,) = messages([], 7, snapshot=True)
    assert (empty.cursor, empty.snapshot) == (7, True)


async def next_of(stream: AsyncIterator[WatchPricesResponse | bytes]) -> WatchPricesResponse:
    async with asyncio.timeout(5):
        return read(await anext(stream))


def feed_of(trades: int = 0) -> tuple[Feed, list[int]]:
    """A feed over a ledger of which every entry trades iron, and where it was read from."""
    reads: list[int] = []

    async def read_page(after: int, limit: int) -> Page:
        reads.append(after)
        known = feed.head
        found = [update(n) for n in range(after + 1, known + 1)]
        return Page(after + 1, known, found if len(found) <= MOST_TICKS else found[-1:])

    feed = Feed(read_page)
    feed.hear(trades)
    return feed, reads


async def test_a_stream_that_keeps_up_is_told_everything_once() -> None:
    feed, _ = feed_of(10)
    async with aclosing(follow(feed, None, 0)) as stream:
        seen = [u.tick.sequence for u in (await next_of(stream)).updates]
        for head in range(11, 200):
            feed.hear(head)
            seen += [u.tick.sequence for u in (await next_of(stream)).updates]
    assert seen == list(range(1, 200))


async def test_a_slow_stream_is_told_once_what_it_slept_through() -> None:
    feed, _ = feed_of(1)
    async with (
        aclosing(follow(feed, None, 0)) as slow,
        aclosing(follow(feed, None, 0)) as quick,
    ):
        assert (await next_of(slow)).cursor == 1
        assert (await next_of(quick)).cursor == 1
        for head in range(11, 5_001, 10):
            feed.hear(head)
            assert (await next_of(quick)).cursor == head
        message = await next_of(slow)
        assert message.cursor == head
        assert message.updates[-1].tick.sequence == head
        assert len(message.updates) <= MOST_TICKS
        feed.hear(6_000)
        assert (await next_of(slow)).cursor == (await next_of(quick)).cursor == 6_000


async def test_a_heartbeat_has_the_cursor() -> None:
    feed, _ = feed_of(3)
    async with aclosing(follow(feed, frozenset({"pools/copper"}), 3)) as stream:
        waiting = asyncio.create_task(anext(stream))
        await asyncio.sleep(0)
        feed.beat()
        assert read(await waiting) == WatchPricesResponse(cursor=3)
        # What does not match moves the cursor on, and is told with the next heartbeat.
        waiting = asyncio.create_task(anext(stream))
        feed.hear(8)
        while not waiting.done():
            await asyncio.sleep(0.01)
            feed.beat()
        assert read(await waiting).cursor == 8


async def test_many_streams_share_one_reading() -> None:
    feed, reads = feed_of(5)
    streams = [follow(feed, None, 5) for _ in range(200)]
    waiting = [asyncio.create_task(anext(stream)) for stream in streams]
    await asyncio.sleep(0.05)
    feed.hear(6)
    async with asyncio.timeout(5):
        found = [await task for task in waiting]
    assert reads == [5]
    assert {id(message) for message in found} == {id(found[0])}
    for stream in streams:
        await stream.aclose()
