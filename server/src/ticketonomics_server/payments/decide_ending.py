"""Decides the end of what a merged or erased person leaves open. Pure."""

from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import DueTimer, Keys
from ticketonomics_server.engine.model import TIMER_SERIES, Counter, Timer, set_timer
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.model import person_account
from ticketonomics_server.identity.model_people import GONE_TIMER
from ticketonomics_server.payments.decide_requests import close_request
from ticketonomics_server.payments.model import (
    EndPayments,
    EntryKind,
    PaymentRequest,
    PaymentsOf,
    RequestState,
    Schedule,
    ScheduleState,
)
from ticketonomics_server.payments.upcoming import end_schedule, give_up_run

MOST_ENDED = 500


def ending_of_timer(due: DueTimer) -> EndPayments:
    """Reads whose payments a timer ends."""
    return EndPayments(due.request_id, bytes(16), due.payload.decode())


def declare_end_payments(command: EndPayments, caller: Caller, keys: Keys) -> None:
    keys[PaymentsOf].add(person_account(command.person_id))
    keys[Counter].add(TIMER_SERIES)


def decide_end_payments(
    state: State, command: EndPayments, context: Context
) -> Decision | NothingToDo:
    """Cancels the person's schedules and open requests, so many in one entry; then the next.

    The account is closed, so that none can be added, and none could pay.
    """
    account = person_account(command.person_id)
    schedule_ids, request_ids = state.rows[PaymentsOf].pop(account, ((), ()))
    schedules = [state.rows[Schedule][identifier] for identifier in schedule_ids]
    requests = [state.rows[PaymentRequest][identifier] for identifier in request_ids]
    schedules = [row for row in schedules if not row.ended]
    requests = [row for row in requests if row.state == RequestState.OPEN]
    if not schedules and not requests:
        return NothingToDo()
    if len(schedules) + len(requests) > MOST_ENDED:
        set_timer(state, context.time, GONE_TIMER, command.person_id.encode())
    schedules = schedules[:MOST_ENDED]
    requests = requests[: MOST_ENDED - len(schedules)]

    for schedule in schedules:
        state.change(schedule)
        _remove_timer(state, schedule.timer_id)
        give_up_run(schedule)
        end_schedule(state, schedule, ScheduleState.CANCELLED)
    for request in requests:
        _remove_timer(state, request.timer_id)
        close_request(state, request, RequestState.CANCELLED, context)
    return decide_event(
        command,
        context,
        EntryKind.PAYMENTS_ENDED,
        command.person_id,
        len(schedules),
        *(row.schedule_id for row in schedules),
        *(row.payment_request_id for row in requests),
    )


def _remove_timer(state: State, timer_id: int) -> None:
    timer = state.find(Timer, timer_id) if timer_id else None
    if timer is not None:
        state.remove(timer)
