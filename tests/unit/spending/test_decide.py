"""Who sets limits, and what setting them anew does."""

import pytest
from ticketonomics_server.engine.command import Caller, NothingToDo
from ticketonomics_server.identity.model import Person, PersonState
from ticketonomics_server.payments.model import RequestPayment
from ticketonomics_server.spending.model import GrantAllowance, Period

from .conftest import (
    ANN,
    FRONT,
    FRONT_FOR_ANN,
    FRONT_FOR_BOB,
    GAME,
    GAME_FOR_ANN,
    OFFICE,
    OTHER,
    START,
    TILL,
    Square,
)


@pytest.mark.parametrize(
    ("caller", "outcome"),
    [
        (FRONT_FOR_ANN, "OK"),
        (FRONT_FOR_BOB, "SCOPE_MISSING"),
        (GAME_FOR_ANN, "SCOPE_MISSING"),
        (Caller("front", FRONT), "SCOPE_MISSING"),
        (OFFICE, "SCOPE_MISSING"),
    ],
)
def test_only_the_person_allows(square: Square, caller: Caller, outcome: str) -> None:
    assert square.grant(10, caller=caller) == outcome


@pytest.mark.parametrize(
    ("caller", "outcome"),
    [
        (FRONT_FOR_ANN, "OK"),
        (GAME, "OK"),
        (FRONT_FOR_BOB, "SCOPE_MISSING"),
        (GAME_FOR_ANN, "SCOPE_MISSING"),
        (OTHER, "SCOPE_MISSING"),
        (OFFICE, "SCOPE_MISSING"),
    ],
)
def test_the_person_and_the_application_revoke(
    square: Square, caller: Caller, outcome: str
) -> None:
    square.grant(10)
    assert square.revoke(caller) == outcome
    assert square.take(1) == ("NOT_ACCOUNT_OWNER" if outcome == "OK" else "OK")
    if outcome == "OK":
        assert square.revoke(caller) == "ALLOWANCE_NOT_FOUND"


def test_what_must_be_there(square: Square) -> None:
    assert square.grant(1, application="nobody") == "APPLICATION_NOT_FOUND"
    assert square.grant(1, asset="NONE") == "ASSET_NOT_FOUND"
    assert square.grant(1, expire_time=START) == "INVALID_FIELD"
    assert square.budget(1, application="nobody") == "APPLICATION_NOT_FOUND"
    assert square.unbudget() == "BUDGET_NOT_FOUND"
    for state, reason in (
        (PersonState.BLOCKED, "PERSON_BLOCKED"),
        (PersonState.MERGED, "PERSON_MERGED"),
        (PersonState.ERASED, "PERSON_ERASED"),
    ):
        square.state.rows[Person]["ann"].state = state
        assert square.grant(1) == reason


def test_the_same_terms_again_change_nothing(square: Square) -> None:
    command = GrantAllowance(*square.ids(), "ann", "game", "A", 10, Period.DAY, None)
    square.decide(command, FRONT_FOR_ANN)
    assert isinstance(square.decide(command, FRONT_FOR_ANN), NothingToDo)
    square.budget(10)
    assert len(square.records) == 2
    assert square.budget(10) == "OK"
    assert len(square.records) == 2


def test_another_amount_keeps_what_was_spent(square: Square) -> None:
    square.grant(100)
    square.take(80)
    square.grant(90)
    assert square.take(11) == "ALLOWANCE_EXCEEDED"
    assert square.take(10) == "OK"
    square.grant(20)
    assert square.limit().left_at(square.now) == 0
    assert square.take(1) == "ALLOWANCE_EXCEEDED"


def test_another_period_begins_anew(square: Square) -> None:
    square.grant(100)
    square.take(100)
    square.grant(100, Period.WEEK)
    assert square.spent() == 0
    assert square.take(100) == "OK"


def test_a_revoked_allowance_is_granted_anew(square: Square) -> None:
    square.grant(100)
    square.take(100)
    square.revoke()
    assert square.grant(100) == "OK"
    assert square.take(100) == "OK"


def test_an_application_asks_only_people_who_allow_it(square: Square) -> None:
    def ask(caller: Caller) -> str:
        command = RequestPayment(*square.ids(), TILL, ANN, "A", 10, "", None)
        return square.outcome(command, caller)

    assert ask(GAME) == "ALLOWANCE_NOT_FOUND"
    square.grant(0, Period.UNSPECIFIED)
    assert ask(GAME) == "OK"
    square.revoke()
    assert ask(GAME) == "ALLOWANCE_NOT_FOUND"
    assert ask(OFFICE) == "OK"
