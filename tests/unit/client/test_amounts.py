import pytest
from hypothesis import given
from hypothesis import strategies as st
from ticketonomics_client import AmountError, format_amount, parse_amount


@pytest.mark.parametrize(
    ("text", "decimals", "minor"),
    [
        ("1.50", 2, 150),
        ("1.5", 2, 150),
        ("1.500", 2, 150),
        ("12", 0, 12),
        ("12", 9, 12_000_000_000),
        ("0.000000001", 9, 1),
        ("007", 0, 7),
        ("12.0", 0, 12),
        ("9223372036854775807", 0, 2**63 - 1),
        ("92233720368547758.07", 2, 2**63 - 1),
    ],
)
def test_display_units_become_minor_units_exactly(text: str, decimals: int, minor: int) -> None:
    assert parse_amount(text, decimals) == minor


@pytest.mark.parametrize(
    ("text", "decimals", "complaint"),
    [
        ("1.505", 2, "at most 2 decimals"),
        ("1.5", 0, "whole units"),
        ("1,500", 2, "comma"),
        ("1,5", 2, "comma"),
        ("-1", 2, "positive"),
        ("+1", 2, "positive"),
        ("1e3", 2, "positive"),
        ("nan", 2, "positive"),
        ("", 2, "positive"),
        (".5", 2, "positive"),
        ("5.", 2, "positive"),
        ("٣", 0, "positive"),
        ("0", 2, "more than 0"),
        ("0.00", 2, "more than 0"),
        ("9223372036854775808", 0, "9,223,372,036,854,775,807"),
        ("92233720368547758.08", 2, "more than the ledger can count"),
        ("9" * 5000, 0, "more than the ledger can count"),
    ],
)
def test_a_text_that_is_no_amount_is_explained(text: str, decimals: int, complaint: str) -> None:
    with pytest.raises(AmountError, match=complaint):
        parse_amount(text, decimals)


@pytest.mark.parametrize(
    ("minor", "decimals", "text"),
    [
        (150_000, 2, "1,500.00"),
        (1, 9, "0.000000001"),
        (1_234_567, 0, "1,234,567"),
        (-150, 2, "-1.50"),
        (0, 2, "0.00"),
    ],
)
def test_minor_units_are_written_grouped(minor: int, decimals: int, text: str) -> None:
    assert format_amount(minor, decimals) == text


@given(minor=st.integers(1, 2**63 - 1), decimals=st.integers(0, 9))
def test_what_is_written_reads_back_the_same(minor: int, decimals: int) -> None:
    assert parse_amount(format_amount(minor, decimals).replace(",", ""), decimals) == minor
