"""Decides how people vote: opening, ballots, closing, and what becomes of who is gone. Pure."""

from collections.abc import Iterable
from copy import copy
from datetime import datetime, timedelta

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.canonical import decode_fields, encode_fields
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import DueTimer, Keys
from ticketonomics_server.engine.model import TIMER_SERIES, Counter, set_timer
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.model import Person, PersonState, person_account
from ticketonomics_server.identity.model_people import PARLIAMENT_GONE_TIMER
from ticketonomics_server.ledger.decide_rooms import declare_room_transaction
from ticketonomics_server.ledger.model import Account, Posting
from ticketonomics_server.ledger.tickets import BRONZE
from ticketonomics_server.parameters.reading import declare_parameters, read
from ticketonomics_server.parliament.decide import (
    declare_judging,
    find_proposal,
    guard_eligible,
    guard_person,
    unpack_terms,
)
from ticketonomics_server.parliament.decide_ending import (
    Ending,
    declare_ending,
    end_proposal,
    stop_timer,
)
from ticketonomics_server.parliament.eligibility import SOURCES
from ticketonomics_server.parliament.model import (
    DEPOSITS,
    TREASURY,
    Ballot,
    CastVote,
    CloseVoting,
    Electorate,
    EndParticipation,
    EntryKind,
    LateMerges,
    OpenProposals,
    OpenVoting,
    ParticipationOf,
    Proposal,
    ProposalState,
    TimerKind,
)
from ticketonomics_server.parliament.parameters import QUORUM, THRESHOLD
from ticketonomics_server.progression.model import Deed
from ticketonomics_server.progression.noting import declare_deed, note_deed

MOST_ENDED = 500

# --- opening --------------------------------------------------------------------------------------


def opening_of_timer(due: DueTimer) -> OpenVoting:
    """Reads the opening that a timer stands for."""
    return OpenVoting(due.request_id, unpack_terms(decode_fields(due.payload)))


def declare_open_voting(command: OpenVoting, caller: Caller, keys: Keys) -> None:
    keys[Proposal].add(command.terms.proposal_id)
    keys[Electorate].add(command.terms.proposal_id)
    keys[Person].add(command.terms.proposer_id)
    keys[Counter].add(TIMER_SERIES)
    declare_parameters(keys, *SOURCES, QUORUM, THRESHOLD)
    declare_deed(command.terms.proposer_id, keys)


def decide_open_voting(
    state: State, command: OpenVoting, context: Context
) -> Decision | NothingToDo:
    """Opens the vote, with the rules and the electorate as they are now."""
    electorate: Electorate | None = state.rows[Electorate].pop(command.terms.proposal_id, None)
    proposal = state.find(Proposal, command.terms.proposal_id)
    if proposal is None or proposal.state != ProposalState.DISCUSSION:
        return NothingToDo()
    assert electorate is not None, "counted for every proposal that is discussed"
    state.change(proposal)
    proposal.state = ProposalState.VOTING
    proposal.open_time = context.time
    proposal.close_time = context.time + timedelta(seconds=proposal.voting_seconds)
    proposal.execute_time = proposal.close_time + timedelta(seconds=proposal.veto_seconds)
    proposal.electorate = electorate.people
    proposal.quorum_bps, proposal.threshold_bps = read(state, QUORUM), read(state, THRESHOLD)
    proposal.quorum_count = max(1, -(-electorate.people * proposal.quorum_bps // 10_000))
    rules = electorate.rules
    proposal.age_seconds, proposal.identities = rules.age_seconds, rules.identities
    proposal.active_days, proposal.window_days = rules.active_days, rules.window_days
    proposal.last_sequence = context.sequence
    payload = encode_fields(*proposal.terms)
    proposal.timer_id = set_timer(state, proposal.close_time, TimerKind.CLOSING, payload)
    proposer = state.find(Person, proposal.proposer_id)
    if proposer is not None and proposer.state == PersonState.ACTIVE:
        note_deed(state, proposal.proposer_id, Deed.PROPOSED, context)
    return decide_event(
        command,
        context,
        EntryKind.VOTING_OPENED,
        proposal.proposal_id,
        to_micros(proposal.close_time),
        proposal.electorate,
        proposal.quorum_count,
        proposal.quorum_bps,
        proposal.threshold_bps,
        *rules,
        value=proposal.proposal_id,
    )


# --- ballots --------------------------------------------------------------------------------------


def declare_cast_vote(command: CastVote, caller: Caller, keys: Keys) -> None:
    keys[Proposal].add(command.proposal_id)
    keys[Ballot].add((command.proposal_id, command.person_id))
    declare_judging(command.person_id, keys)
    declare_deed(command.person_id, keys)


def decide_cast_vote(state: State, command: CastVote, context: Context) -> Decision | NothingToDo:
    """Counts a person's vote, in place of the one before.

    Guards: PERSON_ONLY, PROPOSAL_NOT_FOUND, VOTING_NOT_OPEN, PERSON_NOT_FOUND, PERSON_MERGED,
    PERSON_ERASED, PERSON_BLOCKED, NOT_ELIGIBLE.
    """
    guard_person(context.caller, command.person_id)
    proposal = find_proposal(state, command.proposal_id)
    over = context.time >= proposal.close_time and not context.timers_held
    if proposal.state != ProposalState.VOTING or over:
        raise Rejection(
            Reason.VOTING_NOT_OPEN,
            f"nobody votes on {proposal.proposal_id} now",
            proposal=proposal.proposal_id,
            state=ProposalState(proposal.state).name,
        )
    guard_eligible(state, command.person_id, proposal.rules, context, proposal)
    ballot = state.find(Ballot, (command.proposal_id, command.person_id))
    if ballot is not None and ballot.choice == command.choice:
        return NothingToDo((copy(ballot), copy(proposal)))

    previous = ballot.choice if ballot else 0
    state.change(proposal)
    if ballot is None:
        ballot = Ballot(
            command.proposal_id, command.person_id, command.choice, context.sequence, context.time
        )
        state.add(ballot)
        note_deed(state, command.person_id, Deed.VOTED, context)
    else:
        proposal.count(previous, -1)
        state.change(ballot)
        ballot.choice = command.choice
        ballot.sequence, ballot.cast_time = context.sequence, context.time
    proposal.count(command.choice, 1)
    proposal.last_sequence = context.sequence
    return decide_event(
        command,
        context,
        EntryKind.VOTE_CAST,
        command.proposal_id,
        command.person_id,
        command.choice,
        previous,
        context.caller.application_id,
        value=(copy(ballot), copy(proposal)),
    )


def _take_back(state: State, keys: Iterable[tuple[str, str]], context: Context) -> list[Ballot]:
    """Takes back ballots that people cast who were somebody else."""
    taken = []
    for key in keys:
        ballot, proposal = state.find(Ballot, key), state.find(Proposal, key[0])
        if ballot is None or proposal is None:
            continue
        state.change(proposal)
        proposal.count(ballot.choice, -1)
        proposal.last_sequence = context.sequence
        state.remove(ballot)
        taken.append(ballot)
    return taken


# --- closing --------------------------------------------------------------------------------------


def closing_of_timer(due: DueTimer) -> CloseVoting:
    """Reads the closing that a timer stands for."""
    return CloseVoting(due.request_id, unpack_terms(decode_fields(due.payload)))


def declare_close_voting(command: CloseVoting, caller: Caller, keys: Keys) -> None:
    """Names the same few rows, however many have voted."""
    declare_ending(command.terms, caller, keys)
    keys[LateMerges].add(command.terms.proposal_id)
    keys[Counter].add(TIMER_SERIES)


def decide_close_voting(
    state: State, command: CloseVoting, context: Context
) -> Decision | NothingToDo:
    """Closes the vote by its tally: it has passed, or ends here."""
    late = state.rows[LateMerges].pop(command.terms.proposal_id, ())
    proposal = state.find(Proposal, command.terms.proposal_id)
    if proposal is None or proposal.state != ProposalState.VOTING:
        return NothingToDo()
    taken = [ballot.person_id for ballot in _take_back(state, late, context)]
    outcome = proposal.outcome()
    if outcome != ProposalState.VETO_WINDOW:
        ending = Ending(state=outcome, late=taken)
        return end_proposal(state, command, context, proposal, ending)

    state.change(proposal)
    proposal.state = ProposalState.VETO_WINDOW
    proposal.execute_time = context.time + timedelta(seconds=proposal.veto_seconds)
    proposal.last_sequence = context.sequence
    payload = encode_fields(*proposal.terms)
    proposal.timer_id = set_timer(state, proposal.execute_time, TimerKind.EXECUTION, payload)
    return decide_event(
        command,
        context,
        EntryKind.VOTING_PASSED,
        proposal.proposal_id,
        to_micros(proposal.execute_time),
        *taken,
        value=proposal.proposal_id,
    )


# --- people who are gone --------------------------------------------------------------------------


def participation_of_timer(due: DueTimer) -> EndParticipation:
    """Reads whose participation a timer ends."""
    return EndParticipation(due.request_id, due.payload.decode())


def declare_end_participation(command: EndParticipation, caller: Caller, keys: Keys) -> None:
    keys[ParticipationOf].add(command.person_id)
    keys[Person].add(command.person_id)
    keys[Account].add(person_account(command.person_id))
    keys[OpenProposals].add(command.person_id)
    keys[Counter].add(TIMER_SERIES)
    declare_room_transaction([Posting(DEPOSITS, TREASURY, BRONZE, 0)], caller, keys)


def decide_end_participation(
    state: State, command: EndParticipation, context: Context
) -> Decision | NothingToDo:
    """Takes back the ballots of who was merged; withdraws what somebody erased has proposed.

    Only where voting had not closed before. The other person votes for both; what the two had
    voted while they were two counts once. The ballots of who is erased stay: nobody else cast them.
    """
    nothing: tuple[list[tuple[str, str]], list[str]] = ([], [])
    ballots, proposals = state.rows[ParticipationOf].pop(command.person_id, nothing)
    person = state.find(Person, command.person_id)
    account = state.find(Account, person_account(command.person_id))
    if person is None or account is None or account.close_time is None:
        return NothingToDo()
    if person.state == PersonState.ERASED:
        return _withdraw_first(state, command, context, proposals)
    gone_time = account.close_time
    keys = [key for key in ballots if _was_open(state, key[0], gone_time)]
    taken = _take_back(state, keys[:MOST_ENDED], context)
    if not taken:
        return NothingToDo()
    if len(keys) > MOST_ENDED:
        _look_again(state, command, context)
    return decide_event(
        command,
        context,
        EntryKind.BALLOTS_TAKEN_BACK,
        command.person_id,
        *(ballot.proposal_id for ballot in taken),
    )


def _was_open(state: State, proposal_id: str, gone_time: datetime) -> bool:
    """Tells whether a vote is open, and somebody went before its time was over."""
    proposal = state.find(Proposal, proposal_id)
    return (
        proposal is not None
        and proposal.state == ProposalState.VOTING
        and gone_time < proposal.close_time
    )


def _withdraw_first(
    state: State, command: EndParticipation, context: Context, identifiers: list[str]
) -> Decision | NothingToDo:
    """Withdraws one proposal of somebody erased, whose words are gone; then the next."""
    found = [state.find(Proposal, identifier) for identifier in identifiers]
    open_ones = [
        proposal
        for proposal in found
        if proposal is not None
        and (
            proposal.state == ProposalState.DISCUSSION
            or (proposal.state == ProposalState.VOTING and context.time < proposal.close_time)
        )
    ]
    if not open_ones:
        return NothingToDo()
    if len(open_ones) > 1:
        _look_again(state, command, context)
    stop_timer(state, open_ones[0])
    ending = Ending(state=ProposalState.WITHDRAWN)
    return end_proposal(state, command, context, open_ones[0], ending)


def _look_again(state: State, command: EndParticipation, context: Context) -> None:
    set_timer(state, context.time, PARLIAMENT_GONE_TIMER, command.person_id.encode())
