"""What becomes of requests to pay, rule by rule."""

from datetime import timedelta
from typing import Any

import pytest
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.ledger.model import Account, AccountState
from ticketonomics_server.payments.decide_requests import MAX_LIFETIME, MAX_OPEN, USUAL_LIFETIME
from ticketonomics_server.payments.model import (
    AcceptPaymentRequest,
    CancelPaymentRequest,
    DeclinePaymentRequest,
    EntryKind,
    OpenRequests,
    RequestState,
)

from tests.unit.payments.conftest import ANN, BOB, START, TRANSFER, Desk

PAIR = ("users/bob", "users/ann")


def open_count(desk: Desk) -> int:
    return desk.state.rows[OpenRequests][PAIR].open_count


def test_an_accepted_request_moves_and_closes(desk: Desk) -> None:
    asked = desk.ask()
    assert (asked.state, asked.expire_time) == (RequestState.OPEN, START + USUAL_LIFETIME)
    assert open_count(desk) == 1
    decision = desk.decide(desk.answer(AcceptPaymentRequest, asked))
    assert decision.kind == TRANSFER
    assert (desk.posted("users/ann"), desk.posted("users/bob")) == (90, 10)
    assert asked.state == RequestState.ACCEPTED
    assert (asked.close_sequence, asked.close_time) == (2, START)
    assert open_count(desk) == 0
    assert desk.timers == []


@pytest.mark.parametrize(
    ("kind", "caller", "state", "entry"),
    [
        (
            DeclinePaymentRequest,
            ANN,
            RequestState.DECLINED,
            EntryKind.PAYMENT_REQUEST_DECLINED,
        ),
        (
            CancelPaymentRequest,
            BOB,
            RequestState.CANCELLED,
            EntryKind.PAYMENT_REQUEST_CANCELLED,
        ),
    ],
)
def test_a_no_moves_nothing_and_closes(
    desk: Desk,
    kind: type[AcceptPaymentRequest],
    caller: Caller,
    state: RequestState,
    entry: EntryKind,
) -> None:
    asked = desk.ask()
    other = ANN if caller is BOB else BOB
    assert desk.outcome(desk.answer(kind, asked), other) == "NOT_ACCOUNT_OWNER"
    assert desk.decide(desk.answer(kind, asked), caller).kind == entry
    assert asked.state == state
    assert open_count(desk) == 0
    assert desk.timers == []
    assert desk.posted("users/bob") == 0


@pytest.mark.parametrize(
    "first", [AcceptPaymentRequest, DeclinePaymentRequest, CancelPaymentRequest]
)
@pytest.mark.parametrize(
    ("second", "caller"),
    [(AcceptPaymentRequest, ANN), (DeclinePaymentRequest, ANN), (CancelPaymentRequest, BOB)],
)
def test_a_closed_request_stays_closed(
    desk: Desk,
    first: type[AcceptPaymentRequest],
    second: type[AcceptPaymentRequest],
    caller: Caller,
) -> None:
    asked = desk.ask()
    desk.decide(desk.answer(first, asked), BOB if first is CancelPaymentRequest else ANN)
    assert desk.outcome(desk.answer(second, asked), caller) == "PAYMENT_REQUEST_CLOSED"


def test_a_refused_payment_leaves_the_request_open(desk: Desk) -> None:
    asked = desk.ask(amount=101)
    assert desk.outcome(desk.answer(AcceptPaymentRequest, asked)) == "INSUFFICIENT_FUNDS"
    assert asked.state == RequestState.OPEN
    assert len(desk.timers) == 1


def test_only_the_payer_pays(desk: Desk) -> None:
    asked = desk.ask()
    assert desk.outcome(desk.answer(AcceptPaymentRequest, asked), BOB) == "NOT_ACCOUNT_OWNER"


def test_a_request_expires_at_its_time(desk: Desk) -> None:
    asked = desk.ask()
    assert desk.fire().kind == EntryKind.PAYMENT_REQUEST_EXPIRED
    assert (asked.state, open_count(desk)) == (RequestState.EXPIRED, 0)


def test_a_request_whose_timer_is_late_is_over_already(desk: Desk) -> None:
    asked = desk.ask()
    desk.now = asked.expire_time
    assert desk.outcome(desk.answer(AcceptPaymentRequest, asked)) == "PAYMENT_REQUEST_CLOSED"
    desk.now -= timedelta(microseconds=1)
    assert desk.outcome(desk.answer(AcceptPaymentRequest, asked)) == "OK"


def test_a_pair_has_at_most_ten_open_requests(desk: Desk) -> None:
    asked = [desk.ask(amount=1) for _ in range(MAX_OPEN)]
    assert desk.outcome(desk.request(), BOB) == "TOO_MANY_PAYMENT_REQUESTS"
    assert desk.outcome(desk.request(payee="users/ann", payer="users/bob"), ANN) == "OK"
    desk.decide(desk.answer(DeclinePaymentRequest, asked[0]))
    assert desk.outcome(desk.request(), BOB) == "OK"
    assert desk.outcome(desk.request(), BOB) == "TOO_MANY_PAYMENT_REQUESTS"


@pytest.mark.parametrize(
    ("changes", "caller", "expected"),
    [
        ({"asset": "TEA"}, BOB, "ASSET_NOT_FOUND"),
        ({"payer": "users/x"}, BOB, "ACCOUNT_NOT_FOUND"),
        ({"payee": "users/x"}, BOB, "ACCOUNT_NOT_FOUND"),
        ({"payer": "system/mint"}, BOB, "ACCOUNT_RESERVED"),
        ({}, ANN, "NOT_ACCOUNT_OWNER"),
        ({"expire_time": START}, BOB, "INVALID_FIELD"),
        ({"expire_time": START + MAX_LIFETIME}, BOB, "OK"),
        ({"expire_time": START + MAX_LIFETIME + timedelta(seconds=1)}, BOB, "INVALID_FIELD"),
        ({"amount": 2**63 - 1}, BOB, "OK"),
    ],
)
def test_guards_of_a_request(
    desk: Desk, changes: dict[str, Any], caller: Caller, expected: str
) -> None:
    assert desk.outcome(desk.request(**changes), caller) == expected


def test_nobody_asks_a_closed_account(desk: Desk) -> None:
    desk.state.rows[Account]["users/ann"].state = AccountState.CLOSED
    assert desk.outcome(desk.request(), BOB) == "ACCOUNT_CLOSED"
