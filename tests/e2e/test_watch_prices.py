"""Streams of prices and candles: a snapshot, then what happens; nobody misses the last price."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any

import grpc
import pytest
from ticketonomics.prices.v1 import price_service_pb2 as rpc
from ticketonomics_client import Candle, Client
from ticketonomics_client.errors import translate
from ticketonomics_server.engine import economies
from ticketonomics_server.prices import watching
from ticketonomics_server.prices.housekeeping import Housekeeping
from ticketonomics_server.storage.database import Database

from tests.e2e.cutting import cutting
from tests.e2e.trading import Market, open_market
from tests.integration.trading_domain import COPPER, IRON, Deal, trade

PATIENCE_SECONDS = 60


@pytest.fixture
async def market(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> AsyncIterator[Market]:
    async with open_market(monkeypatch, database_url, tmp_path) as opened:
        yield opened


def deals(count: int, *, seed: int = 1, names: Sequence[str] = (IRON, COPPER)) -> list[Deal]:
    chance = random.Random(seed)
    return [
        (chance.choice(names), chance.randint(1, 10**6), chance.randint(1, 10**4), 1)
        for _ in range(count)
    ]


async def trade_in_blocks(market: Market, count: int, *, seed: int = 1) -> int:
    """Trades in batches of changing sizes; returns the last entry."""
    chance = random.Random(seed)
    last = 0
    while count:
        size = min(count, chance.choice((1, 1, 2, 20, 120)))
        last = (await market.trade(*deals(size, seed=chance.randint(1, 10**9))))[-1]
        count -= size
    return last


Told = tuple[int, int, str, str]


def facts(tick: Any) -> Told:
    return tick.sequence, tick.index, tick.instrument, tick.price


async def journal(client: Client, *names: str) -> list[Told]:
    """All trades in order, as they are listed."""
    found = [facts(t) for name in names for t in await listed(client, name)]
    return sorted(found)


async def listed(client: Client, name: str) -> list[Any]:
    return [tick async for tick in client.ticks(name, page_size=1_000)]


async def test_first_a_snapshot_then_every_trade(market: Market) -> None:
    await market.trade((IRON, 1, 1, 5), (COPPER, 2, 1, 5), (IRON, 3, 1, 5))
    async with asyncio.timeout(PATIENCE_SECONDS), market.watching() as stream:
        first = await stream.read()
        assert first.snapshot
        assert [(u.tick.instrument, u.tick.price, u.trade_count) for u in first.updates] == [
            (COPPER, "2", 1),
            (IRON, "3", 2),
        ]
        assert first.cursor == market.last_sequence
        (entry,) = await market.submit(trade((IRON, 4, 1, 5), (IRON, 5, 1, 5)))
        second = await stream.read()
        assert not second.snapshot
        assert [(u.tick.price, u.tick.index, u.trade_count) for u in second.updates] == [
            ("4", 0, 3),
            ("5", 1, 4),
        ]
        assert second.cursor == entry


async def test_only_the_instruments_asked_for(market: Market) -> None:
    await market.trade((IRON, 1, 1, 1))
    async with asyncio.timeout(PATIENCE_SECONDS), market.watching(COPPER) as stream:
        first = await stream.read()
        assert (first.snapshot, list(first.updates)) == (True, [])
        await market.trade((IRON, 2, 1, 1))
        await market.trade((COPPER, 7, 1, 1))
        second = await stream.read()
        assert [u.tick.instrument for u in second.updates] == [COPPER]
        assert second.cursor == market.last_sequence


async def test_who_resumes_at_any_cursor_on_any_server_misses_nothing(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    monkeypatch.setattr(economies, "HEARTBEAT_SECONDS", 0.2)
    async with (
        open_market(monkeypatch, database_url, tmp_path) as one,
        open_market(monkeypatch, database_url, tmp_path) as other,
    ):
        begin = (await one.trade((IRON, 1, 1, 1)))[-1]
        writing = asyncio.gather(trade_in_blocks(one, 400), trade_in_blocks(other, 400, seed=2))
        chance, cursor = random.Random(3), begin
        seen: list[Told] = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not writing.done() or cursor < max(writing.result()):
                server = chance.choice((one, other))
                async with server.watching(after=cursor) as stream:
                    assert (await stream.read()).cursor == cursor
                    for _ in range(chance.randint(1, 4)):
                        message = await stream.read()
                        if not message.cursor:
                            pytest.fail("a message of this size has a cursor")
                        assert message.cursor >= cursor
                        assert not message.snapshot
                        cursor = message.cursor
                        seen += [facts(update.tick) for update in message.updates]
        expected = [told for told in await journal(one.client, IRON, COPPER) if told[0] > begin]
        assert seen == expected
        assert len(seen) == 800


async def test_a_stream_of_the_sdk_survives_cut_connections(market: Market) -> None:
    (begin,) = await market.trade((IRON, 1, 1, 1))
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        cutting(market.server.target) as cutter,
        Client(cutter.target) as client,
        aclosing(client.watch_prices(after_sequence=begin)) as updates,
    ):
        writing = asyncio.create_task(trade_in_blocks(market, 600))
        seen, counts = [], {IRON: 1, COPPER: 0}
        async for update in updates:
            seen.append(facts(update.tick))
            counts[update.tick.instrument] += 1
            assert update.trade_count == counts[update.tick.instrument]
            if len(seen) % 100 == 0:
                cutter.cut()
            if len(seen) == 600:
                break
        await writing
        assert cutter.cuts > 4
    assert seen == [told for told in await journal(market.client, IRON, COPPER) if told[0] > begin]


async def test_a_slow_reader_is_told_the_newest_and_nothing_grows(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    add = watching.Gathered.add

    def add_and_note(self: watching.Gathered, page: Any) -> None:
        add(self, page)
        sizes.append(self.size)

    monkeypatch.setattr(watching.Gathered, "add", add_and_note)
    names = [f"pools/a{n}" for n in range(40)]
    # No more than the least that a connection takes on its own, before anybody reads.
    tight = [("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 1_024)]
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        grpc.aio.insecure_channel(market.server.target, options=tight) as channel,
        market.watching(channel=channel) as stream,
    ):
        await stream.read()
        for seed in range(60):
            await market.trade(*deals(500, seed=seed, names=names))
        seen, counts, cursor = 0, dict.fromkeys(names, 0), 0
        while cursor < market.last_sequence:
            message = await stream.read()
            cursor = message.cursor
            seen += len(message.updates)
            assert len(message.updates) <= watching.MOST_TICKS
            for update in message.updates:
                assert update.trade_count > counts[update.tick.instrument]
                counts[update.tick.instrument] = update.trade_count
    assert max(sizes) <= 2 * watching.MOST_TICKS
    assert seen < 30_000, "it was spared most of them"
    prices = {p.instrument: p async for p in market.client.prices()}
    assert counts == {name: price.trade_count for name, price in prices.items()}
    assert sum(counts.values()) == 30_000


async def test_a_thousand_subscribers_all_get_the_last_price(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    settings = {"anonymous_rate_limit_rps": 100_000}
    async with open_market(monkeypatch, database_url, tmp_path, **settings) as market:
        await market.trade((IRON, 1, 1, 1))
        await tell_a_thousand(market)


async def tell_a_thousand(market: Market) -> None:
    last = (IRON, 77_777, 1, 1)

    async def until_last(calls: Any) -> str:
        price = ""
        while price != "77777":
            message = await calls.read()
            for update in message.updates:
                price = update.tick.price
        return price

    async with asyncio.timeout(PATIENCE_SECONDS), AsyncExitStack() as stack:
        streams = []
        for _ in range(4):
            channel = await stack.enter_async_context(
                grpc.aio.insecure_channel(
                    market.server.target, options=[("grpc.use_local_subchannel_pool", 1)]
                )
            )
            for _ in range(250):
                opened = market.watching(IRON, channel=channel)
                streams.append(await stack.enter_async_context(opened))
        for first in await asyncio.gather(*(stream.read() for stream in streams)):
            assert first.snapshot
        for seed in range(20):
            await market.trade(*deals(50, seed=seed, names=(IRON,)))
        await market.trade(last)
        prices = await asyncio.gather(*map(until_last, streams))
        assert prices == ["77777"] * 1_000


async def test_silence_is_filled_with_heartbeats(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> None:
    monkeypatch.setattr(economies, "HEARTBEAT_SECONDS", 0.05)
    async with open_market(monkeypatch, database_url, tmp_path) as market:
        await market.trade((IRON, 1, 1, 1))
        request = rpc.WatchCandlesRequest(instrument=IRON, interval=Candle.INTERVAL_HOUR)
        candles: Any = market.stub.WatchCandles(request)
        async with asyncio.timeout(PATIENCE_SECONDS), market.watching() as prices:
            for stream in (prices, candles):
                head = (await stream.read()).cursor
                for _ in range(4):
                    beat = await stream.read()
                    assert beat.cursor == head == market.last_sequence
                    assert not beat.snapshot
                    assert not (beat.updates if stream is prices else beat.candles)
        candles.cancel()


async def test_a_cursor_older_than_what_is_kept_is_answered_with_a_snapshot(
    incoherent: None, market: Market
) -> None:
    first = await market.trade((IRON, 1, 1, 1), (COPPER, 2, 1, 1), (IRON, 3, 1, 1))
    database = Database(market.server.database_url)
    async with database.connected() as plain:
        for table, column in (("ticks", "tick_time"), ("blocks", "block_time")):
            await plain.execute(f"UPDATE {table} SET {column} = {column} - interval '60 days'")
        await plain.execute(
            "UPDATE candles SET start_time = start_time - interval '60 days'"
            " WHERE interval_seconds = 1"
        )
    later = await market.trade((IRON, 4, 1, 1))
    await Housekeeping(database).tidy_all()
    await database.close()
    assert [tick.price for tick in await listed(market.client, IRON)] == ["4"]
    async with asyncio.timeout(PATIENCE_SECONDS):
        async with market.watching(after=first[0]) as stream:
            told = await stream.read()
            assert told.snapshot
            assert {u.tick.instrument: u.tick.price for u in told.updates} == {
                COPPER: "2",
                IRON: "4",
            }
            assert told.cursor == later[0]
        async with market.watching(after=first[-1]) as stream:
            assert not (await stream.read()).snapshot
            assert [u.tick.price for u in (await stream.read()).updates] == ["4"]
        request = rpc.WatchCandlesRequest(
            instrument=IRON, interval=Candle.INTERVAL_SECOND, after_sequence=first[0]
        )
        stream = market.stub.WatchCandles(request)
        message = await stream.read()
        assert message.snapshot
        assert [candle.close for candle in message.candles] == ["4"]
        stream.cancel()


async def test_candles_begin_with_the_newest_and_grow(market: Market) -> None:
    await market.trade((IRON, 5, 1, 1), (IRON, 7, 1, 1))
    request = rpc.WatchCandlesRequest(instrument=IRON, interval=Candle.INTERVAL_DAY)
    async with asyncio.timeout(PATIENCE_SECONDS):
        stream: Any = market.stub.WatchCandles(request)
        first = await stream.read()
        assert first.snapshot
        assert [(c.open, c.close, c.trade_count) for c in first.candles] == [("5", "7", 2)]
        await market.trade((COPPER, 1, 1, 1))
        await market.trade((IRON, 3, 1, 9))
        second = await stream.read()
        assert not second.snapshot
        (candle,) = second.candles
        assert (candle.high, candle.low, candle.close, candle.volume) == ("7", "3", "3", "11")
        assert second.cursor == market.last_sequence
        stream.cancel()
        # Whoever was away is told what has changed, and then goes on.
        await market.trade((IRON, 100, 1, 1))
        request.after_sequence = second.cursor
        stream = market.stub.WatchCandles(request)
        again = await stream.read()
        assert [(c.high, c.trade_count) for c in again.candles] == [("100", 4)]
        assert not again.snapshot
        stream.cancel()
        # A later block in the same interval that has not traded it changes nothing.
        await market.trade((COPPER, 2, 1, 1))
        request.after_sequence = again.cursor
        stream = market.stub.WatchCandles(request)
        assert list((await stream.read()).candles) == []
        stream.cancel()


async def test_candles_end_up_as_they_are_listed_however_often_one_is_cut_off(
    market: Market,
) -> None:
    await market.trade((IRON, 1, 1, 1))
    async with (
        asyncio.timeout(PATIENCE_SECONDS),
        cutting(market.server.target) as cutter,
        Client(cutter.target) as client,
    ):
        seen: dict[int, Candle] = {}
        writing = asyncio.create_task(trade_in_blocks(market, 800))
        watched = client.watch_candle_messages(IRON, Candle.INTERVAL_SECOND, snapshot_size=1_000)
        async with aclosing(watched) as messages:
            count = 0
            async for message in messages:
                for candle in message.candles:
                    seen[candle.start_time.seconds] = candle
                count += 1
                if count % 5 == 0:
                    cutter.cut()
                if writing.done() and message.cursor >= writing.result():
                    break
    stored = [c async for c in market.client.candles(IRON, Candle.INTERVAL_SECOND)]
    assert [seen[start] for start in sorted(seen, reverse=True)] == stored


async def test_many_watch_the_same_candles_and_the_database_is_asked_once(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ticketonomics_server.prices import watching_candles

    reads: list[int] = []
    read = watching_candles.read_news

    async def read_and_note(snapshot: Any, wanted: Any, after: int) -> Any:
        reads.append(after)
        return await read(snapshot, wanted, after)

    await market.trade((IRON, 1, 1, 1))
    request = rpc.WatchCandlesRequest(instrument=IRON, interval=Candle.INTERVAL_MINUTE)
    async with asyncio.timeout(PATIENCE_SECONDS):
        streams: list[Any] = [market.stub.WatchCandles(request) for _ in range(50)]
        await asyncio.gather(*(stream.read() for stream in streams))
        monkeypatch.setattr(watching_candles, "read_news", read_and_note)
        await market.trade((IRON, 2, 1, 1))
        told = await asyncio.gather(*(stream.read() for stream in streams))
        assert {message.SerializeToString() for message in told} == {told[0].SerializeToString()}
        assert len(reads) == 1
        for stream in streams:
            stream.cancel()


async def test_streams_that_cannot_be_are_refused(market: Market) -> None:
    (head,) = await market.trade((IRON, 1, 1, 1))
    candles = {"instrument": IRON, "interval": 2}
    cases: list[tuple[str, dict[str, Any]]] = [
        ("WatchPrices", {"instruments": ["iron"]}),
        ("WatchPrices", {"instruments": [IRON] * 101}),
        ("WatchPrices", {"after_sequence": -1}),
        ("WatchPrices", {"after_sequence": head + 1}),
        ("WatchCandles", {**candles, "instrument": ""}),
        ("WatchCandles", {**candles, "interval": 0}),
        ("WatchCandles", {**candles, "interval": 9}),
        ("WatchCandles", {**candles, "snapshot_size": -1}),
        ("WatchCandles", {**candles, "snapshot_size": 1_001}),
        ("WatchCandles", {**candles, "after_sequence": head + 1}),
    ]
    for method, fields in cases:
        call: Any = getattr(market.stub, method)(getattr(rpc, f"{method}Request")(**fields))
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call.read()
        assert translate(refused.value).reason_name == "INVALID_FIELD", (method, fields)
