"""Amounts as people write them, and as the ledger counts them."""

import re

LARGEST_AMOUNT = 2**63 - 1

_AMOUNT = re.compile(r"([0-9]+)(?:\.([0-9]+))?")


class AmountError(ValueError):
    """A text that is no amount of this asset; the message says why, to a person."""


def parse_amount(text: str, decimals: int) -> int:
    """Reads an amount in display units, exactly, as minor units: `1.50` with 2 decimals is 150.

    Raises:
        AmountError: No positive decimal number, finer than the asset's unit, or above an int64.
    """
    if "," in text:
        # 1,500 is fifteen hundred to some and one and a half to others. Money is no place to guess.
        raise AmountError(f"{text!r} has a comma; write 1500 or 1.5")
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise AmountError(f"{text!r} is not a positive number such as 12 or 1.50")
    whole, fraction = match[1], (match[2] or "").rstrip("0")
    if len(fraction) > decimals:
        finest = "whole units" if decimals == 0 else f"at most {decimals} decimals"
        raise AmountError(f"{text} is too fine: this asset has {finest}")
    # Checked by length first, because int() of a very long text is slow, then refused.
    digits = (whole.lstrip("0") + fraction.ljust(decimals, "0")).lstrip("0") or "0"
    if len(digits) > 19 or int(digits) > LARGEST_AMOUNT:
        largest = format_amount(LARGEST_AMOUNT, decimals)
        raise AmountError(f"{text} is more than the ledger can count: {largest}")
    if int(digits) == 0:
        raise AmountError("the amount must be more than 0")
    return int(digits)


def format_amount(minor: int, decimals: int) -> str:
    """Writes minor units in display units, grouped, with all decimals: 150000 is `1,500.00`."""
    sign = "-" if minor < 0 else ""
    whole, fraction = divmod(abs(minor), 10**decimals)
    return f"{sign}{whole:,}" + (f".{fraction:0{decimals}d}" if decimals else "")
