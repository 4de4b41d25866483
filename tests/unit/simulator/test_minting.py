from ticketonomics_simulator.minting import HOUR_SECONDS, MintBudget, daily_budget
from ticketonomics_simulator.tickets import FAUCET


def test_any_day_stays_within_the_budget() -> None:
    budget = MintBudget(240_000)
    minted = 0
    for second in range(0, 24 * 3600, 7):
        amount = min(budget.portion, budget.left(second))
        if amount:
            budget.spend(second, amount)
            minted += amount
    assert minted == 240_000


def test_an_hour_takes_no_more_than_its_share() -> None:
    budget = MintBudget(2400)
    budget.spend(0, 60)
    assert budget.left(1) == 40
    budget.spend(10, 40)
    assert budget.left(HOUR_SECONDS - 1) == 0
    assert budget.left(HOUR_SECONDS) == 60
    assert budget.left(HOUR_SECONDS + 10) == 100


def test_what_was_minted_before_a_restart_counts() -> None:
    assert MintBudget(2400, [(50.0, 30), (10.0, 60)]).left(100) == 10


def test_the_usual_budget_outlasts_the_fees() -> None:
    assert daily_budget(1, 5.0) >= 2 * 5 * 24 * 3600


async def test_a_low_faucet_is_filled_and_a_full_one_left_alone(town) -> None:
    await town.keeper.top_up(0)
    assert town.ledger.minted == town.budget.portion
    assert town.community.wallets.available(FAUCET) == town.budget.portion
    await town.keeper.top_up(1)
    assert town.ledger.minted == town.budget.portion


async def test_a_dry_faucet_is_told_once(town) -> None:
    town.budget.spend(0, town.budget.hourly)
    await town.keeper.top_up(1)
    await town.keeper.top_up(2)
    assert town.ledger.minted == 0
    assert len(town.tally.happenings) == 1
    await town.keeper.top_up(HOUR_SECONDS)
    assert town.ledger.minted == town.budget.portion
