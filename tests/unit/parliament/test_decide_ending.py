"""How proposals end, and what becomes of the deposit."""

from datetime import timedelta
from typing import Any

import pytest
from ticketonomics_server.engine.timers import EntryKind as EngineKind
from ticketonomics_server.ledger.model import SINK, Account, AccountState, Asset, EntryKind
from ticketonomics_server.parameters.model import ParameterValue
from ticketonomics_server.parliament.model import OpenProposals, PolicyPeriod, ProposalState, Type
from ticketonomics_server.parliament.parameters import MINT_LIMIT, POLICY_PERIOD, QUORUM

from tests.unit.parliament.conftest import House

SETTING = {"type": Type.PARAMETER_CHANGE, "parameter": "parliament.quorum", "values": (5,)}
MINT = {"type": Type.POLICY_MINT, "account": "users/bob", "amount": 8_000}
BURN = {"type": Type.POLICY_BURN, "account": "users/ann", "amount": 8_000}
TREASURY = "parliament/treasury"


def ended(house: House) -> None:
    """Whatever it was, nothing of it is left."""
    assert house.timers == []
    assert house.posted("parliament/deposits") == 0
    assert house.state.rows[OpenProposals]["ann"].open_count == 0


def test_a_text_is_executed_and_does_nothing_else(house: House) -> None:
    proposal = house.passed()
    assert house.fire().kind == EntryKind.DEPOSIT_RETURNED
    assert (proposal.state, proposal.end_sequence) == (ProposalState.EXECUTED, house.sequence)
    assert house.posted("users/ann") == 100_000
    ended(house)


def test_a_parameter_is_set_by_the_entry_that_ends_the_proposal(house: House) -> None:
    proposal = house.passed(**SETTING)
    decision = house.fire()
    row = house.state.rows[ParameterValue]["parliament.quorum"]
    assert (row.setting, row.set_sequence) == ("5", house.sequence)
    assert row.set_by == f"proposals/{proposal.proposal_id}"
    assert decision.kind == EntryKind.DEPOSIT_RETURNED
    ended(house)


def test_a_parameter_that_left_the_parliament_meanwhile_is_not_set(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = house.passed(**SETTING)
    monkeypatch.setattr("ticketonomics_server.parameters.decide.CATALOG", {})
    house.fire()
    assert proposal.state == ProposalState.FAILED
    assert proposal.failure_reason == "PARAMETER_NOT_FOUND"
    assert house.posted("users/ann") == 100_000
    ended(house)


def test_policy_mints_and_counts_what_it_minted(house: House) -> None:
    proposal = house.passed(**MINT)
    assert house.fire().kind == EntryKind.POLICY_MINTED
    assert (house.posted("users/bob"), house.posted("users/ann")) == (108_000, 100_000)
    period = house.state.rows[PolicyPeriod]["BRONZE"]
    assert (period.supply, period.minted, period.burned) == (400_000, 8_000, 0)
    assert proposal.state == ProposalState.EXECUTED
    ended(house)


def test_the_limit_counts_all_of_a_period_and_begins_anew(house: House) -> None:
    house.set(POLICY_PERIOD, 366 * 86_400)
    first, second = house.passed(**MINT), house.passed(person_id="bob", **MINT)
    house.advance(first)
    house.advance(second)
    assert first.state == ProposalState.EXECUTED
    assert second.state == ProposalState.FAILED
    assert second.failure_reason == "POLICY_LIMIT_EXCEEDED"
    house.now += timedelta(days=366)
    third = house.passed(**MINT)
    house.fire()
    assert third.state == ProposalState.EXECUTED
    assert house.state.rows[PolicyPeriod]["BRONZE"].supply == 408_000


def test_a_limit_that_was_lowered_meanwhile_holds(house: House) -> None:
    proposal = house.passed(**MINT)
    house.set(MINT_LIMIT, 199)
    house.fire()
    assert proposal.failure_reason == "POLICY_LIMIT_EXCEEDED"
    assert house.posted("users/bob") == 100_000
    ended(house)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (
            lambda rows: setattr(rows[Account]["users/bob"], "state", AccountState.CLOSED),
            "ACCOUNT_CLOSED",
        ),
        (
            lambda rows: setattr(rows[Asset]["BRONZE"], "supply_cap", 400_001),
            "SUPPLY_CAP_EXCEEDED",
        ),
    ],
)
def test_what_cannot_be_minted_fails_and_says_why(house: House, damage: Any, reason: str) -> None:
    proposal = house.passed(**MINT)
    damage(house.state.rows)
    assert house.fire().kind == EntryKind.DEPOSIT_RETURNED
    assert (proposal.state, proposal.failure_reason) == (ProposalState.FAILED, reason)
    assert house.posted("users/ann") == 100_000
    assert house.state.rows[PolicyPeriod].get("BRONZE") is None
    ended(house)


def test_what_is_ones_own_is_burned_out_of_what_was_kept(house: House) -> None:
    house.passed(**BURN)
    assert house.posted("parliament/deposits") == 18_000
    assert house.fire().kind == EntryKind.POLICY_BURNED
    assert (house.posted("users/ann"), house.posted(SINK)) == (92_000, 8_000)
    assert house.state.rows[PolicyPeriod]["BRONZE"].burned == 8_000
    ended(house)


def test_what_is_kept_comes_back_when_it_is_not_burned(house: House) -> None:
    house.voting(**BURN)
    house.fire()
    assert house.posted("users/ann") == 100_000
    ended(house)


def test_the_treasury_is_burned_if_it_has_enough(house: House) -> None:
    minted = house.passed(**MINT | {"account": TREASURY})
    house.fire()
    assert minted.state == ProposalState.EXECUTED
    burned = house.passed(**BURN | {"account": TREASURY})
    house.fire()
    assert burned.state == ProposalState.EXECUTED
    assert (house.posted(TREASURY), house.posted(SINK)) == (0, 8_000)
    poor = house.passed(**BURN | {"account": TREASURY, "amount": 1})
    house.now += timedelta(days=30)
    house.fire()
    assert poor.failure_reason == "INSUFFICIENT_FUNDS"
    ended(house)


# --- vetoes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reach", "spam", "expected"),
    [
        ("propose", False, "PROPOSAL_STATE"),
        ("voting", False, "PROPOSAL_STATE"),
        ("passed", False, "OK"),
        ("propose", True, "OK"),
        ("voting", True, "OK"),
        ("passed", True, "OK"),
    ],
)
def test_when_what_is_vetoed(house: House, reach: str, spam: bool, expected: str) -> None:
    proposal = getattr(house, reach)(**BURN)
    assert house.veto(proposal, spam=spam) == expected
    if expected == "OK":
        assert proposal.state == ProposalState.VETOED
        assert proposal.deposit_burned == spam
        assert house.posted(SINK) == (10_000 if spam else 0), "what was to be burned comes back"
        assert house.posted("users/ann") == (90_000 if spam else 100_000)
        ended(house)
        assert house.veto(proposal, spam=True) == "PROPOSAL_STATE"


def test_a_veto_leaves_what_was_proposed_undone(house: House) -> None:
    proposal = house.passed(**SETTING)
    before = house.state.rows[ParameterValue].get(QUORUM.name)
    house.veto(proposal)
    assert house.state.rows[ParameterValue].get(QUORUM.name) == before


# --- taken back -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reach", "expected"), [("propose", "OK"), ("voting", "OK"), ("passed", "PROPOSAL_STATE")]
)
def test_when_a_proposal_is_taken_back(house: House, reach: str, expected: str) -> None:
    proposal = getattr(house, reach)()
    assert house.withdraw(proposal, "bob") == "NOT_PROPOSER"
    assert house.withdraw(proposal) == expected
    if expected == "OK":
        assert house.posted("users/ann") == 100_000
        assert house.withdraw(proposal) == "PROPOSAL_STATE"


def test_nobody_takes_back_what_should_have_closed(house: House) -> None:
    proposal = house.voting()
    house.now = proposal.close_time
    assert house.withdraw(proposal) == "PROPOSAL_STATE", "though its timer is late"


def test_the_timer_of_what_was_taken_back_finds_nothing(house: House) -> None:
    proposal = house.propose()
    timer = house.timers[0]
    assert house.withdraw(proposal) == "OK"
    house.state.rows[type(timer)][timer.timer_id] = timer
    assert house.fire().kind == EngineKind.TIMER_IDLE
    assert proposal.state == ProposalState.WITHDRAWN


def test_a_merged_proposer_withdraws_as_the_other(house: House) -> None:
    proposal = house.propose()
    house.merge("ann", "bob")
    house.merge("bob", "cat")
    assert house.withdraw(proposal, "bob") == "NOT_PROPOSER"
    assert house.withdraw(proposal, "cat") == "OK"
    assert house.posted("users/cat") == 110_000
