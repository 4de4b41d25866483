"""Swaps make prices: over a socket, from a pool to a stream."""

import asyncio
from contextlib import aclosing
from decimal import Decimal
from typing import Any

import pytest
from ticketonomics_client import Candle, RefusedError, SwapDraft, SwapReceipt

from tests.e2e.test_amm import POOL, Market, client, market

__all__ = ["client", "market"]

IRON = f"pools/{POOL}"


async def all_of(listed: Any) -> list[Any]:
    return [item async for item in listed]


async def test_a_swap_is_a_tick_at_what_was_given_and_got(market: Market) -> None:
    bought = await market.swap("BRONZE", amount_in=100_000)
    price = await market.client.price(IRON)
    assert (price.base, price.quote, price.source) == ("IRON", "BRONZE", "pools")
    last = price.last
    # BRONZE has two decimals, IRON has none: 1,000.00 for 906.
    assert (last.size, last.sequence) == (906, bought.sequence)
    assert last.price == str((Decimal(1000) / Decimal(906)).quantize(Decimal("1." + "0" * 17)))
    sold = await market.swap("IRON", amount_in=500)
    newest = (await market.client.price(IRON)).last
    assert (newest.size, newest.sequence) == (500, sold.sequence)
    assert Decimal(newest.price) * 500 == Decimal(sold.amount_out) / 100
    (candle,) = await all_of(market.client.candles(IRON, Candle.INTERVAL_DAY))
    assert (candle.open, candle.close, candle.volume) == (last.price, newest.price, "1406")


async def test_a_refused_swap_is_no_tick(market: Market) -> None:
    with pytest.raises(RefusedError):
        await market.swap("BRONZE", amount_in=10**9)
    with pytest.raises(RefusedError, match="never been traded"):
        await market.client.price(IRON)


async def test_the_same_swap_again_is_no_second_tick(market: Market) -> None:
    draft = SwapDraft(
        pool_id=POOL,
        account=market.account,
        asset_in="BRONZE",
        asset_out="IRON",
        amount_in=1_000,
    )
    for _ in range(2):
        (receipt,) = await market.client.create_swaps([draft])
        assert isinstance(receipt, SwapReceipt)
    assert (await market.client.price(IRON)).trade_count == 1


async def test_a_stream_tells_every_swap_of_a_hot_pool(market: Market) -> None:
    """Of 64 callers at once; what it told is what is listed, and candles are what swaps come to."""
    async with asyncio.timeout(60), aclosing(market.client.watch_prices([IRON])) as updates:
        seen = []
        swaps = [
            asyncio.create_task(
                market.swap("BRONZE" if n % 2 else "IRON", amount_in=1_000 if n % 2 else 10)
            )
            for n in range(64)
        ]
        async for update in updates:
            seen.append((update.tick.sequence, update.tick.price, update.trade_count))
            if update.trade_count == 64:
                break
        made = {swap.sequence: swap for swap in await asyncio.gather(*swaps)}
    ticks = await all_of(market.client.ticks(IRON))
    first = seen[0][2]
    assert [(t.sequence, t.price) for t in ticks][::-1][first - 1 :] == [s[:2] for s in seen]
    assert {tick.sequence for tick in ticks} == made.keys()
    for tick in ticks:
        swap = made[tick.sequence]
        base, quote = (
            (swap.amount_out, swap.amount_in)
            if tick.size == swap.amount_out
            else (swap.amount_in, swap.amount_out)
        )
        assert abs(Decimal(tick.price) * base - Decimal(quote) / 100) < Decimal("1e-12")
    candles = await all_of(market.client.candles(IRON, Candle.INTERVAL_SECOND))
    assert sum(candle.trade_count for candle in candles) == 64
    prices = [Decimal(tick.price) for tick in ticks]
    assert max(Decimal(candle.high) for candle in candles) == max(prices)
    assert min(Decimal(candle.low) for candle in candles) == min(prices)
