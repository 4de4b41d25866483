"""Real deeds over days that the test lets pass: streaks, activity, supplies, boards of a month."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from ticketonomics.progression.v1 import progression_service_pb2 as rpc

from tests.e2e.rewarding import DAY, START, Community, community


@pytest.fixture
async def here(database_url: str, tmp_path: Path) -> AsyncIterator[Community]:
    async with community(database_url, tmp_path) as made:
        yield made


async def board(here: Community, which: rpc.Board) -> list[tuple[str, str]]:
    last = (await here.operator.status()).last_sequence
    listed = here.operator.leaderboard(which, minimum_sequence=last)
    return [(standing.person_id, standing.value) async for standing in listed]


async def test_days_make_streaks_figures_and_months(here: Community) -> None:
    ann, bob = await here.person("ann"), await here.person("bob")
    for number in range(12):
        await here.operator.claim_daily(ann)
        if number % 5 == 0:
            await here.operator.claim_daily(bob)
            await here.operator.tap(30, bob)
        await here.move(DAY)

    progress = await here.operator.progress(ann)
    assert (progress.streak_days, progress.longest_streak_days) == (12, 12)
    earned = {item.achievement_id: item for item in progress.achievements}
    assert earned.keys() == {"newcomer", "ten_day_streak"}
    tenth = earned["ten_day_streak"].earn_time.ToDatetime(START.tzinfo)
    assert tenth == START + 9 * DAY
    assert (progress.experience, progress.reputation.active_days) == (240, 12)
    gaps = await here.operator.progress(bob)
    assert (gaps.streak_days, gaps.longest_streak_days) == (0, 1)
    assert {deed.deed: deed.count for deed in gaps.deeds} == {"claimed": 3, "tapped": 90}

    last = (await here.operator.status()).last_sequence
    days = [day async for day in here.operator.daily_activity(minimum_sequence=last)]
    assert [day.active_people for day in days] == [2, 1, 1, 1, 1, 2, 1, 1, 1, 1, 2, 1]
    assert days[0].day == "2030-01-01"
    supplies = [row async for row in here.operator.daily_supplies(asset="BRONZE")]
    assert len(supplies) == 12
    assert int(supplies[-1].circulating) == await here.supply()
    active = await here.operator.active_people()
    assert (active.day, active.day_count, active.week_count) == ("2030-01-13", 0, 2)

    assert await board(here, rpc.BOARD_CONTRIBUTION) == [(ann, "240"), (bob, "150")]
    await here.move_to(START.replace(month=2))
    await here.operator.claim_daily(bob)
    assert await board(here, rpc.BOARD_CONTRIBUTION) == [(bob, "20")]
    assert await board(here, rpc.BOARD_EXPERIENCE) == [(ann, "240"), (bob, "170")]
    assert (await here.operator.progress(ann)).streak_days == 0


async def test_reputation_of_who_rests_is_renewed_on_the_board(here: Community) -> None:
    ann, bob = await here.person("ann"), await here.person("bob")
    for _ in range(4):
        await here.operator.claim_daily(ann)
        await here.move(DAY)
    before = dict(await board(here, rpc.BOARD_REPUTATION))
    assert int(before[ann]) == (await here.operator.progress(ann)).reputation.score > 0
    await here.move(timedelta(days=100))
    # Anybody's deed; what the board says of others is renewed by the day.
    await here.operator.claim_daily(bob)
    async with asyncio.timeout(10):
        while await board(here, rpc.BOARD_REPUTATION):  # noqa: ASYNC110 - the follower tells nobody.
            await asyncio.sleep(0.05)
    assert (await here.operator.progress(ann)).reputation.score == 0
