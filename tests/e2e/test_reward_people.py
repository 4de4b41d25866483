"""Who brought whom, people who merge or go, and what looks like abuse: over a real socket."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from ticketonomics.rewards.v1.reward_pb2 import SOURCE_REFERRAL, Flag, Referral

from tests.e2e.people import code_for
from tests.e2e.refusals import refused
from tests.e2e.rewarding import DAY, Community, community

PATIENCE_SECONDS = 30


@pytest.fixture
async def here(database_url: str, tmp_path: Path) -> AsyncIterator[Community]:
    async with community(database_url, tmp_path) as made:
        yield made


async def timers_are_done(here: Community, kind: int = 220) -> None:
    """Waits until none of a kind is due."""
    due = f"SELECT count(*) FROM timers WHERE kind = {kind} AND due_time <= '{here.now}'"
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await here.fetch(due):  # noqa: ASYNC110 - servers set no events.
            await asyncio.sleep(0.02)


async def bring(here: Community, referrer: str, name: str) -> str:
    """A new person says that the referrer brought it."""
    code = await here.operator.create_referral_code(referrer)
    brought = await here.person(name)
    redeemed = await here.operator.redeem_referral(code.upper(), brought)
    assert (redeemed.state, redeemed.referrer_id) == (Referral.STATE_PENDING, referrer)
    return brought


async def be_active(here: Community, person_id: str, days: int) -> None:
    for _ in range(days):
        await here.operator.tap(1, person_id)
        await here.move(DAY)


async def test_both_are_paid_once_the_one_who_was_brought_is_active(here: Community) -> None:
    ann = await here.person("ann")
    bob = await bring(here, ann, "bob")
    await be_active(here, bob, 2)
    await timers_are_done(here)
    assert await here.supply() == 0
    # On the third day the person is active enough; the timer looks when that day is over.
    await here.operator.tap(1, bob)
    await here.move_to((here.now + DAY).replace(hour=0, minute=0))
    await timers_are_done(here)
    assert (await here.bronze(ann), await here.bronze(bob)) == (1_000, 500)
    (of_ann,) = [reward async for reward in here.operator.rewards(ann)]
    (of_bob,) = [r async for r in here.operator.rewards(bob, source=SOURCE_REFERRAL)]
    assert (of_ann.amount, of_bob.amount, of_ann.sequence) == (1_000, 500, of_bob.sequence)
    assert (of_ann.referral.referrer_id, of_ann.referral.referred_id) == (ann, bob)
    assert (await here.operator.cooldowns(bob)).referral.state == Referral.STATE_PAID
    assert await here.fetch("SELECT sum(referred) FROM progress") == 1
    assert await here.paid(SOURCE_REFERRAL) == [("2030-01-04", 1, 1_500)]
    await be_active(here, bob, 1)
    await timers_are_done(here)
    assert await here.bronze(ann) == 1_000


async def test_who_is_not_active_in_time_brings_nobody_anything(here: Community) -> None:
    ann = await here.person("ann")
    bob = await bring(here, ann, "bob")
    await be_active(here, bob, 1)
    for _ in range(20):
        await here.move(2 * DAY)
        await timers_are_done(here)
    assert (await here.operator.cooldowns(bob)).referral.state == Referral.STATE_ENDED
    assert await here.supply() == 0
    assert not await here.fetch("SELECT count(*) FROM timers WHERE kind = 220")


async def test_what_is_not_taken_for_a_referral(here: Community) -> None:
    ann = await here.person("ann")
    code = await here.operator.create_referral_code(ann)
    assert await here.operator.create_referral_code(ann) == code
    bob = await bring(here, ann, "bob")
    error = await refused("REFERRAL_REFUSED", here.operator.redeem_referral(code, bob))
    assert error.metadata["rule"] == "TWICE"
    error = await refused("REFERRAL_REFUSED", here.operator.redeem_referral(code, ann))
    assert error.metadata["rule"] == "SELF"
    # Nobody was brought by whom one has brought: so no chain is a ring.
    bobs = await here.operator.create_referral_code(bob)
    error = await refused("REFERRAL_REFUSED", here.operator.redeem_referral(bobs, ann))
    assert error.metadata["rule"] == "OLDER"
    await refused("REFERRAL_CODE_NOT_FOUND", here.operator.redeem_referral("0" * 10, bob))
    await refused("INVALID_FIELD", here.operator.redeem_referral("none", bob))
    await here.operator.set_parameter("rewards.referral_day_limit", 1)
    cid = await here.person("cid")
    await refused("REWARD_LIMIT_REACHED", here.operator.redeem_referral(code, cid))
    await here.move(7 * DAY)
    error = await refused("REFERRAL_REFUSED", here.operator.redeem_referral(code, cid))
    assert error.metadata["rule"] == "LATE"


async def test_a_spent_budget_and_a_blocked_person_are_waited_for(here: Community) -> None:
    await here.operator.set_parameter("rewards.referral_active_days", 1)
    await here.operator.set_parameter("rewards.referral_budget", 1_499)
    ann = await here.person("ann")
    bob = await bring(here, ann, "bob")
    await be_active(here, bob, 1)
    await timers_are_done(here)
    assert await here.supply() == 0
    await here.operator.set_parameter("rewards.referral_budget", 1_500)
    await here.operator.block_person(ann, reason="test")
    await here.move(DAY)
    await timers_are_done(here)
    assert await here.supply() == 0
    await here.operator.unblock_person(ann, reason="test")
    await here.move(2 * DAY)
    await timers_are_done(here)
    assert (await here.bronze(ann), await here.bronze(bob)) == (1_000, 500)


async def test_a_merged_referrer_is_followed_and_an_erased_one_is_not_paid(
    here: Community,
) -> None:
    await here.operator.set_parameter("rewards.referral_active_days", 1)
    ann, eve = await here.person("ann"), await here.person("eve")
    bob, cid = await bring(here, ann, "bob"), await bring(here, eve, "cid")
    dan = await here.person("dan")
    await here.operator.merge_people(ann, into=dan)
    await here.operator.erase_person(eve, burn_balances=True)
    await timers_are_done(here, 221)
    await here.operator.tap(1, bob)
    await here.operator.tap(1, cid)
    await here.move(DAY)
    await timers_are_done(here)
    assert (await here.bronze(dan), await here.bronze(bob)) == (1_000, 500)
    assert await here.bronze(cid) == 500
    assert await here.supply() == 2_000
    # The merged person's code is the other's now; the erased one's is nobody's.
    codes = await here.fetch("SELECT string_agg(person_id, ' ') FROM referral_codes")
    assert codes == dan


async def test_limits_do_not_double_when_people_merge(here: Community) -> None:
    ann, bob = await here.person("ann"), await here.person("bob")
    await here.operator.claim_daily(ann)
    await here.operator.tap(300, ann)
    await here.operator.tap(100, bob)
    await here.operator.report_activity(ann, channel="lobby", message="good morning")
    await here.operator.merge_people(ann, into=bob)
    await timers_are_done(here, 221)
    await refused("REWARD_NOT_DUE", here.operator.claim_daily(bob))
    seen = await here.operator.cooldowns(bob)
    assert (seen.energy.now, seen.streak.days) == (200, 1)
    assert [c.used_today for c in seen.cooldowns] == [1, 300, 0, 1, 0]
    again = await here.operator.report_activity(bob, channel="lobby", message="good morning")
    assert again.not_counted
    await refused("PERSON_MERGED", here.operator.claim_daily(ann))
    # What was earned under the earlier id is listed there.
    assert len([reward async for reward in here.operator.rewards(ann)]) == 3


async def test_what_was_paid_before_is_listed_with_who_both_are(here: Community) -> None:
    ann, bob, cid = [await here.person(name) for name in ("ann", "bob", "cid")]
    for person_id in (ann, bob, cid, ann):
        await here.operator.claim_daily(person_id)
        await here.move(DAY)
    await here.operator.merge_people(ann, into=bob)
    await here.operator.merge_people(bob, into=cid)
    await here.operator.claim_daily(cid)
    found = [reward async for reward in here.operator.rewards(cid, page_size=1)]
    assert [reward.person_id for reward in found] == [cid, ann, cid, bob, ann]
    assert sorted((r.sequence for r in found), reverse=True) == [r.sequence for r in found]
    # Of a part, what it was paid before.
    assert [r.person_id async for r in here.operator.rewards(bob)] == [ann, bob, ann]


async def test_a_referral_among_people_who_became_one_is_listed_twice(here: Community) -> None:
    """One entry pays both; a page may end between them."""
    ann = await here.person("ann")
    bob = await bring(here, ann, "bob")
    await be_active(here, bob, 3)
    await here.move_to((here.now + DAY).replace(hour=0, minute=0))
    await timers_are_done(here)
    await here.operator.merge_people(bob, into=ann)
    found = [
        reward async for reward in here.operator.rewards(ann, source=SOURCE_REFERRAL, page_size=1)
    ]
    assert sorted((r.person_id, r.amount) for r in found) == sorted([(ann, 1_000), (bob, 500)])


async def test_linking_merges_what_was_used_up_as_well(here: Community) -> None:
    ann, bob = await here.person("ann"), await here.person("bob")
    await here.operator.claim_daily(bob)
    code = await code_for(here.operator, ann)
    await here.operator.redeem_link_code(code, provider="t", subject="bob", merge=True)
    await timers_are_done(here, 221)
    await refused("REWARD_NOT_DUE", here.operator.claim_daily(ann))


async def test_nothing_personal_is_left_of_an_erased_person(here: Community) -> None:
    ann = await here.person("ann")
    await here.operator.create_referral_code(ann)
    await here.operator.report_activity(ann, channel="lobby", message="good morning")
    await here.operator.erase_person(ann, burn_balances=True)
    await timers_are_done(here, 221)
    assert await here.fetch("SELECT count(*) FROM reward_participants") == 0
    assert await here.fetch("SELECT count(*) FROM referral_codes") == 0
    await refused("PERSON_ERASED", here.operator.claim_daily(ann))


# --- flags ------------------------------------------------------------------------------------


async def flags(here: Community, state: "Flag.State" = Flag.STATE_OPEN) -> list[Flag]:
    return [flag async for flag in here.operator.flags(state=state)]


async def test_who_taps_too_fast_is_flagged_and_not_punished(here: Community) -> None:
    await here.operator.set_parameter("rewards.flag_cut_taps", 1_000)
    ann = await here.person("ann")
    await here.operator.tap(1_499, ann)
    assert await flags(here) == []
    await here.tell(here.now + timedelta(seconds=2))
    assert (await here.operator.tap(2, ann)).tap.counted == 1
    (flag,) = await flags(here)
    assert (flag.rule, flag.subject, flag.value) == (Flag.RULE_TOO_FAST, ann, 1_000)
    assert (flag.hits, flag.state, flag.note) == (1, Flag.STATE_OPEN, "")
    # Only once a day.
    await here.tell(here.now + timedelta(seconds=20))
    await here.operator.tap(20, ann)
    assert [found.hits for found in await flags(here)] == [1]
    resolved = await here.operator.resolve_flag(flag.flag_id, note="a cat on the keyboard")
    assert (resolved.state, resolved.note) == (Flag.STATE_RESOLVED, "a cat on the keyboard")
    again = await here.operator.resolve_flag(flag.flag_id, note="something else")
    assert again == resolved
    assert await flags(here) == []
    await here.move(DAY)
    await here.operator.tap(1_500, ann)
    (reopened,) = await flags(here)
    assert (reopened.flag_id, reopened.hits, reopened.note) == (flag.flag_id, 1, "")
    await refused("FLAG_NOT_FOUND", here.operator.resolve_flag("0" * 16))
    await refused("INVALID_FIELD", here.operator.resolve_flag("x"))


async def test_who_is_at_the_limit_day_after_day_is_flagged(here: Community) -> None:
    await here.operator.set_parameter("rewards.tap_limit", 10)
    await here.operator.set_parameter("rewards.flag_limit_days", 3)
    ann = await here.person("ann")
    for day in range(5):
        if day == 1:
            await here.operator.tap(9, ann)
        else:
            await here.operator.tap(10, ann)
        assert bool(await flags(here)) == (day == 4)
        await here.move(DAY)
    (flag,) = await flags(here)
    assert (flag.rule, flag.value) == (Flag.RULE_ALWAYS_AT_LIMIT, 3)


async def test_many_new_people_through_one_application_are_flagged(here: Community) -> None:
    await here.operator.set_parameter("rewards.flag_new_people", 3)
    old = await here.person("old")
    await here.move(DAY)
    for number in range(2):
        await here.operator.claim_daily(await here.person(f"p{number}"))
    await here.operator.claim_daily(old)
    assert await flags(here) == []
    last = await here.person("p3")
    await here.operator.claim_daily(last)
    await here.operator.tap(10, last)
    (flag,) = await flags(here)
    who = await here.operator.who_am_i()
    assert (flag.rule, flag.value) == (Flag.RULE_MANY_NEW_PEOPLE, 3)
    assert flag.subject == who.application.application_id
    assert flag.hits == 1


async def test_chains_and_crowds_of_referrals_are_flagged(here: Community) -> None:
    await here.operator.set_parameter("rewards.flag_chain", 3)
    await here.operator.set_parameter("rewards.flag_referrals", 2)
    ann = await here.person("ann")
    bob = await bring(here, ann, "bob")
    cid = await bring(here, bob, "cid")
    assert await flags(here) == []
    dan = await bring(here, cid, "dan")
    await bring(here, ann, "eve")
    found = {(flag.rule, flag.subject, flag.value) for flag in await flags(here)}
    assert found == {(Flag.RULE_REFERRAL_CHAIN, dan, 3), (Flag.RULE_MANY_REFERRALS, ann, 2)}
    one = here.operator.flags(rule=Flag.RULE_REFERRAL_CHAIN, page_size=1)
    assert len([flag async for flag in one]) == 1
