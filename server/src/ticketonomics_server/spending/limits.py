"""What a transaction or a hold takes of allowances and budgets, and what comes back. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ticketonomics_server.engine.command import Context
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.spending.model import (
    RecordKind,
    SpendingLimit,
    period_start,
    renew_time,
)
from ticketonomics_server.spending.rights import PEOPLE, find_allowance, is_trusted

SPENDING_RECORDS = "spending_records"

# By account and asset.
_Amounts = Mapping[tuple[str, str], int]
Spending = dict[SpendingLimit, int]


def guard_limits(state: State, net: _Amounts, context: Context) -> Spending:
    """Refuses to take more than is left, and returns what is taken of which limit.

    Guards: ALLOWANCE_EXCEEDED, BUDGET_EXCEEDED.

    Args:
        net: What each balance gains or loses in all; only losses count.
    """
    caller, limits = context.caller, state.rows[SpendingLimit]
    application_id, trusted = caller.application_id, is_trusted(caller)
    if trusted and not any(limits[application_id, "", asset] for _, asset in net):
        # The usual case, through which every transfer goes.
        return {}
    allowances: Spending = {}
    budgets: Spending = {}
    for (account, asset), delta in net.items():
        if delta >= 0:
            continue
        budget = limits[application_id, "", asset]
        if budget is not None:
            budgets[budget] = budgets.get(budget, 0) - delta
        if not trusted:
            allowance = find_allowance(state, caller, account, asset, context.time)
            if allowance is not None:
                allowances[allowance] = -delta
    spending = allowances | budgets
    for limit, amount in spending.items():
        _guard_left(limit, amount, context.time)
    return spending


def spend(state: State, spending: Spending, context: Context) -> None:
    """Counts what was guarded."""
    for limit, amount in spending.items():
        state.change(limit)
        limit.spent = limit.spent_at(context.time) + amount
        limit.start_time = period_start(limit.period, context.time)
        record(state, limit, RecordKind.SPENT, amount, context)


def give_back(
    state: State,
    application_id: str,
    amounts: _Amounts,
    context: Context,
    *,
    allowed: bool,
    taken_time: datetime,
    taken_sequence: int,
) -> None:
    """Counts no longer what an application had set aside and now gives back.

    What was set aside in an earlier period, or under other terms that counted anew, counts in none.

    Args:
        amounts: By account and asset.
        allowed: Whether it was set aside by allowances.
        taken_time: When it was set aside; the entry was `taken_sequence`.
    """
    limits = state.rows[SpendingLimit]
    returned: Spending = {}
    for (account, asset), amount in amounts.items():
        for person_id in _counted_for(account, allowed=allowed):
            limit = limits[application_id, person_id, asset]
            counts = (
                limit is not None
                and limit.since_sequence < taken_sequence
                and limit.start_time == period_start(limit.period, taken_time)
            )
            if counts and amount:
                returned[limit] = returned.get(limit, 0) + amount
    for limit, amount in returned.items():
        state.change(limit)
        limit.spent -= amount
        record(state, limit, RecordKind.RETURNED, amount, context)


def limits_of_hold(
    application_id: str, amounts: Iterable[tuple[str, str]], *, allowed: bool
) -> set[tuple[str, str, str]]:
    """Names the limits that `give_back` looks at.

    Args:
        amounts: Account and asset of all that is set aside.
    """
    return {
        (application_id, person_id, asset)
        for account, asset in amounts
        for person_id in _counted_for(account, allowed=allowed)
    }


def _counted_for(account: str, *, allowed: bool) -> list[str]:
    """Whose limits count what is taken from an account: the budget's, and maybe an allowance's."""
    if allowed and account.startswith(PEOPLE):
        return ["", account.removeprefix(PEOPLE)]
    return [""]


def record(
    state: State, limit: SpendingLimit, kind: RecordKind, amount: int, context: Context
) -> None:
    """Appends what happened to a limit to its history."""
    state.append(SPENDING_RECORDS, (context.sequence, kind, *limit.key, amount, context.time))


def _guard_left(limit: SpendingLimit, required: int, time: datetime) -> None:
    left = limit.left_at(time)
    if required <= left:
        return
    renewed = renew_time(limit.period, time)
    facts: dict[str, Any] = {"asset": limit.asset, "left": left, "required": required}
    if renewed:
        facts["renew_time"] = f"{renewed:%Y-%m-%dT%H:%M:%SZ}"
    if limit.person_id:
        account = PEOPLE + limit.person_id
        raise Rejection(
            Reason.ALLOWANCE_EXCEEDED,
            f"{account} allows {left} more {limit.asset}, not {required}",
            account=account,
            **facts,
        )
    raise Rejection(
        Reason.BUDGET_EXCEEDED,
        f"the application's budget has {left} more {limit.asset}, not {required}",
        application=limit.application_id,
        **facts,
    )
