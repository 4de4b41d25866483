"""The plug of this room: what the engine needs to know of it."""

from ticketonomics_server.engine.domain import Domain, Handling
from ticketonomics_server.identity.model_people import GONE_TIMER
from ticketonomics_server.payments import (
    decide,
    decide_ending,
    decide_requests,
    decide_runs,
    rows,
)
from ticketonomics_server.payments.model import (
    AcceptPaymentRequest,
    CancelPaymentRequest,
    CancelSchedule,
    CreateSchedule,
    DeclinePaymentRequest,
    EndPayments,
    ExpirePaymentRequest,
    PauseSchedule,
    RequestPayment,
    ResumeSchedule,
    RunSchedule,
    TimerKind,
)

PAYMENTS = Domain(
    name="payments",
    tables=(
        rows.SCHEDULES,
        rows.SCHEDULE_SOURCES,
        rows.ATTEMPTS,
        rows.PAYMENT_REQUESTS,
        rows.OPEN_REQUESTS,
        rows.OPEN_SCHEDULES,
        rows.PaymentsOfTable(),
    ),
    commands={
        CreateSchedule: Handling(decide.declare_create_schedule, decide.decide_create_schedule),
        PauseSchedule: Handling(decide.declare_manage_schedule, decide.decide_pause_schedule),
        ResumeSchedule: Handling(decide.declare_manage_schedule, decide.decide_resume_schedule),
        CancelSchedule: Handling(decide.declare_manage_schedule, decide.decide_cancel_schedule),
        RunSchedule: Handling(decide_runs.declare_run_schedule, decide_runs.decide_run_schedule),
        RequestPayment: Handling(
            decide_requests.declare_request_payment, decide_requests.decide_request_payment
        ),
        AcceptPaymentRequest: Handling(
            decide_requests.declare_accept_payment_request,
            decide_requests.decide_accept_payment_request,
        ),
        DeclinePaymentRequest: Handling(
            decide_requests.declare_close_payment_request,
            decide_requests.decide_decline_payment_request,
        ),
        CancelPaymentRequest: Handling(
            decide_requests.declare_close_payment_request,
            decide_requests.decide_cancel_payment_request,
        ),
        ExpirePaymentRequest: Handling(
            decide_requests.declare_expire_payment_request,
            decide_requests.decide_expire_payment_request,
        ),
        EndPayments: Handling(
            decide_ending.declare_end_payments, decide_ending.decide_end_payments
        ),
    },
    timers={
        TimerKind.SCHEDULE: decide_runs.run_of_timer,
        TimerKind.PAYMENT_REQUEST: decide_requests.expiry_of_timer,
        GONE_TIMER: decide_ending.ending_of_timer,
    },
)
