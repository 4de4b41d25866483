"""What is read of the words behind commands, and how numbers are said."""

from datetime import date
from decimal import Decimal

import pytest
from ticketonomics.parameters.v1.parameter_pb2 import Parameter
from ticketonomics_bot.alerts import read_alert
from ticketonomics_bot.commands.economy import days_of
from ticketonomics_bot.commands.queue import read_queue
from ticketonomics_bot.commands.swap import least_output, read_swap
from ticketonomics_bot.numbers import bar, format_bps, format_percent, format_price
from ticketonomics_bot.parameters import parse_value
from ticketonomics_bot.visit import Complaint


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("5k BRONZE IRON", ("5k", "BRONZE", "IRON")),
        ("5 k bronze to iron", ("5k", "bronze", "iron")),
        ("0.5 бронза на iron", ("0.5", "бронза", "iron")),
        ("5 BRONZE -> IRON", ("5", "BRONZE", "IRON")),
        ("BRONZE IRON", None),
        ("5 BRONZE", None),
        ("5 BRONZE IRON GOLD", None),
        ("", None),
    ],
)
def test_swaps_are_read(text: str, read: tuple[str, str, str] | None) -> None:
    found = read_swap(text)
    assert (found and (found.amount, found.given, found.wanted)) == read


def test_the_least_output_is_a_hundredth_less_and_never_nothing() -> None:
    assert [least_output(amount) for amount in (10_000, 101, 1)] == [9_900, 99, 1]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("bronze small", ("BRONZE", "small")),
        ("золото большая", ("GOLD", "large")),
        ("M silver", ("SILVER", "medium")),
        ("ruby", ("RUBY", "small")),
        ("BRONZE-large", ("BRONZE", "large")),
        ("diamond", None),
        ("small", None),
        ("", None),
    ],
)
def test_queues_are_read(text: str, read: tuple[str, str] | None) -> None:
    assert read_queue(text) == read


@pytest.mark.parametrize(
    ("text", "natural", "read"),
    [
        ("IRON >= 2.1", False, ("IRON", True, "2.1")),
        ("iron≤0,5", False, ("iron", False, "0.5")),
        ("pools/iron < 3", False, ("pools/iron", False, "3")),
        ("tell me when IRON ≥ 2.1", True, ("IRON", True, "2.1")),
        ("Скажи, когда IRON > 2", True, ("IRON", True, "2")),
        ("сообщи мне, если iron <= 1.5", True, ("iron", False, "1.5")),
        ("IRON >= 2.1", True, None),
        ("IRON >= 0", False, None),
        ("IRON >= 2.1.3", False, None),
        ("IRON 5m", False, None),
        ("tell me when it rains", True, None),
    ],
)
def test_alerts_are_read(text: str, natural: bool, read: tuple[str, bool, str] | None) -> None:
    found = read_alert(text, natural=natural)
    assert (found and (found.name, found.above, str(found.level))) == read


def test_numbers_are_said_as_the_language_has_them() -> None:
    assert format_price("2.1", "en") == "2.1"
    assert format_price("0.062512345678", "en") == "0.0625123"
    assert format_price("1204.056789", "ru") == "1\u00a0204,06"
    assert format_price("12345678.9", "en") == "12,345,679"
    assert format_price("0", "en") == "0"
    assert format_percent(Decimal("0.0321"), "en", signed=True) == "+3.2\u00a0%"
    assert format_percent(Decimal("-0.0321"), "ru", signed=True) == "-3,2\u00a0%"
    assert format_bps(30, "en") == "0.3\u00a0%"
    assert [bar(part, 20) for part in (0, 10, 20)] == ["▱" * 10, "▰" * 5 + "▱" * 5, "▰" * 10]
    assert bar(1, 0) == "▱" * 10


def test_days_without_a_row_are_as_the_one_before() -> None:
    rows = [
        (date(2026, 1, 1), 1_000, 0, 1_000),
        (date(2026, 1, 3), 1_500, 300, 1_200),
    ]
    figures = days_of(rows, start=date(2026, 1, 2), end=date(2026, 1, 4), unit=100)
    assert [(one.day.day, one.circulating, one.minted, one.burned) for one in figures] == [
        (2, 10.0, 0.0, 0.0),
        (3, 12.0, 5.0, 3.0),
        (4, 12.0, 0.0, 0.0),
    ]
    assert days_of([], start=date(2026, 1, 2), end=date(2026, 1, 4), unit=100) == []


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Parameter.TYPE_INTEGER, "7", 7),
        (Parameter.TYPE_INTEGER, "11", "parameter-out-of-bounds"),
        (Parameter.TYPE_INTEGER, "7 8", "parameter-malformed"),
        (Parameter.TYPE_INTEGER, "9" * 5_000, "parameter-malformed"),
        (Parameter.TYPE_INTEGER, "²", "parameter-malformed"),
        (Parameter.TYPE_BOOLEAN, "On", True),
        (Parameter.TYPE_BOOLEAN, "нет", False),
        (Parameter.TYPE_BOOLEAN, "maybe", "parameter-malformed"),
        (Parameter.TYPE_CHOICE, "one", "one"),
        (Parameter.TYPE_CHOICE, "three", "parameter-malformed"),
        (Parameter.TYPE_INTEGER_LIST, "1, 2 3", [1, 2, 3]),
        (Parameter.TYPE_INTEGER_LIST, "1", "parameter-malformed"),
    ],
)
def test_values_of_parameters_are_read(kind: Parameter.Type, text: str, value: object) -> None:
    parameter = Parameter(
        type=kind,
        minimum=0,
        maximum=10,
        choices=["one", "two"],
        least_count=2,
        greatest_count=3,
    )
    try:
        found: object = parse_value(parameter, text)
    except Complaint as complaint:
        found = complaint.text_id
    assert found == value
