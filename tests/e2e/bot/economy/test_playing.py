"""Tiers, queues, prices, swaps, pools and votes, as people use them in chats."""

import pytest

from tests.e2e.bot.fake_api import Person
from tests.e2e.bot.running import Town

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def person(town: Town, number: int, name: str, amount: int = 0, **more: str) -> Person:
    made = town.telegram.person(number, name, **more)
    town.telegram.started.add(number)
    if amount:
        await town.give(number, amount)
    return made


async def test_the_ladder_tells_what_one_has_in_tickets(town: Town) -> None:
    ann = await person(town, 201, "Ann", 1_250)
    await town.give(201, 100, "SILVER")
    shown = await ann.asks("/tiers")
    assert "32.50" in shown.text and "8,000" in shown.text
    boris = await person(town, 202, "Борис", language="ru")
    assert "Лестница рангов" in (await boris.asks("/tiers")).text


async def test_joining_a_queue_is_asked_about_and_done_once(town: Town) -> None:
    ann = await person(town, 211, "Ann", 300)
    overview = await ann.asks("/queue")
    assert len(overview.buttons) == 21
    looked = await ann.sees_after(overview, "🥉 S")
    assert "0 of 20" in looked.text
    asked = await ann.sees_after(looked, "Join")
    assert "by lot" in asked.text
    data = asked.data("Confirm")
    for update in [await ann.sends_press(asked, data) for _ in range(3)]:
        await town.telegram.deliver(update)
    joined = await town.telegram.shows("You are in, as number 1", chat_id=ann.id)
    assert await town.has(211) == 200
    asked = await ann.sees_after(joined, "Leave")
    left = await ann.sees_after(asked, "Confirm")
    assert "1.00" in left.text and await town.has(211) == 300


async def test_a_chart_is_a_picture_whose_interval_changes_in_place(town: Town) -> None:
    ann = await person(town, 221, "Ann", 100_000)
    asked = await ann.asks("/swap 5 bronze IRON")
    assert "about" in asked.text and "at least" in asked.text
    done = await ann.sees_after(asked, "Confirm")
    assert "✅" in done.text
    shown = await ann.asks("/prices iron")
    assert shown.picture and "IRON" in shown.text
    again = await ann.sees_after(shown, "1h")
    assert again is shown and "· 1h ·" in again.buttons
    assert town.telegram.called("sendPhoto")[-1].params["photo"]


async def test_a_price_that_moved_is_asked_about_again(town: Town) -> None:
    ann = await person(town, 231, "Ann", 100_000)
    asked = await ann.asks("/swap 5 BRONZE IRON")
    pool = await town.operator.pool("iron")
    await town.operator.mint(
        destination="orgs/treasury", asset="BRONZE", amount=50_000, reason="start"
    )
    await town.operator.swap(
        "iron", account="orgs/treasury", asset_in="BRONZE", asset_out="IRON", amount_in=50_000
    )
    moved = await ann.sees_after(asked, "Confirm")
    assert "has moved" in moved.text and await town.has(231) == 100_000
    done = await ann.sees_after(moved, "Confirm")
    assert "✅" in done.text and await town.has(231) == 99_500
    assert pool.pool_id == "iron"


async def test_what_is_missing_in_a_swap_is_said(town: Town) -> None:
    ann = await person(town, 241, "Ann")
    assert "/swap 5k BRONZE IRON" in (await ann.asks("/swap")).text
    assert "ZINC" in (await ann.asks("/swap 5 BRONZE ZINC")).text
    assert "no pool" in (await ann.asks("/swap 5 BRONZE GOLD")).text
    asked = await ann.asks("/swap 5 BRONZE IRON")
    refused = await ann.sees_after(asked, "Confirm")
    assert "Try again" in refused.buttons


async def test_pools_tell_ones_own_part(town: Town) -> None:
    ann = await person(town, 251, "Ann", 10_000)
    await town.give(251, 10_000, "IRON")
    account = f"users/{await town.give(251, 1)}"
    await town.operator.add_liquidity(
        "iron", account=account, base_amount=1_000, quote_amount=10_000
    )
    shown = await ann.asks("/pools")
    assert "Yours:" in shown.text


async def test_a_proposal_is_made_step_by_step_voted_on_and_changed(town: Town) -> None:
    ann = await person(town, 261, "Ann", 10_000)
    what = await ann.asks("/propose")
    rules = await ann.sees_after(what, "Change a rule")
    while "parliament.quorum" not in rules.buttons:
        rules = await ann.sees_after(rules, "»")
    value = await ann.sees_after(rules, "parliament.quorum")
    assert "basis_points" in value.text or "from" in value.text.lower()
    assert "no value" in (await ann.asks("many")).text
    await ann.asks("500")
    await ann.asks("Pay 5 to @all less often")
    asked = await ann.asks("Because.")
    assert "10.00" in asked.text and "parliament.quorum" in asked.text
    made = await ann.sees_after(asked, "Confirm")
    assert "Proposed" in made.text and await town.has(261) == 9_000
    found = await anext(town.operator.proposals())
    assert found.title == "Pay 5 to @all less often"
    while found.state != found.STATE_VOTING:
        found = await town.operator.proposal(found.proposal_id)
    listed = await ann.asks("/vote")
    opened = await ann.sees_after(listed, "Pay 5")
    voted = await ann.sees_after(opened, "For")
    assert "You have voted <b>for</b>" in voted.text and "👍 1" in voted.text
    changed = await ann.sees_after(voted, "Against")
    assert "<b>against</b>" in changed.text and "👎 1" in changed.text
    why = await ann.sees_after(changed, "May I vote?")
    assert "You may vote" in why.text and why.text.count("✅") >= 4


async def test_who_may_not_vote_is_told_rule_by_rule(town: Town) -> None:
    await town.operator.set_parameter("parliament.age", 86_400 * 3)
    try:
        eve = await person(town, 271, "Eve", 10_000)
        said = await eve.asks("/propose")
        assert "may not propose" in said.text and "needed: 3 days" in said.text
        assert "❌" in said.text and "✅" in said.text
    finally:
        await town.operator.set_parameter("parliament.age", 0)


async def test_profile_achievements_boards_and_economy(town: Town) -> None:
    ann = await person(town, 281, "Ann", 1_000)
    await ann.asks("/daily")
    profile = await ann.asks("/profile")
    assert "Level <b>1</b>" in profile.text
    achieved = await ann.sees_after(profile, "Achievements")
    assert "✅ <b>Newcomer</b>" in achieved.text
    board = await ann.asks("/top")
    wealth = await ann.sees_after(board, "Wealth")
    assert "🥇" in wealth.text
    economy = await ann.asks("/economy")
    assert economy.picture and "In circulation" in economy.text
    boris = await person(town, 282, "Борис", language="ru")
    assert "В обращении" in (await boris.asks("/economy")).text
