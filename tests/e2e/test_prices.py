"""Prices over a socket: read, listed, refused."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ticketonomics_client import Candle, Client, RefusedError, TicketonomicsError

from tests.e2e.reading import blocks, run
from tests.e2e.trading import Market, open_market
from tests.integration.trading_domain import COPPER, IRON, trade

INTERVALS = (
    Candle.INTERVAL_SECOND,
    Candle.INTERVAL_MINUTE,
    Candle.INTERVAL_FIVE_MINUTES,
    Candle.INTERVAL_HOUR,
    Candle.INTERVAL_DAY,
)


@pytest.fixture
async def market(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> AsyncIterator[Market]:
    async with open_market(monkeypatch, database_url, tmp_path) as opened:
        yield opened


async def everything(listed: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in listed]


async def test_the_newest_price_is_that_of_the_last_trade(market: Market) -> None:
    (entry,) = await market.submit(trade((IRON, 3, 2, 40), (IRON, 1, 3, 60)))
    price = await market.client.price(IRON)
    assert (price.instrument, price.source, price.base, price.quote) == (
        IRON, "pools", "IRON", "BRONZE",
    )  # fmt: skip
    last = price.last
    assert (last.price, last.size, last.sequence, last.index) == (
        "0.333333333333333333", 60, entry, 1,
    )  # fmt: skip
    assert price.trade_count == 2
    assert price.first_trade_time == last.trade_time
    day = price.day
    assert (day.open, day.high, day.low) == ("1.5", "1.5", "0.333333333333333333")
    assert (day.volume, day.trade_count) == ("100", 2)


async def test_sizes_at_the_edge_add_up_beyond_an_int64(market: Market) -> None:
    most = 2**63 - 1
    await market.trade((IRON, 1, 1, most), (IRON, 1, most * 10**9, most))
    price = await market.client.price(IRON)
    assert price.day.volume == str(2 * most)
    assert Decimal(price.last.price) > 0
    assert "E" not in price.last.price


async def test_prices_are_listed_by_name_and_filtered(market: Market) -> None:
    names = ["market/sword", COPPER, IRON, "poolside/bar"]
    await market.trade(*((name, 2, 1, 1) for name in names))
    listed = await everything(market.client.prices(page_size=1))
    assert [price.instrument for price in listed] == sorted(names)
    of_pools = await everything(market.client.prices(source="pools", quote="BRONZE"))
    assert [price.instrument for price in of_pools] == [COPPER, IRON]
    of_iron = await everything(market.client.prices(base="IRON"))
    assert [price.instrument for price in of_iron] == [IRON]
    assert await everything(market.client.prices(quote="GOLD")) == []


async def test_ticks_are_listed_newest_first_page_by_page(market: Market) -> None:
    entries = await market.submit(*(trade((IRON, n, 1, 1), (IRON, n, 2, 1)) for n in range(1, 26)))
    await market.trade((COPPER, 7, 1, 1))
    ticks = await everything(market.client.ticks(IRON, page_size=7))
    assert [(t.sequence, t.index) for t in ticks] == [
        (n, index) for n in reversed(entries) for index in (1, 0)
    ]
    moment = ticks[0].trade_time.ToDatetime(UTC)
    assert await everything(market.client.ticks(IRON, end_time=moment)) == []
    later = moment + timedelta(microseconds=1)
    assert await everything(market.client.ticks(IRON, end_time=later)) == ticks
    assert await everything(market.client.ticks(IRON, start_time=moment)) == ticks
    assert await everything(market.client.ticks(IRON, start_time=later)) == []


async def test_a_candle_of_every_interval(market: Market) -> None:
    entries = await market.trade(
        (IRON, 5, 1, 10), (IRON, 9, 1, 10), (IRON, 1, 4, 10), (IRON, 2, 1, 10)
    )
    for interval in INTERVALS:
        (candle,) = await everything(market.client.candles(IRON, interval))
        assert (candle.open, candle.high, candle.low, candle.close) == ("5", "9", "0.25", "2")
        assert (candle.volume, candle.trade_count, candle.last_sequence) == ("40", 4, entries[-1])
        assert candle.interval == interval


async def shift_candles(market: Market, *minutes_ago: int) -> list[datetime]:
    """Trades once for each, and moves each minute's candle so far back; returns their times."""
    from ticketonomics_server.storage.database import Database

    database = Database(market.server.database_url)
    times = []
    async with database.connected() as plain:
        now = await plain.fetchval("SELECT date_bin('1 minute', now(), '2000-01-01Z')")
        for price, minutes in enumerate(minutes_ago, start=1):
            (entry,) = await market.trade((IRON, price, 1, 1))
            times.append(now - timedelta(minutes=minutes))
            await plain.execute(
                "UPDATE candles SET start_time = $1 WHERE interval_seconds = 60 AND"
                " last_sequence = $2",
                times[-1],
                entry,
            )
    await database.close()
    return times


async def test_gaps_have_no_candle_unless_they_are_filled(incoherent: None, market: Market) -> None:
    first, second, third = await shift_candles(market, 20, 15, 3)
    client, minute = market.client, Candle.INTERVAL_MINUTE
    found = await everything(client.candles(IRON, minute))
    assert [c.start_time.ToDatetime(UTC) for c in found] == [third, second, first]
    for size in (1_000, 4):
        filled = await everything(client.candles(IRON, minute, fill_gaps=True, page_size=size))
        starts = [c.start_time.ToDatetime(UTC) for c in filled]
        assert starts[-1] == first
        assert starts == [starts[0] - timedelta(minutes=n) for n in range(len(starts))]
        assert starts[0] >= third + timedelta(minutes=3)
        closes = {c.start_time.ToDatetime(UTC): c for c in filled}
        gap = closes[second + timedelta(minutes=4)]
        assert (gap.open, gap.close, gap.volume, gap.trade_count) == ("2", "2", "0", 0)
        assert closes[first + timedelta(minutes=4)].close == "1"
        assert closes[third].trade_count == 1
    part = await everything(
        client.candles(
            IRON,
            minute,
            start_time=first + timedelta(seconds=30),
            end_time=second + timedelta(minutes=2),
            fill_gaps=True,
            page_size=3,
        )
    )
    assert [c.start_time.ToDatetime(UTC) for c in part] == [
        first + timedelta(minutes=n) for n in range(6, 0, -1)
    ]
    before = await everything(client.candles(IRON, minute, end_time=first, fill_gaps=True))
    assert before == []


BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("INVALID_FIELD", "GetPrice", {"instrument": ""}),
    ("INVALID_FIELD", "GetPrice", {"instrument": "iron"}),
    ("INVALID_FIELD", "GetPrice", {"instrument": "pools/iron\0"}),
    ("INVALID_FIELD", "GetPrice", {"instrument": "pools/" + "x" * 500}),
    ("INSTRUMENT_NOT_FOUND", "GetPrice", {"instrument": "pools/gold"}),
    ("INSTRUMENT_NOT_FOUND", "ListTicks", {"instrument": "pools/gold"}),
    ("INSTRUMENT_NOT_FOUND", "ListCandles", {"instrument": "pools/gold", "interval": 1}),
    ("INVALID_FIELD", "ListCandles", {"instrument": IRON}),
    ("INVALID_FIELD", "ListCandles", {"instrument": IRON, "interval": 6}),
    ("INVALID_FIELD", "ListCandles", {"instrument": IRON, "interval": -1}),
    ("INVALID_FIELD", "ListCandles", {"instrument": IRON, "interval": 1, "page_size": -1}),
    ("INVALID_PAGE_TOKEN", "ListCandles", {"instrument": IRON, "interval": 1, "page_token": "x"}),
    ("INVALID_PAGE_TOKEN", "ListTicks", {"instrument": IRON, "page_token": "x"}),
    ("INVALID_PAGE_TOKEN", "ListPrices", {"page_token": "x"}),
    ("INVALID_FIELD", "ListTicks", {"instrument": IRON, "start_time": {"seconds": 10**15}}),
    ("INVALID_FIELD", "ListPrices", {"source": "pools/"}),
    ("INVALID_FIELD", "ListPrices", {"source": "%"}),
    ("INVALID_FIELD", "ListPrices", {"base": "iron"}),
    ("INVALID_FIELD", "ListPrices", {"quote": "'"}),
    ("SEQUENCE_NOT_REACHED", "GetPrice", {"instrument": IRON, "minimum_sequence": 10**9}),
]


async def test_what_cannot_be_asked_is_refused(market: Market) -> None:
    from ticketonomics.prices.v1 import price_service_pb2 as rpc

    await market.trade((IRON, 1, 1, 1))
    for reason, method, fields in BAD:
        request = getattr(rpc, f"{method}Request")(**fields)
        with pytest.raises(TicketonomicsError) as refused:
            await market.client.attempt(
                getattr(market.client.price_calls, method), request, timeout_seconds=10
            )
        assert refused.value.reason_name == reason, (method, fields)


async def test_before_any_trade_there_is_nothing(market: Market) -> None:
    assert await everything(market.client.prices()) == []
    with pytest.raises(RefusedError, match="never been traded"):
        await market.client.price(IRON)


async def test_anybody_may_look(market: Market) -> None:
    await market.trade((IRON, 1, 1, 1))
    async with Client(market.server.target) as stranger:
        assert (await stranger.price(IRON)).last.price == "1"


async def test_the_examples_of_the_document_run_one_after_the_other(market: Market) -> None:
    await market.trade(*((IRON, n, 7, 100) for n in range(1, 30)))
    for line, block in blocks("docs/prices.md", "python"):
        await run(block, "docs/prices.md", line, {"client": market.client, "Candle": Candle})
