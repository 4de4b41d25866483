"""Prices, shares and bars, as they are said in a language."""

from decimal import ROUND_HALF_EVEN, Decimal

from babel.numbers import format_decimal

_DIGITS = 6
_BAR = 10


def format_price(price: str | Decimal, language: str) -> str:
    """Writes a price with six significant digits: `2.1`, `0.0625`, `1,204.05`."""
    value = Decimal(price)
    if value:
        # Digits behind the point, so that six count in all; large prices keep their whole part.
        places = max(0, _DIGITS - 1 - value.adjusted())
        value = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    return str(
        format_decimal(value.normalize(), format="#,##0.##################", locale=language)
    )


def format_percent(share: Decimal | float, language: str, *, signed: bool = False) -> str:
    """Writes a share of one as percent, with one decimal: `3.2 %`, `+3.2 %`."""
    value = (Decimal(share) * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_EVEN)
    sign = "+" if signed and value > 0 else ""
    return f"{sign}{format_decimal(value, format='#,##0.0', locale=language)}\u00a0%"


def format_bps(bps: int, language: str) -> str:
    """Writes basis points as percent, with two decimals: `0.30 %`."""
    value = Decimal(bps) / 100
    return f"{format_decimal(value, format='#,##0.##', locale=language)}\u00a0%"


def format_count(count: int | Decimal, language: str) -> str:
    """Writes a whole number as the language groups its digits."""
    return str(format_decimal(count, format="#,##0.##", locale=language))


def bar(part: float, whole: float) -> str:
    """Draws how much of a whole there is: `▰▰▰▱▱▱▱▱▱▱`."""
    filled = 0 if whole <= 0 else min(_BAR, max(0, int(_BAR * part / whole)))
    return "▰" * filled + "▱" * (_BAR - filled)
