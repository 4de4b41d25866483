"""Holds: one line an event."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ticketonomics_server.engine.canonical import decode_fields, encode_bytes, encode_text
from ticketonomics_server.engine.command import Caller, Context, NothingToDo
from ticketonomics_server.engine.domain import DueTimer
from ticketonomics_server.engine.model import TEXTS, Text, Timer
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.ledger.decide import transaction_leaf
from ticketonomics_server.ledger.decide_holds import (
    HELD_POSTINGS,
    decide_capture_hold,
    decide_expire_hold,
    expire_hold,
)
from ticketonomics_server.ledger.model import (
    MAX_INT64,
    MINT,
    SINK,
    AccountState,
    CloseAccount,
    EntryKind,
    Posting,
)
from ticketonomics_server.ledger.model_holds import (
    HOLD_TIMER,
    CaptureHold,
    CreateHold,
    HeldPosting,
    Hold,
    HoldState,
    ReleaseHold,
)

from tests.unit.ledger.conftest import ANYBODY, TIME, Books

ANN, BOB, SHOP, SHUT, BAD = "users/ann", "users/bob", "orgs/shop", "orgs/shut", "users/bad"
GAME = Caller("game", frozenset({"ledger.transfer"}))
GAME_FOR_ANN = Caller("game", frozenset({"spending.consent"}), person_id="ann")
GAME_FOR_BOB = Caller("game", person_id="bob")
OTHER = Caller("other", frozenset({"ledger.transfer"}))
OTHER_FOR_ANN = Caller("other", frozenset({"ledger.debit_any"}), person_id="ann")
OFFICE = Caller("office", frozenset({"ledger.debit_any"}))
DAY = timedelta(days=1)


@pytest.fixture
def town(books: Books) -> Books:
    """Ann has 100 of A, and of FEE, which costs 10 % to move, at least 2."""
    books.asset("A")
    books.asset("FEE", fee=(1_000, 2, 0))
    for address in (ANN, BOB, SHOP, "apps/game/till"):
        books.account(address)
    books.account(SHUT, AccountState.CLOSED)
    books.account(BAD, AccountState.BLOCKED)
    books.balance(ANN, "A", 100)
    books.balance(ANN, "FEE", 100)
    books.balance(BAD, "A", 10)
    books.balance("apps/game/till", "A", 10)
    return books


def creation(books: Books, *postings: tuple[str, str, str, int], **more) -> CreateHold:
    return CreateHold(*books.ids(), tuple(Posting(*posting) for posting in postings), **more)


def hold(books: Books, *postings, caller: Caller = ANYBODY, **more) -> Hold:
    return books.decide(creation(books, *postings, **more), caller).value


def capture(books: Books, held: Hold, *amounts: int, **more) -> CaptureHold:
    return CaptureHold(*books.ids(), held.hold_id, amounts, **more)


def release(books: Books, held: Hold) -> ReleaseHold:
    return ReleaseHold(*books.ids(), held.hold_id)


def held(books: Books, address: str, asset: str) -> int:
    return next((b.held for b in books.balances if b.key == (address, asset)), 0)


def the(books: Books, found: Hold) -> Hold:
    return books.state.rows[Hold][found.hold_id]


# fmt: off
CREATIONS = [
    # from           to              asset   amount     outcome
    (ANN,            SHOP,           "A",    1,         "OK"),
    (ANN,            SHOP,           "A",    100,       "OK"),
    (ANN,            SHOP,           "A",    101,       "INSUFFICIENT_FUNDS"),
    (ANN,            SHOP,           "A",    MAX_INT64, "INSUFFICIENT_FUNDS"),
    (ANN,            BAD,            "A",    1,         "OK"),
    (BOB,            SHOP,           "A",    1,         "INSUFFICIENT_FUNDS"),
    # The fee is held as well: 90 and 9, 91 and 10.
    (ANN,            SHOP,           "FEE",  90,        "OK"),
    (ANN,            SHOP,           "FEE",  91,        "INSUFFICIENT_FUNDS"),
    # Each guard, and what it goes before.
    ("users/nobody", "users/noone",  "NONE", 1,         "ASSET_NOT_FOUND"),
    ("users/nobody", SINK,           "A",    1,         "ACCOUNT_NOT_FOUND"),
    (SINK,           "users/nobody", "A",    1,         "ACCOUNT_NOT_FOUND"),
    (SINK,           SHUT,           "A",    1,         "ACCOUNT_RESERVED"),
    (MINT,           ANN,            "A",    1,         "ACCOUNT_RESERVED"),
    (SHUT,           SINK,           "A",    1,         "ACCOUNT_RESERVED"),
    (SHUT,           BAD,            "A",    1,         "ACCOUNT_CLOSED"),
    (ANN,            SHUT,           "A",    1_000,     "ACCOUNT_CLOSED"),
    (BAD,            ANN,            "A",    1_000,     "ACCOUNT_BLOCKED"),
]

CREATORS = [
    # caller         from               outcome
    (GAME,           "apps/game/till",  "OK"),
    (GAME,           ANN,               "NOT_ACCOUNT_OWNER"),
    (GAME_FOR_ANN,   ANN,               "OK"),
    (GAME_FOR_ANN,   "apps/game/till",  "NOT_ACCOUNT_OWNER"),
    (OTHER_FOR_ANN,  ANN,               "NOT_ACCOUNT_OWNER"),
    (OFFICE,         ANN,               "OK"),
]

# A hold that the game made for Ann.
ENDERS = [
    (GAME_FOR_ANN,   "OK"),
    (GAME,           "OK"),
    (OFFICE,         "OK"),
    (GAME_FOR_BOB,   "NOT_HOLD_OWNER"),
    (OTHER,          "NOT_HOLD_OWNER"),
    (OTHER_FOR_ANN,  "NOT_HOLD_OWNER"),
    (Caller(""),     "NOT_HOLD_OWNER"),
]

EXPIRIES = [
    # after now             outcome
    (timedelta(0),          "INVALID_FIELD"),
    (-DAY,                  "INVALID_FIELD"),
    (timedelta(microseconds=1), "OK"),
    (400 * DAY,             "OK"),
    (400 * DAY + timedelta(microseconds=1), "INVALID_FIELD"),
]

# Of a hold of 30 and 40 of A, both by Ann.
PARTS = [
    # amounts      outcome                   Bob, the shop
    ((),           "OK",                     (30, 40)),
    ((30, 40),     "OK",                     (30, 40)),
    ((0, 40),      "OK",                     (0, 40)),
    ((1, 0),       "OK",                     (1, 0)),
    ((31, 0),      "CAPTURE_EXCEEDS_HOLD",   (0, 0)),
    ((0, 41),      "CAPTURE_EXCEEDS_HOLD",   (0, 0)),
    ((30,),        "INVALID_FIELD",          (0, 0)),
    ((30, 40, 0),  "INVALID_FIELD",          (0, 0)),
]

FEES = [
    # fee now          captured   fee paid
    ((1_000, 2, 0),    50,        5),
    ((1_000, 2, 0),    1,         2),
    ((0, 0, 0),        50,        0),
    # Never more than was set aside for it.
    ((5_000, 2, 0),    50,        5),
    ((5_000, 2, 0),    4,         2),
    ((5_000, 2, 0),    30,        5),
]
# fmt: on


@pytest.mark.parametrize("line", CREATIONS)
def test_creation(town, line) -> None:
    *posting, outcome = line
    assert town.outcome(creation(town, tuple(posting))) == outcome


@pytest.mark.parametrize(("caller", "source", "outcome"), CREATORS)
def test_who_may_create(town, caller, source, outcome) -> None:
    assert town.outcome(creation(town, (source, SHOP, "A", 1)), caller) == outcome


@pytest.mark.parametrize(("caller", "outcome"), ENDERS)
@pytest.mark.parametrize("end", [capture, release])
def test_who_may_end(town, end, caller, outcome) -> None:
    made = hold(town, (ANN, SHOP, "A", 5), caller=GAME_FOR_ANN)
    assert town.outcome(end(town, made), caller) == outcome


@pytest.mark.parametrize(("after", "outcome"), EXPIRIES)
def test_expiry_is_bounded(town, after, outcome) -> None:
    assert town.outcome(creation(town, (ANN, SHOP, "A", 5), expire_time=TIME + after)) == outcome


@pytest.mark.parametrize(("amounts", "outcome", "received"), PARTS)
def test_parts(town, amounts, outcome, received) -> None:
    made = hold(town, (ANN, BOB, "A", 30), (ANN, SHOP, "A", 40))
    assert town.outcome(capture(town, made, *amounts)) == outcome
    assert (town.posted(BOB, "A"), town.posted(SHOP, "A")) == received
    assert town.posted(ANN, "A") == 100 - sum(received)
    assert held(town, ANN, "A") == (0 if outcome == "OK" else 70)


@pytest.mark.parametrize(("fee", "captured", "paid"), FEES)
def test_the_fee_is_that_of_the_capture_and_at_most_what_is_held(town, fee, captured, paid) -> None:
    made = hold(town, (ANN, SHOP, "FEE", 50))
    assert made.postings == (HeldPosting(ANN, SHOP, "FEE", 50, 5),)
    assert held(town, ANN, "FEE") == 55
    asset = town.asset("FEE", fee=fee)
    asset.asset_id = 2
    value = town.decide(capture(town, made, captured)).value
    fees = (Posting(ANN, SINK, "FEE", paid),) if paid else ()
    assert value.postings == (Posting(ANN, SHOP, "FEE", captured), *fees)
    assert town.posted(ANN, "FEE") == 100 - captured - paid
    assert held(town, ANN, "FEE") == 0


def test_what_is_held_cannot_be_spent_or_held_again(town) -> None:
    made = hold(town, (ANN, SHOP, "A", 60))
    assert town.outcome(town.transaction((ANN, BOB, "A", 41))) == "INSUFFICIENT_FUNDS"
    assert town.outcome(creation(town, (ANN, BOB, "A", 41))) == "INSUFFICIENT_FUNDS"
    assert town.outcome(town.transaction((ANN, BOB, "A", 40))) == "OK"
    assert town.outcome(release(town, made)) == "OK"
    assert town.outcome(town.transaction((ANN, BOB, "A", 60))) == "OK"


def test_each_source_must_have_what_it_gives_whatever_it_would_receive(town) -> None:
    assert town.outcome(town.transaction((ANN, BOB, "A", 10), (BOB, SHOP, "A", 10))) == "OK"
    town.balance(ANN, "A", 100)
    town.balance(BOB, "A", 0)
    chain = creation(town, (ANN, BOB, "A", 10), (BOB, SHOP, "A", 10))
    assert town.outcome(chain) == "INSUFFICIENT_FUNDS"
    twice = creation(town, (ANN, BOB, "A", 60), (ANN, SHOP, "A", 41))
    assert town.outcome(twice) == "INSUFFICIENT_FUNDS"


def test_an_account_with_something_held_cannot_be_closed(town) -> None:
    town.account("orgs/till")
    town.balance("orgs/till", "A", 5)
    hold(town, ("orgs/till", SHOP, "A", 5))
    assert town.outcome(CloseAccount(*town.ids(), "orgs/till")) == "ACCOUNT_NOT_EMPTY"


def test_a_capture_needs_open_destinations_and_unblocked_sources(town) -> None:
    made = hold(town, (ANN, BOB, "A", 5), (ANN, SHOP, "A", 5))
    town.state.rows[type(town.account("x/y"))][SHOP].state = AccountState.CLOSED
    assert town.outcome(capture(town, made)) == "ACCOUNT_CLOSED"
    # A posting of which nothing is captured does not matter.
    assert town.outcome(capture(town, made, 5, 0)) == "OK"


def test_what_a_blocked_person_holds_can_only_be_released(town) -> None:
    made = hold(town, (ANN, BOB, "A", 5))
    town.state.rows[type(town.account("x/y"))][ANN].state = AccountState.BLOCKED
    assert town.outcome(capture(town, made)) == "ACCOUNT_BLOCKED"
    assert town.outcome(release(town, made)) == "OK"
    assert held(town, ANN, "A") == 0


def test_a_capture_never_overflows_a_balance(town) -> None:
    made = hold(town, (ANN, SHOP, "A", 5))
    town.balance(SHOP, "A", MAX_INT64 - 4)
    assert town.outcome(capture(town, made)) == "BALANCE_OVERFLOW"
    assert town.outcome(capture(town, made, 4)) == "OK"


@pytest.mark.parametrize("end", [capture, release])
@pytest.mark.parametrize("again", [capture, release])
def test_a_hold_ends_once(town, end, again) -> None:
    made = hold(town, (ANN, SHOP, "A", 5))
    assert town.outcome(end(town, made)) == "OK"
    assert town.outcome(again(town, made)) == "HOLD_NOT_OPEN"


def test_an_unknown_hold(town) -> None:
    nobody = Hold(bytes(16), 1, HoldState.OPEN, "", "", False, TIME, TIME, 1)
    assert town.outcome(capture(town, nobody)) == "HOLD_NOT_FOUND"
    assert town.outcome(release(town, nobody)) == "HOLD_NOT_FOUND"


def test_the_timer_goes_with_the_hold(town) -> None:
    made = hold(town, (ANN, SHOP, "A", 5), expire_time=TIME + DAY)
    timers = town.state.rows[Timer]
    timer = timers[made.timer_id]
    assert (timer.due_time, timer.kind, timer.payload) == (TIME + DAY, HOLD_TIMER, made.hold_id)
    town.decide(release(town, made))
    assert timers[made.timer_id] is None
    assert hold(town, (ANN, SHOP, "A", 5)).expire_time == TIME + 7 * DAY


def test_from_its_time_on_a_hold_is_not_captured(town) -> None:
    made = hold(town, (ANN, SHOP, "A", 5), expire_time=TIME + DAY)
    command = capture(town, made)
    town.state.begin_command()
    late = Context(ANYBODY, TIME + DAY, town.sequence + 1, b"e" * 32)
    with pytest.raises(Rejection, match="the hold is expired"):
        decide_capture_hold(town.state, command, late)
    # A clock that is not to be trusted ends nothing.
    late.timers_held = True
    assert decide_capture_hold(town.state, command, late).kind == EntryKind.HOLD_CAPTURED


def test_expiry_gives_everything_back_once(town) -> None:
    made = hold(town, (ANN, SHOP, "FEE", 50))
    command = expire_hold(DueTimer(made.timer_id, b"t" * 16, HOLD_TIMER, made.hold_id))
    decision = town.decide(command, Caller(""))
    assert (decision.kind, decode_fields(decision.event)) == (
        EntryKind.HOLD_EXPIRED,
        [made.hold_id],
    )
    ended = the(town, made)
    assert (ended.state, ended.end_sequence, ended.end_time) == (HoldState.EXPIRED, 2, TIME)
    assert held(town, ANN, "FEE") == 0
    context = Context(Caller(""), TIME, 3, b"e" * 32)
    assert isinstance(decide_expire_hold(town.state, command, context), NothingToDo)


def test_what_the_entries_say(town) -> None:
    text = Text("for tea", (("order", "7"),))
    command = creation(town, (ANN, SHOP, "FEE", 50), (ANN, BOB, "A", 1), text=text)
    decision = town.decide(command, GAME_FOR_ANN)
    micros = 1_893_456_000_000_000 + 7 * 86_400_000_000
    fields = ["game", "ann", 0, micros, ANN, SHOP, "FEE", 50, 5, ANN, BOB, "A", 1, 0]
    assert decode_fields(decision.event) == fields
    (noted,) = town.state.appended[TEXTS]
    assert decision.leaf.endswith(encode_bytes(noted.commitment))
    assert [row[1:2] + row[-2:] for row in town.state.appended[HELD_POSTINGS]] == [
        (0, 50, 5),
        (1, 1, 0),
    ]
    made = decision.value
    moved = town.decide(capture(town, made, 50, 0), GAME_FOR_ANN)
    assert decode_fields(moved.event) == [made.hold_id, 50, 0]
    assert moved.value.hold_id == made.hold_id
    names = [encode_text(name) for name in (ANN, SHOP, SINK, "FEE")]
    assert moved.leaf == transaction_leaf(
        EntryKind.HOLD_CAPTURED,
        2,
        moved.value.transaction_id,
        [(names[0], names[1], names[3], 50), (names[0], names[2], names[3], 5)],
        b"",
    ) + encode_bytes(moved.event)
    assert made.state == HoldState.OPEN, "the answer does not change with the row"


AMOUNTS = st.integers(1, 60)
ACCOUNTS = st.sampled_from([ANN, BOB, SHOP])
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("hold"),
            st.lists(st.tuples(ACCOUNTS, ACCOUNTS, AMOUNTS), min_size=1, max_size=4),
        ),
        st.tuples(st.just("capture"), st.integers(0, 5), st.integers(0, 60)),
        st.tuples(st.just("release"), st.integers(0, 5)),
        st.tuples(st.just("move"), ACCOUNTS, ACCOUNTS, AMOUNTS),
        st.tuples(st.just("fee"), st.sampled_from([(0, 0, 0), (1_000, 2, 0), (10_000, 0, 0)])),
    ),
    max_size=20,
)


@settings(max_examples=150, deadline=None)
@given(steps=STEPS)
def test_whatever_is_done_balances_hold_what_open_holds_say(steps) -> None:
    books = Books()
    asset = books.asset("A")
    for address in (ANN, BOB, SHOP):
        books.account(address)
        books.balance(address, "A", 200)
    made: list[Hold] = []
    for step, *rest in steps:
        if step == "fee":
            asset.fee_bps, asset.fee_minimum, asset.fee_maximum = rest[0]
        elif step == "move":
            source, destination, amount = rest
            if source != destination:
                books.outcome(books.transaction((source, destination, "A", amount)))
        elif step == "hold":
            made += hold_if_possible(books, rest[0])
        elif len(made) > rest[0]:
            end_if_open(books, made[rest[0]], *rest[1:])
        check_held(books, made)


def hold_if_possible(books: Books, postings) -> list[Hold]:
    chosen = [(s, d, "A", amount) for s, d, amount in postings if s != d]
    if not chosen:
        return []
    command = creation(books, *chosen)
    if books.outcome(command) != "OK":
        return []
    return [books.state.rows[Hold][command.request_id]]


def end_if_open(books: Books, found: Hold, most: int | None = None) -> None:
    if most is None:
        books.outcome(release(books, found))
        return
    outcome = books.outcome(capture(books, found, *(min(most, p.amount) for p in found.postings)))
    assert outcome in {"OK", "HOLD_NOT_OPEN"}, "a capture never lacks funds"


def check_held(books: Books, made: list[Hold]) -> None:
    reserved: dict[tuple[str, str], int] = {}
    for one in made:
        if one.state == HoldState.OPEN:
            for key, amount in one.reserved.items():
                reserved[key] = reserved.get(key, 0) + amount
    for balance in books.balances:
        assert balance.held == reserved.get(balance.key, 0)
        assert 0 <= balance.held <= balance.posted
    assert sum(balance.posted for balance in books.balances) == 600
