"""What may be proposed, rule by rule."""

from datetime import timedelta
from typing import Any

import pytest
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.identity.model import Person, PersonState
from ticketonomics_server.ledger.model import Account, AccountState
from ticketonomics_server.parliament.model import OpenProposals, ProposalState, Type
from ticketonomics_server.parliament.parameters import (
    ACTIVE_DAYS,
    AGE,
    DEPOSIT,
    IDENTITIES,
    OPEN_PROPOSALS,
)

from tests.unit.parliament.conftest import PEOPLE, SCOPES, START, House, acting

SETTING = {"type": Type.PARAMETER_CHANGE, "parameter": "parliament.quorum", "values": (5,)}
MINT = {"type": Type.POLICY_MINT, "account": "users/bob", "amount": 8_000}
BURN = {"type": Type.POLICY_BURN, "account": "users/ann", "amount": 8_000}
WEEK = timedelta(days=7)


def test_a_proposal_takes_its_deposit_and_waits_for_its_vote(house: House) -> None:
    proposal = house.propose()
    assert proposal.state == ProposalState.DISCUSSION
    assert (house.posted("users/ann"), house.posted("parliament/deposits")) == (90_000, 10_000)
    assert proposal.voting_time == START + timedelta(days=2)
    assert proposal.close_time == START + timedelta(days=7)
    assert proposal.execute_time == START + timedelta(days=9)
    (timer,) = house.timers
    assert timer.due_time == proposal.voting_time
    assert house.state.rows[OpenProposals]["ann"].open_count == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (SETTING, "OK"),
        (SETTING | {"parameter": "parliament.nothing"}, "PARAMETER_NOT_FOUND"),
        (SETTING | {"parameter": "parliament.seated", "values": (1,)}, "PARAMETER_OF_OPERATOR"),
        (SETTING | {"parameter": "parliament.mint_limit"}, "PARAMETER_OF_OPERATOR"),
        (SETTING | {"values": (0,)}, "PARAMETER_OUT_OF_BOUNDS"),
        (SETTING | {"values": (9_001,)}, "PARAMETER_OUT_OF_BOUNDS"),
        (SETTING | {"values": (1, 2)}, "PARAMETER_OUT_OF_BOUNDS"),
        (MINT, "OK"),
        (MINT | {"account": "parliament/treasury"}, "OK"),
        (MINT | {"amount": 8_001}, "POLICY_LIMIT_EXCEEDED"),
        (MINT | {"account": "users/eve"}, "ACCOUNT_NOT_FOUND"),
        (MINT | {"account": "system/sink"}, "ACCOUNT_RESERVED"),
        (BURN, "OK"),
        (BURN | {"account": "parliament/treasury"}, "OK"),
        (BURN | {"amount": 8_001}, "POLICY_LIMIT_EXCEEDED"),
        (BURN | {"account": "users/bob"}, "NOT_ACCOUNT_OWNER"),
        (BURN | {"account": "parliament/deposits"}, "NOT_ACCOUNT_OWNER"),
        ({"type": Type.EVENT, "event_time": START + timedelta(days=9)}, "INVALID_FIELD"),
        ({"type": Type.EVENT, "event_time": START + timedelta(days=9, seconds=1)}, "OK"),
    ],
)
def test_what_may_be_proposed(house: House, changes: dict[str, Any], expected: str) -> None:
    assert house.outcome(house.creation(**changes), acting("ann")) == expected


def test_nothing_is_minted_for_a_closed_account(house: House) -> None:
    house.state.rows[Account]["users/bob"].state = AccountState.CLOSED
    assert house.outcome(house.creation(**MINT), acting("ann")) == "ACCOUNT_CLOSED"


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (Caller("app", SCOPES), "PERSON_ONLY"),
        (acting("bob"), "PERSON_ONLY"),
        (acting("ann"), "OK"),
        (Caller("app", SCOPES - {"spending.consent"}, "ann"), "NOT_ACCOUNT_OWNER"),
    ],
)
def test_people_propose_for_themselves(house: House, caller: Caller, expected: str) -> None:
    assert house.outcome(house.creation(), caller) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (PersonState.BLOCKED, "PERSON_BLOCKED"),
        (PersonState.MERGED, "PERSON_MERGED"),
        (PersonState.ERASED, "PERSON_ERASED"),
    ],
)
def test_who_is_not_in_good_standing(house: House, state: PersonState, expected: str) -> None:
    house.state.rows[Person]["ann"].state = state
    assert house.outcome(house.creation(), acting("ann")) == expected


@pytest.mark.parametrize("parameter", [AGE, ACTIVE_DAYS, IDENTITIES])
def test_who_may_not_vote_may_not_propose(house: House, parameter: Any) -> None:
    house.set(parameter, parameter.maximum)
    house.set(AGE, 366 * 86_400) if parameter is AGE else None
    assert house.outcome(house.creation(), acting("ann")) == "NOT_ELIGIBLE"


def test_a_person_has_so_many_open_proposals(house: House) -> None:
    house.set(OPEN_PROPOSALS, 2)
    first = house.propose()
    house.propose()
    assert house.outcome(house.creation(), acting("ann")) == "TOO_MANY_PROPOSALS"
    assert house.outcome(house.creation("bob"), acting("bob")) == "OK"
    assert house.withdraw(first) == "OK"
    assert house.outcome(house.creation(), acting("ann")) == "OK"


def test_the_deposit_and_what_is_burned_come_out_of_one_purse(house: House) -> None:
    house.set(DEPOSIT, 92_001)
    assert house.outcome(house.creation(**BURN), acting("ann")) == "INSUFFICIENT_FUNDS"
    house.set(DEPOSIT, 92_000)
    proposal = house.propose(**BURN)
    assert (proposal.deposit, proposal.escrow) == (92_000, 8_000)
    assert house.posted("users/ann") == 0


def test_everybody_has_a_purse() -> None:
    assert [House().posted(f"users/{name}") for name in PEOPLE] == [100_000] * 4
