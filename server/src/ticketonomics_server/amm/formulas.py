"""The arithmetic of pools: pure functions of integers, which round in the pool's favour.

Throughout, `x` is the reserve of what is given and `y` that of what is received, `a` what is given,
`b` what is received, `f` the fee in basis points, and `g = 10,000 − f`. The invariant is
`(x + a·g/10,000) · (y − b) ≥ x·y`; what is kept of the fee comes on top, so `x·y` never falls.

Sources: Uniswap v2 Core, H. Adams, N. Zinsmeister and D. Robinson, 2020: the invariant and the fee
(3.2.1), the first shares and those that are locked (3.4). The rounding of shares is that of
ERC-4626: whoever mints pays the ceiling, whoever burns gets the floor.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from math import isqrt

BPS = 10_000


def amount_out(given: int, reserve_in: int, reserve_out: int, fee_bps: int) -> int:
    """Returns the most that may be received: `b = ⌊a·g·y / (10,000·x + a·g)⌋`.

    Solves the invariant for `b`. (Uniswap v2 Periphery, `getAmountOut`, with `f` = 30.)
    """
    after_fee = given * (BPS - fee_bps)
    return after_fee * reserve_out // (reserve_in * BPS + after_fee)


def amount_in(received: int, reserve_in: int, reserve_out: int, fee_bps: int) -> int:
    """Returns the least that has to be given: `a = ⌈10,000·x·b / (g·(y − b))⌉`, for `b < y`.

    Solves the invariant for `a`. It is exactly the smallest amount whose `amount_out` is at least
    `b`: `⌊a·g·y / (10,000·x + a·g)⌋ ≥ b` holds just when `a·g·(y − b) ≥ 10,000·x·b`. (Uniswap v2's
    `getAmountIn` adds 1 to the floor, which is 1 too much where the division has no rest.)
    """
    return ceil_div(reserve_in * received * BPS, (reserve_out - received) * (BPS - fee_bps))


def fee_of(given: int, fee_bps: int) -> int:
    """Returns the fee in whole minor units: `⌊a·f / 10,000⌋`."""
    return given * fee_bps // BPS


def burned_part(given: int, fee_bps: int, sink_bps: int) -> int:
    """Returns the part of the fee that is burned: `⌊a·f·s / 10,000²⌋`.

    Rounds down: what is burned leaves the pool, and never more than the fee may.
    """
    return given * fee_bps * sink_bps // (BPS * BPS)


def first_shares(base: int, quote: int) -> int:
    """Returns all shares of a new pool: `⌊√(base·quote)⌋` (Uniswap v2 Core, 3.4)."""
    return isqrt(base * quote)


def shares_for(base: int, quote: int, base_reserve: int, quote_reserve: int, supply: int) -> int:
    """Returns the most shares that both amounts suffice for: `min ⌊amount·supply / reserve⌋`."""
    return min(base * supply // base_reserve, quote * supply // quote_reserve)


def cost_of_shares(
    shares: int, base_reserve: int, quote_reserve: int, supply: int
) -> tuple[int, int]:
    """Returns what new shares cost of either asset: `⌈shares·reserve / supply⌉`."""
    return ceil_div(shares * base_reserve, supply), ceil_div(shares * quote_reserve, supply)


def worth_of_shares(
    shares: int, base_reserve: int, quote_reserve: int, supply: int
) -> tuple[int, int]:
    """Returns what burned shares give of either asset: `⌊shares·reserve / supply⌋`."""
    return shares * base_reserve // supply, shares * quote_reserve // supply


def price_impact_bps(
    given: int, received: int, reserve_in: int, reserve_out: int, fee_bps: int
) -> int:
    """Returns how much less is received than at the price before, the fee left out.

    `⌈10,000 · (1 − b / (a·g/10,000 · y/x))⌉`: 0 would be a pool without end.
    """
    at_price_before = given * (BPS - fee_bps) * reserve_out
    missing = at_price_before - received * reserve_in * BPS
    return ceil_div(missing * BPS, at_price_before) if missing > 0 else 0


def price(
    quote_amount: int, quote_decimals: int, base_amount: int, base_decimals: int
) -> tuple[int, int]:
    """Returns whole units of quote for one of base, as a fraction: numerator and denominator."""
    return quote_amount * 10**base_decimals, base_amount * 10**quote_decimals


# Wide enough for the quotient of any two amounts to be rounded once.
_DIGITS = Context(prec=18, rounding=ROUND_HALF_EVEN)


def price_text(numerator: int, denominator: int) -> str:
    """Writes a price as a decimal number of up to 18 significant digits, without an exponent."""
    # The operands are exact, however long: only the quotient is rounded.
    quotient = _DIGITS.divide(Decimal(numerator), Decimal(denominator))
    text = f"{quotient:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def ceil_div(dividend: int, divisor: int) -> int:
    """Divides and rounds up."""
    return -(-dividend // divisor)
