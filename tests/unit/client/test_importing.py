"""Files of imports: what a row may say, which id it gets, and what everybody would have."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from ticketonomics.ledger.v1.asset_pb2 import Supply
from ticketonomics_client.amounts import LARGEST_AMOUNT
from ticketonomics_client.importing.funds import Funds
from ticketonomics_client.importing.rows import (
    MINT,
    SINK,
    Contents,
    Leg,
    Naming,
    Row,
    RowError,
    check_asset,
    check_leg,
    check_party,
    check_reference,
    check_text,
)
from ticketonomics_client.importing.times import parse_time
from ticketonomics_client.imports import import_id

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2024, 5, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2024-05-31T12:00:00Z", None, NOON),
        ("2024-05-31T14:00:00+02:00", None, NOON),
        ("2024-05-31 14:00", BERLIN, NOON),
        ("2024-05-31 14:00:00.000001", BERLIN, NOON + timedelta(microseconds=1)),
        ("2024-05-31", UTC, NOON - timedelta(hours=12)),
        ("2024-01-31", BERLIN, datetime(2024, 1, 30, 23, tzinfo=UTC)),
        ("1717156800", None, NOON),
        ("1717156800123", None, NOON + timedelta(milliseconds=123)),
        ("999999999", BERLIN, datetime(2001, 9, 9, 1, 46, 39, tzinfo=UTC)),
    ],
)
def test_times_as_files_have_them(text: str, zone: timezone | None, expected: datetime) -> None:
    assert parse_time(text, zone) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2024-05-31", "no time zone"),
        ("2024-05-31T12:00", "no time zone"),
        ("31.05.2024", "is no time"),
        ("05/31/2024", "is no time"),
        ("12", "is no time"),
        ("2024-02-30T00:00:00Z", "is no time"),
        ("", "is no time"),
        ("0001-01-01T00:00:00+02:00", "out of the calendar"),
    ],
)
def test_what_is_no_time_or_many_is_refused(text: str, told: str) -> None:
    with pytest.raises(RowError, match=told):
        parse_time(text, None)


@pytest.mark.parametrize(
    "party", ["orgs/a", "users/7k3m9q2x4t6v8w1z", MINT, "telegram:12345", "x:Zoë", "a_1:b:c d"]
)
def test_parties(party: str) -> None:
    assert check_party(party) == party


@pytest.mark.parametrize(
    "party",
    [
        *("", "orgs", "Orgs/a", "orgs/", "/a", "a/" * 7 + "a", "orgs/" + "x" * 65),
        *("Telegram:1", "telegram:", ":1", "a b:1", "x" * 33 + ":1", "x:" + "1" * 129),
        *("telegram:a\u202eb", "x:\0"),
    ],
)
def test_what_is_no_party_is_refused(party: str) -> None:
    with pytest.raises(RowError):
        check_party(party)


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        (check_asset, "coin"),
        (check_asset, ""),
        (check_asset, "C" * 25),
        (check_reference, "two words"),
        (check_reference, "ann@example.org"),
        (check_reference, "x" * 65),
        (check_reference, "ä"),
    ],
)
def test_other_bad_fields_are_refused(check: Callable[[str], str], bad: str) -> None:
    with pytest.raises(RowError):
        check(bad)


def test_texts_come_in_form_c_and_clean() -> None:
    assert check_text("u\u0308ber\nzwei", "memo", longest=9) == "über\nzwei"
    for bad in ("x" * 10, "\u202eabc", "a\tb", "\ud800"):
        with pytest.raises(RowError):
            check_text(bad, "memo", longest=9)


@pytest.mark.parametrize(
    "sides", [("orgs/a", "orgs/a"), (SINK, "orgs/a"), ("orgs/a", MINT), (MINT, MINT)]
)
def test_movements_that_cannot_be(sides: tuple[str, str]) -> None:
    with pytest.raises(RowError):
        check_leg(Leg(*sides, "COIN", "1"))


# --- ids ------------------------------------------------------------------------------------------


def row(number: int = 2, *, party: str = "", asset: str = "COIN", reference: str = "") -> Row:
    return Row(number, number, (Leg(MINT, party, asset, "1"),), party, reference=reference)


def test_ids_never_change() -> None:
    """Literal: what was imported years ago must get the same id."""
    assert import_id("a", "b") == "b6fa20d9-977c-53e1-9f6d-085fc4088c86"
    assert import_id("1:a", "b") != import_id("1", "a:b")
    assert import_id("ab", "c") != import_id("a", "bc")


def test_a_row_is_known_by_reference_account_or_number() -> None:
    both = Contents.TRANSACTIONS, Contents.BALANCES
    ids = {
        naming.transaction_id(contents, each)
        for contents in both
        for naming in (Naming("sheet"), Naming("other"))
        for each in (
            row(2, party="telegram:1"),
            row(3, party="telegram:2", asset="GEM"),
            row(2, party="telegram:1", reference="r"),
        )
    }
    assert len(ids) == 12
    name = Naming("sheet").transaction_id
    # A reference says it all, and so does an opening balance's account.
    assert name(both[0], row(2, reference="r")) == name(both[0], row(9, reference="r"))
    assert name(both[1], row(2, party="x:1")) == name(both[1], row(9, party="x:1"))
    assert name(both[0], row(2)) != name(both[0], row(9))


def test_a_transaction_without_reference_and_name_cannot_be_known() -> None:
    with pytest.raises(RowError, match="--name"):
        Naming().transaction_id(Contents.TRANSACTIONS, row())
    Naming().transaction_id(Contents.TRANSACTIONS, row(reference="r"))
    Naming().transaction_id(Contents.BALANCES, row(party="x:1"))


# --- funds ----------------------------------------------------------------------------------------


@pytest.fixture
def funds() -> Funds:
    made = Funds({"COIN": 0, "GEM": 100}, {"COIN": 2, "GEM": 0}, {"users/ann": "telegram:ann"})
    made.begin("users/ann", "COIN", 500, 100)
    made.begin("orgs/rich", "COIN", LARGEST_AMOUNT - 5, 0)
    made.begin_supply("GEM", Supply(minted=90, burned=10))
    return made


def test_funds_are_followed_row_by_row(funds: Funds) -> None:
    steps = [
        ([("users/ann", "orgs/a", "COIN", 401)], "telegram:ann has 4.00 COIN"),
        ([("users/ann", "orgs/a", "COIN", 400)], ""),
        ([("users/ann", "orgs/a", "COIN", 1)], "telegram:ann has 0.00 COIN"),
        ([("orgs/a", "x:new", "COIN", 401)], "orgs/a has 4.00 COIN at this point and needs 4.01"),
        ([("orgs/a", "x:new", "COIN", 400)], ""),
        ([("x:new", "orgs/a", "COIN", 3), ("orgs/a", SINK, "COIN", 3)], ""),
        ([("x:new", "orgs/a", "COIN", 398)], "x:new has 3.97 COIN"),
        ([("x:new", "orgs/rich", "COIN", 6)], "more COIN than the ledger can count"),
        ([("x:new", "orgs/rich", "COIN", 5)], ""),
    ]
    for number, (legs, told) in enumerate(steps):
        assert told in (found := funds.take(legs)), (number, found)
        assert bool(found) == bool(told), (number, found)


def test_the_cap_is_followed_too(funds: Funds) -> None:
    assert "it would make 101 GEM of at most 100" in funds.take([(MINT, "orgs/a", "GEM", 21)])
    assert funds.take([(MINT, "orgs/a", "GEM", 20)]) == ""
    assert funds.take([(MINT, "orgs/a", "GEM", 1)])
    assert funds.take([("orgs/a", SINK, "GEM", 1)]) == ""
    assert funds.take([(MINT, "orgs/a", "GEM", 1)]) == ""
    assert funds.take([(MINT, "orgs/a", "COIN", LARGEST_AMOUNT)]) == ""
    assert "mint more COIN" in funds.take([(MINT, "orgs/b", "COIN", 1)])
