"""Decides which handle leads to whom, and until when one that was given up is kept. Pure."""

from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import TIMER_SERIES, Counter, Text, attach_text, set_timer
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.decide_profiles import add_change, find_active_person, guard_own
from ticketonomics_server.identity.model import EntryKind, Handle, HandlesOf, Person
from ticketonomics_server.identity.model_people import (
    HANDLE_KEPT,
    HANDLE_TIMER,
    MOST_HANDLE_CHANGES,
    FreeHandle,
    SetHandle,
)

# Who has one of these could speak as those who run the economy, or as a part of it. Underscores in
# between do not help.
RESERVED = frozenset(
    (
        *("admin", "administrator", "anonymous", "api", "app", "apps", "bank", "bot", "creator"),
        *("developer", "everybody", "everyone", "government", "help", "mint", "mod", "moderator"),
        *("nobody", "null", "official", "operator", "operators", "org", "orgs", "owner"),
        *("parliament", "pool", "pools", "queue", "queues", "root", "security", "sink", "staff"),
        *("support", "system", "team", "tickets", "treasury", "undefined", "user", "users"),
    )
)
_RESERVED_BEGINNING = "ticketonomics"


def declare_set_handle(command: SetHandle, caller: Caller, keys: Keys) -> None:
    keys[Person].add(command.person_id)
    keys[Counter].add(TIMER_SERIES)
    if command.handle:
        keys[Handle].add(command.handle)
    declare_handles(command.person_id, keys)


def decide_set_handle(state: State, command: SetHandle, context: Context) -> Decision | NothingToDo:
    """Gives a person a handle in place of the one before, or takes it away.

    Guards: SCOPE_MISSING, PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED,
    HANDLE_TAKEN, HANDLE_CHANGED_TOO_OFTEN.
    """
    guard_own(context.caller, command.person_id)
    person = find_active_person(state, command.person_id)
    wanted = command.handle or None
    if person.handle == wanted:
        return NothingToDo(person.person_id)
    kept = None if wanted is None else _find_kept(state, wanted, person.person_id)
    times = person.handle_change_times
    if wanted is not None:
        times = add_change(
            times,
            context,
            most=MOST_HANDLE_CHANGES,
            reason=Reason.HANDLE_CHANGED_TOO_OFTEN,
            person_id=person.person_id,
        )

    for row in handles_of(state, person.person_id):
        if row.release_time is None:
            give_up_handle(state, row, person.person_id, context)
    retaken = 0
    if kept is not None:
        retaken = kept.sequence
        state.change(kept)
        kept.sequence, kept.release_time = context.sequence, None
    elif wanted is not None:
        state.add(Handle(wanted, person.person_id, context.sequence))
        state.rows[HandlesOf][person.person_id].add(wanted)
    state.change(person)
    person.handle, person.handle_change_times = wanted, times
    text = Text(metadata=(("handle", wanted),)) if wanted else None
    return decide_event(
        command,
        context,
        EntryKind.HANDLE_SET,
        person.person_id,
        int(wanted is not None),
        retaken,
        context.caller.application_id,
        value=person.person_id,
        commitment=attach_text(state, text, context, owner=person.person_id),
    )


def _find_kept(state: State, handle: str, person_id: str) -> Handle | None:
    """Returns a handle that is kept for the person; None for one that was never there.

    Refuses with HANDLE_TAKEN what is reserved, somebody else's, or kept for somebody else.
    """
    row = state.find(Handle, handle)
    bare = handle.replace("_", "")
    reserved = bare in RESERVED or bare.startswith(_RESERVED_BEGINNING)
    if reserved or (row is not None and row.person_id != person_id):
        raise Rejection(
            Reason.HANDLE_TAKEN,
            f"{handle} is reserved, another person's, or was so until lately",
            handle=handle,
        )
    return row


def declare_free_handle(command: FreeHandle, caller: Caller, keys: Keys) -> None:
    keys[Handle].add(command.handle)


def decide_free_handle(
    state: State, command: FreeHandle, context: Context
) -> Decision | NothingToDo:
    """Keeps a handle no longer, unless its former owner has taken it again."""
    row = state.find(Handle, command.handle)
    if row is None or row.release_time is None or context.time < row.release_time + HANDLE_KEPT:
        return NothingToDo()
    state.remove(row)
    return decide_event(command, context, EntryKind.HANDLE_FREED, row.sequence)


# --- people who go --------------------------------------------------------------------------------


def declare_handles(person_id: str, keys: Keys) -> None:
    """Names what the functions below look at; `declare` must name the series of timers, too."""
    keys[HandlesOf].add(person_id)


def handles_of(state: State, person_id: str) -> list[Handle]:
    """Lists what leads to a person, or is kept for it. `declare_handles` must name the person."""
    found = (state.find(Handle, key) for key in sorted(state.rows[HandlesOf][person_id]))
    return [row for row in found if row is not None and row.person_id == person_id]


def give_up_handle(state: State, row: Handle, kept_for: str, context: Context) -> None:
    """Ends that a handle leads to somebody, and begins that it is kept for its former owner."""
    state.change(row)
    row.person_id = kept_for
    row.release_time = context.time
    set_timer(state, context.time + HANDLE_KEPT, HANDLE_TIMER, row.handle.encode())


def hand_over_handles(state: State, source: Person, target: Person, context: Context) -> None:
    """Gives a person who is merged the handles of the other: all are kept for who both are now.

    The target's own handle stays; without one it gets the source's. `close_person` ends the
    source's.
    """
    for row in handles_of(state, source.person_id):
        state.rows[HandlesOf][target.person_id].add(row.handle)
        if row.release_time is None and target.handle is not None:
            give_up_handle(state, row, target.person_id, context)
            continue
        state.change(row)
        row.person_id = target.person_id
        if row.release_time is None:
            state.change(target)
            target.handle = row.handle


def forget_handles(state: State, person_id: str, context: Context) -> None:
    """Lets nothing tell any more which handles were a person's; nobody gets them for a while."""
    for row in handles_of(state, person_id):
        if row.release_time is None:
            give_up_handle(state, row, "", context)
        else:
            state.change(row)
            row.person_id = ""
