"""Decides what is proposed. Pure."""

from datetime import timedelta

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.canonical import encode_fields
from ticketonomics_server.engine.command import Caller, Context, Decision
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import TIMER_SERIES, Counter, Text, set_timer
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.decide_merging import identities_of
from ticketonomics_server.identity.decide_profiles import find_active_person
from ticketonomics_server.identity.identifiers import ID_ENTROPY_BYTES, encode_base32
from ticketonomics_server.identity.model import IdentitiesOf, Person, person_account
from ticketonomics_server.ledger.decide import closed, no_account, reserved
from ticketonomics_server.ledger.decide_accounts import ACCOUNT_SERIES, open_account
from ticketonomics_server.ledger.decide_rooms import (
    decide_room_transaction,
    declare_room_transaction,
)
from ticketonomics_server.ledger.model import Account, AccountState, EntryKind, Posting
from ticketonomics_server.ledger.tickets import BRONZE
from ticketonomics_server.parameters.decide import find_parameter
from ticketonomics_server.parameters.model import Owner, Parameter, ParameterValue, format_setting
from ticketonomics_server.parameters.reading import declare_parameters, read
from ticketonomics_server.parameters.setting import guard_values
from ticketonomics_server.parliament.eligibility import SOURCES, Rules, judge
from ticketonomics_server.parliament.model import (
    DEPOSITS,
    PROPOSAL_ID_LENGTH,
    TREASURY,
    CreateProposal,
    OpenProposals,
    Proposal,
    ProposalState,
    Terms,
    TimerKind,
    Type,
)
from ticketonomics_server.parliament.parameters import (
    DEPOSIT,
    DISCUSSION_PERIOD,
    OPEN_PROPOSALS,
    VETO_PERIOD,
    VOTING_PERIOD,
)
from ticketonomics_server.parliament.policy import declare_policy, guard_proposed
from ticketonomics_server.progression.model import Progress
from ticketonomics_server.spending.rights import not_owner


def declare_create_proposal(command: CreateProposal, caller: Caller, keys: Keys) -> None:
    """Names who proposes, what the proposal is about, and what the deposit moves."""
    declare_judging(command.person_id, keys)
    keys[OpenProposals].add(command.person_id)
    keys[Counter].update((TIMER_SERIES, ACCOUNT_SERIES))
    declare_parameters(
        keys,
        *SOURCES,
        *(DEPOSIT, DISCUSSION_PERIOD, OPEN_PROPOSALS, VETO_PERIOD, VOTING_PERIOD),
    )
    keys[Account].add(TREASURY)
    if command.parameter:
        keys[ParameterValue].add(command.parameter)
    if command.account:
        keys[Account].add(command.account)
        declare_policy(keys)
    declare_room_transaction([_posting(command, 0)], caller, keys)


def decide_create_proposal(state: State, command: CreateProposal, context: Context) -> Decision:
    """Makes a proposal, takes its deposit, and sets the timer of its vote.

    Guards: PERSON_ONLY, PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED,
    NOT_ELIGIBLE, TOO_MANY_PROPOSALS; by type PARAMETER_NOT_FOUND, PARAMETER_OF_OPERATOR,
    PARAMETER_OUT_OF_BOUNDS, PARAMETER_ONE_WAY, ACCOUNT_NOT_FOUND, ACCOUNT_RESERVED, ACCOUNT_CLOSED,
    NOT_ACCOUNT_OWNER, POLICY_LIMIT_EXCEEDED, INVALID_FIELD (event_time); then those of a transfer.
    """
    guard_person(context.caller, command.person_id)
    guard_eligible(state, command.person_id, read_rules(state), context)
    count = state.find(OpenProposals, command.person_id)
    most = read(state, OPEN_PROPOSALS)
    if count is not None and count.open_count >= most:
        raise Rejection(
            Reason.TOO_MANY_PROPOSALS,
            f"{command.person_id} has {count.open_count} open proposals, {most} at most",
            person=command.person_id,
            limit=most,
        )
    proposal = _draft(state, command, context)
    _guard_action(state, command, proposal)

    for address in (DEPOSITS, TREASURY):
        if state.find(Account, address) is None:
            open_account(state, address, context)
    decision = decide_room_transaction(
        state,
        command,
        context,
        EntryKind.PROPOSAL_CREATED,
        (_posting(command, proposal.kept),),
        event=encode_fields(*creation_fields(proposal)),
        text=Text(command.body, (("title", command.title),), owner=command.person_id),
        details=proposal.proposal_id,
    )
    if count is None:
        state.add(OpenProposals(command.person_id, 1))
    else:
        state.change(count)
        count.open_count += 1
    payload = encode_fields(*proposal.terms)
    proposal.timer_id = set_timer(state, proposal.voting_time, TimerKind.OPENING, payload)
    state.rows[Proposal].setdefault(proposal.proposal_id, None)
    state.add(proposal)
    return decision


def _posting(command: CreateProposal, amount: int) -> Posting:
    return Posting(person_account(command.person_id), DEPOSITS, BRONZE, amount)


def _draft(state: State, command: CreateProposal, context: Context) -> Proposal:
    voting_seconds, veto_seconds = read(state, VOTING_PERIOD), read(state, VETO_PERIOD)
    voting_time = context.time + timedelta(seconds=read(state, DISCUSSION_PERIOD))
    close_time = voting_time + timedelta(seconds=voting_seconds)
    own = command.type == Type.POLICY_BURN and command.account != TREASURY
    entropy = context.entropy(b"proposal", ID_ENTROPY_BYTES)
    return Proposal(
        proposal_id=encode_base32(entropy, PROPOSAL_ID_LENGTH),
        create_sequence=context.sequence,
        application_id=context.caller.application_id,
        proposer_id=command.person_id,
        type=command.type,
        state=ProposalState.DISCUSSION,
        create_time=context.time,
        voting_time=voting_time,
        close_time=close_time,
        execute_time=close_time + timedelta(seconds=veto_seconds),
        voting_seconds=voting_seconds,
        veto_seconds=veto_seconds,
        deposit=read(state, DEPOSIT),
        escrow=command.amount if own else 0,
        parameter=command.parameter,
        setting=format_setting(command.values),
        account=command.account,
        amount=command.amount,
        event_time=command.event_time,
        timer_id=0,
        last_sequence=context.sequence,
    )


def creation_fields(proposal: Proposal) -> tuple[str | int, ...]:
    """The event of a proposal's creation."""
    return (
        proposal.proposal_id,
        proposal.application_id,
        proposal.proposer_id,
        proposal.type,
        to_micros(proposal.voting_time),
        proposal.voting_seconds,
        proposal.veto_seconds,
        proposal.deposit,
        proposal.escrow,
        proposal.parameter,
        proposal.setting,
        proposal.account,
        proposal.amount,
        to_micros(proposal.event_time) if proposal.event_time else 0,
    )


def _guard_action(state: State, command: CreateProposal, proposal: Proposal) -> None:
    if command.type == Type.PARAMETER_CHANGE:
        guard_change(state, find_parameter(command.parameter), command.values)
    elif command.type == Type.POLICY_MINT:
        _guard_receiver(state, command.account)
        guard_proposed(state, command.type, command.amount)
    elif command.type == Type.POLICY_BURN:
        if command.account not in (TREASURY, person_account(command.person_id)):
            raise not_owner(command.account)
        guard_proposed(state, command.type, command.amount)
    elif command.type == Type.EVENT:
        assert command.event_time is not None, "decoded with it"
        if command.event_time <= proposal.execute_time:
            raise Rejection(
                Reason.INVALID_FIELD,
                "event_time is before the event can be decided, at"
                f" {proposal.execute_time.isoformat(timespec='seconds')}",
                field="event.event_time",
            )


def guard_change(state: State, parameter: Parameter, values: tuple[int, ...]) -> None:
    """Refuses what the Parliament cannot set.

    Guards: PARAMETER_OF_OPERATOR, PARAMETER_OUT_OF_BOUNDS, PARAMETER_ONE_WAY.
    """
    if parameter.owner != Owner.PARLIAMENT:
        raise Rejection(
            Reason.PARAMETER_OF_OPERATOR,
            f"the operator decides {parameter.name}, not the Parliament",
            parameter=parameter.name,
        )
    guard_values(state, parameter, values)


def _guard_receiver(state: State, address: str) -> None:
    if address == TREASURY:
        return
    account = state.find(Account, address)
    if account is None:
        raise no_account(address)
    if account.reserved:
        raise reserved(address)
    if account.state == AccountState.CLOSED:
        raise closed(address)


# --- what voting shares ---------------------------------------------------------------------------


def declare_judging(person_id: str, keys: Keys) -> None:
    """Names what `guard_eligible` looks at."""
    keys[Person].add(person_id)
    keys[IdentitiesOf].add(person_id)
    keys[Progress].add(person_id)


def guard_person(caller: Caller, person_id: str) -> None:
    """Refuses with PERSON_ONLY who does not act for the person: nobody else speaks for it here."""
    if not person_id or caller.person_id != person_id:
        raise Rejection(
            Reason.PERSON_ONLY,
            "people take part themselves: the call must act for the person",
            person=person_id,
        )


def read_rules(state: State) -> Rules:
    """Reads the rules as the parameters have them now."""
    return Rules(*(read(state, parameter) for parameter in SOURCES))


def guard_eligible(
    state: State,
    person_id: str,
    rules: Rules,
    context: Context,
    vote: Proposal | None = None,
) -> None:
    """Refuses who may not take part, with the first rule that is not met.

    Guards: PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED, NOT_ELIGIBLE.

    Args:
        vote: The proposal whose vote it is; None judges as of now.
    """
    person = find_active_person(state, person_id)
    links = [identity.link_time for identity in identities_of(state, person_id)]
    time = vote.voting_time if vote else context.time
    for judgement in judge(rules, time, person, links, state.find(Progress, person_id)):
        if not judgement.met:
            raise Rejection(
                Reason.NOT_ELIGIBLE,
                f"{person_id} does not meet the rule {judgement.rule.name.lower()}:"
                f" has {judgement.has}, needs {judgement.needed}",
                person=person_id,
                rule=judgement.rule.name,
                needed=judgement.needed,
                has=judgement.has,
            )


def find_proposal(state: State, proposal_id: str) -> Proposal:
    """Finds a proposal, or refuses with PROPOSAL_NOT_FOUND."""
    found = state.find(Proposal, proposal_id)
    if found is None:
        raise Rejection(
            Reason.PROPOSAL_NOT_FOUND,
            f"there is no proposal {proposal_id}",
            proposal=proposal_id,
        )
    return found


def unpack_terms(fields: list[bytes | str | int]) -> Terms:
    """Reads the terms that a timer carries."""
    return Terms(*fields)  # type: ignore[arg-type]  # Whoever set it packed these.
