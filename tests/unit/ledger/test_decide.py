"""Transactions: one line an event."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ticketonomics_server.engine.canonical import encode_text, text_commitment
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
)

GAME = Caller("game")
GAME_FOR_ANN = Caller("game", frozenset({"ledger.debit_any", "spending.consent"}), person_id="ann")
TRANSFER, MINTING, BURNING = EntryKind.TRANSFER, EntryKind.MINT, EntryKind.BURN


@pytest.fixture
def town(books):
    """Ann has 100 of A and 50 of B, of which 20 are held. Others are there in every condition."""
    books.asset("A")
    books.asset("B")
    books.asset("CAPPED", cap=1_000)
    for address in ("users/ann", "users/bob", "orgs/shop", "apps/game/till", "apps/gamer/till"):
        books.account(address)
    books.account("users/shut", AccountState.CLOSED)
    books.account("users/bad", AccountState.BLOCKED)
    books.balance("users/ann", "A", 100)
    books.balance("users/ann", "B", 50, held=20)
    books.balance("users/shut", "A", 10)
    books.balance("users/bad", "A", 10)
    books.balance("apps/game/till", "A", 10)
    books.balance("apps/gamer/till", "A", 10)
    books.balance("orgs/shop", "A", MAX_INT64 - 1)
    books.balance(MINT, "CAPPED", -900)
    books.balance(SINK, "CAPPED", 100)
    books.balance("users/ann", "CAPPED", 800)
    books.balance(MINT, "A", 5 - MAX_INT64)
    return books


ANN, BOB, SHOP, SHUT, BAD = "users/ann", "users/bob", "orgs/shop", "users/shut", "users/bad"

# fmt: off
ONE_POSTING = [
    # kind     from            to               asset     amount   outcome
    (TRANSFER, ANN,            BOB,             "A",      1,       "OK"),
    (TRANSFER, ANN,            BOB,             "A",      100,     "OK"),
    (TRANSFER, ANN,            BOB,             "A",      101,     "INSUFFICIENT_FUNDS"),
    (TRANSFER, BOB,            ANN,             "A",      1,       "INSUFFICIENT_FUNDS"),
    (TRANSFER, ANN,            BOB,             "B",      30,      "OK"),
    (TRANSFER, ANN,            BOB,             "B",      31,      "INSUFFICIENT_FUNDS"),
    (TRANSFER, ANN,            BOB,             "A",      MAX_INT64, "INSUFFICIENT_FUNDS"),
    (TRANSFER, ANN,            SHOP,            "A",      1,       "OK"),
    (TRANSFER, ANN,            SHOP,            "A",      2,       "BALANCE_OVERFLOW"),
    (TRANSFER, ANN,            BAD,             "A",      1,       "OK"),
    # Each guard, and what it goes before.
    (TRANSFER, "users/nobody", "users/noone",   "NONE",   1,       "ASSET_NOT_FOUND"),
    (TRANSFER, "users/nobody", SINK,            "A",      1,       "ACCOUNT_NOT_FOUND"),
    (TRANSFER, SINK,           "users/nobody",  "A",      1,       "ACCOUNT_NOT_FOUND"),
    (TRANSFER, SINK,           SHUT,            "A",      1,       "ACCOUNT_RESERVED"),
    (TRANSFER, MINT,           SHUT,            "A",      1,       "ACCOUNT_RESERVED"),
    (TRANSFER, SHUT,           SINK,            "A",      1,       "ACCOUNT_RESERVED"),
    (TRANSFER, SHUT,           MINT,            "A",      1,       "ACCOUNT_RESERVED"),
    (TRANSFER, SHUT,           BOB,             "A",      1_000,   "ACCOUNT_CLOSED"),
    (TRANSFER, ANN,            SHUT,            "A",      1_000,   "ACCOUNT_CLOSED"),
    (TRANSFER, BAD,            BOB,             "A",      1_000,   "ACCOUNT_BLOCKED"),
    # Once ACCOUNT_BLOCKED; contract and docstring have CLOSED first.
    (TRANSFER, BAD,            SHUT,            "A",      1,       "ACCOUNT_CLOSED"),
    # Minting
    (MINTING,  MINT,           ANN,             "NONE",   1,       "ASSET_NOT_FOUND"),
    (MINTING,  MINT,           "users/nobody",  "A",      1,       "ACCOUNT_NOT_FOUND"),
    (MINTING,  MINT,           SINK,            "A",      1,       "ACCOUNT_RESERVED"),
    (MINTING,  MINT,           SHUT,            "A",      1,       "ACCOUNT_CLOSED"),
    (MINTING,  MINT,           BAD,             "A",      1,       "OK"),
    (MINTING,  MINT,           ANN,             "A",      5,       "OK"),
    (MINTING,  MINT,           ANN,             "A",      6,       "BALANCE_OVERFLOW"),
    (MINTING,  MINT,           SHOP,            "A",      2,       "BALANCE_OVERFLOW"),
    (MINTING,  MINT,           ANN,             "B",      MAX_INT64 - 50, "OK"),
    (MINTING,  MINT,           BOB,             "B",      MAX_INT64, "OK"),
    (MINTING,  MINT,           ANN,             "B",      MAX_INT64 - 49, "BALANCE_OVERFLOW"),
    (MINTING,  MINT,           ANN,             "CAPPED", 200,     "OK"),
    (MINTING,  MINT,           ANN,             "CAPPED", 201,     "SUPPLY_CAP_EXCEEDED"),
    (MINTING,  MINT,           ANN,             "CAPPED", MAX_INT64, "SUPPLY_CAP_EXCEEDED"),
    # Burning
    (BURNING,  ANN,            SINK,            "NONE",   1,       "ASSET_NOT_FOUND"),
    (BURNING,  "users/nobody", SINK,            "A",      1,       "ACCOUNT_NOT_FOUND"),
    (BURNING,  MINT,           SINK,            "A",      1,       "ACCOUNT_RESERVED"),
    (BURNING,  SHUT,           SINK,            "A",      1,       "ACCOUNT_CLOSED"),
    (BURNING,  BAD,            SINK,            "A",      1,       "ACCOUNT_BLOCKED"),
    (BURNING,  ANN,            SINK,            "A",      101,     "INSUFFICIENT_FUNDS"),
    (BURNING,  ANN,            SINK,            "A",      100,     "OK"),
    (BURNING,  ANN,            SINK,            "B",      31,      "INSUFFICIENT_FUNDS"),
]

RIGHTS = [
    # caller                    from               outcome
    (GAME,                      "apps/game/till",  "OK"),
    (GAME,                      "apps/gamer/till", "NOT_ACCOUNT_OWNER"),
    (GAME,                      ANN,               "NOT_ACCOUNT_OWNER"),
    (GAME,                      SHUT,              "NOT_ACCOUNT_OWNER"),
    (GAME_FOR_ANN,              ANN,               "OK"),
    (GAME_FOR_ANN,              "apps/game/till",  "NOT_ACCOUNT_OWNER"),
    (GAME_FOR_ANN,              BAD,               "NOT_ACCOUNT_OWNER"),
    (Caller("game", person_id="ann"), ANN,         "NOT_ACCOUNT_OWNER"),
    (Caller("game", frozenset({"ledger.debit_any"}), "ann"), ANN, "NOT_ACCOUNT_OWNER"),
    (Caller("x", person_id="an"), ANN,             "NOT_ACCOUNT_OWNER"),
    (Caller("x", person_id="annie"), ANN,          "NOT_ACCOUNT_OWNER"),
    (Caller("game", frozenset({"ledger.debit_any"})), ANN, "OK"),
    (Caller("game", frozenset({"ledger.transfer"})), ANN, "NOT_ACCOUNT_OWNER"),
    (Caller(""),                ANN,               "NOT_ACCOUNT_OWNER"),
]

NETTING = [
    # postings                                                     outcome
    ([(BOB, ANN, "B", 30), (ANN, BOB, "B", 30)],                   "OK"),
    ([(ANN, BOB, "A", 100), (BOB, "orgs/new", "A", 100)],          "OK"),
    ([(BOB, "orgs/new", "A", 100), (ANN, BOB, "A", 100)],          "OK"),
    ([(ANN, BOB, "A", 60), (ANN, "orgs/new", "A", 40)],            "OK"),
    ([(ANN, BOB, "A", 60), (ANN, "orgs/new", "A", 41)],            "INSUFFICIENT_FUNDS"),
    ([(ANN, BOB, "A", 100), (BOB, "orgs/new", "A", 101)],          "INSUFFICIENT_FUNDS"),
    ([(ANN, BOB, "A", 10), (ANN, BOB, "B", 31)],                   "INSUFFICIENT_FUNDS"),
    ([(ANN, SHOP, "A", 50), (SHOP, BOB, "A", 50)],                 "OK"),
    ([(ANN, SHOP, "A", 50), (SHOP, BOB, "A", 48)],                 "BALANCE_OVERFLOW"),
    # What is missing goes before what is too much, whichever comes first.
    ([(ANN, SHOP, "A", 50), (ANN, BOB, "B", 31)],                  "INSUFFICIENT_FUNDS"),
    # All guards of one posting go before those of the next.
    ([(SHUT, BOB, "A", 1), (ANN, BOB, "NONE", 1)],                 "ACCOUNT_CLOSED"),
    ([(ANN, BOB, "A", 999), (ANN, BOB, "NONE", 1)],                "ASSET_NOT_FOUND"),
    ([(BOB, ANN, "A", MAX_INT64), (ANN, BOB, "A", MAX_INT64)] * 3, "OK"),
    ([(ANN, BOB, "A", MAX_INT64)] * 256,                           "INSUFFICIENT_FUNDS"),
]
# fmt: on


@pytest.mark.parametrize(
    ("kind", "source", "destination", "asset", "amount", "expected"), ONE_POSTING
)
def test_one_posting(  # noqa: PLR0917 - a table's row.
    town, kind, source, destination, asset, amount, expected
) -> None:
    command = town.transaction((source, destination, asset, amount), kind=kind)
    before = town.posted(source, asset), town.posted(destination, asset)
    assert town.outcome(command) == expected
    moved = amount if expected == "OK" else 0
    after = town.posted(source, asset), town.posted(destination, asset)
    assert after == (before[0] - moved, before[1] + moved)


@pytest.mark.parametrize(("caller", "source", "expected"), RIGHTS)
def test_who_may_take(town, caller, source, expected) -> None:
    assert town.outcome(town.transaction((source, BOB, "A", 1)), caller) == expected
    burning = town.transaction((source, SINK, "A", 1), kind=BURNING)
    assert town.outcome(burning, caller) == expected


def test_anybody_who_gets_here_may_mint(town) -> None:
    minting = town.transaction((MINT, BOB, "A", 1), kind=MINTING)
    assert town.outcome(minting, Caller("nobody")) == "OK"


@pytest.mark.parametrize(("postings", "expected"), NETTING)
def test_several_postings(town, postings, expected) -> None:
    town.account("orgs/new")
    town.balance(BOB, "B", 0)
    assert town.outcome(town.transaction(*postings)) == expected


# fmt: off
FEES = [
    # bps, minimum, maximum  amounts          fee in all
    ((0,      0,  0),        [10_000],        0),
    ((1,      0,  0),        [1],             1),
    ((1,      0,  0),        [10_000],        1),
    ((1,      0,  0),        [10_001],        2),
    ((1,      0,  0),        [1, 1, 1],       3),
    ((250,    0,  0),        [1_000],         25),
    ((250,    0,  0),        [1_001],         26),
    ((10_000, 0,  0),        [7],             7),
    ((0,      5,  0),        [1],             5),
    ((100,    5,  0),        [100],           5),
    ((100,    5,  0),        [1_000],         10),
    ((100,    0,  3),        [1_000],         3),
    ((100,    3,  3),        [1],             3),
    ((100,    2,  8),        [100, 500, 9_000], 2 + 5 + 8),
]
# fmt: on


@pytest.mark.parametrize(("fee", "amounts", "due"), FEES)
def test_fees_round_up_within_their_bounds_and_go_to_the_sink(books, fee, amounts, due) -> None:
    books.asset("A", fee=fee)
    books.account(ANN)
    books.account(BOB)
    total = sum(amounts) + due
    books.balance(ANN, "A", total)
    command = books.transaction(*((ANN, BOB, "A", amount) for amount in amounts))
    decision = books.decide(command)
    assert (books.posted(ANN, "A"), books.posted(SINK, "A")) == (0, due)
    fees = [posting for posting in decision.value.postings if posting.destination == SINK]
    assert [posting.amount for posting in fees] == ([due] if due else [])

    books.balance(ANN, "A", total - 1)
    books.balance(BOB, "A", 0)
    assert books.outcome(command) == "INSUFFICIENT_FUNDS"


def test_fees_are_one_posting_for_each_payer_and_asset(books) -> None:
    books.asset("A", fee=(100, 0, 0))
    books.asset("B", fee=(0, 7, 0))
    books.asset("FREE")
    for address in (ANN, BOB):
        books.account(address)
        for code in ("A", "B", "FREE"):
            books.balance(address, code, 1_000)
    decision = books.decide(
        books.transaction(
            (ANN, BOB, "A", 100),
            (BOB, ANN, "A", 250),
            (ANN, BOB, "A", 150),
            (ANN, BOB, "B", 1),
            (ANN, BOB, "FREE", 1),
        )
    )
    assert decision.value.postings[5:] == (
        (ANN, SINK, "A", 3),
        (BOB, SINK, "A", 3),
        (ANN, SINK, "B", 7),
    )
    assert [record[8] for record in books.postings] == list(range(8))


@pytest.mark.parametrize(
    ("kind", "source", "destination"), [(MINTING, MINT, ANN), (BURNING, ANN, SINK)]
)
def test_supply_is_changed_without_a_fee(books, kind, source, destination) -> None:
    books.asset("A", fee=(10_000, 5, 0))
    books.account(ANN)
    books.balance(ANN, "A", 10)
    decision = books.decide(books.transaction((source, destination, "A", 10), kind=kind))
    assert len(decision.value.postings) == 1


def test_a_fee_may_be_paid_from_what_comes_in(books) -> None:
    books.asset("A", fee=(0, 5, 0))
    for address in (ANN, BOB):
        books.account(address)
    books.balance(ANN, "A", 20)
    both = books.transaction((ANN, BOB, "A", 15), (BOB, ANN, "A", 10))
    assert books.outcome(both) == "OK"
    assert (books.posted(ANN, "A"), books.posted(BOB, "A"), books.posted(SINK, "A")) == (10, 0, 10)


def test_a_fee_that_no_int64_holds_is_more_than_anybody_has(books) -> None:
    books.asset("A", fee=(10_000, 0, 0))
    for address in (ANN, BOB):
        books.account(address)
    books.balance(ANN, "A", MAX_INT64)
    cycle = [(ANN, BOB, "A", MAX_INT64), (BOB, ANN, "A", MAX_INT64)] * 2
    assert books.outcome(books.transaction(*cycle)) == "INSUFFICIENT_FUNDS"


def test_a_sink_that_is_full_overflows(books) -> None:
    books.asset("A", fee=(0, 1, 0))
    for address in (ANN, BOB):
        books.account(address)
    books.balance(ANN, "A", 10)
    books.balance(SINK, "A", MAX_INT64)
    assert books.outcome(books.transaction((ANN, BOB, "A", 1))) == "BALANCE_OVERFLOW"


def test_a_refusal_tells_what_is_needed(town) -> None:
    with pytest.raises(Rejection) as refused:
        town.decide(town.transaction((ANN, BOB, "B", 31)))
    assert refused.value.metadata == {
        "account": ANN, "asset": "B", "available": "30", "required": "31",
    }  # fmt: skip
    with pytest.raises(Rejection) as refused:
        town.decide(town.transaction((MINT, ANN, "CAPPED", 201), kind=MINTING))
    assert refused.value.metadata == {"asset": "CAPPED", "circulating": "800", "supply_cap": "1000"}


def test_the_leaf_holds_the_transaction_and_the_commitment_of_its_text(town) -> None:
    text = Text("thanks", (("order", "7"),))
    command = town.transaction((ANN, BOB, "A", 5), text=text)
    decision = town.decide(command)
    (record,) = town.state.appended["texts"]
    assert record.text == text
    assert record.commitment == text_commitment(record.salt, "thanks", {"order": "7"})
    encoded = [(encode_text(ANN), encode_text(BOB), encode_text("A"), 5)]
    assert decision.leaf == transaction_leaf(1, 1, command.request_id, encoded, record.commitment)
    assert b"thanks" not in decision.leaf
    assert decision.event is None


def test_leaves_of_different_transactions_differ() -> None:
    a, b, x = encode_text("a"), encode_text("b"), encode_text("X")
    leaves = {
        transaction_leaf(1, 1, b"i" * 16, [(a, b, x, 5)], b""),
        transaction_leaf(2, 1, b"i" * 16, [(a, b, x, 5)], b""),
        transaction_leaf(1, 2, b"i" * 16, [(a, b, x, 5)], b""),
        transaction_leaf(1, 1, b"j" * 16, [(a, b, x, 5)], b""),
        transaction_leaf(1, 1, b"i" * 16, [(b, a, x, 5)], b""),
        transaction_leaf(1, 1, b"i" * 16, [(a, b, x, 6)], b""),
        transaction_leaf(1, 1, b"i" * 16, [(a, b, x, 5)] * 2, b""),
        transaction_leaf(1, 1, b"i" * 16, [(a, b, x, 5)], b"c" * 32),
    }
    assert len(leaves) == 8


# --- history ----------------------------------------------------------------------------------


def test_histories_are_linked_by_balance(town) -> None:
    town.decide(town.transaction((ANN, BOB, "A", 1)))
    town.decide(town.transaction((ANN, SHOP, "A", 1)))
    town.decide(town.transaction((ANN, BOB, "B", 1)))
    town.decide(town.transaction((BOB, ANN, "A", 1)))
    assert [record[:4] for record in town.postings] == [
        (1, 1, 0, 0),
        (2, 1, 1, 0),
        (3, 1, 0, 0),
        (4, 1, 1, 2),
    ]
    assert [record[4] is not None for record in town.postings] == [True] * 4


def test_postings_of_one_transaction_share_their_links_and_the_first_has_the_id(town) -> None:
    town.decide(town.transaction((ANN, BOB, "A", 1)))
    command = town.transaction((ANN, BOB, "A", 1), (BOB, ANN, "A", 1))
    town.decide(command)
    first, second = town.postings[1:]
    assert (first[2:4], second[2:4]) == ((1, 1), (1, 1))
    assert (first[4], second[4]) == (command.request_id, None)


def test_every_64th_entry_of_a_balance_leaves_a_checkpoint(books) -> None:
    books.asset("A")
    ann, bob = books.account(ANN), books.account(BOB)
    books.balance(ANN, "A", 1_000)
    for _ in range(130):
        books.decide(books.transaction((ANN, BOB, "A", 1), (ANN, BOB, "A", 1)))
    assert books.checkpoints == [
        (ann.account_id, 1, 64, 1_000 - 128),
        (bob.account_id, 1, 64, 128),
        (ann.account_id, 1, 128, 1_000 - 256),
        (bob.account_id, 1, 128, 256),
    ]


ADDRESSES = [f"orgs/{name}" for name in "abcd"]
POSTING = st.tuples(
    st.sampled_from(ADDRESSES),
    st.sampled_from(ADDRESSES),
    st.sampled_from(["A", "FEE"]),
    st.one_of(st.integers(1, 50), st.integers(1, MAX_INT64)),
).filter(lambda posting: posting[0] != posting[1])
COMMANDS = st.one_of(
    st.tuples(st.just(TRANSFER), st.lists(POSTING, min_size=1, max_size=6)),
    st.tuples(st.just(MINTING), POSTING.map(lambda p: [(MINT, *p[1:])])),
    st.tuples(st.just(BURNING), POSTING.map(lambda p: [(p[0], SINK, *p[2:])])),
)


@settings(deadline=None, max_examples=150)
@given(commands=st.lists(COMMANDS, max_size=30))
def test_whatever_is_asked_for_the_books_balance(commands) -> None:
    from tests.unit.ledger.conftest import Books

    books = Books()
    books.asset("A")
    books.asset("FEE", fee=(333, 2, 40))
    for address in ADDRESSES:
        books.account(address)
    for kind, postings in commands:
        books.outcome(books.transaction(*postings, kind=kind))

    totals = defaultdict(int)
    for balance in books.balances:
        totals[balance.asset] += balance.posted
        assert abs(balance.posted) <= MAX_INT64
        assert balance.account == MINT or balance.posted >= 0
        assert balance.held == 0
    assert set(totals.values()) <= {0}
    _check_against_journal(books)


def _check_against_journal(books) -> None:
    """Balances are what the journal says, and the links lead through all of it, newest first."""
    moved, entries, links = defaultdict(int), defaultdict(list), {}
    for (
        sequence,
        amount,
        of_source,
        of_destination,
        _,
        source,
        destination,
        asset,
        *_,
    ) in books.postings:
        for account, previous, delta in (
            (source, of_source, -amount),
            (destination, of_destination, amount),
        ):
            key = account, asset
            moved[key] += delta
            if sequence not in entries[key]:
                entries[key].append(sequence)
            assert links.setdefault((key, sequence), previous) == previous
    for balance in books.balances:
        key = balance.account_id, balance.asset_id
        assert balance.posted == moved[key]
        assert balance.entry_count == len(entries[key])
        at, walked = balance.last_sequence, []
        while at:
            walked.append(at)
            at = links[key, at]
        assert walked == entries[key][::-1]
