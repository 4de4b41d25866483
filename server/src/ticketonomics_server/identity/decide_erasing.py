"""Decides what is erased about a person. Pure."""

from struct import pack

from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import (
    TIMER_SERIES,
    Counter,
    erase_text,
    set_timer,
)
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.decide_handles import declare_handles, forget_handles
from ticketonomics_server.identity.decide_merging import (
    close_person,
    identities_of,
    moved_fields,
    posted_value,
)
from ticketonomics_server.identity.decide_profiles import find_person, guard_not_gone
from ticketonomics_server.identity.model import (
    EntryKind,
    IdentitiesOf,
    Person,
    PersonState,
    TextsOf,
    person_account,
)
from ticketonomics_server.identity.model_people import (
    MOST_TEXTS,
    TEXTS_TIMER,
    ErasePerson,
    EraseTexts,
)
from ticketonomics_server.ledger.decide_moving import declare_moving, gather_all, move_all
from ticketonomics_server.ledger.model import SINK
from ticketonomics_server.ledger.model import EntryKind as TransactionKind


def declare_erase_person(command: ErasePerson, caller: Caller, keys: Keys) -> None:
    keys[Person].add(command.person_id)
    keys[IdentitiesOf].add(command.person_id)
    declare_handles(command.person_id, keys)
    declare_moving(person_account(command.person_id), SINK, keys)
    _declare_texts(command.person_id, keys)


def decide_erase_person(
    state: State, command: ErasePerson, context: Context
) -> Decision | NothingToDo:
    """Erases a person: identities, name, the first texts, and the account.

    Guards: PERSON_NOT_FOUND, PERSON_MERGED, BALANCE_HELD, TOO_MANY_PARTS, BALANCE_OVERFLOW,
    ACCOUNT_NOT_EMPTY. A blocked person can be erased, and comes again as a new one.
    """
    sequences = _take_texts(state, command.person_id)
    person = find_person(state, command.person_id)
    if person.state == PersonState.ERASED:
        return NothingToDo(person.person_id)
    guard_not_gone(person)
    postings = gather_all(state, person_account(person.person_id), SINK)
    if postings and not command.burn_balances:
        raise Rejection(
            Reason.ACCOUNT_NOT_EMPTY,
            f"{person.person_id} still has {postings[0].amount} {postings[0].asset}",
            account=postings[0].source,
            asset=postings[0].asset,
            posted=postings[0].amount,
        )

    move_all(state, command.request_id, TransactionKind.PERSON_ERASED, postings, context)
    for identity in identities_of(state, person.person_id):
        state.remove(identity)
    forget_handles(state, person.person_id, context)
    close_person(state, person, PersonState.ERASED, context)
    # For the texts beyond the first, and for those of this very block.
    _look_again(state, person.person_id, context)
    return decide_event(
        command,
        context,
        TransactionKind.PERSON_ERASED,
        person.person_id,
        context.caller.application_id,
        _erase(state, sequences),
        *moved_fields(postings),
        value=posted_value(command, TransactionKind.PERSON_ERASED, postings),
    )


def declare_erase_texts(command: EraseTexts, caller: Caller, keys: Keys) -> None:
    _declare_texts(command.person_id, keys)


def decide_erase_texts(
    state: State, command: EraseTexts, context: Context
) -> Decision | NothingToDo:
    """Erases the next texts of an erased person."""
    sequences = _take_texts(state, command.person_id)
    if not sequences:
        return NothingToDo()
    if len(sequences) > MOST_TEXTS:
        _look_again(state, command.person_id, context)
    return decide_event(
        command,
        context,
        EntryKind.TEXTS_ERASED,
        command.person_id,
        _erase(state, sequences),
    )


def _declare_texts(person_id: str, keys: Keys) -> None:
    keys[TextsOf].add(person_id)
    keys[Counter].add(TIMER_SERIES)


def _take_texts(state: State, person_id: str) -> list[int]:
    """Lists the entries of earlier blocks that have texts of a person."""
    sequences: list[int] = state.rows[TextsOf].pop(person_id, [])
    return sequences


def _erase(state: State, sequences: list[int]) -> bytes:
    """Erases as many texts as one entry may, and returns their sequence numbers for the event."""
    now = sequences[:MOST_TEXTS]
    for sequence in now:
        erase_text(state, sequence)
    return pack(f">{len(now)}q", *now)


def _look_again(state: State, person_id: str, context: Context) -> None:
    set_timer(state, context.time, TEXTS_TIMER, person_id.encode())
