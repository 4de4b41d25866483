"""The feed with a database that is a list, and with everything happening at random moments."""

import asyncio
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ticketonomics_server.engine import feed as feed_module
from ticketonomics_server.engine.feed import Feed, Page
from ticketonomics_server.engine.rejection import Reason, Rejection


def page(first: int, last: int) -> Page:
    return Page(first, last, list(range(first, last + 1)))


class Ledger:
    """What is committed, and a feed that follows it; a replica may be behind."""

    def __init__(self, page_entries: int = 1_000) -> None:
        self.last = 0
        self.replica_lag = 0
        self.reads = 0
        self._page_entries = page_entries
        self.before_answer: Callable[[], None] = lambda: None
        self.feed = Feed(self._read)

    async def _read(self, after: int, limit: int) -> Page:
        self.reads += 1
        seen = max(0, self.last - self.replica_lag)
        self.replica_lag = 0
        await asyncio.sleep(0)
        self.before_answer()
        return page(after + 1, max(after, min(after + min(limit, self._page_entries), seen)))

    def commit(self, entries: int, *, ours: bool = True) -> None:
        first, self.last = self.last + 1, self.last + entries
        if ours:
            self.feed.publish(page(first, self.last))
        else:
            self.feed.hear(self.last)

    async def follow(self, cursor: int, until: int) -> list[int]:
        told: list[int] = []
        if cursor >= until:
            return told
        async for news in self.feed.follow(cursor):
            if news is not None:
                assert news.first_sequence <= cursor + 1, "a gap"
                assert news.last_sequence > cursor, "nothing new"
                told += [sequence for sequence in news.items if sequence > cursor]
                cursor = news.last_sequence
            if cursor >= until:
                return told
        raise AssertionError("a feed does not end")


@pytest.fixture(autouse=True)
def no_waiting_for_replicas(monkeypatch) -> None:
    ordinary = asyncio.sleep
    monkeypatch.setattr(feed_module.asyncio, "sleep", lambda _: ordinary(0))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ours", "theirs", "unheard", "turn", "beat", "lag"]), st.integers(1, 7)
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(
    steps=STEPS, cursors=st.lists(st.integers(0, 60), min_size=1, max_size=5), seed=st.integers()
)
def test_every_stream_is_told_everything_once_and_in_order(steps, cursors, seed) -> None:
    """Whatever comes when: own blocks, others' blocks, news of them, reads, late replicas."""
    chance = random.Random(seed)

    async def scenario() -> None:
        ledger = Ledger(page_entries=chance.randrange(1, 10))
        total = sum(size for what, size in steps if what in {"ours", "theirs", "unheard"})
        # Streams join at any moment, from where they were.
        joins = sorted((chance.randrange(len(steps)), cursor) for cursor in cursors)
        streams = []

        def commit_while_reading() -> None:
            if chance.random() < 0.3 and planned and planned[0][0] == "ours":
                ledger.commit(planned.pop(0)[1])

        ledger.before_answer = commit_while_reading
        planned = list(steps)
        done = 0
        while planned:
            what, size = planned.pop(0)
            if what in {"ours", "theirs"}:
                ledger.commit(size, ours=what == "ours")
            elif what == "unheard":
                ledger.last += size
            elif what == "turn":
                for _ in range(size):
                    await asyncio.sleep(0)
            elif what == "lag":
                ledger.replica_lag = size
            else:
                ledger.feed.beat()
            done += 1
            while joins and joins[0][0] <= done:
                cursor = min(joins.pop(0)[1], ledger.last)
                ledger.feed.hear(ledger.last)
                streams.append((cursor, asyncio.create_task(ledger.follow(cursor, total))))
        for _, wanted in joins:
            cursor = min(wanted, ledger.last)
            streams.append((cursor, asyncio.create_task(ledger.follow(cursor, total))))
        ledger.feed.hear(ledger.last)
        if total:
            async with asyncio.timeout(2):
                told = await asyncio.gather(*(task for _, task in streams))
            assert told == [list(range(cursor + 1, total + 1)) for cursor, _ in streams]
        for _, task in streams:
            task.cancel()

    asyncio.run(scenario())


async def test_a_page_is_read_once_for_all_streams_at_the_head() -> None:
    ledger = Ledger()
    streams = [asyncio.create_task(ledger.follow(0, 5)) for _ in range(50)]
    await asyncio.sleep(0)
    ledger.commit(5, ours=False)
    assert await asyncio.gather(*streams) == [[1, 2, 3, 4, 5]] * 50
    assert ledger.reads == 1


async def test_own_blocks_are_told_without_a_read() -> None:
    ledger = Ledger()
    streams = [asyncio.create_task(ledger.follow(0, 6)) for _ in range(3)]
    await asyncio.sleep(0)
    for _ in range(3):
        ledger.commit(2)
        await asyncio.sleep(0)
    assert await asyncio.gather(*streams) == [[1, 2, 3, 4, 5, 6]] * 3
    assert ledger.reads == 0


async def test_what_is_kept_of_own_blocks_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr(feed_module, "KEPT_ENTRIES", 100)
    ledger = Ledger()
    for _ in range(50):
        ledger.commit(10)
    assert sum(len(kept.items) for kept in ledger.feed._pages) <= 100
    assert await ledger.follow(0, 500) == list(range(1, 501))


async def test_what_is_kept_of_others_blocks_is_bounded(monkeypatch) -> None:
    # Once, only `publish` dropped pages: the memory of a server whose economy is written by another
    # one grew without end while a stream was open.
    monkeypatch.setattr(feed_module, "KEPT_ENTRIES", 100)
    ledger = Ledger()
    stream = asyncio.create_task(ledger.follow(0, 500))
    for _ in range(49):
        ledger.commit(10, ours=False)
        for _ in range(10):
            await asyncio.sleep(0)
        assert sum(len(kept.items) for kept in ledger.feed._pages) <= 100
    ledger.commit(10, ours=False)
    assert await stream == list(range(1, 501))


async def test_pages_without_items_are_bounded_too(monkeypatch) -> None:
    # Once, only items counted; blocks of other domains' entries leave pages without items, and no
    # number of them was too many.
    monkeypatch.setattr(feed_module, "KEPT_ENTRIES", 100)
    feed = Feed(lambda *_: None)
    stream = asyncio.create_task(anext(feed.follow(10_000)))
    await asyncio.sleep(0)
    for sequence in range(1, 2_001):
        feed.publish(Page(sequence, sequence, []))
    assert len(feed._pages) <= 200
    stream.cancel()


async def test_a_slow_stream_costs_no_memory_and_reads_from_the_database(monkeypatch) -> None:
    monkeypatch.setattr(feed_module, "KEPT_ENTRIES", 20)
    ledger = Ledger()
    stream = ledger.feed.follow(0)
    ledger.commit(5)
    assert (await anext(stream)).last_sequence == 5
    for _ in range(30):
        ledger.commit(5)
    assert (await anext(stream)).first_sequence == 6
    assert ledger.reads == 1
    await stream.aclose()


async def test_a_stream_at_the_head_gets_heartbeats() -> None:
    ledger = Ledger()
    ledger.commit(3)
    stream = ledger.feed.follow(3)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    ledger.feed.beat()
    assert await waiting is None
    await stream.aclose()


async def test_an_old_piece_of_news_changes_nothing() -> None:
    ledger = Ledger()
    ledger.commit(5)
    ledger.feed.hear(3)
    assert ledger.feed.head == 5


@pytest.mark.parametrize("cursor", [0, 5])
async def test_streams_end_when_the_feed_is_closed(cursor: int) -> None:
    ledger = Ledger()
    ledger.commit(5)
    stream = asyncio.create_task(ledger.follow(cursor, 100))
    await asyncio.sleep(0)
    ledger.feed.close()
    with pytest.raises(Rejection) as ended:
        await stream
    assert ended.value.reason == Reason.DRAINING
    assert ended.value.retry_seconds > 0


async def test_many_streams_are_woken_seldom_and_pages_grow_meanwhile(monkeypatch) -> None:
    monkeypatch.setattr(feed_module, "STREAM_SECONDS", 3_600.0)
    monkeypatch.setattr(feed_module, "LONGEST_PAUSE_SECONDS", 3_600.0)
    ledger = Ledger()
    stream = ledger.feed.follow(0)
    ledger.commit(1)
    assert (await anext(stream)).last_sequence == 1
    following = asyncio.ensure_future(anext(stream))
    for _ in range(3):
        ledger.commit(2)
    await asyncio.sleep(0)
    assert not following.done(), "the last waking has not been digested yet"
    ledger.feed._show()
    told = await following
    assert (told.first_sequence, told.last_sequence) == (2, 7)
    assert told.items == [2, 3, 4, 5, 6, 7]
    assert ledger.reads == 0
