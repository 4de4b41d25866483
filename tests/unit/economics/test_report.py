"""What tickets are worth, what ads earned, and what is suggested."""

from datetime import date
from decimal import Decimal

import pytest
from ticketonomics_server.economics.files import Assumptions, Revenue
from ticketonomics_server.economics.report import EconomicsReport, make_report
from ticketonomics_server.economics.tiers import USUAL_PRICES, value_tiers

from tests.tidy.repository import table

DAY = date(2026, 11, 1)


def earned(
    per_view: str, *, views: int = 10_000, region: str = "US", network: str = "n", day: date = DAY
) -> Revenue:
    return Revenue(day, network, region, views, Decimal(per_view) * views)


def report(
    *rows: Revenue, paid: str = "1", supply: str = "1", **assumed: object
) -> EconomicsReport:
    assumptions = Assumptions(**assumed)
    return make_report(assumptions, {"BRONZE": Decimal(supply)}, rows, paid=Decimal(paid))


def rules(found: EconomicsReport) -> list[str]:
    return [suggestion.rule for suggestion in found.suggestions]


def test_the_tiers_are_worth_what_the_page_says() -> None:
    told = [
        (row[0], *(Decimal(cell.replace(",", "")) for cell in row[1:]))
        for row in table("docs/economics.md", "## What a tier is worth")
    ]
    values = value_tiers(Assumptions().per_view, USUAL_PRICES)
    assert told == [(v.code, v.bronze, v.ad_backed, v.inherited, v.priced_at) for v in values]


def test_the_usual_prices_give_nothing_to_suggest() -> None:
    assert rules(report(earned("0.005"))) == []


def test_what_circulates_is_valued_by_each_measure() -> None:
    supply = {"BRONZE": Decimal("10.50"), "GOLD": Decimal(2)}
    found = make_report(Assumptions(), supply, [])
    bronze, _, gold, *_ = found.tiers
    assert bronze.priced_at == Decimal("0.0525")
    assert (gold.ad_backed, gold.inherited, gold.priced_at) == (4, Decimal("3.20"), 3)
    assert found.priced_at == Decimal("3.0525")
    assert (found.earned, found.covered) == (None, None)


@pytest.mark.parametrize(
    ("per_view", "paid", "expected", "says"),
    [
        ("0.0045", "1", [], ""),
        ("0.004499", "1", ["assumption"], "pay 0.89 BRONZE instead"),
        ("0.0055", "1", [], ""),
        ("0.005501", "1", ["assumption"], "up to 1.1 BRONZE are backed"),
        ("0.005", "2", ["assumption"], "pay 1 BRONZE instead"),
        ("0.010", "2", [], ""),
        ("0", "1", ["assumption"], "pay 0 BRONZE instead"),
    ],
)
def test_a_view_should_earn_what_it_pays(
    per_view: str, paid: str, expected: list[str], says: str
) -> None:
    found = report(earned(per_view), paid=paid, supply="0")
    assert [rule for rule in rules(found) if rule != "region"] == expected
    if says:
        assert says.removesuffix(" instead") in found.suggestions[0].text


def test_a_poor_region_is_named_and_a_rich_one_is_not() -> None:
    rows = [
        earned("0.009", region="US"),
        earned("0.005", region="EU"),
        earned("0.001", region="EM"),
    ]
    found = report(*rows)
    assert rules(found) == ["region"]
    assert "EM earns 20%" in found.suggestions[0].text
    assert [(e.name, e.ratio) for e in found.regions] == [
        ("US", Decimal("1.8")),
        ("EU", 1),
        ("EM", Decimal("0.2")),
    ]


def test_nothing_is_suggested_from_a_few_views() -> None:
    assert rules(report(earned("0.001", views=999), supply="0")) == []
    assert rules(report(earned("0.001", views=1_000), supply="0"))[0] == "assumption"
    few = report(earned("0.005"), earned("0.001", views=999, region="EM"), supply="0")
    assert rules(few) == []


def test_only_the_latest_days_count_for_suggestions() -> None:
    old = earned("0.001", day=date(2026, 10, 2))
    found = report(old, earned("0.005"))
    assert rules(found) == []
    assert (found.earned.views, found.total_revenue) == (10_000, 60)
    assert rules(report(old, earned("0.005"), days=31)) == ["assumption"]


def test_views_that_earned_nothing_and_none_at_all() -> None:
    nothing = report(Revenue(DAY, "n", "US", 0, Decimal(0)), supply="0")
    assert (nothing.earned.per_view, nothing.earned.ratio, nothing.suggestions) == (None, None, [])


@pytest.mark.parametrize(
    ("price", "expected"),
    [("0.10", []), ("0.101", ["above"]), ("0.05", []), ("0.049", ["below"])],
)
def test_a_price_lies_between_half_of_what_is_inherited_and_all(
    price: str, expected: list[str]
) -> None:
    prices = USUAL_PRICES | {"SILVER": Decimal(price), "GOLD": Decimal(price) * 18}
    prices |= {"EMERALD": Decimal(price) * 300}
    prices |= {"SAPPHIRE": Decimal(price) * 5_000, "RUBY": Decimal(price) * 90_000}
    prices |= {"AMETHYST": Decimal(price) * 1_500_000, "DIAMOND": Decimal(price) * 20_000_000}
    assert rules(report(prices=prices)) == expected


def test_revenue_should_cover_what_circulates() -> None:
    assert rules(report(earned("0.005"), supply="10000")) == []
    found = report(earned("0.005"), supply="20000")
    assert rules(found) == ["cover"]
    assert found.covered == Decimal("0.5")
