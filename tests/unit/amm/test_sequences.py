"""Whatever anybody does in whatever order: the pool never loses, and nobody gains by rounding."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ticketonomics_server.amm.trading import work_out
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.ledger.model import Balance

from tests.unit.amm.conftest import ANN, BOB, SHARES, Market

MOST = 2**63 - 1
SIZES = st.one_of(st.integers(1, 50), st.integers(1, 10**9), st.integers(1, MOST))
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("sell", "buy", "sell_for", "buy_for", "add", "remove")), SIZES, SIZES
    ),
    min_size=1,
    max_size=12,
)
BEGINNINGS = st.tuples(
    st.one_of(st.integers(2, 100), st.integers(2, 10**6), st.integers(2, MOST)),
    st.one_of(st.integers(600_000, 10**8), st.integers(600_000, MOST)),
    st.integers(0, 1_000),
    st.integers(0, 10_000),
)


def _begin(beginning: tuple[int, int, int, int]) -> Market:
    base, quote, fee_bps, sink_bps = beginning
    market = Market()
    market.give(ANN, "IRON", base)
    market.give(ANN, "BRONZE", quote)
    market.give(BOB, "IRON", MOST - base)
    market.give(BOB, "BRONZE", MOST - quote)
    market.create(base, quote, fee_bps=fee_bps, sink_bps=sink_bps)
    return market


def _command(market: Market, step: tuple[str, int, int]) -> Any:
    what, one, other = step
    match what:
        case "sell":
            return market.swap("IRON", amount_in=one)
        case "buy":
            return market.swap("BRONZE", amount_in=one)
        case "sell_for":
            return market.swap("IRON", amount_out=one)
        case "buy_for":
            return market.swap("BRONZE", amount_out=one)
        case "add":
            return market.add(one, other)
        case _:
            # Mostly a part of what there is.
            return market.remove(one % (market.posted(BOB, SHARES) + 2) or 1)


@settings(max_examples=300, deadline=None)
@given(BEGINNINGS, STEPS)
def test_the_pool_never_loses(
    beginning: tuple[int, int, int, int], steps: list[tuple[str, int, int]]
) -> None:
    try:
        market = _begin(beginning)
    except Rejection as rejection:
        assert rejection.reason == "INSUFFICIENT_LIQUIDITY"
        return
    begun, everything = market.wealth(BOB), _sums(market)
    for step in steps:
        before, supply, bob = market.product, market.supply, market.wealth(BOB)
        command = _command(market, step)
        if market.outcome(command) != "OK":
            continue
        assert all(0 < reserve <= MOST for reserve in market.reserves)
        # Of each share, and so for swaps the product itself.
        assert market.product * supply**2 >= before * market.supply**2
        assert market.supply == supply or step[0] in ("add", "remove")
        assert not _gained(bob, market.wealth(BOB))
    assert not _gained(begun, market.wealth(BOB))
    assert _sums(market) == everything, "nothing comes from nowhere"


def _sums(market: Market) -> list[int]:
    """All that there is of either asset, burned or not."""
    rows = [row for row in market.state.rows[Balance].values() if row]
    return [sum(row.posted for row in rows if row.asset == code) for code in ("IRON", "BRONZE")]


def _gained(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """More of something, and no less of anything."""
    pairs = list(zip(before, after, strict=True))
    return all(a >= b for b, a in pairs) and any(a > b for b, a in pairs)


@settings(max_examples=200, deadline=None)
@given(BEGINNINGS, SIZES, st.booleans(), st.booleans())
def test_a_quote_is_what_the_swap_comes_to(
    beginning: tuple[int, int, int, int], amount: int, exact_in: bool, sells: bool
) -> None:
    try:
        market = _begin(beginning)
    except Rejection:
        return
    asset_in, asset_out = ("IRON", "BRONZE") if sells else ("BRONZE", "IRON")
    reserves = market.reserves if sells else market.reserves[::-1]
    try:
        quoted = work_out(
            exact_in=exact_in,
            amount=amount,
            reserve_in=reserves[0],
            reserve_out=reserves[1],
            fee_bps=market.pool.fee_bps,
            sink_bps=market.pool.sink_bps,
            asset_out=asset_out,
        )
    except Rejection as rejection:
        field = "amount_in" if exact_in else "amount_out"
        assert market.outcome(market.swap(asset_in, **{field: amount})) == rejection.reason
        return
    field = "amount_in" if exact_in else "amount_out"
    command = market.swap(asset_in, **{field: amount})
    before = market.wealth(BOB)
    outcome = market.outcome(command)
    if outcome != "OK":
        assert outcome in ("INSUFFICIENT_FUNDS", "BALANCE_OVERFLOW")
        return
    side = 0 if sells else 1
    after = market.wealth(BOB)
    assert before[side] - after[side] == quoted.amount_in
    assert after[1 - side] - before[1 - side] == quoted.amount_out
    assert market.posted("system/sink", asset_in) == quoted.burned


@settings(max_examples=200, deadline=None)
@given(BEGINNINGS, SIZES, SIZES)
def test_adding_and_removing_all_again_never_gains(
    beginning: tuple[int, int, int, int], base: int, quote: int
) -> None:
    try:
        market = _begin(beginning)
    except Rejection:
        return
    before = market.wealth(BOB)
    if market.outcome(market.add(base, quote)) != "OK":
        return
    shares = market.posted(BOB, SHARES)
    assert shares > 0
    if market.outcome(market.remove(shares)) == "OK":
        after = market.wealth(BOB)
        assert after[0] <= before[0]
        assert after[1] <= before[1]
        assert after[2] == 0
