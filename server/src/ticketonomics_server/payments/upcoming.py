"""What a schedule does next: its next run, its next attempt, or its end. Pure."""

from datetime import datetime, timedelta

from ticketonomics_server.engine.canonical import encode_fields
from ticketonomics_server.engine.model import set_timer
from ticketonomics_server.engine.state import State
from ticketonomics_server.payments.model import (
    Schedule,
    ScheduleState,
    TimerKind,
    unpack_postings,
)
from ticketonomics_server.payments.open_schedules import count_ended, holders_of
from ticketonomics_server.payments.recurrence import next_occurrence


def next_due(schedule: Schedule, after: datetime) -> datetime | None:
    """Finds when the run after those already begun is due; None where there is none."""
    if schedule.run_limit and schedule.run >= schedule.run_limit:
        return None
    found = next_occurrence(schedule.rule, after)
    if found is None or (schedule.end_time is not None and found > schedule.end_time):
        return None
    return found


def begin_next_run(state: State, schedule: Schedule, now: datetime) -> None:
    """Waits for the next run after now, or completes the schedule. What was missed is skipped."""
    schedule.attempt = 0
    schedule.due_time = next_due(schedule, now)
    if schedule.due_time is None:
        end_schedule(state, schedule, ScheduleState.COMPLETED)
    else:
        set_attempt(state, schedule, schedule.due_time)


def set_attempt(state: State, schedule: Schedule, time: datetime) -> None:
    """Sets the timer of the next attempt."""
    payload = encode_fields(
        schedule.schedule_id,
        schedule.application_id,
        schedule.person_id,
        schedule.postings,
        schedule.create_sequence,
    )
    schedule.next_attempt_time = time
    schedule.timer_id = set_timer(state, time, TimerKind.SCHEDULE, payload)


def end_schedule(state: State, schedule: Schedule, final: ScheduleState) -> None:
    """Lets nothing follow any more. `declare` must name what counts it."""
    schedule.state, schedule.due_time = final, None
    schedule.timer_id, schedule.next_attempt_time = 0, None
    postings = unpack_postings(schedule.postings)
    count_ended(state, holders_of(schedule.application_id, schedule.person_id, postings))


def retry_time(schedule: Schedule, now: datetime) -> datetime | None:
    """Finds when a refused attempt is repeated; None where the policy has no attempt left."""
    if schedule.attempt >= schedule.retry_attempts:
        return None
    again = now + timedelta(seconds=schedule.retry_seconds)
    following = next_due(schedule, now)
    return None if following is not None and again >= following else again


def give_up_run(schedule: Schedule) -> None:
    """Counts a run that is being retried as failed."""
    if schedule.attempt:
        schedule.attempt = 0
        schedule.failed += 1
        schedule.failures_in_row += 1
