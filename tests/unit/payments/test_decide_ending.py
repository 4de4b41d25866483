"""What becomes of the payments of somebody who is merged or erased."""

from datetime import timedelta

import pytest
from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.engine.command import Caller, Decision, NothingToDo
from ticketonomics_server.engine.model import Timer
from ticketonomics_server.identity.model_people import GONE_TIMER
from ticketonomics_server.ledger.model import Posting
from ticketonomics_server.payments import decide_ending
from ticketonomics_server.payments.model import (
    AcceptPaymentRequest,
    EndPayments,
    EntryKind,
    OpenRequests,
    OpenSchedules,
    PaymentRequest,
    RequestState,
    Schedule,
    ScheduleState,
)

from tests.unit.payments.conftest import ANN, BOB, Desk

NOBODY = Caller("")


def end(desk: Desk) -> Decision | NothingToDo:
    return desk.decide(EndPayments(*desk.ids(), "ann"), NOBODY)


def ask_back(desk: Desk) -> PaymentRequest:
    command = desk.request(payee="users/ann", payer="users/bob")
    found = desk.state.rows[PaymentRequest][desk.decide(command, ANN).value]  # type: ignore[union-attr]
    assert found is not None
    return found


def test_what_is_open_of_a_person_ends_and_nothing_else(desk: Desk) -> None:
    mine = desk.schedule()
    retried = desk.schedule(amount=1_000, first_time=desk.now)
    desk.fire()
    back = (Posting("users/bob", "users/ann", "BRONZE", 1),)
    other = desk.state.rows[Schedule][desk.decide(desk.creation(postings=back), BOB).value]  # type: ignore[union-attr]
    asked, asking, paid = desk.ask(), ask_back(desk), desk.ask()
    desk.decide(desk.answer(AcceptPaymentRequest, paid))

    decision = end(desk)

    assert isinstance(decision, Decision)
    assert decision.kind == EntryKind.PAYMENTS_ENDED
    assert decode_fields(decision.event or b"") == [
        *("ann", 2, mine.schedule_id, retried.schedule_id),
        *(asked.payment_request_id, asking.payment_request_id),
    ]
    assert [row.state for row in (mine, retried)] == [ScheduleState.CANCELLED] * 2
    assert (retried.attempt, retried.failed) == (0, 1)
    assert [row.state for row in (asked, asking)] == [RequestState.CANCELLED] * 2
    assert asked.close_sequence == desk.sequence
    assert paid.state == RequestState.ACCEPTED
    assert other.state == ScheduleState.ACTIVE
    assert [timer.timer_id for timer in desk.timers] == [other.timer_id]
    assert {r.open_count for r in desk.state.rows[OpenRequests].values() if r} == {0}
    counts = {r.holder: r.open_count for r in desk.state.rows[OpenSchedules].values() if r}
    assert counts == {"users/ann": 0, "users/bob": 1}


def test_who_has_nothing_open_makes_no_entry(desk: Desk) -> None:
    assert isinstance(end(desk), NothingToDo)


def test_an_entry_ends_so_many_and_a_timer_ends_the_rest(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide_ending, "MOST_ENDED", 3)
    for _ in range(2):
        desk.schedule(first_time=desk.now + timedelta(days=1))
        desk.ask()
        ask_back(desk)
    for left in (3, 0):
        end(desk)
        following = [timer for timer in desk.timers if timer.kind == GONE_TIMER]
        assert len(following) == bool(left)
        for timer in following:
            assert (timer.due_time, timer.payload) == (desk.now, b"ann")
            desk.state.rows[Timer][timer.timer_id] = None
        assert len(desk.timers) == left
    assert isinstance(end(desk), NothingToDo)
