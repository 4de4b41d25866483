"""What becomes of schedules and their runs, rule by rule."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from ticketonomics_server.engine.command import Caller, NothingToDo
from ticketonomics_server.engine.model import Text, erase_text
from ticketonomics_server.engine.timers import EntryKind as EngineKind
from ticketonomics_server.identity.model import Application, Person, PersonState
from ticketonomics_server.ledger.model import Account, AccountState, Posting
from ticketonomics_server.payments.model import (
    Attempt,
    CancelSchedule,
    EntryKind,
    OpenSchedules,
    PauseSchedule,
    ResumeSchedule,
    Schedule,
    ScheduleState,
)
from ticketonomics_server.payments.open_schedules import MOST_OF_ACCOUNT, MOST_OF_APPLICATION
from ticketonomics_server.payments.recurrence import Frequency

from tests.unit.payments.conftest import ANN, BOB, START, TRANSFER, Desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST = START + HOUR


def attempts(desk: Desk) -> list[tuple[int, int, str]]:
    rows = [row for row in desk.state.rows[Attempt].values() if row]
    return [(row.run, row.attempt, row.reason) for row in rows]


def managed(desk: Desk, kind: type[PauseSchedule], schedule: Schedule) -> PauseSchedule:
    return kind(
        *desk.ids(),
        schedule.schedule_id,
        schedule.timer_id,
        schedule.application_id,
        schedule.postings,
    )


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
    desk.decide(replace(managed(desk, PauseSchedule, schedule), timer_id=other.timer_id))
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
    unknown = replace(managed(desk, CancelSchedule, schedule), schedule_id="0" * 16)
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


# --- how many -------------------------------------------------------------------------------------


def counted(desk: Desk) -> dict[str, int]:
    return {row.holder: row.open_count for row in desk.state.rows[OpenSchedules].values() if row}


def test_an_account_has_at_most_a_hundred_schedules(desk: Desk) -> None:
    schedules = [desk.schedule() for _ in range(MOST_OF_ACCOUNT)]
    assert desk.outcome(desk.creation()) == "TOO_MANY_SCHEDULES"
    other = (Posting("users/bob", "users/ann", "BRONZE", 1),)
    assert desk.outcome(desk.creation(postings=other), BOB) == "OK"
    # One that is paused could come back at any time.
    desk.decide(managed(desk, PauseSchedule, schedules[0]))
    assert desk.outcome(desk.creation()) == "TOO_MANY_SCHEDULES"
    desk.decide(managed(desk, CancelSchedule, schedules[0]))
    assert desk.outcome(desk.creation()) == "OK"
    assert desk.outcome(desk.creation()) == "TOO_MANY_SCHEDULES"


def test_an_application_has_at_most_ten_thousand(desk: Desk) -> None:
    desk.state.rows[OpenSchedules]["app"] = OpenSchedules("app", MOST_OF_APPLICATION - 1)
    itself = Caller("app", frozenset({"ledger.transfer", "ledger.debit_any"}))
    assert desk.outcome(desk.creation(), itself) == "OK"
    assert desk.outcome(desk.creation(), itself) == "TOO_MANY_SCHEDULES"


def test_what_is_made_for_a_person_is_not_the_applications(desk: Desk) -> None:
    desk.state.rows[OpenSchedules]["app"] = OpenSchedules("app", MOST_OF_APPLICATION)
    other = (Posting("users/bob", "users/ann", "BRONZE", 1),)
    assert desk.outcome(desk.creation(postings=other), BOB) == "OK"
    assert counted(desk) == {"app": MOST_OF_APPLICATION, "users/bob": 1}


def test_a_schedule_counts_until_it_ends(desk: Desk) -> None:
    both = (Posting("users/ann", "users/bob", "BRONZE", 1),) * 2
    once = desk.schedule(frequency=Frequency.ONCE, postings=both)
    assert counted(desk) == {"users/ann": 1}
    desk.fire()
    assert once.state == ScheduleState.COMPLETED
    assert counted(desk) == {"users/ann": 0}

    stopped = desk.schedule(
        amount=101, first_time=desk.now, retry_attempts=1, stop_after_failures=1
    )
    assert counted(desk) == {"users/ann": 1}
    desk.fire()
    assert stopped.state == ScheduleState.STOPPED
    assert counted(desk) == {"users/ann": 0}

    passed = desk.schedule(frequency=Frequency.ONCE, first_time=desk.now)
    desk.decide(managed(desk, PauseSchedule, passed))
    desk.now += DAY
    assert counted(desk) == {"users/ann": 1}
    desk.decide(managed(desk, ResumeSchedule, passed))
    assert passed.state == ScheduleState.COMPLETED
    assert counted(desk) == {"users/ann": 0}


# --- memos ----------------------------------------------------------------------------------------


def test_a_run_repeats_the_memo_until_it_is_erased(desk: Desk) -> None:
    schedule = desk.schedule()
    desk.fire()
    created, run = desk.texts
    assert (created.text.memo, created.owner) == ("tea", "ann")
    assert (run.text.memo, run.owner) == ("tea", "ann")
    desk.state.begin_command()
    erase_text(desk.state, schedule.create_sequence)
    desk.fire()
    assert desk.texts[-1].text == Text("", (("schedule", schedule.schedule_id),))
    assert desk.posted("users/bob") == 20


def test_an_erasure_that_is_undone_leaves_the_memo(desk: Desk) -> None:
    schedule = desk.schedule()
    desk.state.begin_command()
    erase_text(desk.state, schedule.create_sequence)
    desk.state.undo_command()
    desk.fire()
    assert desk.texts[-1].text.memo == "tea"


def test_a_memo_by_an_application_is_the_first_payers(desk: Desk) -> None:
    strong = Caller("app", frozenset({"ledger.transfer", "ledger.debit_any"}))
    both = (
        Posting("orgs/shop", "users/bob", "BRONZE", 1),
        Posting("users/ann", "orgs/shop", "BRONZE", 1),
    )
    desk.state.rows[Account]["orgs/shop"] = Account(9, "orgs/shop", AccountState.OPEN, START)
    desk.decide(desk.creation(postings=both), strong)
    assert desk.texts[-1].owner == "ann"
