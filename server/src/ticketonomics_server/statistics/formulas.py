"""The formulas of statistics. Pure, in integers: docs/statistics.md explains them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ticketonomics_server.ledger.tickets import TIERS, bronze_equivalents

# Wealth is counted in billionths of a Bronze ticket: exact for tickets of up to nine decimals.
WEALTH_DECIMALS = 9
MILLION = 1_000_000

# A bucket of wealth reaches from 2^(b/64) to 2^((b+1)/64), so by 1.1 %.
BUCKETS_A_DOUBLING = 64
# With r = 2^(1/64): the greatest Gini coefficient of amounts that differ by at most r,
# (√r - 1) / (√r + 1), and r - 1. Both in parts of a million, rounded up.
_MOST_GINI_PPM = 2_708
_WIDTH_PPM = 10_890

LORENZ_STEPS = 20
TOP_BPS = (100, 1_000)


class Bucket(NamedTuple):
    """People of about the same wealth, and what they hold together."""

    people_count: int
    wealth: int


class Top(NamedTuple):
    """What the wealthiest hold. The share may be more by at most the error, never less."""

    people_bps: int
    people_count: int
    wealth_ppm: int
    error_ppm: int


class Distribution(NamedTuple):
    """How wealth is spread. The Gini coefficient may be more by at most its error, never less."""

    people_count: int
    wealth: int
    gini_ppm: int
    gini_error_ppm: int
    lorenz: tuple[tuple[int, int], ...]
    tops: tuple[Top, ...]


def wealth_weights(assets: Iterable[tuple[str, int, int]]) -> dict[int, int]:
    """Returns what a minor unit of each tier is worth, by asset id.

    Args:
        assets: Code, id and decimals of each; those that are no tiers are left out.
    """
    return {
        asset_id: bronze_equivalents(code) * 10 ** (WEALTH_DECIMALS - decimals)
        for code, asset_id, decimals in assets
        if code in TIERS
    }


def format_wealth(wealth: int) -> str:
    """Writes a wealth as a decimal number of Bronze tickets, without needless zeros."""
    whole, rest = divmod(wealth, 10**WEALTH_DECIMALS)
    return f"{whole}.{rest:0{WEALTH_DECIMALS}}".rstrip("0").rstrip(".")


def distribution(buckets: Sequence[Bucket]) -> Distribution:
    """Computes how wealth is spread from buckets in ascending order, none of them empty.

    Within a bucket all are taken to hold the same. What that hides of the Gini coefficient is at
    most the sum, over the buckets, of share of people × share of wealth × the bucket's own greatest
    coefficient (decomposition of Gini for groups that do not overlap).
    """
    people = sum(bucket.people_count for bucket in buckets)
    wealth = sum(bucket.wealth for bucket in buckets)
    if not people:
        return Distribution(0, 0, 0, 0, (), ())
    below, area, hidden = 0, 0, 0
    for bucket in buckets:
        # Twice the area under the Lorenz curve, in units of people × wealth.
        area += bucket.people_count * (2 * below + bucket.wealth)
        below += bucket.wealth
        if bucket.people_count > 1:
            hidden += bucket.people_count * bucket.wealth
    whole = people * wealth
    return Distribution(
        people,
        wealth,
        (whole - area) * MILLION // whole,
        # One more for having rounded down.
        -(-hidden * _MOST_GINI_PPM // whole) + 1,
        tuple(_lorenz(buckets, people, wealth)),
        tuple(_top(buckets, people, wealth, bps) for bps in TOP_BPS),
    )


def _lorenz(buckets: Sequence[Bucket], people: int, wealth: int) -> Iterable[tuple[int, int]]:
    left = iter(buckets)
    bucket = Bucket(0, 0)
    behind_people = behind_wealth = 0
    for step in range(LORENZ_STEPS + 1):
        # Counted in twentieths of a person.
        while step * people > LORENZ_STEPS * (behind_people + bucket.people_count):
            behind_people += bucket.people_count
            behind_wealth += bucket.wealth
            bucket = next(left)
        part = step * people - LORENZ_STEPS * behind_people
        within = bucket.wealth * part // (LORENZ_STEPS * bucket.people_count) if part else 0
        yield (step * MILLION // LORENZ_STEPS, (behind_wealth + within) * MILLION // wealth)


def _top(buckets: Sequence[Bucket], people: int, wealth: int, people_bps: int) -> Top:
    """Adds up from the wealthiest; of the bucket in which it ends, so many at its mean."""
    count = -(-people * people_bps // 10_000)
    left, held, hidden = count, 0, 0
    for bucket in reversed(buckets):
        if left <= bucket.people_count:
            rest = bucket.people_count - left
            held += bucket.wealth * left // bucket.people_count
            # Those taken hold at most the bucket's width more than its mean, and those left at
            # least so much less.
            hidden = min(left, rest) * bucket.wealth * _WIDTH_PPM // bucket.people_count
            break
        held += bucket.wealth
        left -= bucket.people_count
    # One each for having rounded down three times.
    return Top(people_bps, count, held * MILLION // wealth, hidden // wealth + 3)


def velocity_milli(volume: int, supplies: Sequence[int]) -> tuple[int, int]:
    """Returns the mean supply, and how often it changed hands in thousandths, both rounded down.

    Args:
        supplies: What was circulating at the end of each day of the window.
    """
    total = sum(supplies)
    if not total:
        return 0, 0
    return total // len(supplies), volume * 1_000 * len(supplies) // total
