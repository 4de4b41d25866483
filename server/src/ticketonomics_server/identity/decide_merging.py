"""Decides that two people are one. Pure."""

from ticketonomics_server.engine.command import Caller, Command, Context, Decision, decide_event
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import TIMER_SERIES, Counter, set_timer
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.decide_handles import declare_handles, hand_over_handles
from ticketonomics_server.identity.decide_profiles import find_person, guard_active
from ticketonomics_server.identity.model import (
    IdentitiesOf,
    LinkedIdentity,
    Person,
    PersonState,
    Privacy,
    person_account,
)
from ticketonomics_server.identity.model_people import GONE_TIMERS, MOST_IDENTITIES, MergePeople
from ticketonomics_server.ledger.decide_moving import declare_moving, gather_all, move_all
from ticketonomics_server.ledger.model import Account, AccountState, PostedTransaction, Posting
from ticketonomics_server.ledger.model import EntryKind as TransactionKind


def declare_merge_people(command: MergePeople, caller: Caller, keys: Keys) -> None:
    declare_merge(command.source_id, command.target_id, keys)


def decide_merge_people(state: State, command: MergePeople, context: Context) -> Decision:
    """Makes the source a part of the target; guards as those of `merge`."""
    return merge(state, command, command.source_id, command.target_id, context)


def declare_merge(source_id: str, target_id: str, keys: Keys) -> None:
    """Names what `merge` looks at."""
    keys[Person].update((source_id, target_id))
    keys[IdentitiesOf].update((source_id, target_id))
    declare_handles(source_id, keys)
    declare_handles(target_id, keys)
    declare_moving(person_account(source_id), person_account(target_id), keys)
    keys[Counter].add(TIMER_SERIES)


def merge(
    state: State, command: Command, source_id: str, target_id: str, context: Context
) -> Decision:
    """Moves all that the source is and has to the target, and closes the source's account.

    Guards: SAME_PERSON, PERSON_NOT_FOUND (source, then target), PERSON_MERGED, PERSON_ERASED and
    PERSON_BLOCKED (the same), BALANCE_HELD, TOO_MANY_PARTS, BALANCE_OVERFLOW.
    """
    if source_id == target_id:
        raise Rejection(
            Reason.SAME_PERSON, "a person cannot be merged into itself", field="target_person_id"
        )
    source, target = find_person(state, source_id), find_person(state, target_id)
    guard_active(source)
    guard_active(target)
    postings = gather_all(state, person_account(source_id), person_account(target_id))
    identities = identities_of(state, source_id)
    if len(identities) + len(identities_of(state, target_id)) > MOST_IDENTITIES:
        raise Rejection(
            Reason.TOO_MANY_PARTS,
            f"together they have more than {MOST_IDENTITIES} identities",
            person=source_id,
        )

    move_all(state, command.request_id, TransactionKind.PEOPLE_MERGED, postings, context)
    for identity in identities:
        state.change(identity)
        identity.person_id = target_id
        state.rows[IdentitiesOf][target_id].add(identity.key)
    hand_over_handles(state, source, target, context)
    close_person(state, source, PersonState.MERGED, context)
    source.merged_into = target_id
    return decide_event(
        command,
        context,
        TransactionKind.PEOPLE_MERGED,
        source_id,
        target_id,
        context.caller.application_id,
        *moved_fields(postings),
        value=posted_value(command, TransactionKind.PEOPLE_MERGED, postings),
    )


def close_person(state: State, person: Person, became: PersonState, context: Context) -> None:
    """Ends a person and the account; what both have open elsewhere is ended by a timer.

    `declare` must name both, and the series of timers.
    """
    state.change(person)
    person.state = became
    person.display_name = None
    person.privacy = Privacy.PRIVATE
    person.name_change_times = ""
    person.handle = None
    person.handle_change_times = ""
    person.language = person.muted = ""
    account = state.find(Account, person_account(person.person_id))
    if account is None:
        raise LookupError(f"person {person.person_id} has no account")
    state.change(account)
    account.state = AccountState.CLOSED
    account.close_time = context.time
    for kind in GONE_TIMERS:
        set_timer(state, context.time, kind, person.person_id.encode())


def moved_fields(postings: list[Posting]) -> list[str | int]:
    """Writes asset and amount of each posting as fields of an event."""
    return [field for posting in postings for field in (posting.asset, posting.amount)]


def posted_value(
    command: Command, kind: TransactionKind, postings: list[Posting]
) -> PostedTransaction | None:
    """What streams of transactions are told, where something moved."""
    if not postings:
        return None
    return PostedTransaction(command.request_id, kind, tuple(postings), None)


def identities_of(state: State, person_id: str) -> list[LinkedIdentity]:
    """Lists a person's identities. `declare` must name (IdentitiesOf, person)."""
    found = (state.find(LinkedIdentity, key) for key in sorted(state.rows[IdentitiesOf][person_id]))
    return [row for row in found if row is not None and row.person_id == person_id]
