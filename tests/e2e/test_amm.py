"""Pools over a socket: made, traded with, filled and emptied; refused, repeated, and at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ticketonomics_client import (
    Asset,
    Client,
    Pool,
    PoolEvent,
    RefusedError,
    SwapDraft,
    SwapReceipt,
    new_id,
)

from tests.conftest import Server
from tests.e2e.people import application, person
from tests.e2e.refusals import refused

POOL, SHARES = "iron-bronze", "LP-IRON-BRONZE"
TREASURY = "orgs/treasury"


@dataclass
class Market:
    """A pool of 10,000 IRON and 10,000.00 BRONZE, and Bob, who has as much of each."""

    client: Client
    bob: str

    @property
    def account(self) -> str:
        return f"users/{self.bob}"

    async def swap(self, asset_in: str, **more: Any) -> Any:
        asset_out = "BRONZE" if asset_in == "IRON" else "IRON"
        fields = {"account": self.account, "asset_in": asset_in, "asset_out": asset_out} | more
        return await self.client.swap(POOL, **fields)

    async def posted(self, asset: str, account: str = "") -> int:
        return (await self.client.balance(account or self.account, asset)).posted


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(server.target, api_key=server.operator_key) as opened:
        yield opened


@pytest.fixture
async def market(client: Client) -> Market:
    for code, kind, decimals in (
        ("IRON", Asset.KIND_MATERIAL, 0),
        ("BRONZE", Asset.KIND_TICKET, 2),
    ):
        await client.create_asset(Asset(code=code, kind=kind, decimals=decimals, name=code))
    await client.open_account(TREASURY)
    bob = await person(client, "bob")
    for account in (TREASURY, f"users/{bob}"):
        await client.mint(destination=account, asset="IRON", amount=10_000, reason="start")
        await client.mint(destination=account, asset="BRONZE", amount=1_000_000, reason="start")
    await client.create_pool(
        POOL,
        base_asset="IRON",
        quote_asset="BRONZE",
        account=TREASURY,
        base_amount=10_000,
        quote_amount=1_000_000,
    )
    return Market(client, bob)


def _product(pool: Pool) -> int:
    return pool.base_reserve * pool.quote_reserve


async def test_a_pool_is_told_with_its_price(market: Market, server: Server) -> None:
    async with Client(server.target) as anybody:
        pool = await anybody.pool(POOL)
        assert [found.pool_id async for found in anybody.pools(asset="IRON")] == [POOL]
        assert [found async for found in anybody.pools(asset="GOLD")] == []
    assert (pool.base_asset, pool.quote_asset, pool.share_asset) == ("IRON", "BRONZE", SHARES)
    assert (pool.base_reserve, pool.quote_reserve) == (10_000, 1_000_000)
    assert (pool.share_supply, pool.locked_shares) == (100_000, 1_000)
    assert (pool.fee_bps, pool.sink_bps) == (30, 2_000)
    assert (pool.price, pool.state) == ("1", Pool.STATE_OPEN)
    assert pool.account == f"pools/{POOL}"
    shares = await market.client.asset(SHARES)
    assert (shares.kind, shares.decimals) == (Asset.KIND_SHARE, 1)


async def test_a_quote_is_what_the_swap_comes_to(market: Market) -> None:
    for asset_in, asset_out, exact in (
        ("BRONZE", "IRON", {"amount_in": 123_457}),
        ("IRON", "BRONZE", {"amount_in": 777}),
        ("BRONZE", "IRON", {"amount_out": 333}),
        ("IRON", "BRONZE", {"amount_out": 98_765}),
    ):
        quote = await market.client.quote(POOL, asset_in=asset_in, asset_out=asset_out, **exact)
        before = await market.client.pool(POOL)
        given, received = await market.posted(asset_in), await market.posted(asset_out)
        swap = await market.swap(asset_in, **exact)
        after = await market.client.pool(POOL)
        assert (swap.amount_in, swap.amount_out, swap.burned_amount) == (
            quote.amount_in,
            quote.amount_out,
            quote.burned_amount,
        )
        assert given - await market.posted(asset_in) == quote.amount_in
        assert await market.posted(asset_out) - received == quote.amount_out
        assert (before.price, after.price) == (quote.price_before, quote.price_after)
        assert _product(before) <= _product(after)
        assert quote.fee_amount == quote.amount_in * 30 // 10_000
        assert quote.price_impact_bps > 0


async def test_the_numbers_of_a_quote(market: Market) -> None:
    """1,000.00 BRONZE for IRON: 3.00 of fee, 0.60 of it burned."""
    quote = await market.client.quote(POOL, asset_in="BRONZE", asset_out="IRON", amount_in=100_000)
    assert (quote.amount_out, quote.fee_amount, quote.burned_amount) == (906, 300, 60)
    assert quote.price_impact_bps == 913
    assert quote.price_before == "1"
    assert quote.price_after.startswith("1.2095")
    assert quote.execution_price.startswith("1.1037")


async def test_swaps_make_prices(market: Market) -> None:
    bought = await market.swap("BRONZE", amount_in=100_000)
    price = await market.client.price(f"pools/{POOL}", minimum_sequence=bought.sequence)
    assert price.last.price == "1.10375275938189845"
    assert (price.base, price.quote) == ("IRON", "BRONZE")
    sold = await market.swap("IRON", amount_in=100)
    price = await market.client.price(f"pools/{POOL}", minimum_sequence=sold.sequence)
    assert float(price.last.price) == sold.amount_out / 100 / 100


async def test_a_repeated_swap_happens_once(market: Market) -> None:
    chosen = new_id()
    first = await market.swap("IRON", amount_in=100, transaction_id=chosen)
    again = await market.swap("IRON", amount_in=100, transaction_id=chosen)
    assert again == first
    assert await market.posted("IRON") == 9_900
    await refused("REQUEST_ID_REUSED", market.swap("IRON", amount_in=101, transaction_id=chosen))
    # In a batch it is the same request.
    draft = SwapDraft(
        pool_id=POOL,
        account=market.account,
        asset_in="IRON",
        asset_out="BRONZE",
        amount_in=100,
        transaction_id=chosen,
    )
    (told,) = await market.client.create_swaps([draft])
    assert told == SwapReceipt(chosen, first.sequence, True, 100, first.amount_out, 0)


async def test_a_batch_is_in_order_and_each_on_its_own(market: Market) -> None:
    def draft(asset_in: str, **more: Any) -> SwapDraft:
        asset_out = "BRONZE" if asset_in == "IRON" else "IRON"
        fields = {"pool_id": POOL, "account": market.account} | more
        return SwapDraft(asset_in=asset_in, asset_out=asset_out, **fields)

    drafts = [
        draft("IRON", amount_in=100),
        draft("IRON", amount_in=10**9),
        draft("IRON", amount_in=0),
        draft("IRON"),
        draft("IRON", amount_in=100, pool_id="nowhere"),
        draft("IRON", amount_in=100, limit_amount=10**9),
        draft("BRONZE", amount_out=50),
    ]
    outcomes = await market.client.create_swaps(drafts)
    told = [o.reason_name if isinstance(o, RefusedError) else "OK" for o in outcomes]
    assert told == [
        "OK",
        "INSUFFICIENT_FUNDS",
        "AMOUNT_OUT_OF_RANGE",
        "INVALID_FIELD",
        "POOL_NOT_FOUND",
        "LIMIT_NOT_MET",
        "OK",
    ]
    again = await market.client.create_swaps(drafts)
    assert [o.replayed for o in again if isinstance(o, SwapReceipt)] == [True, True]
    assert [o.sequence for o in again if isinstance(o, SwapReceipt)] == [
        o.sequence for o in outcomes if isinstance(o, SwapReceipt)
    ]
    await refused("BATCH_SIZE", market.client.create_swaps([]))
    only_bad = await market.client.create_swaps([draft("IRON")])
    assert isinstance(only_bad[0], RefusedError)


async def test_liquidity_is_added_and_removed(market: Market) -> None:
    client = market.client
    await market.swap("BRONZE", amount_in=100_000)
    before = await client.pool(POOL)
    added = await client.add_liquidity(
        POOL, account=market.account, base_amount=1_000, quote_amount=500_000
    )
    assert added.kind == PoolEvent.KIND_LIQUIDITY_ADDED
    assert added.base_amount <= 1_000
    (position,) = [found async for found in client.positions(market.account)]
    assert position.shares == added.shares == await market.posted(SHARES)
    assert position.share_supply == before.share_supply + added.shares
    removed = await client.remove_liquidity(POOL, account=market.account, shares=added.shares)
    assert (removed.base_amount, removed.quote_amount) == (
        position.base_amount,
        position.quote_amount,
    )
    assert removed.base_amount <= added.base_amount
    assert removed.quote_amount <= added.quote_amount
    assert [found async for found in client.positions(market.account)] == []
    after = await client.pool(POOL)
    assert after.share_supply == before.share_supply
    assert _product(after) >= _product(before)


async def test_the_history_tells_everything_newest_first(market: Market) -> None:
    client = market.client
    bought = await market.swap("BRONZE", amount_in=100_000)
    sold = await market.swap("IRON", amount_in=10)
    request_id = new_id()
    added = await client.add_liquidity(
        POOL, account=market.account, base_amount=100, quote_amount=100_000, request_id=request_id
    )
    again = await client.add_liquidity(
        POOL, account=market.account, base_amount=100, quote_amount=100_000, request_id=request_id
    )
    assert again == added
    removed = await client.remove_liquidity(POOL, account=market.account, shares=added.shares)
    for page_size in (0, 1, 2):
        events = [event async for event in client.pool_history(POOL, page_size=page_size)]
        assert [event.kind for event in events] == [5, 4, 1, 2, 3]
        assert events[:2] == [removed, added]
        assert (events[2].base_amount, events[2].quote_amount) == (10, sold.amount_out)
        assert (events[3].base_amount, events[3].quote_amount) == (bought.amount_out, 100_000)
        assert events[3].burned_amount == bought.burned_amount == 60
        assert (events[4].account, events[4].shares) == (TREASURY, 99_000)
        assert events[2].account == market.account
    # What the ledger has of it is a transaction like others.
    transaction = await client.transaction(bought.transaction_id)
    assert [posting.amount for posting in transaction.postings] == [99_940, 906, 60]


async def test_a_pool_is_paused_and_its_fee_is_set(market: Market) -> None:
    client = market.client
    assert (await client.pause_pool(POOL)).state == Pool.STATE_PAUSED
    assert (await client.pause_pool(POOL)).state == Pool.STATE_PAUSED
    await refused("POOL_PAUSED", market.swap("IRON", amount_in=100))
    await refused(
        "POOL_PAUSED",
        client.quote(POOL, asset_in="IRON", asset_out="BRONZE", amount_in=100),
    )
    await client.remove_liquidity(POOL, account=TREASURY, shares=1_000)
    assert (await client.resume_pool(POOL)).state == Pool.STATE_OPEN
    changed = await client.set_pool_fee(POOL, fee_bps=100, sink_bps=10_000)
    assert (changed.fee_bps, changed.sink_bps) == (100, 10_000)
    swap = await market.swap("BRONZE", amount_in=100_000)
    assert swap.burned_amount == 1_000
    await refused("INVALID_FIELD", client.set_pool_fee(POOL, fee_bps=1_001, sink_bps=0))


async def test_bad_input_is_refused_by_its_field(market: Market) -> None:
    client = market.client
    late = datetime.now(UTC) - timedelta(hours=1)
    calls: list[tuple[str, Any]] = [
        ("TRADE_EXPIRED", market.swap("IRON", amount_in=1, deadline_time=late)),
        ("AMOUNT_OUT_OF_RANGE", market.swap("IRON", amount_in=-1)),
        ("AMOUNT_OUT_OF_RANGE", market.swap("IRON", amount_in=1, limit_amount=-1)),
        ("INVALID_FIELD", market.swap("IRON", amount_in=1, asset_out="IRON")),
        ("INVALID_FIELD", market.swap("IRON", amount_in=1, transaction_id="x")),
        ("INVALID_FIELD", market.swap("IRON", amount_in=1, account="nobody")),
        ("ASSET_NOT_IN_POOL", market.swap("IRON", amount_in=1, asset_out="GOLD")),
        ("ACCOUNT_RESERVED", market.swap("IRON", amount_in=1, account=f"pools/{POOL}")),
        ("POOL_NOT_FOUND", client.pool("nowhere")),
        ("INVALID_FIELD", client.pool("No Where")),
        ("POOL_NOT_FOUND", client.pause_pool("nowhere")),
        ("ACCOUNT_NOT_FOUND", anext(client.positions("orgs/nobody"))),
        (
            "AMOUNT_OUT_OF_RANGE",
            client.remove_liquidity(POOL, account=market.account, shares=0),
        ),
        (
            "AMOUNT_OUT_OF_RANGE",
            client.add_liquidity(
                POOL,
                account=market.account,
                base_amount=1,
                quote_amount=1,
                minimum_base_amount=-1,
            ),
        ),
        (
            "INSUFFICIENT_LIQUIDITY",
            client.quote(POOL, asset_in="IRON", asset_out="BRONZE", amount_out=1_000_000),
        ),
        (
            "INVALID_FIELD",
            client.create_pool(
                "same",
                base_asset="IRON",
                quote_asset="IRON",
                account=TREASURY,
                base_amount=1,
                quote_amount=1,
            ),
        ),
        (
            "POOL_EXISTS",
            client.create_pool(
                POOL,
                base_asset="IRON",
                quote_asset="BRONZE",
                account=TREASURY,
                base_amount=1,
                quote_amount=1,
            ),
        ),
        (
            "ASSET_RESERVED",
            client.mint(destination=TREASURY, asset=SHARES, amount=1, reason="greed"),
        ),
        (
            "ACCOUNT_RESERVED",
            client.transfer(source=TREASURY, destination=f"pools/{POOL}", asset="BRONZE", amount=1),
        ),
    ]
    for reason, call in calls:
        await refused(reason, call)


async def test_who_acts_for_a_person_trades_for_that_person_only(
    market: Market, server: Server
) -> None:
    scopes = ("amm.swap", "identity.act_for", "spending.consent")
    async with application(server, market.client, *scopes) as game:
        own = game.acting_for(market.bob)
        fields: dict[str, Any] = {"asset_in": "IRON", "asset_out": "BRONZE", "amount_in": 100}
        done = await own.swap(POOL, account=market.account, **fields)
        assert done.account == market.account
        await refused("NOT_ACCOUNT_OWNER", own.swap(POOL, account=TREASURY, **fields))
        # For nobody it has no right to the account, until the person allows it.
        await refused("NOT_ACCOUNT_OWNER", game.swap(POOL, account=market.account, **fields))
        await refused("SCOPE_MISSING", game.pause_pool(POOL))


async def test_swaps_at_once_never_harm_the_pool(market: Market) -> None:
    before = await market.client.pool(POOL)
    swaps = [
        market.swap("IRON" if number % 2 else "BRONZE", amount_in=number)
        for number in range(100, 200)
    ]
    outcomes = await asyncio.gather(*swaps, return_exceptions=True)
    done = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    assert len(done) >= 90
    after = await market.client.pool(POOL)
    assert _product(after) >= _product(before)
    given = sum(s.amount_in - s.burned_amount for s in done if s.asset_in == "IRON")
    received = sum(s.amount_out for s in done if s.asset_out == "IRON")
    assert after.base_reserve == before.base_reserve + given - received


async def test_shares_move_like_other_assets_and_burned_ones_enrich_the_others(
    market: Market,
) -> None:
    client = market.client
    await client.transfer(source=TREASURY, destination=market.account, asset=SHARES, amount=50_000)
    (before,) = [found async for found in client.positions(market.account)]
    await client.burn(source=TREASURY, asset=SHARES, amount=40_000, reason="gift")
    (after,) = [found async for found in client.positions(market.account)]
    assert (before.base_amount, after.base_amount) == (5_000, 8_333)
    assert after.share_supply == 60_000
