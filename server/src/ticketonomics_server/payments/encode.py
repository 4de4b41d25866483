"""Encodes schedules, runs and requests to pay into contract messages, and says who sees them."""

from collections.abc import Iterable
from typing import Any, cast

from ticketonomics.payments.v1 import payment_request_pb2, schedule_pb2

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.ledger.encode import READ_PRIVATE
from ticketonomics_server.payments.model import (
    RequestState,
    Schedule,
    ScheduleState,
    unpack_postings,
)
from ticketonomics_server.payments.queries import Run, ShownRequest, ShownSchedule
from ticketonomics_server.payments.recurrence import Frequency
from ticketonomics_server.rpc.fields import set_time
from ticketonomics_server.spending.rights import not_owner, owns


def reads_all(caller: Caller) -> bool:
    """Tells whether a caller sees everybody's payments."""
    return caller.may(READ_PRIVATE) and not caller.person_id


def guard_seeing(caller: Caller, accounts: Iterable[str]) -> None:
    """Refuses with NOT_ACCOUNT_OWNER who acts for no owner of the accounts and may not see all."""
    accounts = list(accounts)
    if not reads_all(caller) and not any(owns(caller, account) for account in accounts):
        raise not_owner(accounts[0])


def encode_schedule(schedule: ShownSchedule) -> schedule_pb2.Schedule:
    """Encodes a schedule."""
    message = schedule_pb2.Schedule(
        schedule_id=schedule.schedule_id,
        application_id=schedule.application_id,
        person_id=schedule.person_id,
        state=f"STATE_{ScheduleState(schedule.state).name}",
        memo=schedule.memo,
        retry_policy=schedule_pb2.RetryPolicy(
            attempts=schedule.retry_attempts, delay_seconds=schedule.retry_seconds
        ),
        stop_after_failures=schedule.stop_after_failures,
        run_count=schedule.run,
        succeeded_count=schedule.succeeded,
        failed_count=schedule.failed,
    )
    for source, destination, asset, amount in unpack_postings(schedule.postings):
        message.postings.add(source=source, destination=destination, asset=asset, amount=amount)
    set_time(message.first_time, schedule.first_time)
    set_time(message.create_time, schedule.create_time)
    if schedule.frequency != Frequency.ONCE:
        repeat = message.repeat
        repeat.frequency = cast(Any, int(schedule.frequency))
        repeat.interval, repeat.time_zone = schedule.every, schedule.time_zone
        repeat.run_limit = schedule.run_limit
        if schedule.end_time is not None:
            set_time(repeat.end_time, schedule.end_time)
    if schedule.due_time is not None:
        set_time(message.due_time, schedule.due_time)
    if schedule.next_attempt_time is not None:
        set_time(message.next_attempt_time, schedule.next_attempt_time)
    return message


def encode_run(schedule: Schedule, run: Run) -> schedule_pb2.ScheduleRun:
    """Encodes a run of a schedule that was read together with it."""
    states = schedule_pb2.ScheduleRun
    if not run.reason:
        state = states.STATE_SUCCEEDED
    elif run.run == schedule.run and schedule.attempt:
        state = states.STATE_RETRYING
    else:
        state = states.STATE_FAILED
    message = schedule_pb2.ScheduleRun(
        run=run.run,
        state=state,
        attempts=run.attempt,
        sequence=run.sequence,
        refusal_reason=run.reason,
    )
    set_time(message.due_time, run.due_time)
    set_time(message.attempt_time, run.attempt_time)
    return message


def encode_payment_request(request: ShownRequest) -> payment_request_pb2.PaymentRequest:
    """Encodes a request to pay."""
    accepted = request.state == RequestState.ACCEPTED
    message = payment_request_pb2.PaymentRequest(
        payment_request_id=request.payment_request_id,
        payee=request.payee,
        payer=request.payer,
        asset=request.asset,
        amount=request.amount,
        memo=request.memo,
        state=f"STATE_{RequestState(request.state).name}",
        transaction_sequence=request.close_sequence if accepted else 0,
    )
    set_time(message.create_time, request.create_time)
    set_time(message.expire_time, request.expire_time)
    if request.close_time is not None:
        set_time(message.close_time, request.close_time)
    return message
