"""Decides the runs of schedules, which timers ask for. Pure."""

from dataclasses import replace

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import DueTimer, Keys
from ticketonomics_server.engine.model import (
    TIMER_SERIES,
    Counter,
    KeptText,
    Text,
    repeat_text,
)
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.model import Application, Person, PersonState, split_scopes
from ticketonomics_server.identity.scopes import Scope
from ticketonomics_server.ledger.decide import decide_transaction, declare_transaction
from ticketonomics_server.ledger.model import CreateTransaction
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.payments.model import (
    Attempt,
    EntryKind,
    RunSchedule,
    Schedule,
    ScheduleState,
    unpack_postings,
)
from ticketonomics_server.payments.open_schedules import declare_open_schedules
from ticketonomics_server.payments.upcoming import (
    begin_next_run,
    end_schedule,
    give_up_run,
    retry_time,
    set_attempt,
)

NO_BODY = bytes(16)


def run_of_timer(due: DueTimer) -> RunSchedule:
    """Reads the attempt that a timer stands for. Its transaction gets the timer's id."""
    schedule_id, application_id, person_id, postings, create_sequence = decode_fields(due.payload)
    assert isinstance(postings, bytes), "`set_attempt` packed them"
    return RunSchedule(
        due.request_id,
        NO_BODY,
        due.timer_id,
        str(schedule_id),
        str(application_id),
        str(person_id),
        unpack_postings(postings),
        int(create_sequence),
    )


def declare_run_schedule(command: RunSchedule, caller: Caller, keys: Keys) -> None:
    """Names the schedule, its memo, its maker, and everything that the transfer touches."""
    keys[Schedule].add(command.schedule_id)
    keys[KeptText].add(command.create_sequence)
    declare_open_schedules(command.application_id, command.postings, keys)
    keys[Application].add(command.application_id)
    if command.person_id:
        keys[Person].add(command.person_id)
    keys[Counter].add(TIMER_SERIES)
    # Its maker's rights are read in the block: what they may come to need is named here.
    declare_transaction(_transfer(command), Caller(command.application_id), keys)


def decide_run_schedule(
    state: State, command: RunSchedule, context: Context
) -> Decision | NothingToDo:
    """Pays, or records why not; then sets the timer of what comes next.

    The entry is the transaction itself, or SCHEDULE_RUN_REFUSED. The maker's rights are those of
    now. Guards of the attempt: APPLICATION_NOT_FOUND, SCOPE_MISSING, PERSON_NOT_FOUND,
    PERSON_BLOCKED, then those of a transfer.
    """
    schedule = state.find(Schedule, command.schedule_id)
    if (
        schedule is None
        or schedule.state != ScheduleState.ACTIVE
        or schedule.timer_id != command.timer_id
    ):
        return NothingToDo()
    memo = repeat_text(state, schedule.create_sequence, ("schedule", schedule.schedule_id))
    try:
        maker = _find_maker(state, schedule)
        decision = decide_transaction(
            state, _transfer(command, memo), replace(context, caller=maker)
        )
    except Rejection as rejection:
        return _refuse(state, schedule, command, context, rejection.reason)

    state.change(schedule)
    _record_attempt(state, schedule, context, "")
    schedule.succeeded += 1
    schedule.failures_in_row = 0
    begin_next_run(state, schedule, context.time)
    return decision


def _transfer(command: RunSchedule, text: Text | None = None) -> CreateTransaction:
    return CreateTransaction(
        command.request_id, command.body_hash, LedgerKind.TRANSFER, command.postings, text
    )


def _find_maker(state: State, schedule: Schedule) -> Caller:
    """Returns who made the schedule, with the rights of now."""
    application = state.find(Application, schedule.application_id)
    if application is None:
        raise Rejection(Reason.APPLICATION_NOT_FOUND, "the schedule's application is gone")
    scopes = split_scopes(application.scopes)
    needed = {Scope.LEDGER_TRANSFER}
    if schedule.person_id:
        needed.add(Scope.IDENTITY_ACT_FOR)
    if not needed <= scopes:
        raise Rejection(Reason.SCOPE_MISSING, "the schedule's application lacks a scope")
    if schedule.person_id:
        person = state.find(Person, schedule.person_id)
        if person is None:
            raise Rejection(Reason.PERSON_NOT_FOUND, "the schedule's person is gone")
        if person.state != PersonState.ACTIVE:
            raise Rejection(Reason.PERSON_BLOCKED, "the schedule's person is blocked")
    return Caller(schedule.application_id, scopes, schedule.person_id)


def _record_attempt(state: State, schedule: Schedule, context: Context, reason: str) -> None:
    if schedule.attempt == 0:
        schedule.run += 1
    schedule.attempt += 1
    assert schedule.due_time is not None, "an active schedule has a time"
    state.add(
        Attempt(
            schedule.schedule_id,
            schedule.run,
            schedule.attempt,
            schedule.due_time,
            context.time,
            context.sequence,
            reason,
        )
    )


def _refuse(
    state: State, schedule: Schedule, command: RunSchedule, context: Context, reason: Reason
) -> Decision:
    """Records a refusal, then tries again later, or goes on to the next run, or stops."""
    state.change(schedule)
    _record_attempt(state, schedule, context, reason)
    run, attempt, due_time = schedule.run, schedule.attempt, schedule.due_time
    assert due_time is not None, "it was recorded"
    again = retry_time(schedule, context.time)
    if again is not None:
        set_attempt(state, schedule, again)
    else:
        give_up_run(schedule)
        if 0 < schedule.stop_after_failures <= schedule.failures_in_row:
            end_schedule(state, schedule, ScheduleState.STOPPED)
        else:
            begin_next_run(state, schedule, context.time)
    following = schedule.next_attempt_time
    return decide_event(
        command,
        context,
        EntryKind.SCHEDULE_RUN_REFUSED,
        schedule.schedule_id,
        run,
        attempt,
        to_micros(due_time),
        reason.value,
        schedule.state,
        to_micros(following) if following else 0,
        value=schedule.schedule_id,
    )
