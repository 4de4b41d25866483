"""Who brought whom, rule by rule, and what becomes of people who go."""

from datetime import timedelta
from typing import Any

import pytest
from ticketonomics_server.identity.model import Person, PersonState
from ticketonomics_server.ledger.model import Account, AccountState, Asset
from ticketonomics_server.rewards import parameters as p
from ticketonomics_server.rewards.commands import CreateReferralCode, MoveRewards, RedeemReferral
from ticketonomics_server.rewards.model import (
    Participant,
    ReferralCode,
    ReferralState,
    Rule,
)

from tests.unit.rewards.conftest import DAY, NO_BODY, START, Desk


def code_of(desk: Desk, who: str) -> str:
    found: str = desk.decide(CreateReferralCode(desk._id(), NO_BODY, who)).value
    return found


def redeem(desk: Desk, who: str, code: str, expected: str) -> RedeemReferral:
    return RedeemReferral(desk._id(), NO_BODY, who, code, expected)


def bring(desk: Desk, referrer: str = "ann", who: str = "bob") -> None:
    desk.decide(redeem(desk, who, code_of(desk, referrer), referrer))


def live(desk: Desk, who: str, days: int) -> None:
    """A person takes part on so many days."""
    for _ in range(days):
        desk.decide(desk.tap(1, who))
        desk.now += DAY
        desk.run_timers()


def state_of(desk: Desk, who: str = "bob") -> ReferralState:
    return desk.person(who).referral_state


def test_a_person_has_one_code(desk: Desk) -> None:
    code = code_of(desk, "ann")
    assert code_of(desk, "ann") == code
    assert desk.rows[ReferralCode][code].person_id == "ann"


def test_both_are_paid_at_the_end_of_the_first_day_on_which_it_is_due(desk: Desk) -> None:
    bring(desk)
    (timer,) = desk.timers
    assert timer.due_time == START.replace(hour=0) + 3 * DAY
    live(desk, "bob", 3)
    assert (desk.has("ann"), desk.has("bob")) == (1_000, 500)
    assert (state_of(desk), desk.timers) == (ReferralState.PAID, [])
    assert desk.progress("ann").referred == 1
    assert desk.tally("5")[1:] == (1, 1_500)


def test_who_is_active_already_is_paid_at_once(desk: Desk) -> None:
    desk.set(p.REFERRAL_ACTIVE_DAYS, 1)
    desk.decide(desk.tap(1, "bob"))
    bring(desk)
    desk.run_timers()
    assert (desk.has("ann"), desk.has("bob")) == (1_000, 500)


def test_a_day_that_has_begun_is_not_counted_twice(desk: Desk) -> None:
    desk.decide(desk.tap(1, "bob"))
    bring(desk)
    (timer,) = desk.timers
    assert timer.due_time == START.replace(hour=0) + 3 * DAY


def test_it_ends_when_patience_does(desk: Desk) -> None:
    bring(desk)
    for _ in range(40):
        desk.now += DAY
        desk.run_timers()
    assert (state_of(desk), desk.timers) == (ReferralState.ENDED, [])


@pytest.mark.parametrize(
    ("who", "referrer", "changes", "reason"),
    [
        ("bob", "ann", {}, "OK"),
        ("ann", "ann", {}, "REFERRAL_REFUSED"),
        ("ann", "bob", {}, "REFERRAL_REFUSED"),
        ("bob", "ann", {"late": 7 * DAY}, "REFERRAL_REFUSED"),
        ("bob", "ann", {"late": 7 * DAY - timedelta(microseconds=1)}, "OK"),
        ("bob", "ann", {"expected": "cid"}, "CONTENTION"),
        ("bob", "ann", {"code": "none"}, "REFERRAL_CODE_NOT_FOUND"),
        ("bob", "ann", {"parameter": p.REFERRAL_DAY_LIMIT}, "REWARD_LIMIT_REACHED"),
        ("bob", "ann", {"parameter": p.REFERRAL_LIMIT}, "REWARD_LIMIT_REACHED"),
        ("bob", "ann", {"state": PersonState.BLOCKED}, "PERSON_BLOCKED"),
    ],
)
def test_whom_somebody_can_have_brought(
    desk: Desk, who: str, referrer: str, changes: dict[str, Any], reason: str
) -> None:
    code = changes.get("code") or code_of(desk, referrer)
    desk.now += changes.get("late", timedelta(0))
    if "parameter" in changes:
        desk.set(changes["parameter"], 0)
    desk.rows[Person][who].state = changes.get("state", PersonState.ACTIVE)
    expected = changes.get("expected", referrer)
    assert desk.refusal(redeem(desk, who, code, expected)) == reason


def test_it_is_said_once_for_ever(desk: Desk) -> None:
    bring(desk)
    code = code_of(desk, "ann")
    assert desk.refusal(redeem(desk, "bob", code, "ann")) == "REFERRAL_REFUSED"
    desk.person("bob").referral_state = ReferralState.ENDED
    assert desk.refusal(redeem(desk, "bob", code, "ann")) == "REFERRAL_REFUSED"


def test_a_spent_budget_is_waited_for(desk: Desk) -> None:
    desk.set(p.REFERRAL_BUDGET, 2_999)
    desk.set(p.REFERRAL_ACTIVE_DAYS, 1)
    bring(desk, "ann", "bob")
    bring(desk, "ann", "cid")
    desk.decide(desk.tap(1, "cid"))
    live(desk, "bob", 1)
    assert desk.has("ann") == 1_000
    desk.now += DAY
    desk.run_timers()
    assert desk.has("ann") == 2_000


@pytest.mark.parametrize("who", ["ann", "bob"])
def test_a_block_of_either_side_is_waited_for(desk: Desk, who: str) -> None:
    desk.set(p.REFERRAL_ACTIVE_DAYS, 1)
    bring(desk)
    desk.decide(desk.tap(1, "bob"))
    desk.rows[Person][who].state = PersonState.BLOCKED
    desk.now += DAY
    desk.run_timers()
    assert (desk.has("ann"), state_of(desk)) == (0, ReferralState.PENDING)
    desk.rows[Person][who].state = PersonState.ACTIVE
    desk.now += DAY
    desk.run_timers()
    assert (desk.has("ann"), desk.has("bob")) == (1_000, 500)


def test_what_the_ledger_refuses_is_tried_again(desk: Desk) -> None:
    desk.set(p.REFERRAL_ACTIVE_DAYS, 1)
    bring(desk)
    desk.decide(desk.tap(1, "bob"))
    desk.rows[Asset]["BRONZE"].supply_cap = 1_499
    desk.now += DAY
    desk.run_timers()
    assert state_of(desk) == ReferralState.PENDING
    desk.rows[Asset]["BRONZE"].supply_cap = 1_500
    desk.now += DAY
    desk.run_timers()
    assert desk.has("bob") == 500


def test_an_erased_referrer_is_not_paid(desk: Desk) -> None:
    desk.set(p.REFERRAL_ACTIVE_DAYS, 1)
    bring(desk)
    leave(desk, "ann", PersonState.ERASED)
    live(desk, "bob", 1)
    assert (desk.has("ann"), desk.has("bob")) == (0, 500)


def leave(desk: Desk, who: str, state: PersonState, into: str | None = None) -> None:
    person = desk.rows[Person][who]
    person.state, person.merged_into = state, into
    desk.rows[Account][f"users/{who}"].state = AccountState.CLOSED
    desk.decide(MoveRewards(desk._id(), NO_BODY, who))


def test_a_merged_referrer_is_followed(desk: Desk) -> None:
    desk.set(p.REFERRAL_ACTIVE_DAYS, 1)
    bring(desk, "ann", "cid")
    leave(desk, "ann", PersonState.MERGED, "bob")
    live(desk, "cid", 1)
    assert (desk.has("ann"), desk.has("bob"), desk.has("cid")) == (0, 1_000, 500)
    (code,) = desk.rows[ReferralCode].values()
    assert code.person_id == "bob"
    assert desk.rows[Participant]["ann"] is None


def test_a_merged_person_takes_the_referral_along(desk: Desk) -> None:
    desk.set(p.REFERRAL_ACTIVE_DAYS, 1)
    bring(desk, "ann", "bob")
    leave(desk, "bob", PersonState.MERGED, "cid")
    live(desk, "cid", 1)
    assert (desk.has("ann"), desk.has("bob"), desk.has("cid")) == (1_000, 0, 500)


def test_two_who_become_one_bring_nobody(desk: Desk) -> None:
    desk.set(p.REFERRAL_ACTIVE_DAYS, 1)
    bring(desk, "ann", "bob")
    leave(desk, "ann", PersonState.MERGED, "bob")
    live(desk, "bob", 1)
    assert (desk.has("bob"), state_of(desk)) == (0, ReferralState.ENDED)


def test_an_erased_person_leaves_nothing_behind(desk: Desk) -> None:
    code_of(desk, "ann")
    desk.decide(desk.write(b"a"))
    leave(desk, "ann", PersonState.ERASED)
    assert desk.rows[Participant]["ann"] is None
    assert list(desk.rows[ReferralCode].values()) == [None]


def test_merged_limits_are_the_greater_ones(desk: Desk) -> None:
    desk.decide(desk.claim("ann"))
    desk.decide(desk.tap(300, "ann"))
    desk.decide(desk.write(b"a", who="ann"))
    desk.decide(desk.tap(100, "bob"))
    leave(desk, "ann", PersonState.MERGED, "bob")
    assert desk.refusal(desk.claim("bob")) == "REWARD_NOT_DUE"
    assert desk.paid(desk.tap(500, "bob")).facts[0] == 200
    desk.now += timedelta(minutes=1)
    assert desk.paid(desk.write(b"a", who="bob")).not_counted
    assert desk.person("bob").earned == 100 + 30 + 16 + 10 + 20


def test_nothing_is_moved_of_who_has_nothing_here(desk: Desk) -> None:
    before = desk.image()
    leave(desk, "ann", PersonState.MERGED, "bob")
    desk.rows[Person]["ann"].state = PersonState.ACTIVE
    desk.rows[Person]["ann"].merged_into = None
    desk.rows[Account]["users/ann"].state = AccountState.OPEN
    assert desk.image() == before


def test_chains_and_crowds_are_flagged(desk: Desk) -> None:
    desk.set(p.FLAG_CHAIN, 2)
    desk.set(p.FLAG_REFERRALS, 2)
    bring(desk, "ann", "bob")
    assert desk.flags == []
    bring(desk, "bob", "cid")
    assert [(f.rule, f.subject, f.value) for f in desk.flags if f] == [
        (Rule.REFERRAL_CHAIN, "cid", 2)
    ]
