"""Decides which identities belong to whom: codes, links, and their end. Pure."""

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import (
    TIMER_SERIES,
    Counter,
    Text,
    attach_text,
    set_timer,
)
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.decide_merging import (
    declare_merge,
    identities_of,
    merge,
)
from ticketonomics_server.identity.decide_profiles import (
    find_active_person,
    guard_own,
)
from ticketonomics_server.identity.model import (
    EntryKind,
    IdentitiesOf,
    LinkCode,
    LinkedIdentity,
    Person,
)
from ticketonomics_server.identity.model_people import (
    LINK_CODE_LIFETIME,
    LINK_CODE_TIMER,
    MOST_IDENTITIES,
    CreateLinkCode,
    ExpireLinkCode,
    RedeemLinkCode,
    UnlinkIdentity,
)
from ticketonomics_server.identity.scopes import Scope


def declare_create_link_code(command: CreateLinkCode, caller: Caller, keys: Keys) -> None:
    keys[Person].add(command.person_id)
    keys[LinkCode].add(command.new_code_hash)
    keys[Counter].add(TIMER_SERIES)


def decide_create_link_code(state: State, command: CreateLinkCode, context: Context) -> Decision:
    """Keeps a code for a person, for 10 minutes.

    Guards: SCOPE_MISSING, PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED.
    """
    guard_own(context.caller, command.person_id)
    person = find_active_person(state, command.person_id)

    expire_time = context.time + LINK_CODE_LIFETIME
    state.add(LinkCode(command.new_code_hash, person.person_id, expire_time))
    set_timer(state, expire_time, LINK_CODE_TIMER, command.new_code_hash)
    return decide_event(
        command,
        context,
        EntryKind.LINK_CODE_CREATED,
        person.person_id,
        command.new_code_hash,
        to_micros(expire_time),
        context.caller.application_id,
        value=expire_time,
    )


def declare_redeem_link_code(command: RedeemLinkCode, caller: Caller, keys: Keys) -> None:
    """Names the code and the identity, and the people whom they led to before the block."""
    keys[LinkCode].add(command.code_hash)
    keys[LinkedIdentity].add((command.provider, command.subject))
    people = {command.expected_person, command.expected_owner} - {""}
    keys[Person].update(people)
    keys[IdentitiesOf].update(people)
    if command.merge and len(people) > 1:
        declare_merge(command.expected_owner, command.expected_person, keys)


def decide_redeem_link_code(
    state: State, command: RedeemLinkCode, context: Context
) -> Decision | NothingToDo:
    """Links an identity to the person of a code, or merges its owner into that person.

    Guards: LINK_CODE_INVALID, CONTENTION, those of an active person, IDENTITY_TAKEN, SCOPE_MISSING,
    TOO_MANY_PARTS; when merging also those of a merge.
    """
    code = state.find(LinkCode, command.code_hash)
    if code is None or code.expire_time <= context.time:
        raise Rejection(Reason.LINK_CODE_INVALID, "the code is wrong, used, or over")
    identity = state.find(LinkedIdentity, (command.provider, command.subject))
    owner = identity.person_id if identity is not None else ""
    if (code.person_id, owner) != (command.expected_person, command.expected_owner):
        raise Rejection(
            Reason.CONTENTION, "the identity was given away a moment ago", retry_seconds=0.1
        )
    person = find_active_person(state, code.person_id)
    if owner == person.person_id:
        return NothingToDo(person.person_id)
    if owner:
        _guard_may_merge(command, context, owner)
        state.remove(code)
        return merge(state, command, owner, person.person_id, context)
    known = identities_of(state, person.person_id)
    if len(known) >= MOST_IDENTITIES:
        raise Rejection(
            Reason.TOO_MANY_PARTS,
            f"{person.person_id} has {MOST_IDENTITIES} identities",
            person=person.person_id,
        )

    state.remove(code)
    state.add(LinkedIdentity(command.provider, command.subject, person.person_id, context.time))
    state.rows[IdentitiesOf][person.person_id].add((command.provider, command.subject))
    return decide_event(
        command,
        context,
        EntryKind.IDENTITY_LINKED,
        person.person_id,
        command.code_hash,
        context.caller.application_id,
        value=person.person_id,
        commitment=_attach_identity(state, command, context, person.person_id),
    )


def _guard_may_merge(command: RedeemLinkCode, context: Context, owner: str) -> None:
    """The code tells that its person agrees; who calls must speak for the owner."""
    if not command.merge:
        raise Rejection(
            Reason.IDENTITY_TAKEN,
            "this identity belongs to another person; the same code with `merge` makes one of both",
        )
    caller = context.caller
    if caller.person_id != owner and (caller.person_id or not caller.may(Scope.IDENTITY_MERGE)):
        raise Rejection(
            Reason.SCOPE_MISSING,
            "a merge by code needs to act for the person of the identity,"
            f" or the scope {Scope.IDENTITY_MERGE}",
            scope=Scope.IDENTITY_MERGE,
        )


def declare_expire_link_code(command: ExpireLinkCode, caller: Caller, keys: Keys) -> None:
    keys[LinkCode].add(command.code_hash)


def decide_expire_link_code(
    state: State, command: ExpireLinkCode, context: Context
) -> Decision | NothingToDo:
    """Takes away a code that nobody used in time."""
    code = state.find(LinkCode, command.code_hash)
    if code is None:
        return NothingToDo()
    state.remove(code)
    return decide_event(
        command, context, EntryKind.LINK_CODE_EXPIRED, code.person_id, code.code_hash
    )


def declare_unlink_identity(command: UnlinkIdentity, caller: Caller, keys: Keys) -> None:
    keys[Person].add(command.person_id)
    keys[LinkedIdentity].add((command.provider, command.subject))
    keys[IdentitiesOf].add(command.person_id)


def decide_unlink_identity(state: State, command: UnlinkIdentity, context: Context) -> Decision:
    """Takes an identity away from a person.

    Guards: SCOPE_MISSING, PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED,
    IDENTITY_NOT_FOUND, LAST_IDENTITY.
    """
    guard_own(context.caller, command.person_id)
    person = find_active_person(state, command.person_id)
    identity = state.find(LinkedIdentity, (command.provider, command.subject))
    if identity is None or identity.person_id != person.person_id:
        raise Rejection(
            Reason.IDENTITY_NOT_FOUND,
            f"{person.person_id} has not this identity",
            person=person.person_id,
        )
    if len(identities_of(state, person.person_id)) == 1:
        raise Rejection(
            Reason.LAST_IDENTITY,
            f"{person.person_id} has no other identity",
            person=person.person_id,
        )

    state.remove(identity)
    return decide_event(
        command,
        context,
        EntryKind.IDENTITY_UNLINKED,
        person.person_id,
        context.caller.application_id,
        value=person.person_id,
        commitment=_attach_identity(state, command, context, person.person_id),
    )


def _attach_identity(
    state: State, command: RedeemLinkCode | UnlinkIdentity, context: Context, person_id: str
) -> bytes:
    text = Text(metadata=(("provider", command.provider), ("subject", command.subject)))
    return attach_text(state, text, context, owner=person_id)
