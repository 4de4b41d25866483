"""Decides what people are called, who sees it, and what they wish; guards about people. Pure."""

from datetime import timedelta

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import Text, attach_text
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.model import EntryKind, Person, PersonState
from ticketonomics_server.identity.model_people import (
    MOST_NAME_CHANGES,
    NAME_CHANGES_WINDOW,
    SetDisplayName,
    SetPreferences,
    SetPrivacy,
)
from ticketonomics_server.identity.scopes import Scope


def declare_set_display_name(command: SetDisplayName, caller: Caller, keys: Keys) -> None:
    keys[Person].add(command.person_id)


def decide_set_display_name(
    state: State, command: SetDisplayName, context: Context
) -> Decision | NothingToDo:
    """Calls a person otherwise.

    Guards: SCOPE_MISSING, PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED,
    NAME_CHANGED_TOO_OFTEN.
    """
    guard_own(context.caller, command.person_id)
    person = find_active_person(state, command.person_id)
    if person.display_name == command.display_name:
        return NothingToDo(person.person_id)
    times = add_change(
        person.name_change_times,
        context,
        most=MOST_NAME_CHANGES,
        reason=Reason.NAME_CHANGED_TOO_OFTEN,
        person_id=person.person_id,
    )

    state.change(person)
    person.display_name = command.display_name
    person.name_change_times = times
    text = Text(metadata=(("display_name", command.display_name),))
    return decide_event(
        command,
        context,
        EntryKind.DISPLAY_NAME_SET,
        person.person_id,
        context.caller.application_id,
        value=person.person_id,
        commitment=attach_text(state, text, context, owner=person.person_id),
    )


def add_change(times: str, context: Context, *, most: int, reason: Reason, person_id: str) -> str:
    """Adds a change to the times of the last ones, as many as are allowed in 24 hours.

    Refuses with the reason where there were as many already.
    """
    window, now = NAME_CHANGES_WINDOW // timedelta(microseconds=1), to_micros(context.time)
    changes = [int(time) for time in times.split()]
    recent = [time for time in changes if time > now - window]
    if len(recent) >= most:
        raise Rejection(
            reason,
            f"it was changed {most} times in 24 hours",
            retry_seconds=(recent[0] + window - now) / 1_000_000,
            person=person_id,
        )
    return " ".join(map(str, [*changes[-(most - 1) :], now]))


def declare_set_privacy(command: SetPrivacy, caller: Caller, keys: Keys) -> None:
    keys[Person].add(command.person_id)


def decide_set_privacy(
    state: State, command: SetPrivacy, context: Context
) -> Decision | NothingToDo:
    """Shows a person's name to others, or not.

    Guards: SCOPE_MISSING, PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED.
    """
    guard_own(context.caller, command.person_id)
    person = find_active_person(state, command.person_id)
    if person.privacy == command.privacy:
        return NothingToDo(person.person_id)

    state.change(person)
    person.privacy = command.privacy
    return decide_event(
        command,
        context,
        EntryKind.PRIVACY_SET,
        person.person_id,
        int(command.privacy),
        context.caller.application_id,
        value=person.person_id,
    )


def declare_set_preferences(command: SetPreferences, caller: Caller, keys: Keys) -> None:
    keys[Person].add(command.person_id)


def decide_set_preferences(
    state: State, command: SetPreferences, context: Context
) -> Decision | NothingToDo:
    """Sets what a person wishes of programs.

    Guards: SCOPE_MISSING, PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED.
    """
    guard_own(context.caller, command.person_id)
    person = find_active_person(state, command.person_id)
    if (person.language, person.muted) == (command.language, command.muted):
        return NothingToDo(person.person_id)

    state.change(person)
    person.language, person.muted = command.language, command.muted
    wishes = {"language": command.language, "muted": command.muted}
    text = Text(metadata=tuple((name, value) for name, value in wishes.items() if value))
    return decide_event(
        command,
        context,
        EntryKind.PREFERENCES_SET,
        person.person_id,
        context.caller.application_id,
        value=person.person_id,
        commitment=attach_text(state, text, context, owner=person.person_id),
    )


def guard_own(caller: Caller, person_id: str) -> None:
    """Refuses with SCOPE_MISSING who neither acts for the person nor may change everybody."""
    allowed = (
        caller.person_id == person_id if caller.person_id else caller.may(Scope.IDENTITY_PEOPLE)
    )
    if not allowed:
        raise Rejection(
            Reason.SCOPE_MISSING,
            f"this needs the scope {Scope.IDENTITY_PEOPLE}, or to act for the person",
            scope=Scope.IDENTITY_PEOPLE,
        )


def find_person(state: State, person_id: str) -> Person:
    """Finds a person, or refuses with PERSON_NOT_FOUND."""
    person = state.find(Person, person_id)
    if person is None:
        raise Rejection(
            Reason.PERSON_NOT_FOUND, f"there is no person {person_id}", person=person_id
        )
    return person


def guard_not_gone(person: Person) -> None:
    """Refuses with PERSON_MERGED or PERSON_ERASED who is nobody any more."""
    if person.state == PersonState.MERGED:
        raise Rejection(
            Reason.PERSON_MERGED,
            f"{person.person_id} is part of {person.merged_into} now",
            person=person.person_id,
            merged_into=person.merged_into,
        )
    if person.state == PersonState.ERASED:
        raise Rejection(
            Reason.PERSON_ERASED, f"{person.person_id} was erased", person=person.person_id
        )


def guard_active(person: Person) -> None:
    """Refuses with PERSON_MERGED, PERSON_ERASED or PERSON_BLOCKED who may not act."""
    guard_not_gone(person)
    if person.state == PersonState.BLOCKED:
        raise Rejection(
            Reason.PERSON_BLOCKED, f"{person.person_id} is blocked", person=person.person_id
        )


def find_active_person(state: State, person_id: str) -> Person:
    """Finds a person who may act, or refuses."""
    person = find_person(state, person_id)
    guard_active(person)
    return person
