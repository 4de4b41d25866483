"""Decodes contract messages into commands, refusing what is malformed."""

from datetime import datetime
from typing import TypeVar

from ticketonomics.payments.v1 import payment_service_pb2 as rpc
from ticketonomics.payments.v1.payment_request_pb2 import PaymentRequest as RequestMessage
from ticketonomics.payments.v1.schedule_pb2 import Repeat, RetryPolicy
from ticketonomics.payments.v1.schedule_pb2 import Schedule as ScheduleMessage

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity.identifiers import is_id
from ticketonomics_server.ledger.decode import check_amount, decode_posting
from ticketonomics_server.payments.decide import PAYMENT_ID_LENGTH
from ticketonomics_server.payments.model import (
    AcceptPaymentRequest,
    CreateSchedule,
    PauseSchedule,
    PaymentRequest,
    RequestPayment,
    Schedule,
)
from ticketonomics_server.payments.recurrence import Frequency, zone_names
from ticketonomics_server.rpc.fields import (
    MAX_MEMO,
    body_hash,
    check_address,
    check_asset_code,
    check_text,
    check_time,
    check_uuid,
    invalid,
)

MAX_POSTINGS = 16
MAX_INTERVAL = 1_000
MAX_RUNS = 1_000_000
MAX_FAILURES = 1_000
DEFAULT_ATTEMPTS, MAX_ATTEMPTS = 3, 10
DEFAULT_DELAY_SECONDS, MAX_DELAY_SECONDS = 3_600, 86_400

_ManageRequest = rpc.PauseScheduleRequest | rpc.ResumeScheduleRequest | rpc.CancelScheduleRequest
_CloseRequest = (
    rpc.AcceptPaymentRequestRequest
    | rpc.DeclinePaymentRequestRequest
    | rpc.CancelPaymentRequestRequest
)
M = TypeVar("M", bound=PauseSchedule)
C = TypeVar("C", bound=AcceptPaymentRequest)


def decode_create_schedule(caller: Caller, request: rpc.CreateScheduleRequest) -> CreateSchedule:
    """Decodes a new schedule.

    Guards: INVALID_FIELD, POSTING_COUNT, AMOUNT_OUT_OF_RANGE, SAME_ACCOUNT, TEXT_TOO_LONG,
    TEXT_NOT_CLEAN.
    """
    request_id = check_uuid(request.request_id, "request_id")
    if not 1 <= len(request.postings) <= MAX_POSTINGS:
        raise Rejection(
            Reason.POSTING_COUNT,
            f"a schedule has 1 to {MAX_POSTINGS} postings, not {len(request.postings)}",
            field="postings",
        )
    postings = tuple([decode_posting(posting) for posting in request.postings])
    memo = check_text(request.memo, "memo", longest=MAX_MEMO, lines=True)
    if not request.HasField("first_time"):
        raise invalid("first_time", "is missing")
    first_time = check_time(request.first_time, "first_time")
    return CreateSchedule(
        request_id,
        body_hash(caller, request),
        postings,
        memo,
        first_time,
        *_decode_repeat(request.repeat if request.HasField("repeat") else None, first_time),
        *_decode_policy(request.retry_policy),
        _check_range(request.stop_after_failures, "stop_after_failures", 0, MAX_FAILURES),
    )


def _decode_repeat(
    repeat: Repeat | None, first_time: datetime
) -> tuple[Frequency, int, str, datetime | None, int]:
    if repeat is None:
        return Frequency.ONCE, 1, "UTC", None, 0
    if repeat.frequency not in Repeat.Frequency.values() or not repeat.frequency:
        raise invalid("repeat.frequency", "is not daily, weekly or monthly")
    interval = _check_range(repeat.interval or 1, "repeat.interval", 1, MAX_INTERVAL)
    zone = repeat.time_zone or "UTC"
    if zone not in zone_names():
        raise invalid("repeat.time_zone", "is not an IANA time zone such as Europe/Berlin")
    end_time = None
    if repeat.HasField("end_time"):
        end_time = check_time(repeat.end_time, "repeat.end_time")
        if end_time < first_time:
            raise invalid("repeat.end_time", "is before first_time")
    run_limit = _check_range(repeat.run_limit, "repeat.run_limit", 0, MAX_RUNS)
    return Frequency(repeat.frequency), interval, zone, end_time, run_limit


def _decode_policy(policy: RetryPolicy) -> tuple[int, int]:
    attempts = policy.attempts or DEFAULT_ATTEMPTS
    delay_seconds = policy.delay_seconds or DEFAULT_DELAY_SECONDS
    return (
        _check_range(attempts, "retry_policy.attempts", 1, MAX_ATTEMPTS),
        _check_range(delay_seconds, "retry_policy.delay_seconds", 1, MAX_DELAY_SECONDS),
    )


def _check_range(value: int, field: str, least: int, greatest: int) -> int:
    if not least <= value <= greatest:
        raise invalid(field, f"is not between {least:,} and {greatest:,}")
    return value


def decode_manage_schedule(
    kind: type[M], caller: Caller, request: _ManageRequest, schedule: Schedule
) -> M:
    """Decodes a pause, a resumption or an end; the schedule is as it was read."""
    return kind(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        schedule.schedule_id,
        schedule.timer_id,
        schedule.application_id,
        schedule.postings,
    )


def decode_request_payment(caller: Caller, request: rpc.RequestPaymentRequest) -> RequestPayment:
    """Decodes a new request to pay.

    Guards: INVALID_FIELD, AMOUNT_OUT_OF_RANGE, SAME_ACCOUNT, TEXT_TOO_LONG, TEXT_NOT_CLEAN.
    """
    request_id = check_uuid(request.request_id, "request_id")
    payee = check_address(request.payee, "payee")
    payer = check_address(request.payer, "payer")
    asset = check_asset_code(request.asset, "asset")
    amount = check_amount(request.amount)
    if payee == payer:
        raise Rejection(
            Reason.SAME_ACCOUNT, f"{payee} is on both sides", field="payer", account=payee
        )
    expire_time = None
    if request.HasField("expire_time"):
        expire_time = check_time(request.expire_time, "expire_time")
    return RequestPayment(
        request_id,
        body_hash(caller, request),
        payee,
        payer,
        asset,
        amount,
        check_text(request.memo, "memo", longest=MAX_MEMO, lines=True),
        expire_time,
    )


def decode_close_payment_request(
    kind: type[C], caller: Caller, request: _CloseRequest, found: PaymentRequest
) -> C:
    """Decodes an answer to a request to pay, whose terms are as they were read."""
    return kind(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        found.payment_request_id,
        found.payee,
        found.payer,
        found.asset,
        found.amount,
        found.timer_id,
        found.create_sequence,
    )


def check_payment_id(value: str, field: str) -> str:
    """Returns the id of a schedule or request, or refuses what has not the form of one."""
    if not is_id(value, PAYMENT_ID_LENGTH):
        raise invalid(field, f"is not {PAYMENT_ID_LENGTH} of 0–9 and a–z")
    return value


def check_schedule_state(state: int) -> int:
    """Returns the filter of a list of schedules; 0 means all."""
    if state not in ScheduleMessage.State.values():
        raise invalid("state", "is no state of a schedule")
    return state


def check_request_state(state: int) -> int:
    """Returns the filter of a list of requests to pay; 0 means all."""
    if state not in RequestMessage.State.values():
        raise invalid("state", "is no state of a request to pay")
    return state


def check_direction(direction: int) -> bool:
    """Tells whether the requests that an account makes are meant, not those it gets."""
    directions = rpc.ListPaymentRequestsRequest.Direction
    if direction not in directions.values():
        raise invalid("direction", "is no direction")
    return direction == directions.DIRECTION_OUTGOING
