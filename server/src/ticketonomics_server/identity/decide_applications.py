"""Decides which programs may call, and with which keys. Pure."""

from datetime import datetime

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.command import Caller, Context, Decision, decide_event
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.identifiers import (
    APPLICATION_ID_LENGTH,
    ID_ENTROPY_BYTES,
    encode_base32,
)
from ticketonomics_server.identity.model import (
    ApiKey,
    Application,
    ApplicationOfKey,
    CreateApiKey,
    CreateApplication,
    EntryKind,
    RevokeApiKey,
    RotateApiKey,
    UpdateApplication,
    join_scopes,
    split_scopes,
)
from ticketonomics_server.identity.scopes import Scope


def declare_create_application(command: CreateApplication, caller: Caller, keys: Keys) -> None:
    """Names nothing: the new application has no id yet."""


def decide_create_application(
    state: State, command: CreateApplication, context: Context
) -> Decision:
    """Creates an application. Guards: SCOPE_MISSING."""
    guard_scopes(context.caller, command.scopes)

    entropy = context.entropy(b"application", ID_ENTROPY_BYTES)
    application = Application(
        application_id=encode_base32(entropy, APPLICATION_ID_LENGTH),
        create_sequence=context.sequence,
        name=command.name,
        scopes=join_scopes(command.scopes),
        rate_limit_rps=command.rate_limit_rps,
        create_time=context.time,
    )
    state.add(application)
    return _decide_terms(command, context, EntryKind.APPLICATION_CREATED, application)


def declare_update_application(command: UpdateApplication, caller: Caller, keys: Keys) -> None:
    keys[Application].add(command.application_id)


def decide_update_application(
    state: State, command: UpdateApplication, context: Context
) -> Decision:
    """Sets name, scopes and rate limit. Guards: APPLICATION_NOT_FOUND, SCOPE_MISSING.

    Scopes that the application has already count as granted anew.
    """
    application = find_application(state, command.application_id)
    guard_scopes(context.caller, command.scopes)

    state.change(application)
    application.name = command.name
    application.scopes = join_scopes(command.scopes)
    application.rate_limit_rps = command.rate_limit_rps
    return _decide_terms(command, context, EntryKind.APPLICATION_UPDATED, application)


def declare_create_api_key(command: CreateApiKey, caller: Caller, keys: Keys) -> None:
    keys[Application].add(command.application_id)
    keys[ApiKey].add(command.new_key_id)


def decide_create_api_key(state: State, command: CreateApiKey, context: Context) -> Decision:
    """Makes a key. Guards: INVALID_FIELD (a past time), APPLICATION_NOT_FOUND, SCOPE_MISSING."""
    if command.expire_time is not None and command.expire_time <= context.time:
        raise Rejection(Reason.INVALID_FIELD, "expire_time is in the past", field="expire_time")
    application = find_application(state, command.application_id)
    guard_scopes(context.caller, split_scopes(application.scopes))

    _add_key(state, command, context, command.application_id, command.expire_time)
    return decide_event(
        command,
        context,
        EntryKind.API_KEY_CREATED,
        command.new_key_id,
        command.application_id,
        command.new_secret_hash,
        _micros(command.expire_time),
        context.caller.application_id,
        value=command.new_key_id,
    )


def declare_rotate_api_key(command: RotateApiKey, caller: Caller, keys: Keys) -> None:
    keys[ApiKey].add(command.api_key_id)
    keys[ApiKey].add(command.new_key_id)
    keys[ApplicationOfKey].add(command.api_key_id)


def decide_rotate_api_key(state: State, command: RotateApiKey, context: Context) -> Decision:
    """Makes a new key in place of an old one, which expires after the overlap, if not before.

    The new key keeps the time at which the old one was to expire: an application that rotates its
    own key cannot outlive what its operator gave it.

    Guards: API_KEY_NOT_FOUND, SCOPE_MISSING, API_KEY_INACTIVE.
    """
    old = _find_key(state, command.api_key_id)
    if not is_itself(context.caller, old.application_id):
        guard_scopes(context.caller, frozenset({Scope.IDENTITY_APPLICATIONS}))
        application = find_application(state, old.application_id)
        guard_scopes(context.caller, split_scopes(application.scopes))
    _guard_active(old, context.time)

    expire_time = old.expire_time
    _add_key(state, command, context, old.application_id, expire_time)
    state.change(old)
    end = context.time + command.overlap
    old.expire_time = end if expire_time is None else min(expire_time, end)
    return decide_event(
        command,
        context,
        EntryKind.API_KEY_ROTATED,
        old.api_key_id,
        _micros(old.expire_time),
        command.new_key_id,
        command.new_secret_hash,
        _micros(expire_time),
        context.caller.application_id,
        value=command.new_key_id,
    )


def declare_revoke_api_key(command: RevokeApiKey, caller: Caller, keys: Keys) -> None:
    keys[ApiKey].add(command.api_key_id)


def decide_revoke_api_key(state: State, command: RevokeApiKey, context: Context) -> Decision:
    """Ends a key. Guards: API_KEY_NOT_FOUND, SCOPE_MISSING, API_KEY_INACTIVE."""
    key = _find_key(state, command.api_key_id)
    if not is_itself(context.caller, key.application_id):
        guard_scopes(context.caller, frozenset({Scope.IDENTITY_APPLICATIONS}))
    _guard_active(key, context.time)

    state.change(key)
    key.revoke_time = context.time
    return decide_event(
        command,
        context,
        EntryKind.API_KEY_REVOKED,
        key.api_key_id,
        context.caller.application_id,
        value=key.api_key_id,
    )


def guard_scopes(caller: Caller, scopes: frozenset[str]) -> None:
    """Refuses with SCOPE_MISSING where the caller lacks any of the scopes."""
    missing = join_scopes(scopes - caller.scopes)
    if missing:
        raise Rejection(Reason.SCOPE_MISSING, f"the caller lacks {missing}", scope=missing)


def guard_own_application(caller: Caller, application_id: str) -> None:
    """Refuses with SCOPE_MISSING who is neither the application nor manages all of them."""
    if not is_itself(caller, application_id):
        guard_scopes(caller, frozenset({Scope.IDENTITY_APPLICATIONS}))


def is_itself(caller: Caller, application_id: str) -> bool:
    """Tells whether the application calls for itself: for a person it has no rights of its own."""
    return caller.application_id == application_id and not caller.person_id


def _guard_active(key: ApiKey, time: datetime) -> None:
    if not key.is_active(time):
        raise Rejection(
            Reason.API_KEY_INACTIVE,
            f"{key.api_key_id} is revoked or has expired",
            api_key=key.api_key_id,
        )


def find_application(state: State, application_id: str) -> Application:
    """Finds an application, or refuses with APPLICATION_NOT_FOUND."""
    application = state.find(Application, application_id)
    if application is None:
        raise Rejection(
            Reason.APPLICATION_NOT_FOUND,
            f"there is no application {application_id}",
            application=application_id,
        )
    return application


def _find_key(state: State, api_key_id: str) -> ApiKey:
    key = state.find(ApiKey, api_key_id)
    if key is None:
        raise Rejection(
            Reason.API_KEY_NOT_FOUND, f"there is no key {api_key_id}", api_key=api_key_id
        )
    return key


def _add_key(
    state: State,
    command: CreateApiKey | RotateApiKey,
    context: Context,
    application_id: str,
    expire_time: datetime | None,
) -> None:
    # The id is declared, so that `State.add` refuses one that is taken: a fault, and no refusal.
    state.add(
        ApiKey(
            api_key_id=command.new_key_id,
            application_id=application_id,
            create_sequence=context.sequence,
            secret_hash=command.new_secret_hash,
            create_time=context.time,
            expire_time=expire_time,
        )
    )


def _decide_terms(
    command: CreateApplication | UpdateApplication,
    context: Context,
    kind: EntryKind,
    application: Application,
) -> Decision:
    return decide_event(
        command,
        context,
        kind,
        application.application_id,
        application.name,
        application.scopes,
        application.rate_limit_rps,
        context.caller.application_id,
        value=application.application_id,
    )


def _micros(time: datetime | None) -> int:
    """Microseconds since 1970; 0 for never."""
    return 0 if time is None else to_micros(time)
