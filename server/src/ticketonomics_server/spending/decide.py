"""Decides who sets limits on what applications take. Pure. What they do: see `limits`."""

from datetime import datetime

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.decide_applications import find_application
from ticketonomics_server.identity.decide_profiles import find_active_person
from ticketonomics_server.identity.model import Application, Person
from ticketonomics_server.ledger.decide import no_asset
from ticketonomics_server.ledger.model import Asset
from ticketonomics_server.spending.limits import record
from ticketonomics_server.spending.model import (
    EntryKind,
    GrantAllowance,
    RecordKind,
    RemoveBudget,
    RevokeAllowance,
    SetBudget,
    SpendingLimit,
    period_start,
)
from ticketonomics_server.spending.rights import CONSENT

# --- allowances -------------------------------------------------------------------------------


def declare_grant_allowance(command: GrantAllowance, caller: Caller, keys: Keys) -> None:
    keys[Person].add(command.person_id)
    keys[Application].add(command.application_id)
    keys[Asset].add(command.asset)
    keys[SpendingLimit].add((command.application_id, command.person_id, command.asset))


def decide_grant_allowance(
    state: State, command: GrantAllowance, context: Context
) -> Decision | NothingToDo:
    """Sets what an application may take from a person.

    Guards: SCOPE_MISSING, PERSON_NOT_FOUND, PERSON_MERGED, PERSON_ERASED, PERSON_BLOCKED,
    APPLICATION_NOT_FOUND, ASSET_NOT_FOUND, INVALID_FIELD (expire_time).
    """
    _guard_own_word(context.caller, command.person_id)
    find_active_person(state, command.person_id)
    _guard_there(state, command)
    if command.expire_time is not None and command.expire_time <= context.time:
        raise Rejection(Reason.INVALID_FIELD, "expire_time is over already", field="expire_time")
    key = command.application_id, command.person_id, command.asset
    if not _set_terms(state, command, key, context, command.expire_time):
        return NothingToDo()
    return decide_event(
        command,
        context,
        EntryKind.ALLOWANCE_GRANTED,
        *key,
        command.amount,
        command.period,
        to_micros(command.expire_time) if command.expire_time else 0,
        context.caller.application_id,
    )


def declare_revoke_allowance(command: RevokeAllowance, caller: Caller, keys: Keys) -> None:
    keys[SpendingLimit].add((command.application_id, command.person_id, command.asset))


def decide_revoke_allowance(state: State, command: RevokeAllowance, context: Context) -> Decision:
    """Takes an allowance away, as the person or as the application.

    Guards: SCOPE_MISSING, ALLOWANCE_NOT_FOUND.
    """
    caller = context.caller
    if caller.person_id or caller.application_id != command.application_id:
        _guard_own_word(caller, command.person_id)
    key = command.application_id, command.person_id, command.asset
    limit = state.find(SpendingLimit, key)
    if limit is None:
        raise no_allowance(*key)
    _remove(state, limit, context)
    return decide_event(command, context, EntryKind.ALLOWANCE_REVOKED, *key, caller.application_id)


def _guard_own_word(caller: Caller, person_id: str) -> None:
    """Refuses with SCOPE_MISSING who does not speak for the person."""
    if caller.person_id != person_id or CONSENT not in caller.scopes:
        raise Rejection(
            Reason.SCOPE_MISSING,
            f"this needs to act for {person_id}, with the scope {CONSENT}",
            scope=CONSENT,
        )


def no_allowance(application_id: str, person_id: str, asset: str) -> Rejection:
    """Builds the refusal of an allowance that is not there."""
    return Rejection(
        Reason.ALLOWANCE_NOT_FOUND,
        f"{person_id} allows {application_id} no {asset}",
        person=person_id,
        application=application_id,
        asset=asset,
    )


# --- budgets ----------------------------------------------------------------------------------


def declare_set_budget(command: SetBudget, caller: Caller, keys: Keys) -> None:
    keys[Application].add(command.application_id)
    keys[Asset].add(command.asset)
    keys[SpendingLimit].add((command.application_id, "", command.asset))


def decide_set_budget(state: State, command: SetBudget, context: Context) -> Decision | NothingToDo:
    """Sets what an application may take in all. Guards: APPLICATION_NOT_FOUND, ASSET_NOT_FOUND."""
    _guard_there(state, command)
    key = command.application_id, "", command.asset
    if not _set_terms(state, command, key, context):
        return NothingToDo()
    return decide_event(
        command,
        context,
        EntryKind.BUDGET_SET,
        command.application_id,
        command.asset,
        command.amount,
        command.period,
        context.caller.application_id,
    )


def declare_remove_budget(command: RemoveBudget, caller: Caller, keys: Keys) -> None:
    keys[SpendingLimit].add((command.application_id, "", command.asset))


def decide_remove_budget(state: State, command: RemoveBudget, context: Context) -> Decision:
    """Takes a budget away. Guards: BUDGET_NOT_FOUND."""
    limit = state.find(SpendingLimit, (command.application_id, "", command.asset))
    if limit is None:
        raise Rejection(
            Reason.BUDGET_NOT_FOUND,
            f"{command.application_id} has no budget of {command.asset}",
            budget=command.asset,
            application=command.application_id,
        )
    _remove(state, limit, context)
    return decide_event(
        command,
        context,
        EntryKind.BUDGET_REMOVED,
        command.application_id,
        command.asset,
        context.caller.application_id,
    )


# --- limits of both sorts ---------------------------------------------------------------------


def _guard_there(state: State, command: GrantAllowance | SetBudget) -> None:
    find_application(state, command.application_id)
    if state.find(Asset, command.asset) is None:
        raise no_asset(command.asset)


def _set_terms(
    state: State,
    command: GrantAllowance | SetBudget,
    key: tuple[str, str, str],
    context: Context,
    expire_time: datetime | None = None,
) -> bool:
    """Sets a limit's terms, anew where it is there; tells whether that changed anything."""
    amount, period = command.amount, command.period
    limit = state.find(SpendingLimit, key)
    if limit is None:
        start = period_start(period, context.time)
        limit = SpendingLimit(
            *key, amount, period, 0, start, context.sequence, context.time, expire_time
        )
        state.add(limit)
    elif (limit.amount, limit.period, limit.expire_time) == (amount, period, expire_time):
        return False
    else:
        state.change(limit)
        if limit.period != period:
            limit.spent, limit.since_sequence = 0, context.sequence
            limit.start_time = period_start(period, context.time)
        limit.amount, limit.period, limit.expire_time = amount, period, expire_time
        limit.set_time = context.time
    record(state, limit, RecordKind.SET, amount, context)
    return True


def _remove(state: State, limit: SpendingLimit, context: Context) -> None:
    record(state, limit, RecordKind.REMOVED, 0, context)
    state.remove(limit)
