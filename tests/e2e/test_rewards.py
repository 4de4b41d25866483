"""Claims, taps and messages over a real socket, over days that the test lets pass."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from ticketonomics.rewards.v1.reward_pb2 import (
    SOURCE_CHAT,
    SOURCE_DAILY,
    SOURCE_TAP,
    Source,
)
from ticketonomics.rewards.v1.rewards_service_pb2 import ReportActivityResponse, TapRequest
from ticketonomics_client import Client, RefusedError, Reward, new_id

from tests.conftest import run_server
from tests.e2e.people import application, operator, person
from tests.e2e.reading import blocks, run
from tests.e2e.refusals import refused
from tests.e2e.rewarding import DAY, START, Community, community, of_source

NOT_COUNTED = ReportActivityResponse.NotCounted


@pytest.fixture
async def here(database_url: str, tmp_path: Path) -> AsyncIterator[Community]:
    async with community(database_url, tmp_path) as made:
        yield made


# --- the daily claim --------------------------------------------------------------------------


async def test_a_streak_grows_day_by_day_and_a_missed_day_ends_it(here: Community) -> None:
    ann = await here.person("ann")
    days: list[tuple[int, int]] = []

    async def claim() -> None:
        reward = await here.operator.claim_daily(ann)
        days.append((reward.daily.streak_days, reward.amount))

    await claim()
    error = await refused("REWARD_NOT_DUE", here.operator.claim_daily(ann))
    assert error.metadata["next_time"] == "2030-01-02T00:00:00+00:00"
    await here.move_to(START.replace(hour=23, minute=59, second=59))
    await refused("REWARD_NOT_DUE", here.operator.claim_daily(ann))
    # The day begins at midnight of UTC: 24 hours need not have passed.
    await here.move_to((START + DAY).replace(hour=0))
    await claim()
    await here.move(DAY)
    await claim()
    before = await here.operator.cooldowns(ann)
    await here.move(2 * DAY)
    assert (await here.operator.cooldowns(ann)).streak.days == 0
    await claim()
    assert days == [(1, 100), (2, 110), (3, 120), (1, 100)]
    assert before.streak.days == 3
    assert await here.bronze(ann) == 430 == await here.supply()
    assert await here.paid(SOURCE_DAILY) == [
        ("2030-01-05", 1, 100),
        ("2030-01-03", 1, 120),
        ("2030-01-02", 1, 110),
        ("2030-01-01", 1, 100),
    ]
    listed = [reward async for reward in here.operator.rewards(ann, page_size=1)]
    assert [(r.amount, r.daily.streak_days) for r in listed] == [
        (100, 1),
        (120, 3),
        (110, 2),
        (100, 1),
    ]
    assert listed[0].reward_time.ToDatetime().isoformat() == "2030-01-05T00:00:00"


async def test_the_last_amount_of_a_streak_stays(here: Community) -> None:
    await here.operator.set_parameter("rewards.streak", [5, 7])
    ann = await here.person("ann")
    amounts = []
    for _ in range(4):
        amounts.append((await here.operator.claim_daily(ann)).amount)
        await here.move(DAY)
    assert amounts == [5, 7, 7, 7]


async def test_a_claim_that_is_repeated_is_answered_as_before(here: Community) -> None:
    ann, request_id = await here.person("ann"), new_id()
    first = await here.operator.claim_daily(ann, request_id=request_id)
    again = await here.operator.claim_daily(ann, request_id=request_id)
    assert again == first
    assert await here.bronze(ann) == 100
    bob = await here.person("bob")
    await refused("REQUEST_ID_REUSED", here.operator.claim_daily(bob, request_id=request_id))


async def test_concurrent_claims_through_two_servers_pay_once(
    database_url: str, tmp_path: Path
) -> None:
    async with (
        community(database_url, tmp_path) as here,
        run_server(database_url, tmp_path) as second,
        Client(second.target, api_key=second.operator_key) as other,
    ):
        ann = await here.person("ann")
        outcomes = await asyncio.gather(
            *((here.operator, other)[number % 2].claim_daily(ann) for number in range(8)),
            return_exceptions=True,
        )
        assert [type(o) for o in outcomes].count(Reward) == 1
        refusals = [o for o in outcomes if isinstance(o, RefusedError)]
        assert {error.reason_name for error in refusals} == {"REWARD_NOT_DUE"}
        assert await here.bronze(ann) == 100


async def test_a_days_budget_is_spent_exactly_by_200_who_claim_at_once(here: Community) -> None:
    await here.operator.set_parameter("rewards.claim_budget", 7_350)
    ids = await asyncio.gather(*(here.person(f"p{number}") for number in range(200)))
    outcomes = await asyncio.gather(
        *(here.operator.claim_daily(person_id) for person_id in ids), return_exceptions=True
    )
    rewards = [outcome for outcome in outcomes if isinstance(outcome, Reward)]
    reasons = {o.reason_name for o in outcomes if isinstance(o, RefusedError)}
    assert (len(rewards), reasons) == (73, {"REWARD_BUDGET_SPENT"})
    assert await here.supply() == 7_300
    assert await here.paid(SOURCE_DAILY) == [("2030-01-01", 73, 7_300)]
    cooldown = of_source(await here.operator.cooldowns(ids[0]), SOURCE_DAILY)
    assert (cooldown.budget_left, cooldown.budget) == (50, 7_350)
    await here.move(DAY)
    loser = next(i for i, o in zip(ids, outcomes, strict=True) if isinstance(o, RefusedError))
    assert (await here.operator.claim_daily(loser)).amount == 100


async def test_who_may_claim_for_whom(here: Community) -> None:
    ann, bob = await here.person("ann"), await here.person("bob")
    async with application(here.server, here.operator, "rewards.claim", "identity.act_for") as game:
        assert (await game.acting_for(ann).claim_daily()).person_id == ann
        await refused("NOT_ACCOUNT_OWNER", game.acting_for(ann).claim_daily(bob))
        assert (await game.claim_daily(bob)).person_id == bob
        await refused("INVALID_FIELD", game.claim_daily())
        await refused("PERSON_NOT_FOUND", game.claim_daily("0" * 16))
        await refused("NOT_ACCOUNT_OWNER", game.acting_for(ann).cooldowns(bob))
    async with application(here.server, here.operator, "ledger.transfer") as shop:
        await refused("SCOPE_MISSING", shop.claim_daily(ann))
        await refused("NOT_ACCOUNT_OWNER", shop.cooldowns(ann))
        with pytest.raises(RefusedError):
            _ = [reward async for reward in shop.rewards(ann)]
    await here.operator.block_person(ann, reason="test")
    await here.move(DAY)
    await refused("PERSON_BLOCKED", here.operator.claim_daily(ann))


async def test_without_the_ticket_nothing_is_paid(server, no_errors_logged) -> None:
    async with operator(server) as client:
        ann = await person(client, "ann")
        await refused("ASSET_NOT_FOUND", client.claim_daily(ann))
        assert (await client.cooldowns(ann)).streak.days == 0


# --- taps -------------------------------------------------------------------------------------


async def test_taps_count_as_far_as_there_is_energy(here: Community) -> None:
    ann = await here.person("ann")
    first = await here.operator.tap(305, ann)
    assert (first.tap.counted, first.tap.carried, first.amount) == (305, 5, 30)
    rest = await here.operator.tap(1_000, ann)
    assert (rest.tap.counted, rest.tap.carried, rest.amount) == (195, 0, 20)
    nothing = await here.operator.tap(1, ann)
    assert (nothing.sequence, nothing.tap.counted, nothing.amount) == (0, 0, 0)
    # Half a tap comes back in a second.
    await here.tell(here.now + timedelta(seconds=1, milliseconds=999))
    assert (await here.operator.tap(5, ann)).tap.counted == 0
    await here.tell(here.now + timedelta(milliseconds=1))
    one = await here.operator.tap(5, ann)
    assert (one.tap.counted, one.tap.carried, one.amount) == (1, 1, 0)
    assert one.sequence > 0
    assert await here.bronze(ann) == 50
    energy = (await here.operator.cooldowns(ann)).energy
    assert (energy.now, energy.capacity, energy.carried) == (0, 500, 1)
    assert energy.full_time.ToDatetime() - one.reward_time.ToDatetime() == timedelta(seconds=1_000)


async def test_a_batch_of_taps_that_is_repeated_counts_once(here: Community) -> None:
    ann, request_id = await here.person("ann"), new_id()
    first = await here.operator.tap(100, ann, request_id=request_id)
    assert await here.operator.tap(100, ann, request_id=request_id) == first
    few = new_id()
    kept = await here.operator.tap(3, ann, request_id=few)
    assert (kept.amount, kept.tap.carried) == (0, 3)
    assert await here.operator.tap(3, ann, request_id=few) == kept
    assert (await here.operator.cooldowns(ann)).energy.now == 397
    assert await here.bronze(ann) == 10


async def test_taps_end_at_the_limit_of_the_day_and_at_the_budget(here: Community) -> None:
    await here.operator.set_parameter("rewards.tap_limit", 120)
    ann, bob = await here.person("ann"), await here.person("bob")
    assert (await here.operator.tap(200, ann)).tap.counted == 120
    await refused("REWARD_LIMIT_REACHED", here.operator.tap(1, ann))
    await here.operator.set_parameter("rewards.tap_budget", 15)
    some = await here.operator.tap(200, bob)
    assert (some.tap.counted, some.amount, some.tap.carried) == (39, 3, 9)
    await refused("REWARD_BUDGET_SPENT", here.operator.tap(1, bob))
    cooldown = of_source(await here.operator.cooldowns(bob), SOURCE_TAP)
    assert (cooldown.used_today, cooldown.left_today, cooldown.budget_left) == (39, 81, 0)
    await here.move(DAY)
    assert (await here.operator.tap(1, bob)).amount == 1


@pytest.mark.parametrize("count", [0, -1, 100_001])
async def test_impossible_counts_are_refused(here: Community, count: int) -> None:
    ann = await here.person("ann")
    error = await refused("INVALID_FIELD", here.operator.tap(count, ann))
    assert error.metadata["field"] == "count"


async def test_a_person_makes_so_many_calls_a_second(here: Community) -> None:
    ann = await here.person("ann")
    stub = here.operator.reward_calls
    outcomes = await asyncio.gather(
        *(
            here.operator.attempt(
                stub.Tap, TapRequest(request_id=new_id(), person_id=ann, count=1), timeout_seconds=9
            )
            for _ in range(30)
        ),
        return_exceptions=True,
    )
    refusals = [o for o in outcomes if isinstance(o, RefusedError)]
    assert refusals
    assert {error.reason_name for error in refusals} == {"RATE_LIMITED"}
    assert len(refusals) <= 20


# --- messages ---------------------------------------------------------------------------------


async def test_messages_count_unless_they_look_like_spam(here: Community) -> None:
    ann = await here.person("ann")

    async def write(text: str, wait: int = 60) -> tuple[int, int]:
        await here.tell(here.now + timedelta(seconds=wait))
        answer = await here.operator.report_activity(ann, channel="lobby", message=text)
        return answer.reward.amount, answer.not_counted

    assert await write("good morning") == (16, 0)
    assert await write("how are you", wait=59) == (0, NOT_COUNTED.NOT_COUNTED_TOO_SOON)
    assert await write("Good  Morning ", wait=1) == (0, NOT_COUNTED.NOT_COUNTED_REPEATED)
    assert await write("hey") == (0, NOT_COUNTED.NOT_COUNTED_TOO_SHORT)
    for number in range(2, 11):
        assert await write(f"message {number}") == (16, 0)
    assert await write("good morning") == (8, 0)
    await here.operator.set_parameter("rewards.chat_limit", 11)
    assert await write("one too many") == (0, NOT_COUNTED.NOT_COUNTED_LIMIT)
    assert of_source(await here.operator.cooldowns(ann), SOURCE_CHAT).next_amount == 8
    assert await here.paid(SOURCE_CHAT) == [("2030-01-01", 11, 168)]
    assert await here.fetch("SELECT sum(chatted) FROM progress") == 11


async def test_the_text_of_a_message_is_nowhere(here: Community) -> None:
    ann = await here.person("ann")
    await here.operator.report_activity(ann, channel="secret lobby", message="my secret plan")
    found = await here.fetch(
        "SELECT string_agg(t::text, '') FROM (SELECT e.event::text FROM entries e UNION ALL"
        " SELECT p::text FROM reward_participants p UNION ALL SELECT x::text FROM texts x) t"
    )
    assert "secret plan" not in found
    # The channel is private text, which is erased with the person.
    assert "secret lobby" in found
    await here.operator.erase_person(ann, burn_balances=True)
    texts = await here.fetch("SELECT string_agg(t::text, '') FROM texts t")
    assert "secret lobby" not in texts


async def test_bad_reports_are_refused(here: Community) -> None:
    ann = await here.person("ann")
    await refused(
        "INVALID_FIELD", here.operator.report_activity(ann, channel="", message="good morning")
    )
    await refused(
        "TEXT_TOO_LONG", here.operator.report_activity(ann, channel="x" * 65, message="hello you")
    )


async def test_the_examples_of_the_page_run_one_after_the_other(here: Community) -> None:
    names = {"client": here.operator}
    for line, block in blocks("docs/rewards.md", "python"):
        await run(block, "docs/rewards.md", line, names)
    assert await here.bronze(names["ann"]) == 100 + 4 + 16 + 100


# --- what there is to see ---------------------------------------------------------------------


async def test_cooldowns_tell_everything_at_once(here: Community) -> None:
    ann = await here.person("ann")
    new = await here.operator.cooldowns(ann)
    assert [cooldown.source for cooldown in new.cooldowns] == list(range(1, 6))
    assert [c.left_today for c in new.cooldowns] == [1, 5_000, 20, 50, 10]
    assert [c.next_amount for c in new.cooldowns] == [100, 1, 100, 16, 1_000]
    assert all(c.next_time == new.read_time for c in new.cooldowns)
    assert (new.energy.now, new.energy.full_time) == (500, new.read_time)
    assert new.day_end_time.ToDatetime().isoformat() == "2030-01-02T00:00:00"
    assert new.asset == "BRONZE"
    await here.operator.claim_daily(ann)
    await here.operator.tap(500, ann)
    await here.operator.report_activity(ann, channel="lobby", message="good morning")
    later = await here.operator.cooldowns(ann)
    daily, tap, ad, chat, _ = later.cooldowns
    assert (daily.left_today, daily.next_time, daily.next_amount) == (0, later.day_end_time, 110)
    assert tap.next_time.ToDatetime() - later.read_time.ToDatetime() == timedelta(seconds=2)
    assert chat.next_time.ToDatetime() - later.read_time.ToDatetime() == timedelta(seconds=60)
    assert ad.next_time == later.read_time
    assert later.streak.days == 1
    await refused("PERSON_NOT_FOUND", here.operator.cooldowns("0" * 16))


async def test_statistics_are_paged_and_bounded_by_days(here: Community) -> None:
    ann = await here.person("ann")
    for _ in range(3):
        await here.operator.claim_daily(ann)
        await here.operator.tap(10, ann)
        await here.move(DAY)
    async with Client(here.server.target) as anybody:
        found = [
            (day.date[-2:], day.source) async for day in anybody.reward_statistics(page_size=1)
        ]
        assert found == [(f"0{day}", source) for day in (3, 2, 1) for source in (1, 2)]
        first = START.date()
        some = anybody.reward_statistics(first=first, last=first, source=Source.SOURCE_TAP)
        assert [(day.date, day.amount) async for day in some] == [("2030-01-01", 1)]
