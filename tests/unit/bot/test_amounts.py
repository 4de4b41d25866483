"""Amounts as people write them: doubt is refused, and what is shown can be typed again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ticketonomics_bot.amounts import AmountError, format_amount, format_compact, parse_amount

LARGEST = 2**63 - 1


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("12", 1_200),
        ("0.5", 50),
        (".5", 50),
        ("0,5", 50),
        ("5k", 500_000),
        ("5K", 500_000),
        ("5к", 500_000),
        ("5тыс", 500_000),
        ("5тыс.", 500_000),
        ("1.2m", 120_000_000),
        ("1,2м", 120_000_000),
        ("1.2млн", 120_000_000),
        ("3kk", 300_000_000),
        ("2кк", 200_000_000),
        ("1b", 100_000_000_000),
        ("1.00001k", 100_001),
        ("1,234.50", 123_450),
        ("1,234,567", 123_456_700),
        ("1,234,567.80", 123_456_780),
        ("1\u00a0234,50", 123_450),
        ("1\u202f234\u202f567", 123_456_700),
        ("007", 700),
        ("92233720368547758.07", LARGEST),
    ],
)
def test_what_people_write_is_read_exactly(text: str, minor: int) -> None:
    assert parse_amount(text, 2) == minor


@pytest.mark.parametrize(
    ("text", "text_id"),
    [
        ("1,500", "amount-comma"),
        ("1,50,0", "amount-comma"),
        ("0", "amount-zero"),
        ("0.00", "amount-zero"),
        ("-5", "amount-negative"),
        ("+5", "amount-malformed"),
        ("0.001", "amount-too-fine"),
        ("1.000001k", "amount-too-fine"),
        ("92233720368547758.08", "amount-too-large"),
        ("9" * 5_000, "amount-too-large"),
        ("5x", "amount-malformed"),
        ("5kkk", "amount-malformed"),
        ("1e5", "amount-malformed"),
        ("five", "amount-malformed"),
        ("", "amount-malformed"),
        ("٥", "amount-malformed"),
        ("1.2.3", "amount-malformed"),
        ("0x10", "amount-malformed"),
    ],
)
def test_what_is_no_amount_says_why(text: str, text_id: str) -> None:
    with pytest.raises(AmountError) as caught:
        parse_amount(text, 2)
    assert caught.value.text_id == text_id


@given(st.integers(1, LARGEST), st.integers(0, 9), st.sampled_from(["en", "ru"]))
def test_what_is_shown_means_the_same_when_typed(minor: int, decimals: int, language: str) -> None:
    shown = format_amount(minor, decimals, language)
    try:
        assert parse_amount(shown, decimals) == minor
    except AmountError as error:
        # Whole numbers with one comma, such as 1,500, are what it cannot know.
        assert error.text_id == "amount-comma" and shown.count(",") == 1


@given(st.integers(0, LARGEST), st.integers(0, 9))
def test_the_short_form_never_says_more_than_there_is(minor: int, decimals: int) -> None:
    short = format_compact(minor, decimals)
    read = parse_amount(short, decimals) if minor and short != "0" else 0
    assert read <= minor
    assert minor - read <= minor // 10


@pytest.mark.parametrize(
    ("minor", "short"),
    [
        (0, "0"),
        (1_234, "12.34"),
        (99_999, "999.99"),
        (100_000, "1k"),
        (123_456, "1.2k"),
        (99_999_999, "999k"),
        (120_000_000, "1.2m"),
        (-500_000, "-5k"),
        (5_000_000_000_000, "50b"),
    ],
)
def test_short_forms(minor: int, short: str) -> None:
    assert format_compact(minor, 2) == short


def test_each_language_groups_digits_its_way() -> None:
    assert format_amount(123_450, 2, "en") == "1,234.50"
    assert format_amount(123_450, 2, "ru") == "1\u00a0234,50"
    assert format_amount(-5, 2, "en") == "-0.05"
    assert format_amount(LARGEST, 0, "en") == "9,223,372,036,854,775,807"
