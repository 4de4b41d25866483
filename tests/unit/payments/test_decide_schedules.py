"""What becomes of schedules and their runs, rule by rule."""

from datetime import timedelta
from typing import Any

import pytest
from ticketonomics_server.engine.command import Caller, NothingToDo
from ticketonomics_server.engine.timers import EntryKind as EngineKind
from ticketonomics_server.identity.model import Application, Person, PersonState
from ticketonomics_server.ledger.model import Account, AccountState, Posting
from ticketonomics_server.payments.model import (
    Attempt,
    CancelSchedule,
    EntryKind,
    PauseSchedule,
    ResumeSchedule,
    Schedule,
    ScheduleState,
)
from ticketonomics_server.payments.recurrence import Frequency

from tests.unit.payments.conftest import ANN, BOB, START, TRANSFER, Desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST = START + HOUR


def attempts(desk: Desk) -> list[tuple[int, int, str]]:
    rows = [row for row in desk.state.rows[Attempt].values() if row]
    return [(row.run, row.attempt, row.reason) for row in rows]


def managed(desk: Desk, kind: type[PauseSchedule], schedule: Schedule) -> PauseSchedule:
    return kind(*desk.ids(), schedule.schedule_id, schedule.timer_id)


def test_a_run_is_a_transfer_and_the_next_one_is_a_day_later(desk: Desk) -> None:
    schedule = desk.schedule()
    assert desk.fire().kind == TRANSFER
    assert desk.posted("users/bob") == 10
    assert schedule.due_time == FIRST + DAY
    assert (schedule.run, schedule.succeeded, schedule.attempt) == (1, 1, 0)
    assert attempts(desk) == [(1, 1, "")]
    assert [timer.due_time for timer in desk.timers] == [FIRST + DAY]


def test_a_schedule_without_repeat_is_completed_by_its_run(desk: Desk) -> None:
    schedule = desk.schedule(frequency=Frequency.ONCE)
    desk.fire()
    assert schedule.state == ScheduleState.COMPLETED
    assert schedule.due_time is None
    assert desk.timers == []


def test_missed_times_make_one_run(desk: Desk) -> None:
    schedule = desk.schedule()
    desk.fire(late=5 * DAY + HOUR)
    assert desk.posted("users/bob") == 10
    assert schedule.due_time == FIRST + 6 * DAY
    assert schedule.run == 1


@pytest.mark.parametrize(
    "limits", [{"run_limit": 2}, {"end_time": FIRST + DAY}, {"end_time": FIRST + 2 * DAY - HOUR}]
)
def test_a_schedule_ends_after_its_last_run(desk: Desk, limits: dict[str, Any]) -> None:
    schedule = desk.schedule(**limits)
    desk.fire()
    assert schedule.state == ScheduleState.ACTIVE
    desk.fire()
    assert schedule.state == ScheduleState.COMPLETED
    assert desk.posted("users/bob") == 20
    assert desk.timers == []


def test_a_refused_run_is_retried_and_then_failed_and_the_schedule_goes_on(desk: Desk) -> None:
    schedule = desk.schedule(amount=101)
    for number in (1, 2):
        assert desk.fire().kind == EntryKind.SCHEDULE_RUN_REFUSED
        assert schedule.attempt == number
        assert schedule.due_time == FIRST
        assert [timer.due_time for timer in desk.timers] == [FIRST + number * HOUR]
    desk.fire()
    assert attempts(desk) == [(1, n, "INSUFFICIENT_FUNDS") for n in (1, 2, 3)]
    assert (schedule.failed, schedule.failures_in_row, schedule.attempt) == (1, 1, 0)
    assert schedule.due_time == FIRST + DAY
    assert schedule.state == ScheduleState.ACTIVE
    assert desk.posted("users/ann") == 100


def test_a_retry_that_pays_ends_the_run(desk: Desk) -> None:
    schedule = desk.schedule(amount=100)
    desk.state.rows[Account]["users/bob"].state = AccountState.CLOSED
    desk.fire()
    desk.state.rows[Account]["users/bob"].state = AccountState.OPEN
    desk.fire()
    assert attempts(desk) == [(1, 1, "ACCOUNT_CLOSED"), (1, 2, "")]
    assert (schedule.succeeded, schedule.failed, schedule.failures_in_row) == (1, 0, 0)
    assert desk.posted("users/bob") == 100


def test_there_is_no_retry_at_or_after_the_next_run(desk: Desk) -> None:
    schedule = desk.schedule(amount=101, retry_seconds=86_400)
    desk.fire()
    assert (schedule.failed, schedule.due_time) == (1, FIRST + DAY)


def test_a_late_retry_is_the_one_run_of_all_missed_times(desk: Desk) -> None:
    schedule = desk.schedule(amount=100)
    desk.state.rows[Account]["users/bob"].state = AccountState.CLOSED
    desk.fire()
    desk.state.rows[Account]["users/bob"].state = AccountState.OPEN
    desk.fire(late=3 * DAY)
    assert schedule.run == 1
    assert schedule.due_time == FIRST + 4 * DAY


def test_failures_in_a_row_stop_a_schedule(desk: Desk) -> None:
    schedule = desk.schedule(amount=60, retry_attempts=1, stop_after_failures=2)
    desk.fire()
    desk.fire()
    assert schedule.failures_in_row == 1
    assert schedule.state == ScheduleState.ACTIVE
    desk.state.rows[Person]["ann"].state = PersonState.BLOCKED
    desk.fire()
    assert schedule.state == ScheduleState.STOPPED
    assert (schedule.succeeded, schedule.failed) == (1, 2)
    assert desk.timers == []


def test_a_success_forgives_failures_in_a_row(desk: Desk) -> None:
    schedule = desk.schedule(retry_attempts=1, stop_after_failures=2)
    bob = desk.state.rows[Account]["users/bob"]
    for closed in (True, False, True):
        bob.state = AccountState.CLOSED if closed else AccountState.OPEN
        desk.fire()
    assert (schedule.state, schedule.failures_in_row) == (ScheduleState.ACTIVE, 1)
    assert (schedule.succeeded, schedule.failed) == (1, 2)


@pytest.mark.parametrize(
    ("scopes", "reason"),
    [
        ("", "SCOPE_MISSING"),
        ("identity.act_for", "SCOPE_MISSING"),
        ("ledger.transfer", "SCOPE_MISSING"),
        ("identity.act_for ledger.transfer", "NOT_ACCOUNT_OWNER"),
        ("identity.act_for ledger.transfer spending.consent", ""),
    ],
)
def test_a_run_has_the_rights_of_now(desk: Desk, scopes: str, reason: str) -> None:
    desk.schedule()
    desk.state.rows[Application]["app"].scopes = scopes
    desk.fire()
    assert attempts(desk) == [(1, 1, reason)]
    assert desk.posted("users/bob") == (0 if reason else 10)


def test_a_blocked_person_pays_nothing(desk: Desk) -> None:
    desk.schedule()
    desk.state.rows[Person]["ann"].state = PersonState.BLOCKED
    desk.fire()
    assert attempts(desk) == [(1, 1, "PERSON_BLOCKED")]
    assert desk.posted("users/bob") == 0


def test_a_run_takes_the_scope_to_debit_all_from_the_application_of_now(desk: Desk) -> None:
    strong = Caller("app", frozenset({"ledger.transfer", "ledger.debit_any"}))
    desk.decide(desk.creation(), strong)
    desk.fire()
    assert attempts(desk) == [(1, 1, "NOT_ACCOUNT_OWNER")]


def test_all_postings_of_a_run_happen_or_none(desk: Desk) -> None:
    both = (
        Posting("users/ann", "users/bob", "BRONZE", 60),
        Posting("users/ann", "users/bob", "BRONZE", 60),
    )
    desk.schedule(postings=both)
    desk.fire()
    assert desk.posted("users/bob") == 0


def test_a_paused_schedule_has_no_timer_and_skips(desk: Desk) -> None:
    schedule = desk.schedule()
    desk.decide(managed(desk, PauseSchedule, schedule))
    assert desk.timers == []
    assert isinstance(desk.decide(managed(desk, PauseSchedule, schedule)), NothingToDo)
    desk.now = FIRST + 3 * DAY + HOUR
    desk.decide(managed(desk, ResumeSchedule, schedule))
    assert (schedule.state, schedule.due_time) == (ScheduleState.ACTIVE, FIRST + 4 * DAY)
    assert isinstance(desk.decide(managed(desk, ResumeSchedule, schedule)), NothingToDo)
    assert [timer.due_time for timer in desk.timers] == [FIRST + 4 * DAY]
    assert desk.posted("users/bob") == 0


def test_a_pause_before_the_first_time_changes_no_time(desk: Desk) -> None:
    schedule = desk.schedule()
    desk.decide(managed(desk, PauseSchedule, schedule))
    desk.decide(managed(desk, ResumeSchedule, schedule))
    assert schedule.due_time == FIRST


def test_a_pause_beyond_the_last_time_completes(desk: Desk) -> None:
    schedule = desk.schedule(frequency=Frequency.ONCE)
    desk.decide(managed(desk, PauseSchedule, schedule))
    desk.now = FIRST + DAY
    desk.decide(managed(desk, ResumeSchedule, schedule))
    assert schedule.state == ScheduleState.COMPLETED


def test_a_pause_gives_up_a_run_that_is_being_retried(desk: Desk) -> None:
    schedule = desk.schedule(amount=101)
    desk.fire()
    desk.decide(managed(desk, PauseSchedule, schedule))
    assert (schedule.attempt, schedule.failed) == (0, 1)
    desk.decide(managed(desk, ResumeSchedule, schedule))
    assert schedule.due_time == FIRST + DAY
    desk.fire()
    assert attempts(desk)[-1] == (2, 1, "INSUFFICIENT_FUNDS")


def test_a_timer_that_a_pause_did_not_know_finds_nothing_to_do(desk: Desk) -> None:
    schedule = desk.schedule()
    pause = managed(desk, PauseSchedule, schedule)
    desk.fire()
    desk.decide(pause)
    assert len(desk.timers) == 1
    assert desk.fire().kind == EngineKind.TIMER_IDLE
    assert desk.posted("users/bob") == 10


def test_a_timer_that_was_left_does_not_pay_after_a_resumption(desk: Desk) -> None:
    schedule = desk.schedule()
    pause = managed(desk, PauseSchedule, schedule)
    desk.fire()
    desk.decide(pause)
    desk.decide(managed(desk, ResumeSchedule, schedule))
    assert [timer.due_time for timer in desk.timers] == [FIRST + DAY] * 2
    assert [desk.fire().kind, desk.fire().kind] == [EngineKind.TIMER_IDLE, TRANSFER]
    assert desk.posted("users/bob") == 20
    assert [timer.due_time for timer in desk.timers] == [FIRST + 2 * DAY]


def test_a_pause_takes_no_other_schedules_timer(desk: Desk) -> None:
    schedule, other = desk.schedule(), desk.schedule(first_time=FIRST + HOUR)
    desk.decide(PauseSchedule(*desk.ids(), schedule.schedule_id, other.timer_id))
    assert other.timer_id in {timer.timer_id for timer in desk.timers}


def test_an_ended_schedule_is_ended(desk: Desk) -> None:
    schedule = desk.schedule()
    desk.decide(managed(desk, CancelSchedule, schedule))
    assert (schedule.state, schedule.due_time) == (ScheduleState.CANCELLED, None)
    assert desk.timers == []
    for kind in (PauseSchedule, ResumeSchedule, CancelSchedule):
        assert desk.outcome(managed(desk, kind, schedule)) == "SCHEDULE_ENDED"


def test_only_who_may_debit_every_source_manages(desk: Desk) -> None:
    schedule = desk.schedule()
    for kind in (PauseSchedule, ResumeSchedule, CancelSchedule):
        assert desk.outcome(managed(desk, kind, schedule), BOB) == "NOT_ACCOUNT_OWNER"
    unknown = CancelSchedule(*desk.ids(), "0" * 16, 1)
    assert desk.outcome(unknown) == "SCHEDULE_NOT_FOUND"


@pytest.mark.parametrize(
    ("changes", "caller", "expected"),
    [
        ({"first_time": START}, ANN, "OK"),
        ({"first_time": START - timedelta(microseconds=1)}, ANN, "INVALID_FIELD"),
        ({"first_time": START + timedelta(days=3_654)}, ANN, "INVALID_FIELD"),
        ({}, BOB, "NOT_ACCOUNT_OWNER"),
        ({"postings": (Posting("users/ann", "users/bob", "TEA", 1),)}, ANN, "ASSET_NOT_FOUND"),
        ({"postings": (Posting("users/ann", "users/x", "BRONZE", 1),)}, ANN, "ACCOUNT_NOT_FOUND"),
        (
            {"postings": (Posting("users/ann", "system/sink", "BRONZE", 1),)},
            ANN,
            "ACCOUNT_RESERVED",
        ),
        # Funds are looked at when it runs.
        ({"postings": (Posting("users/ann", "users/bob", "BRONZE", 10**9),)}, ANN, "OK"),
    ],
)
def test_guards_of_creation(
    desk: Desk, changes: dict[str, Any], caller: Caller, expected: str
) -> None:
    assert desk.outcome(desk.creation(**changes), caller) == expected
