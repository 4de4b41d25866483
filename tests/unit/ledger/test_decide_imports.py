"""What an import may do, rule by rule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ticketonomics_server.engine.canonical import decode_fields, leaf_with_event
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.model import Text
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.ledger.decide import transaction_leaf
from ticketonomics_server.ledger.model import (
    MAX_INT64,
    MINT,
    SINK,
    AccountState,
    EntryKind,
    Posting,
)
from ticketonomics_server.ledger.model_imports import ImportTransaction

from tests.unit.ledger.conftest import TIME, Books

PAST = datetime(2019, 5, 4, 3, 2, 1, 987_654, tzinfo=UTC)
IMPORTER = Caller(
    "mover",
    frozenset({"ledger.import", "ledger.debit_any", "ledger.mint", "ledger.burn"}),
)


@pytest.fixture
def books(books: Books) -> Books:
    for address in ("orgs/a", "orgs/b", "apps/mover/till", "users/ann"):
        books.account(address)
    books.account("orgs/closed", AccountState.CLOSED)
    books.account("users/blocked", AccountState.BLOCKED)
    books.asset("COIN", fee=(1_000, 5, 0))
    books.asset("GEM", cap=100)
    books.balance("orgs/a", "COIN", 100)
    books.balance("users/blocked", "COIN", 100)
    books.balance("apps/mover/till", "COIN", 10)
    return books


def taken(
    books: Books,
    *postings: tuple[str, str, str, int],
    time: datetime | None = PAST,
    reference: str = "sheet1/7",
    **more: Any,
) -> ImportTransaction:
    moved = tuple(Posting(*posting) for posting in postings)
    return ImportTransaction(*books.ids(), moved, time, reference, **more)


def test_an_import_moves_without_a_fee_and_is_marked(books: Books) -> None:
    command = taken(books, ("orgs/a", "orgs/b", "COIN", 100))
    decision = books.decide(command, IMPORTER)
    assert decision.kind == EntryKind.IMPORTED
    assert books.posted("orgs/a", "COIN") == 0
    assert books.posted("orgs/b", "COIN") == 100
    assert books.posted(SINK, "COIN") == 0
    assert decision.value.postings == command.postings
    assert decision.value.effective_time == PAST
    assert decision.value.reference == "sheet1/7"
    micros = (PAST - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert decode_fields(decision.event) == [micros, "sheet1/7"]
    (posting,) = books.postings
    assert posting[-1] == EntryKind.IMPORTED


def test_the_leaf_is_that_of_the_transaction_and_the_event(books: Books) -> None:
    command = taken(books, ("orgs/a", "orgs/b", "COIN", 3))
    decision = books.decide(command, IMPORTER)
    accounts = {row.address: row.encoded for row in books.accounts}
    encoded = [(accounts["orgs/a"], accounts["orgs/b"], b"\0\0\0\x04COIN", 3)]
    bare = transaction_leaf(EntryKind.IMPORTED, 1, command.request_id, encoded, b"")
    assert decision.leaf == leaf_with_event(bare, decision.event)


def test_without_a_time_it_is_that_of_the_block(books: Books) -> None:
    command = taken(books, ("orgs/a", "orgs/b", "COIN", 3), time=None, reference="")
    decision = books.decide(command, IMPORTER)
    assert (decision.value.effective_time, decision.value.reference) == (TIME, "")


def test_an_opening_balance_comes_from_the_mint_and_its_text_is_the_persons(books: Books) -> None:
    text = Text("from the sheet")
    command = taken(books, (MINT, "users/ann", "GEM", 100), text=text)
    assert books.decide(command, IMPORTER).value.text == text
    assert books.posted("users/ann", "GEM") == 100
    assert books.posted(MINT, "GEM") == -100
    (record,) = books.state.appended["texts"]
    assert record.owner == "ann"


def test_the_net_of_all_postings_counts(books: Books) -> None:
    """Minted, passed on and burned in one: no account needs anything beforehand."""
    command = taken(
        books,
        (MINT, "orgs/b", "GEM", 60),
        ("orgs/b", "users/ann", "GEM", 50),
        ("users/ann", SINK, "GEM", 20),
    )
    books.decide(command, IMPORTER)
    assert [books.posted(a, "GEM") for a in ("orgs/b", "users/ann", SINK)] == [10, 30, 20]


def test_the_cap_is_of_what_circulates(books: Books) -> None:
    books.decide(taken(books, (MINT, "orgs/b", "GEM", 100)), IMPORTER)
    over = taken(books, (MINT, "orgs/a", "GEM", 1))
    assert books.outcome(over, IMPORTER) == "SUPPLY_CAP_EXCEEDED"
    books.decide(taken(books, ("orgs/b", SINK, "GEM", 1)), IMPORTER)
    assert books.outcome(over, IMPORTER) == "OK"
    # Between accounts nothing is made, however much there is.
    assert books.outcome(taken(books, ("orgs/a", "orgs/b", "GEM", 1)), IMPORTER) == "OK"


REFUSED: list[tuple[str, list[tuple[str, str, str, int]]]] = [
    ("ASSET_NOT_FOUND", [("orgs/a", "orgs/b", "NONE", 1)]),
    ("ACCOUNT_NOT_FOUND", [("orgs/none", "orgs/b", "COIN", 1)]),
    ("ACCOUNT_NOT_FOUND", [("orgs/a", "orgs/none", "COIN", 1)]),
    ("ACCOUNT_NOT_FOUND", [(MINT, "users/nobody", "COIN", 1)]),
    ("ACCOUNT_RESERVED", [(SINK, "orgs/b", "COIN", 1)]),
    ("ACCOUNT_RESERVED", [("orgs/a", MINT, "COIN", 1)]),
    ("ACCOUNT_RESERVED", [(MINT, SINK, "COIN", 1)]),
    ("ACCOUNT_RESERVED", [(SINK, MINT, "COIN", 1)]),
    ("ACCOUNT_CLOSED", [("orgs/closed", "orgs/b", "COIN", 1)]),
    ("ACCOUNT_CLOSED", [(MINT, "orgs/closed", "COIN", 1)]),
    ("ACCOUNT_BLOCKED", [("users/blocked", "orgs/b", "COIN", 1)]),
    ("INSUFFICIENT_FUNDS", [("orgs/a", "orgs/b", "COIN", 101)]),
    ("INSUFFICIENT_FUNDS", [("orgs/a", SINK, "COIN", 101)]),
    ("INSUFFICIENT_FUNDS", [("users/ann", "orgs/b", "GEM", 1)]),
    ("INSUFFICIENT_FUNDS", [("orgs/a", "orgs/b", "COIN", 60), ("orgs/a", SINK, "COIN", 60)]),
    ("BALANCE_OVERFLOW", [(MINT, "orgs/a", "COIN", MAX_INT64)]),
    ("BALANCE_OVERFLOW", [(MINT, "orgs/b", "COIN", MAX_INT64), (MINT, "users/ann", "COIN", 1)]),
    ("SUPPLY_CAP_EXCEEDED", [(MINT, "orgs/a", "GEM", 60), (MINT, "orgs/b", "GEM", 60)]),
    # The first guard that fails is told, and the second posting stays unmade with the first.
    ("ACCOUNT_CLOSED", [("orgs/a", "orgs/b", "COIN", 1), ("orgs/a", "orgs/closed", "COIN", 1)]),
    ("OK", [(MINT, "users/blocked", "COIN", 1)]),
]


@pytest.mark.parametrize(("reason", "postings"), REFUSED)
def test_the_guards_are_those_of_any_transaction(
    books: Books, reason: str, postings: list[tuple[str, str, str, int]]
) -> None:
    assert books.outcome(taken(books, *postings), IMPORTER) == reason


def test_nothing_comes_from_the_future(books: Books) -> None:
    moved = ("orgs/a", "orgs/b", "COIN", 1)
    soon = taken(books, moved, time=TIME + timedelta(microseconds=1))
    with pytest.raises(Rejection) as refused:
        books.decide(soon, IMPORTER)
    assert (refused.value.reason, refused.value.metadata["field"]) == (
        "INVALID_FIELD",
        "effective_time",
    )
    assert books.outcome(taken(books, moved, time=TIME), IMPORTER) == "OK"


SCOPES = frozenset({"ledger.import", "ledger.debit_any", "ledger.mint", "ledger.burn"})


@pytest.mark.parametrize(
    ("scopes", "posting", "reason"),
    [
        (SCOPES - {"ledger.mint"}, (MINT, "orgs/b", "COIN", 1), "SCOPE_MISSING"),
        (SCOPES - {"ledger.mint"}, ("orgs/a", SINK, "COIN", 1), "OK"),
        (SCOPES - {"ledger.burn"}, ("orgs/a", SINK, "COIN", 1), "SCOPE_MISSING"),
        (SCOPES - {"ledger.burn"}, (MINT, "orgs/b", "COIN", 1), "OK"),
        (SCOPES - {"ledger.debit_any"}, ("orgs/a", "orgs/b", "COIN", 1), "NOT_ACCOUNT_OWNER"),
        (SCOPES - {"ledger.debit_any"}, ("orgs/a", SINK, "COIN", 1), "NOT_ACCOUNT_OWNER"),
        (SCOPES - {"ledger.debit_any"}, (MINT, "orgs/b", "COIN", 1), "OK"),
        ({"ledger.import"}, ("apps/mover/till", "orgs/b", "COIN", 1), "OK"),
        ({"ledger.import"}, ("apps/other/till", "orgs/b", "COIN", 1), "ACCOUNT_NOT_FOUND"),
    ],
)
def test_each_posting_needs_the_right_to_what_it_is(
    books: Books, scopes: frozenset[str], posting: tuple[str, str, str, int], reason: str
) -> None:
    caller = Caller("mover", frozenset(scopes))
    assert books.outcome(taken(books, posting), caller) == reason


def test_nothing_is_imported_in_the_name_of_a_person(books: Books) -> None:
    books.balance("users/ann", "COIN", 50)
    for posting in (("users/ann", "orgs/b", "COIN", 1), (MINT, "users/ann", "COIN", 1)):
        acting = Caller("mover", SCOPES, "ann")
        assert books.outcome(taken(books, posting), acting) == "NOT_ACCOUNT_OWNER"


def test_a_held_amount_is_not_there(books: Books) -> None:
    books.balance("orgs/a", "COIN", 100, held=30)
    assert books.outcome(taken(books, ("orgs/a", "orgs/b", "COIN", 71)), IMPORTER) == (
        "INSUFFICIENT_FUNDS"
    )
    assert books.outcome(taken(books, ("orgs/a", "orgs/b", "COIN", 70)), IMPORTER) == "OK"
