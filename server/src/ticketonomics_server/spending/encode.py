"""Encodes allowances, budgets and records into contract messages."""

from datetime import datetime

from ticketonomics.spending.v1 import limit_pb2

from ticketonomics_server.rpc.fields import set_time
from ticketonomics_server.spending.model import Period, RecordKind, SpendingLimit, renew_time
from ticketonomics_server.spending.queries import SpendingRecord


def encode_allowance(limit: SpendingLimit, now: datetime) -> limit_pb2.Allowance:
    """Encodes an allowance with what is left of it now."""
    message = limit_pb2.Allowance(
        person_id=limit.person_id,
        application_id=limit.application_id,
        asset=limit.asset,
        amount=limit.amount,
        period=f"PERIOD_{Period(limit.period).name}",
        ask_each_time=limit.asks,
    )
    _tell_left(message, limit, now)
    if limit.expire_time is not None:
        set_time(message.expire_time, limit.expire_time)
    return message


def encode_budget(limit: SpendingLimit, now: datetime) -> limit_pb2.Budget:
    """Encodes a budget with what is left of it now."""
    message = limit_pb2.Budget(
        application_id=limit.application_id,
        asset=limit.asset,
        amount=limit.amount,
        period=f"PERIOD_{Period(limit.period).name}",
    )
    _tell_left(message, limit, now)
    return message


def _tell_left(
    message: limit_pb2.Allowance | limit_pb2.Budget, limit: SpendingLimit, now: datetime
) -> None:
    # A server's clock may lag behind the block's time.
    now = max(now, limit.start_time)
    message.spent, message.left = limit.spent_at(now), limit.left_at(now)
    set_time(message.set_time, limit.set_time)
    renewed = renew_time(limit.period, now)
    if renewed is not None:
        set_time(message.renew_time, renewed)


def encode_record(record: SpendingRecord) -> limit_pb2.SpendingRecord:
    """Encodes a record."""
    message = limit_pb2.SpendingRecord(
        sequence=record.sequence,
        kind=f"KIND_{RecordKind(record.kind).name}",
        application_id=record.application_id,
        person_id=record.person_id,
        asset=record.asset,
        amount=record.amount,
    )
    set_time(message.record_time, record.record_time)
    return message
