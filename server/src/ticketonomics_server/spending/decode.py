"""Decodes contract messages into commands, refusing what is malformed."""

from ticketonomics.spending.v1 import limit_pb2
from ticketonomics.spending.v1 import spending_service_pb2 as rpc

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.identity.decode import check_application_id, check_person_id
from ticketonomics_server.ledger.decode import check_amount
from ticketonomics_server.rpc.fields import (
    body_hash,
    check_asset_code,
    check_time,
    check_uuid,
    invalid,
)
from ticketonomics_server.spending.model import (
    GrantAllowance,
    Period,
    RemoveBudget,
    RevokeAllowance,
    SetBudget,
)

_PERIODS = frozenset(limit_pb2.Period.values()) - {limit_pb2.PERIOD_UNSPECIFIED}


def decode_grant_allowance(caller: Caller, request: rpc.GrantAllowanceRequest) -> GrantAllowance:
    """Decodes the terms of an allowance. Guards: INVALID_FIELD, AMOUNT_OUT_OF_RANGE."""
    request_id = check_uuid(request.request_id, "request_id")
    person_id = check_person_id(request.person_id)
    application_id = check_application_id(request.application_id)
    asset = check_asset_code(request.asset, "asset")
    if request.ask_each_time:
        if request.amount:
            raise invalid("amount", "is 0 where the person wants to be asked each time")
        if request.period:
            raise invalid("period", "is unspecified where the person wants to be asked each time")
        amount, period = 0, int(Period.UNSPECIFIED)
    else:
        amount, period = check_amount(request.amount), _check_period(request.period)
    expire_time = None
    if request.HasField("expire_time"):
        expire_time = check_time(request.expire_time, "expire_time")
    return GrantAllowance(
        request_id,
        body_hash(caller, request),
        person_id,
        application_id,
        asset,
        amount,
        period,
        expire_time,
    )


def decode_revoke_allowance(caller: Caller, request: rpc.RevokeAllowanceRequest) -> RevokeAllowance:
    """Decodes which allowance is taken away. Guards: INVALID_FIELD."""
    return RevokeAllowance(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person_id(request.person_id),
        check_application_id(request.application_id),
        check_asset_code(request.asset, "asset"),
    )


def decode_set_budget(caller: Caller, request: rpc.SetBudgetRequest) -> SetBudget:
    """Decodes the terms of a budget. Guards: INVALID_FIELD, AMOUNT_OUT_OF_RANGE."""
    return SetBudget(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_application_id(request.application_id),
        check_asset_code(request.asset, "asset"),
        check_amount(request.amount),
        _check_period(request.period),
    )


def decode_remove_budget(caller: Caller, request: rpc.RemoveBudgetRequest) -> RemoveBudget:
    """Decodes which budget is taken away. Guards: INVALID_FIELD."""
    return RemoveBudget(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_application_id(request.application_id),
        check_asset_code(request.asset, "asset"),
    )


def _check_period(period: int) -> int:
    if period not in _PERIODS:
        raise invalid("period", "is not a period")
    return period
