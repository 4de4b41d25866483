"""Amounts as people write them in chats, and as they are shown: exact, and compact."""

import re
from decimal import ROUND_DOWN, Decimal

from babel.numbers import format_decimal

LARGEST_AMOUNT = 2**63 - 1
# What follows a number: Latin and Cyrillic, as both keyboards write it.
_POWERS = {
    "": 0,
    **dict.fromkeys(("k", "к", "тыс"), 3),
    **dict.fromkeys(("m", "м", "kk", "кк", "млн", "mln"), 6),
    **dict.fromkeys(("b", "млрд", "bn"), 9),
}
_COMPACT = ((9, "b"), (6, "m"), (3, "k"))
_AMOUNT = re.compile(r"([0-9]+)(?:\.([0-9]+))?\.?([^\W\d_]*)\.?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(\.[0-9]+)[^\W\d_]*|[0-9]{1,3}(?:,[0-9]{3}){2,}")
# One comma with other than three digits behind it can only begin a fraction.
_COMMA_FRACTION = re.compile(r"[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})[^\W\d_]*")
_GAPS = re.compile("(?<=[0-9])[\u00a0\u202f\u2009](?=[0-9]{3}(?![0-9]))")


class AmountError(ValueError):
    """A text that is no amount of this asset.

    Attributes:
        text_id: Id of the text that says so to a person.
        decimals: How many decimals the asset has, for that text.
    """

    def __init__(self, text_id: str, *, decimals: int = 0) -> None:
        super().__init__(text_id)
        self.text_id = text_id
        self.decimals = decimals


def close_gaps(text: str) -> str:
    """Joins digits that are grouped by narrow or non-breaking spaces, as the bot writes them."""
    return _GAPS.sub("", text)


def looks_like_amount(text: str) -> bool:
    """Tells whether a word is meant as an amount, be it a good one or not."""
    return bool(re.match(r"[-+]?[.,]?[0-9]", text))


def parse_amount(text: str, decimals: int) -> int:
    """Reads an amount in display units as minor units, exactly: `1.5k` with 2 decimals is 150000.

    Raises:
        AmountError: It is no number, not positive, ambiguous, finer than the asset's unit, or
            above an int64.
    """
    written = close_gaps(text.strip().lower())
    if written.startswith((".", ",")):
        written = "0" + written
    if "," in written:
        if _GROUPED.fullmatch(written):
            written = written.replace(",", "")
        elif _COMMA_FRACTION.fullmatch(written):
            written = written.replace(",", ".")
        else:
            # 1,500 is fifteen hundred to some and one and a half to others.
            raise AmountError("amount-comma")
    match = _AMOUNT.fullmatch(written)
    if match is None or match[3] not in _POWERS:
        raise AmountError("amount-negative" if written.startswith("-") else "amount-malformed")
    whole, fraction = match[1], (match[2] or "").rstrip("0")
    places = decimals + _POWERS[match[3]]
    if len(fraction) > places:
        raise AmountError("amount-too-fine", decimals=decimals)
    # Checked by length first, because int() of a very long text is slow, then refused.
    digits = (whole.lstrip("0") + fraction.ljust(places, "0")).lstrip("0") or "0"
    if len(digits) > 19 or int(digits) > LARGEST_AMOUNT:
        raise AmountError("amount-too-large")
    if int(digits) == 0:
        raise AmountError("amount-zero")
    return int(digits)


def format_amount(minor: int, decimals: int, language: str) -> str:
    """Writes minor units exactly, as the language groups digits: `1,234.50`, `1 234,50`."""
    value = Decimal(minor).scaleb(-decimals)
    pattern = "#,##0." + "0" * decimals if decimals else "#,##0"
    return str(format_decimal(value, format=pattern, locale=language, decimal_quantization=False))


def format_compact(minor: int, decimals: int) -> str:
    """Writes minor units short and never as more than they are: `5k`, `1.2m`, `12.34`."""
    value = Decimal(abs(minor)).scaleb(-decimals)
    sign = "-" if minor < 0 else ""
    for power, suffix in _COMPACT:
        if value >= Decimal(10) ** power:
            scaled = value.scaleb(-power)
            places = 1 if scaled < 100 else 0
            short = scaled.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN)
            return f"{sign}{_plain(short)}{suffix}"
    return f"{sign}{_plain(value)}"


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
