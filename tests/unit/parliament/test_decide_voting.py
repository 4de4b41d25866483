"""How votes open, are cast and close."""

from datetime import timedelta

import pytest
from ticketonomics_server.engine.timers import EntryKind as EngineKind
from ticketonomics_server.identity.model import Person, PersonState
from ticketonomics_server.identity.model_people import PARLIAMENT_GONE_TIMER
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.parliament.model import (
    Ballot,
    Choice,
    EntryKind,
    Proposal,
    ProposalState,
    TimerKind,
)
from ticketonomics_server.parliament.parameters import IDENTITIES, QUORUM, THRESHOLD
from ticketonomics_server.progression.model import Progress

from tests.unit.parliament.conftest import PEOPLE, House

YES, NO, ABSTAIN = Choice
MICROSECOND = timedelta(microseconds=1)


def tally(proposal: Proposal) -> tuple[int, int, int]:
    return proposal.yes, proposal.no, proposal.abstain


def recount(house: House, proposal: Proposal) -> tuple[int, int, int]:
    choices = [
        row.choice
        for key, row in house.state.rows[Ballot].items()
        if row and key[0] == proposal.proposal_id
    ]
    return choices.count(YES), choices.count(NO), choices.count(ABSTAIN)


def test_opening_keeps_rules_and_electorate(house: House) -> None:
    house.set(QUORUM, 6_000)
    proposal = house.voting()
    assert (proposal.electorate, proposal.quorum_count) == (4, 3), "rounded up"
    house.set(IDENTITIES, 5)
    house.set(QUORUM, 1)
    assert house.vote(proposal, "bob") == "OK", "the rules are those of the opening"
    assert proposal.quorum_count == 3


def test_a_late_opening_gives_the_whole_time_to_vote(house: House) -> None:
    proposal = house.propose()
    house.fire(late=timedelta(days=3))
    assert proposal.open_time == proposal.voting_time + timedelta(days=3)
    assert proposal.close_time == proposal.open_time + timedelta(days=5)
    assert proposal.execute_time == proposal.close_time + timedelta(days=2)


def test_nobody_votes_before_the_opening(house: House) -> None:
    proposal = house.propose()
    assert house.vote(proposal, "bob") == "VOTING_NOT_OPEN"


def test_the_last_moment_is_before_the_closing_time(house: House) -> None:
    proposal = house.voting()
    house.now = proposal.close_time - MICROSECOND
    assert house.vote(proposal, "bob") == "OK"
    house.now = proposal.close_time
    assert house.vote(proposal, "cat") == "VOTING_NOT_OPEN", "though its timer is late"


def test_a_vote_is_changed_and_counts_once(house: House) -> None:
    proposal = house.voting()
    for choice in (YES, NO, NO, ABSTAIN, YES):
        house.vote(proposal, "bob", choice)
    assert tally(proposal) == recount(house, proposal) == (1, 0, 0)
    assert house.state.rows[Progress]["bob"].voted == 1


def test_the_same_vote_again_is_no_entry(house: House) -> None:
    proposal = house.voting()
    house.vote(proposal, "bob")
    before = house.sequence
    assert house.vote(proposal, "bob") == "OK"
    assert house.sequence == before


def test_who_is_blocked_does_not_vote(house: House) -> None:
    proposal = house.voting()
    house.state.rows[Person]["bob"].state = PersonState.BLOCKED
    assert house.vote(proposal, "bob") == "PERSON_BLOCKED"


def test_a_proposal_counts_as_a_deed_when_it_reaches_its_vote(house: House) -> None:
    house.propose()
    assert house.state.rows[Progress].get("ann") is None
    house.fire()
    assert house.state.rows[Progress]["ann"].proposed == 1


@pytest.mark.parametrize(
    ("choices", "quorum", "threshold", "outcome"),
    [
        ([], 1, 5_000, ProposalState.EXPIRED),
        ([YES], 1, 5_000, ProposalState.VETO_WINDOW),
        ([YES], 2_500, 5_000, ProposalState.VETO_WINDOW),
        ([YES], 2_501, 5_000, ProposalState.EXPIRED),
        ([YES, ABSTAIN], 2_501, 5_000, ProposalState.VETO_WINDOW),
        ([ABSTAIN], 1, 5_000, ProposalState.REJECTED),
        ([NO], 1, 5_000, ProposalState.REJECTED),
        ([YES, NO], 1, 5_000, ProposalState.REJECTED),
        ([YES, YES, NO], 1, 5_000, ProposalState.VETO_WINDOW),
        ([YES, YES, NO], 1, 6_666, ProposalState.VETO_WINDOW),
        ([YES, YES, NO], 1, 6_667, ProposalState.REJECTED),
        ([YES, YES, YES, NO], 1, 7_499, ProposalState.VETO_WINDOW),
        ([YES, YES, YES, NO], 1, 7_500, ProposalState.REJECTED),
    ],
)
def test_what_a_vote_comes_to(
    house: House, choices: list[Choice], quorum: int, threshold: int, outcome: ProposalState
) -> None:
    house.set(QUORUM, quorum)
    house.set(THRESHOLD, threshold)
    proposal = house.voting()
    for person_id, choice in zip(PEOPLE, choices, strict=False):
        house.vote(proposal, person_id, choice)
    decision = house.fire()
    assert proposal.state == outcome
    if outcome == ProposalState.VETO_WINDOW:
        assert decision.kind == EntryKind.VOTING_PASSED
        (timer,) = house.timers
        assert (timer.kind, timer.due_time) == (TimerKind.EXECUTION, proposal.execute_time)
    else:
        assert decision.kind == LedgerKind.DEPOSIT_RETURNED
        assert house.posted("users/ann") == 100_000
        assert house.timers == []


# --- people who become one, or go -----------------------------------------------------------------


def test_the_ballot_of_who_is_merged_is_taken_back(house: House) -> None:
    proposal = house.voting()
    house.vote(proposal, "bob", YES)
    house.vote(proposal, "cat", NO)
    house.merge("bob", "cat")
    assert house.fire(PARLIAMENT_GONE_TIMER).kind == EntryKind.BALLOTS_TAKEN_BACK
    assert tally(proposal) == recount(house, proposal) == (0, 1, 0)
    assert house.vote(proposal, "cat", YES) == "OK"
    assert tally(proposal) == (1, 0, 0)


def test_a_merge_whose_timer_is_late_is_made_good_when_the_vote_closes(house: House) -> None:
    proposal = house.voting()
    house.vote(proposal, "bob", YES)
    house.vote(proposal, "cat", YES)
    house.vote(proposal, "dan", NO)
    house.now = proposal.close_time - MICROSECOND
    house.merge("bob", "cat")
    house.fire(TimerKind.CLOSING)
    assert tally(proposal) == recount(house, proposal) == (1, 1, 0)
    assert proposal.state == ProposalState.REJECTED
    assert house.fire(PARLIAMENT_GONE_TIMER).kind == EngineKind.TIMER_IDLE


def test_a_merge_after_the_closing_time_takes_nothing_back(house: House) -> None:
    proposal = house.voting()
    house.vote(proposal, "bob", YES)
    house.vote(proposal, "cat", YES)
    house.vote(proposal, "dan", NO)
    house.now = proposal.close_time
    house.merge("bob", "cat")
    assert house.fire(PARLIAMENT_GONE_TIMER).kind == EngineKind.TIMER_IDLE
    house.fire(TimerKind.CLOSING)
    assert tally(proposal) == (2, 1, 0)
    assert proposal.state == ProposalState.VETO_WINDOW


def test_the_proposals_of_who_is_erased_are_withdrawn_one_by_one(house: House) -> None:
    first, second = house.propose(), house.propose()
    third = house.passed(person_id="ann")
    house.erase("ann")
    house.fire(PARLIAMENT_GONE_TIMER)
    house.fire(PARLIAMENT_GONE_TIMER)
    states = [proposal.state for proposal in (first, second, third)]
    assert states.count(ProposalState.WITHDRAWN) == 2
    assert third.state == ProposalState.VETO_WINDOW, "its vote has closed"
    assert house.posted("parliament/treasury") == 20_000
    house.fire(TimerKind.EXECUTION)
    assert house.posted("parliament/treasury") == 30_000
