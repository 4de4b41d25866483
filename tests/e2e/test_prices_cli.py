"""`ticketonomics prices`, against the real server."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.reading import blocks, home
from tests.e2e.test_cli import Shell
from tests.e2e.trading import Market, create_assets, open_market
from tests.integration.trading_domain import COPPER, IRON


@pytest.fixture
async def market(
    monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path
) -> AsyncIterator[Market]:
    async with open_market(monkeypatch, database_url, tmp_path) as opened:
        await create_assets(opened.client)
        yield opened


@pytest.fixture
def shell(market: Market) -> Shell:
    return Shell(market.server.target, "")


async def test_prices_are_listed_shown_and_charted(shell: Shell, market: Market) -> None:
    await market.trade((IRON, 2, 1, 150), (IRON, 5, 2, 250), (COPPER, 1, 3, 1))
    listed = await shell("prices", "list")
    assert listed.code == 0, listed.err
    iron = next(line.split() for line in listed.out.splitlines() if IRON in line)
    assert iron == [IRON, "2.5", "BRONZE", "+25.00", "%", "2", "2.5", "4.00", "2"]
    assert [p["instrument"] for p in (await shell("prices", "list", "--json")).json] == [
        COPPER,
        IRON,
    ]
    assert (await shell("prices", "list", "--base", "IRON", "--json")).json[0]["tradeCount"] == "2"
    shown = (await shell("prices", "show", IRON)).out
    assert "2.5 BRONZE" in shown
    assert "2.50" in shown
    assert (await shell("prices", "show", IRON, "--json")).json["last"]["price"] == "2.5"
    charted = (await shell("prices", "candles", IRON, "--interval", "1d")).out
    (row,) = [line.split() for line in charted.splitlines() if line.startswith("20")]
    assert row[2:] == ["2", "2.5", "2", "2.5", "4.00", "2"]
    (candle,) = (await shell("prices", "candles", IRON, "--interval", "1h", "--json")).json
    assert candle["interval"] == "INTERVAL_HOUR"
    filled = await shell("prices", "candles", IRON, "--interval", "1s", "--fill-gaps", "--json")
    assert filled.json[-1]["tradeCount"] == "2"


async def test_what_was_never_traded_is_explained(shell: Shell) -> None:
    refused = await shell("prices", "show", "pools/gold")
    assert refused.code == 1
    assert "INSTRUMENT_NOT_FOUND" in refused.err
    assert "prices list" in refused.err
    assert (await shell("prices", "show", "gold")).code == 1
    assert (await shell("prices", "candles", IRON, "--interval", "2m")).code == 2


async def test_the_lines_of_the_document_for_the_console_work(market: Market) -> None:
    await market.trade((IRON, 1, 1, 1))
    with home() as somebody:
        somebody.env |= {"TICKETONOMICS_TARGET": market.server.target}
        for _, block in blocks("docs/prices.md", "sh"):
            for line in block.splitlines():
                assert "pools/iron" in await somebody.copy(line) or " candles " in line


@pytest.mark.parametrize("as_json", [False, True], ids=["lines", "json"])
async def test_a_watch_tells_the_newest_and_then_each_trade(
    shell: Shell, market: Market, as_json: bool
) -> None:
    await market.trade((IRON, 1, 1, 1))
    process = await shell.start("prices", "watch", *(["--json"] if as_json else []))
    assert process.stdout is not None
    async with asyncio.timeout(60):
        first = (await process.stdout.readline()).decode()
        await market.trade((COPPER, 7, 2, 1))
        second = (await process.stdout.readline()).decode()
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 130
    if as_json:
        told = [json.loads(line)["tick"] for line in (first, second)]
        assert [(t["instrument"], t["price"]) for t in told] == [(IRON, "1"), (COPPER, "3.5")]
    else:
        assert f"{IRON}  1  " in first
        assert f"{COPPER}  3.5  " in second
