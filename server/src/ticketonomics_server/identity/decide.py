"""Decides who takes part: people come, are blocked, and act again. Pure."""

from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import Counter, Text, attach_text
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.decide_profiles import find_person, guard_not_gone
from ticketonomics_server.identity.identifiers import (
    ID_ENTROPY_BYTES,
    PERSON_ID_LENGTH,
    encode_base32,
)
from ticketonomics_server.identity.model import (
    BlockPerson,
    EntryKind,
    GetOrCreatePerson,
    LinkedIdentity,
    Person,
    PersonState,
    UnblockPerson,
    person_account,
)
from ticketonomics_server.ledger.decide_accounts import ACCOUNT_SERIES, open_account
from ticketonomics_server.ledger.model import Account, AccountState


def declare_get_or_create_person(command: GetOrCreatePerson, caller: Caller, keys: Keys) -> None:
    """Names the identity; the person and its account have no name yet, and none can be there."""
    keys[LinkedIdentity].add((command.provider, command.subject))
    keys[Counter].add(ACCOUNT_SERIES)


def decide_get_or_create_person(
    state: State, command: GetOrCreatePerson, context: Context
) -> Decision | NothingToDo:
    """Finds the person with an identity, or creates the person and opens its account.

    The account opens together with the person, so that a transfer to a mistyped id finds none. The
    entry holds no personal data but their salted commitment.
    """
    known = state.find(LinkedIdentity, (command.provider, command.subject))
    if known is not None:
        return NothingToDo(known.person_id)

    person = Person(
        person_id=encode_base32(context.entropy(b"person", ID_ENTROPY_BYTES), PERSON_ID_LENGTH),
        create_sequence=context.sequence,
        state=PersonState.ACTIVE,
        create_time=context.time,
        display_name=command.display_name or None,
    )
    state.add(person)
    state.add(LinkedIdentity(command.provider, command.subject, person.person_id, context.time))
    open_account(state, person_account(person.person_id), context)
    return decide_event(
        command,
        context,
        EntryKind.PERSON_CREATED,
        person.person_id,
        context.caller.application_id,
        value=person.person_id,
        commitment=attach_text(state, _private_text(command), context, owner=person.person_id),
    )


def _private_text(command: GetOrCreatePerson) -> Text:
    facts = {
        "display_name": command.display_name,
        "provider": command.provider,
        "subject": command.subject,
    }
    return Text(metadata=tuple((name, value) for name, value in facts.items() if value))


def declare_block_person(command: BlockPerson | UnblockPerson, caller: Caller, keys: Keys) -> None:
    """Names the person and its account."""
    keys[Person].add(command.person_id)
    keys[Account].add(person_account(command.person_id))


def decide_block_person(
    state: State, command: BlockPerson, context: Context
) -> Decision | NothingToDo:
    """Keeps a person from acting, and everything in its account.

    Guards: PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED.
    """
    person = find_person(state, command.person_id)
    guard_not_gone(person)
    if person.state == PersonState.BLOCKED:
        return NothingToDo(person.person_id)

    _set_states(state, person, PersonState.BLOCKED, AccountState.BLOCKED)
    return _decide_with_reason(state, command, context, EntryKind.PERSON_BLOCKED)


def decide_unblock_person(
    state: State, command: UnblockPerson, context: Context
) -> Decision | NothingToDo:
    """Lets a person act again. Guards: PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED."""
    person = find_person(state, command.person_id)
    guard_not_gone(person)
    if person.state == PersonState.ACTIVE:
        return NothingToDo(person.person_id)

    _set_states(state, person, PersonState.ACTIVE, AccountState.OPEN)
    return _decide_with_reason(state, command, context, EntryKind.PERSON_UNBLOCKED)


def _set_states(
    state: State, person: Person, person_state: PersonState, account_state: AccountState
) -> None:
    account = state.find(Account, person_account(person.person_id))
    if account is None:
        raise LookupError(f"person {person.person_id} has no account")
    state.change(person)
    person.state = person_state
    state.change(account)
    account.state = account_state


def _decide_with_reason(
    state: State, command: BlockPerson | UnblockPerson, context: Context, kind: EntryKind
) -> Decision:
    """Keeps the reason as free text: it may tell about the person, and can be erased."""
    return decide_event(
        command,
        context,
        kind,
        command.person_id,
        context.caller.application_id,
        value=command.person_id,
        commitment=attach_text(state, Text(memo=command.reason), context, owner=command.person_id),
    )
