"""What claims, taps, messages and views earn, rule by rule."""

from datetime import timedelta

import pytest
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.model import TEXTS
from ticketonomics_server.identity.model import Person, PersonState
from ticketonomics_server.ledger.model import Account, AccountState, Asset
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.rewards import parameters as p
from ticketonomics_server.rewards.model import (
    AdNetwork,
    AdNetworkKey,
    AdView,
    EntryKind,
    FlagState,
    NetworkState,
    NotCounted,
    PastTally,
    Region,
    Rule,
)

from tests.unit.rewards.conftest import DAY, GAME, START, Desk

FOR_BOB = Caller("game", GAME.scopes, "bob")
DAY_1 = 21_915


def gone(desk: Desk, state: PersonState) -> None:
    desk.rows[Person]["ann"].state = state
    desk.rows[Person]["ann"].merged_into = "bob"
    if state == PersonState.BLOCKED:
        desk.rows[Account]["users/ann"].state = AccountState.BLOCKED


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (PersonState.BLOCKED, "PERSON_BLOCKED"),
        (PersonState.MERGED, "PERSON_MERGED"),
        (PersonState.ERASED, "PERSON_ERASED"),
    ],
)
def test_who_may_not_act_earns_nothing(desk: Desk, state: PersonState, reason: str) -> None:
    gone(desk, state)
    for command in (desk.claim(), desk.tap(5), desk.write(b"a"), desk.view("1")):
        assert desk.refusal(command) == reason


def test_whoever_acts_for_somebody_else_is_refused(desk: Desk) -> None:
    for command in (desk.claim(), desk.tap(5), desk.write(b"a")):
        assert desk.refusal(command, FOR_BOB) == "NOT_ACCOUNT_OWNER"
    assert desk.refusal(desk.claim("bob"), FOR_BOB) == "OK"
    assert desk.refusal(desk.claim("nobody")) == "PERSON_NOT_FOUND"


def test_guards_of_the_ledger_undo_everything(desk: Desk) -> None:
    desk.rows[Asset]["BRONZE"].supply_cap = 99
    for command in (desk.claim(), desk.view("1")):
        assert desk.refusal(command) == "SUPPLY_CAP_EXCEEDED"
    desk.rows[Asset]["BRONZE"] = None
    assert desk.refusal(desk.claim()) == "ASSET_NOT_FOUND"


def test_a_claim_is_minted_and_noted(desk: Desk) -> None:
    decision = desk.decide(desk.claim())
    assert decision.kind == LedgerKind.REWARD_PAID
    assert decision.event is not None
    assert (desk.has("ann"), desk.person().streak, desk.person().earned) == (100, 1, 100)
    assert desk.tally("1") == (DAY_1, 1, 100)
    assert desk.progress().claimed == 1
    assert desk.refusal(desk.claim()) == "REWARD_NOT_DUE"


def test_a_day_that_is_over_is_kept(desk: Desk) -> None:
    desk.decide(desk.claim())
    desk.decide(desk.claim("bob"))
    desk.now += 3 * DAY
    desk.decide(desk.claim())
    assert desk.tally("1") == (DAY_1 + 3, 1, 100)
    (past,) = [row for row in desk.rows[PastTally].values() if row is not None]
    assert (past.day, past.count, past.amount) == (DAY_1, 2, 200)


@pytest.mark.parametrize(("budget", "outcomes"), [(99, 0), (100, 1), (199, 1), (200, 2)])
def test_a_claim_fits_into_the_budget_or_is_refused(desk: Desk, budget: int, outcomes: int) -> None:
    desk.set(p.CLAIM_BUDGET, budget)
    found = [desk.refusal(desk.claim(who)) for who in ("ann", "bob")]
    assert found == ["OK"] * outcomes + ["REWARD_BUDGET_SPENT"] * (2 - outcomes)
    desk.set(p.CLAIM_BUDGET, 0)
    assert desk.refusal(desk.claim("cid")) == "REWARD_BUDGET_SPENT"


def test_taps_that_come_to_nothing_yet_are_an_entry_of_their_own(desk: Desk) -> None:
    decision = desk.decide(desk.tap(9))
    assert decision.kind == EntryKind.REWARD_COUNTED
    assert (decision.value.amount, decision.value.facts) == (0, (9, 9))
    assert desk.has("ann") == 0
    assert desk.paid(desk.tap(1)).amount == 1
    assert (desk.person().taps, desk.person().carried, desk.progress().tapped) == (10, 0, 10)


def test_taps_without_energy_change_nothing(desk: Desk) -> None:
    desk.decide(desk.tap(500))
    before = desk.image()
    assert desk.paid(desk.tap(1)).facts == (0, 0)
    assert desk.image() == before


def test_a_new_day_begins_the_limit_anew_but_not_the_energy(desk: Desk) -> None:
    desk.now = START.replace(hour=23, minute=59, second=59)
    desk.set(p.TAP_LIMIT, 500)
    desk.decide(desk.tap(500))
    assert desk.refusal(desk.tap(1)) == "REWARD_LIMIT_REACHED"
    desk.now += timedelta(seconds=2)
    assert desk.paid(desk.tap(500)).facts == (1, 1)
    assert desk.person().taps == 1


@pytest.mark.parametrize(
    ("length", "seconds", "message", "why"),
    [
        (4, 60, b"b", NotCounted.TOO_SHORT),
        (5, 60, b"b", NotCounted.COUNTED),
        (20, 59, b"b", NotCounted.TOO_SOON),
        (20, 60, b"a", NotCounted.REPEATED),
        (4, 0, b"a", NotCounted.TOO_SHORT),
    ],
)
def test_a_message_counts_or_not(
    desk: Desk, length: int, seconds: int, message: bytes, why: NotCounted
) -> None:
    desk.decide(desk.write(b"a"))
    desk.now += timedelta(seconds=seconds)
    before = desk.image()
    paid = desk.paid(desk.write(message, length))
    assert paid.not_counted == why
    assert (desk.image() == before) == (why != NotCounted.COUNTED)


def test_the_last_eight_messages_are_remembered(desk: Desk) -> None:
    for number in range(9):
        desk.decide(desk.write(b"%d" % number))
        desk.now += timedelta(minutes=1)
    assert len(desk.person().hashes) == 64
    assert desk.paid(desk.write(b"1")).not_counted == NotCounted.REPEATED
    assert desk.paid(desk.write(b"0")).not_counted == NotCounted.COUNTED
    record = desk.state.appended[TEXTS][0]
    assert (record.text.metadata, record.owner) == ((("channel", "lobby"),), "ann")


def test_messages_earn_less_and_less_until_the_limit(desk: Desk) -> None:
    desk.set(p.CHAT_REWARD, 5)
    desk.set(p.CHAT_HALVING, 2)
    desk.set(p.CHAT_LIMIT, 6)
    amounts = []
    for number in range(7):
        paid = desk.paid(desk.write(b"%d" % number))
        amounts.append(paid.amount)
        desk.now += timedelta(minutes=1)
    assert amounts == [5, 5, 2, 2, 1, 1, 0]
    assert paid.not_counted == NotCounted.LIMIT


def test_a_view_is_paid_once_and_counted_by_network_and_region(desk: Desk) -> None:
    assert desk.paid(desk.view("1")).amount == 100
    assert desk.refusal(desk.view("1", "bob")) == "AD_VIEW_REPLAYED"
    assert desk.tally(f"ad/unity/{int(Region.EU)}") == (DAY_1, 1, 100)
    assert desk.tally("3") == (DAY_1, 1, 100)
    assert desk.rows[AdView]["unity", "1"].view_sequence == desk.sequence


def test_a_view_that_is_not_paid_uses_its_id_up(desk: Desk) -> None:
    desk.decide(desk.view("1"))
    desk.now += timedelta(seconds=29)
    decision = desk.decide(desk.view("2"))
    assert (decision.kind, decision.value.amount) == (EntryKind.REWARD_COUNTED, 0)
    # It does not put off the next one.
    desk.now += timedelta(seconds=1)
    assert desk.paid(desk.view("3")).amount == 100
    desk.now += timedelta(days=5)
    assert desk.refusal(desk.view("2")) == "AD_VIEW_REPLAYED"
    assert desk.tally("3") == (DAY_1, 2, 200)


def test_what_is_over_since_the_signature_was_checked_is_refused(desk: Desk) -> None:
    key = desk.rows[AdNetworkKey]["unity", 0]
    assert desk.refusal(desk.view("1", key_sequence=5)) == "AD_SIGNATURE_INVALID"
    assert desk.refusal(desk.view("1", slot=1)) == "AD_SIGNATURE_INVALID"
    key.expire_time = START
    assert desk.refusal(desk.view("1")) == "AD_SIGNATURE_INVALID"
    key.expire_time = START + timedelta(microseconds=1)
    desk.rows[AdNetwork]["unity"].state = NetworkState.PAUSED
    assert desk.refusal(desk.view("1")) == "AD_NETWORK_PAUSED"
    assert desk.refusal(desk.view("1", network_id="other")) == "AD_NETWORK_NOT_FOUND"
    desk.rows[AdNetwork]["unity"].state = NetworkState.ACTIVE
    assert desk.refusal(desk.view("1")) == "OK"


def test_flags_are_raised_once_a_day_and_opened_again(desk: Desk) -> None:
    desk.set(p.FLAG_CUT_TAPS, 100)
    desk.decide(desk.tap(600))
    (flag,) = desk.flags
    assert (flag.rule, flag.subject, flag.value, flag.hits) == (Rule.TOO_FAST, "ann", 100, 1)
    desk.now += timedelta(minutes=1)
    desk.decide(desk.tap(600))
    assert flag.hits == 1
    flag.state, flag.note = FlagState.RESOLVED, "fine"
    desk.now += DAY
    desk.decide(desk.tap(600))
    assert (flag.state, flag.hits, flag.note) == (FlagState.OPEN, 1, "")
    assert flag.open_time == desk.now
    desk.now += DAY
    desk.decide(desk.tap(600))
    assert flag.hits == 2


def test_new_people_of_an_hour_are_counted_by_application(desk: Desk) -> None:
    desk.set(p.FLAG_NEW_PEOPLE, 2)
    desk.decide(desk.claim("ann"))
    desk.now += timedelta(hours=1)
    desk.decide(desk.claim("bob"))
    assert desk.flags == []
    desk.decide(desk.claim("cid"))
    (flag,) = desk.flags
    assert (flag.rule, flag.subject, flag.value) == (Rule.MANY_NEW_PEOPLE, "game", 2)


def test_people_older_than_a_day_are_not_new(desk: Desk) -> None:
    desk.set(p.FLAG_NEW_PEOPLE, 1)
    desk.now += DAY
    desk.decide(desk.claim("ann"))
    assert desk.flags == []


def test_who_is_at_the_limit_on_so_many_days_in_a_row_is_flagged(desk: Desk) -> None:
    desk.set(p.TAP_LIMIT, 10)
    desk.set(p.FLAG_LIMIT_DAYS, 2)
    for taps in (10, 9, 10):
        desk.decide(desk.tap(taps))
        desk.now += DAY
    assert desk.flags == []
    desk.decide(desk.tap(10))
    (flag,) = desk.flags
    assert (flag.rule, flag.subject, flag.value) == (Rule.ALWAYS_AT_LIMIT, "ann", 2)


def test_views_beyond_the_limit_of_the_day_are_not_paid(desk: Desk) -> None:
    desk.set(p.AD_LIMIT, 2)
    amounts = []
    for number in range(3):
        amounts.append(desk.paid(desk.view(str(number))).amount)
        desk.now += timedelta(minutes=1)
    assert amounts == [100, 100, 0]
    desk.now += DAY
    assert desk.paid(desk.view("9")).amount == 100


def test_views_beyond_the_budget_are_not_paid(desk: Desk) -> None:
    desk.set(p.AD_BUDGET, 199)
    assert [desk.paid(desk.view(who, who)).amount for who in ("ann", "bob")] == [100, 0]


def test_a_person_is_new_with_the_first_reward_only(desk: Desk) -> None:
    desk.set(p.FLAG_NEW_PEOPLE, 2)
    desk.decide(desk.tap(9))
    desk.decide(desk.claim())
    desk.decide(desk.tap(10))
    assert desk.flags == []
    desk.decide(desk.claim("bob"))
    assert len(desk.flags) == 1
