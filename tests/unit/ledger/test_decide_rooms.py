"""Transactions that rooms make: who may be debited, and what supply may do."""

from types import SimpleNamespace
from typing import Any

import pytest
from ticketonomics_server.engine.canonical import encode_fields, leaf_with_event
from ticketonomics_server.engine.command import Caller, Context, Decision
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.ledger.decide_rooms import (
    decide_room_transaction,
    declare_room_transaction,
)
from ticketonomics_server.ledger.model import MINT, SINK, AccountState, EntryKind, Posting
from ticketonomics_server.spending.model import Period, SpendingLimit

from tests.unit.ledger.conftest import TIME, Books

ANN, POOL = "users/ann", "pools/1"
FRONT = Caller("front", frozenset({"spending.consent"}), "ann")
GAME = Caller("game")


@pytest.fixture
def market(books: Books) -> Books:
    """Ann has 100 of A, with a transfer fee that rooms do not take; the pool has 1,000."""
    for address in (ANN, POOL):
        books.account(address)
    books.asset("A", cap=2_000, fee=(1_000, 0, 0))
    books.balance(ANN, "A", 100)
    books.balance(POOL, "A", 1_000)
    books.balance(MINT, "A", -1_100)
    return books


def move(
    books: Books,
    *postings: tuple[str, str, str, int],
    kind: EntryKind = EntryKind.QUEUE_JOINED,
    caller: Caller = FRONT,
    **more: Any,
) -> Decision:
    moved = tuple(Posting(*posting) for posting in postings)
    keys = Keys(set)
    declare_room_transaction(moved, caller, keys)
    for row_type, names in keys.items():
        for name in names:
            books.state.rows[row_type].setdefault(name, None)
    request_id, body_hash = books.ids()
    command = SimpleNamespace(request_id=request_id, body_hash=body_hash)
    context = Context(caller, TIME, books.sequence + 1, b"e" * 32)
    decision = decide_room_transaction(books.state, command, context, kind, moved, **more)
    books.sequence += 1
    return decision


def reason(books: Books, *postings: tuple[str, str, str, int], **more: Any) -> str:
    before = books.image()
    with pytest.raises(Rejection) as refused:
        move(books, *postings, **more)
    assert books.image() == before, "a refusal left something behind"
    return str(refused.value.reason)


def test_both_ways_without_a_fee(market: Books) -> None:
    move(market, (ANN, POOL, "A", 60), (POOL, ANN, "A", 10))
    assert (market.posted(ANN, "A"), market.posted(POOL, "A")) == (50, 1_050)
    assert market.posted(SINK, "A") == 0


def test_the_event_is_part_of_the_leaf_and_the_details_are_not(market: Books) -> None:
    event = encode_fields("round", 7)
    decision = move(market, (ANN, POOL, "A", 1), event=event, details={"round": 7})
    plain = move(market, (ANN, POOL, "A", 1))
    assert decision.event == event
    assert decision.value.details == {"round": 7}
    assert decision.leaf.endswith(leaf_with_event(b"", event))
    assert len(decision.leaf) > len(plain.leaf)
    assert plain.event is None


@pytest.mark.parametrize(
    ("postings", "caller", "refusal"),
    [
        ([(ANN, POOL, "A", 101)], FRONT, "INSUFFICIENT_FUNDS"),
        ([(ANN, POOL, "A", 1)], GAME, "NOT_ACCOUNT_OWNER"),
        ([(ANN, POOL, "B", 1)], FRONT, "ASSET_NOT_FOUND"),
        ([(ANN, "pools/2", "A", 1)], FRONT, "ACCOUNT_NOT_FOUND"),
        ([("users/bob", POOL, "A", 1)], FRONT, "ACCOUNT_NOT_FOUND"),
        ([(POOL, ANN, "A", 1_001)], FRONT, "INSUFFICIENT_FUNDS"),
        ([(POOL, ANN, "A", 2**63 - 100)], FRONT, "INSUFFICIENT_FUNDS"),
    ],
)
def test_refusals(
    market: Books, postings: list[tuple[str, str, str, int]], caller: Caller, refusal: str
) -> None:
    assert reason(market, *postings, caller=caller) == refusal


def test_the_room_pays_whoever_calls(market: Books) -> None:
    move(market, (POOL, ANN, "A", 10), caller=Caller(""))
    assert market.posted(ANN, "A") == 110


def test_supply_is_minted_up_to_the_cap_by_kinds_that_mint(market: Books) -> None:
    move(market, (MINT, ANN, "A", 900), kind=EntryKind.REWARD_PAID, caller=GAME)
    assert market.posted(ANN, "A") == 1_000
    more = (MINT, ANN, "A", 1)
    assert reason(market, more, kind=EntryKind.REWARD_PAID) == "SUPPLY_CAP_EXCEEDED"


@pytest.mark.parametrize(
    ("state", "postings", "refusal"),
    [
        (AccountState.CLOSED, (ANN, POOL, "A", 1), "ACCOUNT_CLOSED"),
        (AccountState.CLOSED, (POOL, ANN, "A", 1), "ACCOUNT_CLOSED"),
        (AccountState.BLOCKED, (ANN, POOL, "A", 1), "ACCOUNT_BLOCKED"),
    ],
)
def test_accounts_that_take_no_part(
    market: Books, state: AccountState, postings: tuple[str, str, str, int], refusal: str
) -> None:
    market.account(ANN, state)
    assert reason(market, postings) == refusal


def test_a_blocked_person_is_still_paid(market: Books) -> None:
    market.account(ANN, AccountState.BLOCKED)
    move(market, (POOL, ANN, "A", 10))
    assert market.posted(ANN, "A") == 110


def test_an_allowance_and_a_budget_count_what_the_person_pays_and_not_the_room(
    market: Books,
) -> None:
    terms = (50, Period.TOTAL, 0, TIME, 0, TIME)
    limits = market.state.rows[SpendingLimit]
    limits["game", "ann", "A"] = SpendingLimit("game", "ann", "A", *terms)
    limits["game", "", "A"] = SpendingLimit("game", "", "A", *terms)
    move(market, (ANN, POOL, "A", 30), caller=GAME)
    move(market, (POOL, ANN, "A", 500), caller=GAME)
    assert {limit.spent for limit in limits.values() if limit} == {30}
    assert reason(market, (ANN, POOL, "A", 21), caller=GAME) == "ALLOWANCE_EXCEEDED"


def test_nobody_else_moves_what_is_a_rooms_own(market: Books) -> None:
    for posting in ((POOL, ANN, "A", 1), (ANN, POOL, "A", 1)):
        caller = Caller("any", frozenset({"ledger.debit_any"}))
        assert market.outcome(market.transaction(posting), caller) == "ACCOUNT_RESERVED"
