"""What a ticket of each tier is worth in USD, by three measures."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ticketonomics_server.ledger.tickets import TIER_RATIO, TIERS, bronze_equivalents

# What one rewarded ad view is assumed to earn; it pays one BRONZE.
ASSUMED_PER_VIEW = Decimal("0.005")

# Set by hand. Below what is inherited: who sells a tier at all, sells it cheaper than its stakes.
USUAL_PRICES: Mapping[str, Decimal] = {
    "BRONZE": Decimal("0.005"),
    "SILVER": Decimal("0.08"),
    "GOLD": Decimal("1.50"),
    "EMERALD": Decimal(25),
    "SAPPHIRE": Decimal(420),
    "RUBY": Decimal(7_500),
    "AMETHYST": Decimal(100_000),
    "DIAMOND": Decimal(1_000_000),
}


@dataclass(slots=True, frozen=True)
class TierValue:
    """One tier's worth.

    Attributes:
        bronze: Bronze equivalents.
        ad_backed: What the ad views behind it earned: bronze × what a view earns.
        inherited: What the twenty tickets below it are priced at; of BRONZE, what it is backed by.
        priced_at: Set by hand.
    """

    code: str
    bronze: int
    ad_backed: Decimal
    inherited: Decimal
    priced_at: Decimal


def value_tiers(per_view: Decimal, prices: Mapping[str, Decimal]) -> list[TierValue]:
    """Values all tiers, from BRONZE up.

    Args:
        per_view: What one ad view earns.
        prices: Of every tier.
    """
    values: list[TierValue] = []
    for code in TIERS:
        bronze = bronze_equivalents(code)
        backed = bronze * per_view
        inherited = values[-1].priced_at * TIER_RATIO if values else backed
        values.append(TierValue(code, bronze, backed, inherited, prices[code]))
    return values
