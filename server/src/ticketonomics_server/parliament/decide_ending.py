"""Decides how proposals end: taken back, vetoed, executed; and what the deposit becomes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.canonical import decode_fields, encode_fields
from ticketonomics_server.engine.command import Caller, Command, Context, Decision, NothingToDo
from ticketonomics_server.engine.domain import DueTimer, Keys
from ticketonomics_server.engine.model import Text, Timer
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.model import Person, PersonState, person_account
from ticketonomics_server.ledger.decide_rooms import (
    decide_room_transaction,
    declare_room_transaction,
)
from ticketonomics_server.ledger.model import MINT, SINK, Balance, EntryKind, Posting
from ticketonomics_server.ledger.tickets import BRONZE
from ticketonomics_server.parameters.decide import find_parameter
from ticketonomics_server.parameters.model import ParameterValue, format_setting, parse_setting
from ticketonomics_server.parameters.reading import read_list
from ticketonomics_server.parameters.setting import set_parameter
from ticketonomics_server.parliament.decide import (
    find_proposal,
    guard_change,
    guard_person,
    unpack_terms,
)
from ticketonomics_server.parliament.model import (
    DEPOSITS,
    OPEN_STATES,
    TREASURY,
    ExecuteProposal,
    HeirOf,
    OpenProposals,
    PolicyPeriod,
    Proposal,
    ProposalState,
    Terms,
    Type,
    VetoProposal,
    WithdrawProposal,
)
from ticketonomics_server.parliament.policy import declare_policy, guard_policy, record_policy

Change = tuple[str, str, str]


def declare_ending(terms: Terms, caller: Caller, keys: Keys) -> None:
    """Names what `end_proposal` touches."""
    keys[Proposal].add(terms.proposal_id)
    keys[OpenProposals].add(terms.proposer_id)
    keys[Person].add(terms.proposer_id)
    keys[HeirOf].add(terms.proposer_id)
    refunds = (person_account(terms.proposer_id), TREASURY, SINK)
    declare_room_transaction([Posting(DEPOSITS, to, BRONZE, 0) for to in refunds], caller, keys)


@dataclass(slots=True, frozen=True, kw_only=True)
class Ending:
    """How a proposal ends.

    Attributes:
        moves: What happens beside the refund.
        consumed: How much of what is kept for the proposal these moves take.
        change: A parameter's name, its values before, and its values from now on.
        period: What the Parliament has minted and burned in this period.
        late: People whose ballots are taken back at the last moment.
    """

    state: ProposalState
    kind: EntryKind = EntryKind.DEPOSIT_RETURNED
    moves: tuple[Posting, ...] = ()
    consumed: int = 0
    failure: str = ""
    text: Text | None = None
    change: Change = ("", "", "")
    period: PolicyPeriod | None = None
    late: Sequence[str] = ()


def end_proposal(
    state: State, command: Command, context: Context, proposal: Proposal, ending: Ending
) -> Decision:
    """Ends a proposal: one entry with all that it does. Guards: those of the ending's own moves."""
    payee = payee_of(state, proposal.proposer_id)
    postings = ending.moves
    if refund := proposal.kept - ending.consumed:
        postings += (Posting(DEPOSITS, payee, BRONZE, refund),)
    period = ending.period
    event = encode_fields(
        proposal.proposal_id,
        ending.state,
        ending.failure,
        context.caller.application_id,
        *ending.change,
        to_micros(period.start_time) if period else 0,
        period.supply if period else 0,
        *ending.late,
    )
    decision = decide_room_transaction(
        state,
        command,
        context,
        ending.kind,
        postings,
        event=event,
        text=ending.text,
        details=proposal.proposal_id,
    )
    if period is not None:
        record_policy(state, period)
    count = state.find(OpenProposals, proposal.proposer_id)
    if count is None or count.open_count < 1:
        raise LookupError(f"open proposal {proposal.proposal_id} is not counted")
    state.change(count)
    count.open_count -= 1
    state.change(proposal)
    proposal.state = ending.state
    proposal.end_time, proposal.end_sequence = context.time, context.sequence
    proposal.deposit_burned = ending.kind == EntryKind.DEPOSIT_BURNED
    proposal.failure_reason = ending.failure
    proposal.last_sequence = context.sequence
    proposal.timer_id = 0
    return decision


def payee_of(state: State, person_id: str) -> str:
    """Tells who gets a deposit back: the proposer, or whoever the proposer was merged into.

    That of an erased person goes to the treasury.
    """
    person = state.find(Person, person_id)
    while person is not None and person.merged_into is not None:
        # A merge of this very block has both in the state.
        person = state.find(Person, person.merged_into)
    if person is None or person.state == PersonState.ERASED:
        return TREASURY
    address = person_account(person.person_id)
    # Whoever was merged in this very block may have had none, and none was looked for.
    state.rows[Balance].setdefault((address, BRONZE), None)
    return address


def stop_timer(state: State, proposal: Proposal) -> None:
    """Ends the proposal's timer where it is in the state; elsewhere it will find nothing to do."""
    timer = state.rows[Timer].get(proposal.timer_id)
    if timer is not None:
        state.remove(timer)


def _wrong_state(proposal: Proposal) -> Rejection:
    state = ProposalState(proposal.state).name
    return Rejection(
        Reason.PROPOSAL_STATE,
        f"{proposal.proposal_id} is in the state {state.lower()}",
        proposal=proposal.proposal_id,
        state=state,
    )


# --- taken back -----------------------------------------------------------------------------------


def declare_withdraw_proposal(command: WithdrawProposal, caller: Caller, keys: Keys) -> None:
    keys[Timer].add(command.timer_id)
    declare_ending(command.terms, caller, keys)


def decide_withdraw_proposal(state: State, command: WithdrawProposal, context: Context) -> Decision:
    """Takes a proposal back.

    Guards: PERSON_ONLY, PROPOSAL_NOT_FOUND, NOT_PROPOSER, PROPOSAL_STATE.
    """
    guard_person(context.caller, context.caller.person_id)
    proposal = find_proposal(state, command.terms.proposal_id)
    if payee_of(state, proposal.proposer_id) != person_account(context.caller.person_id):
        raise Rejection(
            Reason.NOT_PROPOSER,
            f"{context.caller.person_id} has not proposed {proposal.proposal_id}",
            proposal=proposal.proposal_id,
        )
    over = context.time >= proposal.close_time and not context.timers_held
    if proposal.state not in (ProposalState.DISCUSSION, ProposalState.VOTING) or (
        over and proposal.state == ProposalState.VOTING
    ):
        raise _wrong_state(proposal)
    stop_timer(state, proposal)
    return end_proposal(state, command, context, proposal, Ending(state=ProposalState.WITHDRAWN))


# --- vetoed ---------------------------------------------------------------------------------------


def declare_veto_proposal(command: VetoProposal, caller: Caller, keys: Keys) -> None:
    keys[Timer].add(command.timer_id)
    declare_ending(command.terms, caller, keys)


def decide_veto_proposal(state: State, command: VetoProposal, context: Context) -> Decision:
    """Ends a proposal against its voters. Guards: PROPOSAL_NOT_FOUND, PROPOSAL_STATE."""
    proposal = find_proposal(state, command.terms.proposal_id)
    allowed = OPEN_STATES if command.spam else (ProposalState.VETO_WINDOW,)
    if proposal.state not in allowed:
        raise _wrong_state(proposal)
    text = Text(command.reason, owner=proposal.proposer_id)
    ending = Ending(state=ProposalState.VETOED, text=text)
    if command.spam:
        ending = Ending(
            state=ProposalState.VETOED,
            kind=EntryKind.DEPOSIT_BURNED,
            moves=(Posting(DEPOSITS, SINK, BRONZE, proposal.deposit),),
            consumed=proposal.deposit,
            text=text,
        )
    stop_timer(state, proposal)
    return end_proposal(state, command, context, proposal, ending)


# --- executed -------------------------------------------------------------------------------------


def execution_of_timer(due: DueTimer) -> ExecuteProposal:
    """Reads the execution that a timer stands for."""
    return ExecuteProposal(due.request_id, unpack_terms(decode_fields(due.payload)))


def declare_execute_proposal(command: ExecuteProposal, caller: Caller, keys: Keys) -> None:
    terms = command.terms
    declare_ending(terms, caller, keys)
    if terms.parameter:
        keys[ParameterValue].add(terms.parameter)
    if terms.account:
        declare_policy(keys)
        move = (MINT, terms.account) if terms.type == Type.POLICY_MINT else (TREASURY, SINK)
        declare_room_transaction([Posting(*move, BRONZE, 0)], caller, keys)


def decide_execute_proposal(
    state: State, command: ExecuteProposal, context: Context
) -> Decision | NothingToDo:
    """Does what has passed; what cannot be done ends as FAILED, with the reason."""
    proposal = state.find(Proposal, command.terms.proposal_id)
    if proposal is None or proposal.state != ProposalState.VETO_WINDOW:
        return NothingToDo()
    try:
        return _execute(state, command, context, proposal)
    except Rejection as rejection:
        # All guards stand before the first effect, so that nothing has happened yet.
        ending = Ending(state=ProposalState.FAILED, failure=rejection.reason)
        return end_proposal(state, command, context, proposal, ending)


def _execute(
    state: State, command: ExecuteProposal, context: Context, proposal: Proposal
) -> Decision:
    final = ProposalState.EXECUTED
    if proposal.type == Type.PARAMETER_CHANGE:
        change = _set(state, command, context, proposal)
        return end_proposal(state, command, context, proposal, Ending(state=final, change=change))
    if proposal.type not in (Type.POLICY_MINT, Type.POLICY_BURN):
        return end_proposal(state, command, context, proposal, Ending(state=final))
    period = guard_policy(state, Type(proposal.type), proposal.amount, context)
    if proposal.type == Type.POLICY_MINT:
        kind, move = EntryKind.POLICY_MINTED, (MINT, proposal.account)
    else:
        kind = EntryKind.POLICY_BURNED
        move = (DEPOSITS if proposal.escrow else TREASURY, SINK)
    ending = Ending(
        state=final,
        kind=kind,
        moves=(Posting(*move, BRONZE, proposal.amount),),
        consumed=proposal.escrow,
        period=period,
    )
    return end_proposal(state, command, context, proposal, ending)


def _set(state: State, command: ExecuteProposal, context: Context, proposal: Proposal) -> Change:
    """Sets the parameter; the entry is that of the proposal's end, which says so."""
    parameter = find_parameter(proposal.parameter)
    values = parse_setting(proposal.setting)
    guard_change(state, parameter, values)
    before = format_setting(read_list(state, parameter))
    set_parameter(
        state, parameter, values, command, context, by=f"proposals/{proposal.proposal_id}"
    )
    return parameter.name, before, proposal.setting
