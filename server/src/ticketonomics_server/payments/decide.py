"""Decides what becomes of schedules, but for their runs: see `decide_runs`. Pure."""

from datetime import timedelta

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo, decide_event
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import TIMER_SERIES, Counter, Text, Timer, attach_text
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.identifiers import ID_ENTROPY_BYTES, encode_base32
from ticketonomics_server.ledger.decide import guard_postings, text_owner
from ticketonomics_server.ledger.model import Account, Asset, CreateTransaction
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.payments.model import (
    CancelSchedule,
    CreateSchedule,
    EntryKind,
    PauseSchedule,
    ResumeSchedule,
    Schedule,
    ScheduleSource,
    ScheduleState,
    pack_postings,
    unpack_postings,
)
from ticketonomics_server.payments.open_schedules import (
    count_begun,
    declare_open_schedules,
    guard_room,
    holders_of,
)
from ticketonomics_server.payments.upcoming import (
    begin_next_run,
    end_schedule,
    give_up_run,
    set_attempt,
)
from ticketonomics_server.spending.rights import declare_allowances, guard_debit_right

PAYMENT_ID_LENGTH = 16
MAX_DELAY = timedelta(days=3_653)


def new_payment_id(context: Context, purpose: bytes) -> str:
    """Draws the id of a new schedule or request."""
    return encode_base32(context.entropy(purpose, ID_ENTROPY_BYTES), PAYMENT_ID_LENGTH)


def declare_create_schedule(command: CreateSchedule, caller: Caller, keys: Keys) -> None:
    """Names the accounts and assets; the schedule has no name yet, and none can be there."""
    keys[Counter].add(TIMER_SERIES)
    declare_open_schedules(caller.application_id, command.postings, keys)
    for source, destination, asset, _ in command.postings:
        keys[Account].update((source, destination))
        keys[Asset].add(asset)
    declare_allowances({(p.source, p.asset) for p in command.postings}, caller, keys)


def decide_create_schedule(state: State, command: CreateSchedule, context: Context) -> Decision:
    """Makes a schedule and sets its first timer.

    Guards: INVALID_FIELD (first_time), then those of a transfer but for the funds, as they are now,
    TOO_MANY_SCHEDULES.
    """
    if not context.time <= command.first_time <= context.time + MAX_DELAY:
        raise Rejection(
            Reason.INVALID_FIELD,
            "first_time is in the past, or more than ten years away",
            field="first_time",
        )
    transfer = CreateTransaction(
        command.request_id, command.body_hash, LedgerKind.TRANSFER, command.postings
    )
    guard_postings(state, transfer.kind, transfer.postings, context)
    caller = context.caller
    holders = holders_of(caller.application_id, caller.person_id, command.postings)
    guard_room(state, holders)

    count_begun(state, holders)
    schedule = Schedule(
        schedule_id=new_payment_id(context, b"schedule"),
        create_sequence=context.sequence,
        application_id=caller.application_id,
        person_id=caller.person_id,
        state=ScheduleState.ACTIVE,
        postings=pack_postings(command.postings),
        first_time=command.first_time,
        frequency=command.frequency,
        every=command.every,
        time_zone=command.time_zone,
        end_time=command.end_time,
        run_limit=command.run_limit,
        retry_attempts=command.retry_attempts,
        retry_seconds=command.retry_seconds,
        stop_after_failures=command.stop_after_failures,
        create_time=context.time,
        due_time=command.first_time,
    )
    state.add(schedule)
    set_attempt(state, schedule, command.first_time)
    for account in dict.fromkeys(posting.source for posting in command.postings):
        state.add(ScheduleSource(account, context.sequence, schedule.schedule_id))
    owner = text_owner(caller, command.postings)
    return decide_event(
        command,
        context,
        EntryKind.SCHEDULE_CREATED,
        schedule.schedule_id,
        schedule.application_id,
        schedule.person_id,
        to_micros(schedule.first_time),
        schedule.frequency,
        schedule.every,
        schedule.time_zone,
        to_micros(schedule.end_time) if schedule.end_time else 0,
        schedule.run_limit,
        schedule.retry_attempts,
        schedule.retry_seconds,
        schedule.stop_after_failures,
        schedule.postings,
        value=schedule.schedule_id,
        commitment=attach_text(state, Text(memo=command.memo), context, owner=owner),
    )


def declare_manage_schedule(command: PauseSchedule, caller: Caller, keys: Keys) -> None:
    """Names the schedule, its timer, and what counts it."""
    keys[Schedule].add(command.schedule_id)
    keys[Timer].add(command.timer_id)
    declare_open_schedules(command.application_id, unpack_postings(command.postings), keys)
    keys[Counter].add(TIMER_SERIES)


def decide_pause_schedule(
    state: State, command: PauseSchedule, context: Context
) -> Decision | NothingToDo:
    """Lets a schedule rest. Guards: SCHEDULE_NOT_FOUND, NOT_ACCOUNT_OWNER, SCHEDULE_ENDED."""
    schedule = _find_manageable(state, command, context.caller)
    if schedule.state == ScheduleState.PAUSED:
        return NothingToDo(schedule.schedule_id)

    state.change(schedule)
    _stop_timer(state, schedule, command)
    give_up_run(schedule)
    schedule.state = ScheduleState.PAUSED
    return _decide_managed(command, context, EntryKind.SCHEDULE_PAUSED)


def decide_resume_schedule(
    state: State, command: ResumeSchedule, context: Context
) -> Decision | NothingToDo:
    """Lets a paused schedule go on from now.

    Guards: SCHEDULE_NOT_FOUND, NOT_ACCOUNT_OWNER, SCHEDULE_ENDED.
    """
    schedule = _find_manageable(state, command, context.caller)
    if schedule.state == ScheduleState.ACTIVE:
        return NothingToDo(schedule.schedule_id)

    state.change(schedule)
    schedule.state = ScheduleState.ACTIVE
    begin_next_run(state, schedule, context.time)
    return _decide_managed(command, context, EntryKind.SCHEDULE_RESUMED, schedule.state)


def decide_cancel_schedule(state: State, command: CancelSchedule, context: Context) -> Decision:
    """Ends a schedule. Guards: SCHEDULE_NOT_FOUND, NOT_ACCOUNT_OWNER, SCHEDULE_ENDED."""
    schedule = _find_manageable(state, command, context.caller)

    state.change(schedule)
    _stop_timer(state, schedule, command)
    give_up_run(schedule)
    end_schedule(state, schedule, ScheduleState.CANCELLED)
    return _decide_managed(command, context, EntryKind.SCHEDULE_CANCELLED)


def _find_manageable(state: State, command: PauseSchedule, caller: Caller) -> Schedule:
    schedule = state.find(Schedule, command.schedule_id)
    if schedule is None:
        raise Rejection(
            Reason.SCHEDULE_NOT_FOUND,
            f"there is no schedule {command.schedule_id}",
            schedule=command.schedule_id,
        )
    if not made_by_itself(schedule, caller):
        for posting in unpack_postings(schedule.postings):
            guard_debit_right(caller, posting.source)
    if schedule.ended:
        raise Rejection(
            Reason.SCHEDULE_ENDED,
            f"{schedule.schedule_id} is {ScheduleState(schedule.state).name.lower()}",
            schedule=schedule.schedule_id,
            state=ScheduleState(schedule.state).name,
        )
    return schedule


def made_by_itself(schedule: Schedule, caller: Caller) -> bool:
    """Tells whether a caller acts for nobody, and so did when it made the schedule."""
    return not caller.person_id and (
        (schedule.application_id, schedule.person_id) == (caller.application_id, "")
    )


def _stop_timer(state: State, schedule: Schedule, command: PauseSchedule) -> None:
    """Takes the timer away. One set since the command read it stays, and finds nothing to do."""
    timer = state.find(Timer, command.timer_id)
    if timer is not None and schedule.timer_id == command.timer_id:
        state.remove(timer)
    schedule.timer_id, schedule.next_attempt_time = 0, None


def _decide_managed(
    command: PauseSchedule, context: Context, kind: EntryKind, *more: int
) -> Decision:
    caller = context.caller
    return decide_event(
        command,
        context,
        kind,
        command.schedule_id,
        caller.application_id,
        caller.person_id,
        *more,
        value=command.schedule_id,
    )
