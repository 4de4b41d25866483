"""Measures how soon prices are seen: `.venv/bin/python -m tests.web.ticks --pages 5 --streams 95`.

From the moment of the swap's block until an open page shows the price, and until it has come to
those who follow the stream as pages do. A hundred real browsers on a small machine would measure
the machine; so most of the hundred are streams without a page around them.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from ticketonomics_server.storage.embedded import EmbeddedPostgres

from tests.conftest import migrated
from tests.e2e.gateway.stage import Stage, staged
from tests.web.life import MARKET, POOL, live

ROOT = Path(__file__).parents[2]
BRONZE = 10_000
PAUSE_SECONDS = 0.5
LAST_SECONDS = 3


def main() -> None:
    parsed = argparse.ArgumentParser(description=__doc__)
    parsed.add_argument("--pages", type=int, default=5)
    parsed.add_argument("--streams", type=int, default=95)
    parsed.add_argument("--swaps", type=int, default=20)
    given = parsed.parse_args()
    chromium = subprocess.check_output([ROOT / "scripts/chromium"], text=True).split()[-1]
    asked = {"chromium": chromium, "pool": POOL, "pages": given.pages, "streams": given.streams}
    with TemporaryDirectory(prefix="ticketonomics-ticks-") as folder:
        Path(folder).chmod(0o755)
        committed, seen = asyncio.run(play(Path(folder), asked, given.swaps))
    tell("shown by pages", in_pages(committed, seen["shown"]))
    tell("come to streams", in_streams(committed, seen["streams"]))


async def play(
    folder: Path, asked: dict[str, object], swaps: int
) -> tuple[dict[str, float], dict[str, list[object]]]:
    async with (
        EmbeddedPostgres(folder / "data") as postgres,
        migrated(postgres) as url,
        staged(url, folder, web_folder=ROOT / "clients/web/dist") as stage,
    ):
        await live(stage.operator)
        await stage.operator.mint(
            destination=MARKET, asset="BRONZE", amount=swaps * 2 * BRONZE, reason="to trade with"
        )
        return await measure(stage, {"url": stage.url, **asked}, swaps)


async def measure(
    stage: Stage, asked: dict[str, object], swaps: int
) -> tuple[dict[str, float], dict[str, list[object]]]:
    """Trades while pages and streams watch.

    Returns:
        When each swap's block was made, by its entry and in order; and what the browser tells.
    """
    browser = await asyncio.create_subprocess_exec(
        *("scripts/web", "node", str(Path(__file__).with_suffix(".mjs")), json.dumps(asked)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert browser.stdin is not None
    try:
        committed = await trade(stage, browser, swaps)
        out, _ = await browser.communicate(b"over\n")
    finally:
        browser.stdin.close()
        await browser.wait()
    seen: dict[str, list[object]] = json.loads(out.decode().strip().splitlines()[-1])
    return committed, seen


async def trade(stage: Stage, browser: asyncio.subprocess.Process, swaps: int) -> dict[str, float]:
    """Trades as soon as all are watching; returns when each swap's block was made, by its entry."""
    assert browser.stdout is not None
    while await browser.stdout.readline() != b"ready\n":
        if browser.stdout.at_eof():
            sys.exit("the browser has ended")
    committed: dict[str, float] = {}
    for number in range(swaps):
        swap = await stage.operator.swap(
            POOL,
            account=MARKET,
            asset_in="BRONZE",
            asset_out="IRON",
            amount_in=BRONZE + number,
        )
        committed[str(swap.sequence)] = swap.commit_time.ToMicroseconds() / 1_000
        await asyncio.sleep(PAUSE_SECONDS)
    await asyncio.sleep(LAST_SECONDS)
    return committed


def in_pages(committed: dict[str, float], shown: list[object]) -> list[float]:
    """Milliseconds from each swap to each page; every swap changes the price that pages show."""
    times = list(committed.values())
    delays: list[float] = []
    for page in shown:
        assert isinstance(page, list)
        if len(page) != len(times):
            sys.exit(f"a page showed {len(page)} of {len(times)} prices")
        delays += [seen - made for seen, made in zip(page, times, strict=True)]
    return delays


def in_streams(committed: dict[str, float], streams: list[object]) -> list[float]:
    delays: list[float] = []
    for came in streams:
        assert isinstance(came, dict)
        delays += [came[sequence] - made for sequence, made in committed.items()]
    return delays


def tell(what: str, delays: list[float]) -> None:
    if delays:
        late = quantiles(delays, n=20, method="inclusive")[-1]
        print(
            f"{what}: {len(delays):,} prices, median {median(delays):.0f} ms,"
            f" 95 of 100 within {late:.0f} ms, the last after {max(delays):.0f} ms"
        )


if __name__ == "__main__":
    main()
