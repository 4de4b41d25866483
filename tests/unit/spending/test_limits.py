"""What transactions and holds take of allowances and budgets."""

from datetime import timedelta

import pytest
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.ledger.model import MAX_INT64, MINT, SINK, EntryKind
from ticketonomics_server.spending.model import Period

from .conftest import (
    ANN,
    BOB,
    FRONT_FOR_ANN,
    GAME,
    GAME_FOR_ANN,
    OFFICE,
    OTHER,
    SHOP,
    START,
    TILL,
    Square,
)


def test_nothing_is_taken_without_an_allowance(square: Square) -> None:
    for caller in (GAME, GAME_FOR_ANN, OTHER):
        assert square.take(1, caller) == "NOT_ACCOUNT_OWNER"
    square.grant(100)
    assert square.take(1, OTHER) == "NOT_ACCOUNT_OWNER"
    assert square.take(1, GAME, source=BOB) == "NOT_ACCOUNT_OWNER"
    assert square.take(1, GAME, asset="FEE") == "NOT_ACCOUNT_OWNER"
    assert square.take(1, GAME) == "OK"
    assert square.take(1, GAME_FOR_ANN) == "OK"


def test_as_much_as_allowed_and_no_more(square: Square) -> None:
    square.grant(100)
    assert square.take(101) == "ALLOWANCE_EXCEEDED"
    assert square.take(60) == "OK"
    assert square.take(41, GAME_FOR_ANN) == "ALLOWANCE_EXCEEDED"
    assert square.take(40, GAME_FOR_ANN) == "OK"
    assert square.take(1) == "ALLOWANCE_EXCEEDED"
    assert square.spent() == 100
    assert square.records == [
        (1, "SET", "ann", 100),
        (2, "SPENT", "ann", 60),
        (3, "SPENT", "ann", 40),
    ]


def test_a_refusal_tells_what_is_left_and_until_when(square: Square) -> None:
    square.grant(100)
    square.take(60)
    with pytest.raises(Rejection) as caught:
        square.decide(square.transfer((ANN, SHOP, "A", 41)), GAME)
    facts = caught.value.metadata
    assert facts == {
        "account": ANN,
        "asset": "A",
        "left": "40",
        "required": "41",
        "renew_time": "2030-05-16T00:00:00Z",
    }


def test_a_new_period_begins_anew(square: Square) -> None:
    square.grant(100)
    square.take(100)
    square.later(hours=13, minutes=29, seconds=59)
    assert square.take(1) == "ALLOWANCE_EXCEEDED"
    square.later(seconds=1)
    assert square.take(100) == "OK"
    assert square.take(1) == "ALLOWANCE_EXCEEDED"


def test_fees_count(square: Square) -> None:
    square.grant(110, asset="FEE")
    assert square.take(101, asset="FEE") == "ALLOWANCE_EXCEEDED"
    assert square.take(100, asset="FEE") == "OK"
    assert square.spent(asset="FEE") == 110


def test_the_net_counts(square: Square) -> None:
    square.grant(100)
    both = square.transfer((ANN, TILL, "A", 500), (TILL, ANN, "A", 450))
    assert square.outcome(both, GAME) == "OK"
    assert square.spent() == 50
    even = square.transfer((ANN, TILL, "A", 500), (TILL, ANN, "A", 500))
    assert square.outcome(even, GAME) == "OK"
    twice = square.transfer((ANN, TILL, "A", 30), (ANN, SHOP, "A", 30))
    assert square.outcome(twice, GAME) == "ALLOWANCE_EXCEEDED"
    assert square.spent() == 50


def test_each_person_allows_for_themselves(square: Square) -> None:
    square.grant(100)
    both = square.transfer((ANN, SHOP, "A", 10), (BOB, SHOP, "A", 10))
    assert square.outcome(both, GAME) == "NOT_ACCOUNT_OWNER"
    square.grant(5, caller=Caller("front", FRONT_FOR_ANN.scopes, "bob"), person="bob")
    assert square.outcome(both, GAME) == "ALLOWANCE_EXCEEDED"
    assert (square.spent(), square.spent(person="bob")) == (0, 0)


def test_who_acts_for_one_person_takes_of_no_other(square: Square) -> None:
    square.grant(100, caller=Caller("front", FRONT_FOR_ANN.scopes, "bob"), person="bob")
    assert square.take(1, GAME_FOR_ANN, source=BOB) == "NOT_ACCOUNT_OWNER"
    assert square.take(1, GAME_FOR_ANN, source=TILL) == "NOT_ACCOUNT_OWNER"


def test_who_asks_each_time_takes_nothing(square: Square) -> None:
    assert square.grant(0, Period.UNSPECIFIED) == "OK"
    assert square.take(1) == "ALLOWANCE_ASKS"
    assert square.grant(10) == "OK"
    assert square.take(10) == "OK"
    assert square.grant(0, Period.UNSPECIFIED) == "OK"
    assert square.take(1) == "ALLOWANCE_ASKS"


def test_an_allowance_ends_at_its_time(square: Square) -> None:
    square.grant(10, expire_time=START + timedelta(minutes=10))
    square.later(minutes=9)
    assert square.take(1) == "OK"
    square.later(minutes=1)
    assert square.take(1) == "NOT_ACCOUNT_OWNER"


def test_who_is_trusted_needs_no_allowance_and_uses_none_up(square: Square) -> None:
    square.grant(10, application="front")
    square.grant(10, application="office")
    assert square.take(500, FRONT_FOR_ANN) == "OK"
    assert square.take(500, OFFICE) == "OK"
    assert (square.spent("front"), square.spent("office")) == (0, 0)


def test_burning_counts_too(square: Square) -> None:
    square.grant(10)
    burning = square.transfer((ANN, SINK, "A", 11), kind=EntryKind.BURN)
    assert square.outcome(burning, GAME) == "ALLOWANCE_EXCEEDED"


# --- budgets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("caller", [GAME, Caller("game", OFFICE.scopes), FRONT_FOR_ANN])
def test_a_budget_limits_whoever_allows_it(square: Square, caller: Caller) -> None:
    square.budget(100, application=caller.application_id)
    square.grant(1_000)
    assert square.take(60, caller) == "OK"
    assert square.take(41, caller) == "BUDGET_EXCEEDED"
    assert square.take(40, caller) == "OK"
    assert square.take(1, OTHER) == "NOT_ACCOUNT_OWNER"
    assert square.spent(caller.application_id, "") == 100
    square.later(days=1)
    assert square.take(1, caller) == "OK"


def test_a_budget_counts_all_accounts_together(square: Square) -> None:
    square.budget(100)
    both = square.transfer((TILL, SHOP, "A", 50), (ANN, SHOP, "A", 51))
    assert square.outcome(both, Caller("game", OFFICE.scopes)) == "BUDGET_EXCEEDED"
    square.grant(1_000)
    both = square.transfer((TILL, SHOP, "A", 50), (ANN, SHOP, "A", 50))
    assert square.outcome(both, GAME) == "OK"
    assert (square.spent(), square.spent(person="")) == (50, 100)


def test_the_allowance_is_looked_at_before_the_budget(square: Square) -> None:
    square.budget(1)
    square.grant(1)
    assert square.take(2) == "ALLOWANCE_EXCEEDED"


def test_a_budget_limits_minting(square: Square) -> None:
    square.budget(100)
    minting = square.transfer((MINT, SHOP, "A", 100), kind=EntryKind.MINT)
    assert square.outcome(minting, GAME) == "OK"
    assert square.outcome(minting, GAME) == "BUDGET_EXCEEDED"


def test_a_budget_of_all_there_can_be_does_not_overflow(square: Square) -> None:
    square.budget(MAX_INT64, Period.TOTAL)
    assert square.outcome(square.transfer((TILL, SHOP, "A", 1_000)), GAME) == "OK"
    assert square.spent(person="") == 1_000


def test_without_the_budget_rights_alone_limit(square: Square) -> None:
    square.budget(1)
    assert square.take(2, source=TILL) == "BUDGET_EXCEEDED"
    assert square.unbudget() == "OK"
    assert square.take(2, source=TILL) == "OK"


# --- holds ------------------------------------------------------------------------------------


def test_a_hold_counts_when_it_is_made_and_no_more_than_was_moved(square: Square) -> None:
    square.grant(100)
    square.budget(1_000)
    hold = square.hold(50, 30)
    assert (square.spent(), square.spent(person="")) == (80, 80)
    assert square.take(21) == "ALLOWANCE_EXCEEDED"
    assert square.capture(hold, 20, 30) == "OK"
    assert (square.spent(), square.spent(person="")) == (50, 50)
    assert [record[1:] for record in square.records[-2:]] == [
        ("RETURNED", "", 30),
        ("RETURNED", "ann", 30),
    ]


def test_a_released_hold_counts_no_longer(square: Square) -> None:
    square.grant(110, asset="FEE")
    hold = square.hold(100, asset="FEE")
    assert square.spent(asset="FEE") == 110
    assert square.release(hold) == "OK"
    assert square.spent(asset="FEE") == 0


def test_a_hold_needs_enough_allowance(square: Square) -> None:
    square.grant(100)
    with pytest.raises(Rejection, match="allows 100 more A, not 101"):
        square.hold(101)
    square.budget(50)
    with pytest.raises(Rejection, match="budget has 50 more A, not 60"):
        square.hold(60)


def test_what_was_held_yesterday_gives_nothing_back_today(square: Square) -> None:
    square.grant(100)
    hold = square.hold(100)
    square.later(days=1)
    assert square.take(30) == "OK"
    assert square.release(hold) == "OK"
    assert square.spent() == 30


@pytest.mark.parametrize("again", ["revoked and granted", "another period and back"])
def test_what_was_held_under_other_terms_gives_nothing_back(square: Square, again: str) -> None:
    square.grant(100)
    hold = square.hold(100)
    if again == "revoked and granted":
        square.revoke()
    else:
        square.grant(100, Period.WEEK)
    square.grant(100)
    assert square.take(100) == "OK"
    assert square.release(hold) == "OK"
    assert square.spent() == 100
    assert square.take(1) == "ALLOWANCE_EXCEEDED"


def test_what_was_held_by_right_gives_no_allowance_back(square: Square) -> None:
    trusted = Caller("game", frozenset({"ledger.debit_any"}))
    square.grant(100)
    square.take(50)
    hold = square.hold(50, caller=trusted)
    assert square.release(hold) == "OK"
    assert square.spent() == 50


def test_a_hold_outlives_its_allowance(square: Square) -> None:
    square.grant(100)
    hold = square.hold(100)
    assert square.revoke() == "OK"
    assert square.capture(hold) == "OK"
