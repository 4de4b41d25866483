"""The arithmetic of pools, up to the edge of what a balance holds."""

from fractions import Fraction

from hypothesis import assume, example, given
from hypothesis import strategies as st
from ticketonomics_server.amm.formulas import (
    BPS,
    amount_in,
    amount_out,
    burned_part,
    cost_of_shares,
    fee_of,
    first_shares,
    price,
    price_impact_bps,
    price_text,
    shares_for,
    worth_of_shares,
)

MOST = 2**63 - 1
# Small, large, and the very edge: each as likely.
AMOUNTS = st.one_of(
    st.integers(1, 100), st.integers(1, 10**12), st.integers(1, MOST), st.integers(MOST - 9, MOST)
)
FEES = st.one_of(st.sampled_from((0, 1, 30, 100, 5_000)), st.integers(0, 5_000))
PARTS = st.one_of(st.sampled_from((0, 2_000, BPS)), st.integers(0, BPS))


@given(AMOUNTS, AMOUNTS, AMOUNTS, FEES, PARTS)
@example(MOST, MOST, MOST, 0, BPS)
@example(1, 1, MOST, 30, BPS)
def test_the_product_of_the_reserves_never_falls(
    given_: int, x: int, y: int, fee: int, part: int
) -> None:
    received, burned = amount_out(given_, x, y, fee), burned_part(given_, fee, part)
    assert 0 <= received < y, "a pool never gives away all that it has"
    assert (x + given_ - burned) * (y - received) >= x * y


@given(AMOUNTS, AMOUNTS, AMOUNTS, FEES)
def test_what_is_received_is_the_most_that_the_invariant_allows(
    given_: int, x: int, y: int, fee: int
) -> None:
    received = amount_out(given_, x, y, fee)
    after_fee = Fraction(given_ * (BPS - fee), BPS)
    assert (x + after_fee) * (y - received) >= x * y
    assert (x + after_fee) * (y - received - 1) < x * y


@given(AMOUNTS, AMOUNTS, AMOUNTS, FEES)
@example(MOST - 1, MOST, MOST, 30)
@example(1, MOST, 2, 0)
def test_exact_out_is_the_smallest_input_that_gives_at_least_the_output(
    wanted: int, x: int, y: int, fee: int
) -> None:
    assume(wanted < y)
    needed = amount_in(wanted, x, y, fee)
    assert amount_out(needed, x, y, fee) >= wanted
    assert needed >= 1
    assert amount_out(needed - 1, x, y, fee) < wanted


@given(AMOUNTS, AMOUNTS, AMOUNTS, FEES, PARTS)
def test_a_round_trip_never_gains(given_: int, x: int, y: int, fee: int, part: int) -> None:
    received, burned = amount_out(given_, x, y, fee), burned_part(given_, fee, part)
    back = amount_out(received, y - received, x + given_ - burned, fee)
    assert back <= given_


@given(st.tuples(AMOUNTS, AMOUNTS), AMOUNTS, AMOUNTS, FEES, PARTS)
def test_two_swaps_never_give_more_than_one(
    both: tuple[int, int], x: int, y: int, fee: int, part: int
) -> None:
    first, second = both
    at_once = amount_out(first + second, x, y, fee)
    one = amount_out(first, x, y, fee)
    other = amount_out(second, x + first - burned_part(first, fee, part), y - one, fee)
    assert one + other <= at_once


@given(AMOUNTS, FEES, PARTS)
def test_no_more_is_burned_than_the_fee(given_: int, fee: int, part: int) -> None:
    assert 0 <= burned_part(given_, fee, part) <= fee_of(given_, fee) <= given_


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_adding_and_removing_never_gains_and_shares_never_lose_worth(
    base: int, quote: int, x: int, y: int, supply: int
) -> None:
    shares = shares_for(base, quote, x, y, supply)
    assume(shares)
    paid = cost_of_shares(shares, x, y, supply)
    assert paid[0] <= base
    assert paid[1] <= quote
    after = x + paid[0], y + paid[1], supply + shares
    # What a share is worth, squared, has not fallen.
    assert after[0] * after[1] * supply**2 >= x * y * after[2] ** 2
    back = worth_of_shares(shares, *after)
    assert back[0] <= paid[0]
    assert back[1] <= paid[1]


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_removing_leaves_the_others_their_part(shares: int, x: int, y: int, supply: int) -> None:
    assume(shares < supply)
    base, quote = worth_of_shares(shares, x, y, supply)
    assert base < x
    assert quote < y
    assert (x - base) * (y - quote) * supply**2 >= x * y * (supply - shares) ** 2


@given(AMOUNTS, AMOUNTS)
def test_the_first_shares_are_the_integer_root(base: int, quote: int) -> None:
    shares = first_shares(base, quote)
    assert shares**2 <= base * quote < (shares + 1) ** 2
    assert shares <= MOST


@given(AMOUNTS, AMOUNTS, AMOUNTS, FEES)
def test_the_price_impact_lies_between_nothing_and_all(
    given_: int, x: int, y: int, fee: int
) -> None:
    impact = price_impact_bps(given_, amount_out(given_, x, y, fee), x, y, fee)
    assert 0 <= impact <= BPS


def test_a_tenth_of_the_reserve_costs_a_tenth() -> None:
    """9,091 of 100,000 after 10,000 more: 1/11 worse than the price before."""
    received = amount_out(10_000, 100_000, 100_000, 0)
    assert received == 9_090
    assert price_impact_bps(10_000, received, 100_000, 100_000, 0) == 910
    assert amount_in(9_090, 100_000, 100_000, 0) == 9_999
    assert amount_in(9_091, 100_000, 100_000, 0) == 10_001


def test_the_numbers_of_uniswap() -> None:
    """As `getAmountOut` with 0.3 % has them."""
    assert amount_out(10**18, 5 * 10**18, 10 * 10**18, 30) == 1662497915624478906
    assert amount_out(10**18, 10 * 10**18, 5 * 10**18, 30) == 453305446940074565


def test_a_price_is_in_whole_units() -> None:
    # 10,000 pieces of iron and 10,000.00 bronze: one for one.
    assert price_text(*price(1_000_000, 2, 10_000, 0)) == "1"
    assert price_text(1, 3) == "0.333333333333333333"
    assert price_text(MOST, 1) == "9223372036854775810"
    assert price_text(1, 10**12) == "0.000000000001"
    assert price_text(25, 10) == "2.5"
    assert price_text(100, 1) == "100"
