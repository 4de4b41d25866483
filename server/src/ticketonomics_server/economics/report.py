"""Works out the operator's report, and what it suggests. Pure: figures in, figures out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from ticketonomics_server.economics.files import REGIONS, Assumptions, Revenue
from ticketonomics_server.economics.tiers import TierValue, value_tiers
from ticketonomics_server.ledger.tickets import TIERS

CHEAPEST = Decimal("0.5")


@dataclass(slots=True, frozen=True)
class TierReport:
    """A tier's worth, and that of all its tickets.

    Attributes:
        supply: Tickets that circulate.
    """

    value: TierValue
    supply: Decimal

    @property
    def ad_backed(self) -> Decimal:
        return self.supply * self.value.ad_backed

    @property
    def inherited(self) -> Decimal:
        return self.supply * self.value.inherited

    @property
    def priced_at(self) -> Decimal:
        return self.supply * self.value.priced_at


@dataclass(slots=True, frozen=True)
class Earned:
    """What ad views have earned, of a region, a network, or all.

    Attributes:
        ratio: What a view earned, as a share of what the BRONZE paid for it stands for; None
            without views.
    """

    name: str
    views: int
    revenue: Decimal
    per_view: Decimal | None
    ratio: Decimal | None


@dataclass(slots=True, frozen=True)
class Suggestion:
    """Something that the operator might change, by a rule that `docs/economics.md` explains."""

    rule: str
    text: str


@dataclass(slots=True, frozen=True)
class EconomicsReport:
    """All of it.

    Attributes:
        earned: In all; by region; by network. Of the latest days only.
        covered: What all days earned, as a share of what all tickets are priced at.
    """

    tiers: list[TierReport]
    earned: Earned | None
    regions: list[Earned]
    networks: list[Earned]
    total_revenue: Decimal
    covered: Decimal | None
    suggestions: list[Suggestion]

    @property
    def priced_at(self) -> Decimal:
        return sum((tier.priced_at for tier in self.tiers), Decimal(0))


def make_report(
    assumptions: Assumptions,
    supply: Mapping[str, Decimal],
    revenue: Sequence[Revenue],
    *,
    paid: Decimal = Decimal(1),
) -> EconomicsReport:
    """Values the tickets that circulate, and compares revenue with what is assumed.

    Args:
        supply: Tickets by tier; a tier that is missing has none.
        revenue: Of any days; what is suggested looks at the latest ones.
        paid: BRONZE that a view pays now.
    """
    values = value_tiers(assumptions.per_view, assumptions.prices)
    tiers = [TierReport(value, supply.get(value.code, Decimal(0))) for value in values]
    lately = _latest(revenue, assumptions.days)
    earned = _earned("all", lately, assumptions, paid) if lately else None
    regions = _group(lately, lambda row: row.region, REGIONS, assumptions, paid)
    networks = _group(
        lately, lambda row: row.network, sorted({row.network for row in lately}), assumptions, paid
    )
    total = sum((row.revenue for row in revenue), Decimal(0))
    priced = sum((tier.priced_at for tier in tiers), Decimal(0))
    covered = total / priced if revenue and priced else None
    return EconomicsReport(
        tiers,
        earned,
        regions,
        networks,
        total,
        covered,
        [
            *_suggest_rewards(earned, regions, assumptions, paid),
            *_suggest_prices(values),
            *_suggest_cover(covered),
        ],
    )


def _latest(revenue: Sequence[Revenue], days: int) -> list[Revenue]:
    """The rows of the latest days that there are figures for."""
    if not revenue:
        return []
    last = max(row.day for row in revenue)
    return [row for row in revenue if row.day > last - timedelta(days=days)]


def _earned(name: str, rows: Sequence[Revenue], assumptions: Assumptions, paid: Decimal) -> Earned:
    views = sum(row.views for row in rows)
    revenue = sum((row.revenue for row in rows), Decimal(0))
    per_view = revenue / views if views else None
    backed = assumptions.per_view * paid
    ratio = per_view / backed if per_view is not None and backed else None
    return Earned(name, views, revenue, per_view, ratio)


def _group(
    rows: Sequence[Revenue],
    name_of: Callable[[Revenue], str],
    names: Sequence[str],
    assumptions: Assumptions,
    paid: Decimal,
) -> list[Earned]:
    groups = [(name, [row for row in rows if name_of(row) == name]) for name in names]
    return [_earned(name, group, assumptions, paid) for name, group in groups if group]


def _suggest_rewards(
    earned: Earned | None, regions: Sequence[Earned], assumptions: Assumptions, paid: Decimal
) -> list[Suggestion]:
    """Rules `assumption` and `region`: a view should earn what the BRONZE for it stands for."""
    if earned is None or earned.ratio is None or earned.views < assumptions.least_views:
        return []
    found = []
    least, most = 1 - assumptions.tolerance, 1 + assumptions.tolerance
    share = f"{earned.ratio:.0%} of what the {paid:f} BRONZE for it stand for"
    if earned.ratio < least:
        found.append(
            Suggestion(
                "assumption",
                f"A view earns {share}: pay {_floor(earned.ratio * paid)} BRONZE instead"
                " (rewards.ad_reward), or lower per_view, and the prices with it.",
            )
        )
    elif earned.ratio > most:
        found.append(
            Suggestion(
                "assumption",
                f"A view earns {share}: up to {_floor(earned.ratio * paid)} BRONZE are backed"
                " (rewards.ad_reward); or keep what is above.",
            )
        )
    for region in regions:
        if region.ratio is None or region.views < assumptions.least_views:
            continue
        if region.ratio < least * min(Decimal(1), earned.ratio):
            found.append(
                Suggestion(
                    "region",
                    f"A view in {region.name} earns {region.ratio:.0%} of what is paid for it, less"
                    f" than elsewhere: {_floor(region.ratio * paid)} BRONZE would be backed there.",
                )
            )
    return found


def _floor(ratio: Decimal) -> Decimal:
    """BRONZE for a view, in its minor units, rounded down."""
    return (ratio * 100 // 1) / 100


def _suggest_prices(values: Sequence[TierValue]) -> list[Suggestion]:
    """Rules `above` and `below`: prices lie between half of what is inherited and all of it."""
    found = []
    for value in values:
        if value.priced_at > value.inherited:
            found.append(
                Suggestion(
                    "above",
                    f"{value.code} is priced at {value.priced_at:f}, above the {value.inherited:f}"
                    " of the tickets that it takes: who sells one gains by every queue. Price it at"
                    f" {value.inherited:f} at most.",
                )
            )
        elif value.priced_at < value.inherited * CHEAPEST:
            found.append(
                Suggestion(
                    "below",
                    f"{value.code} is priced at {value.priced_at:f}, below half of the"
                    f" {value.inherited:f} of the tickets that it takes: queueing for it destroys"
                    f" most of what people have. Price it at {value.inherited * CHEAPEST:f} at"
                    " least.",
                )
            )
    return found


def _suggest_cover(covered: Decimal | None) -> list[Suggestion]:
    """Rule `cover`: what has been earned should cover what circulates at its prices."""
    if covered is None or covered >= 1:
        return []
    return [
        Suggestion(
            "cover",
            f"All revenue so far covers {covered:.0%} of what the tickets are priced at: raise fees"
            " that are burned, lower rewards, or lower the prices, until it covers all.",
        )
    ]


def empty_supply() -> dict[str, Decimal]:
    """No ticket of any tier."""
    return dict.fromkeys(TIERS, Decimal(0))
