"""Checks what requests of this room name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ticketonomics_server.prices.model import INTERVALS_SECONDS, is_instrument
from ticketonomics_server.rpc.fields import check_asset_code, check_time, invalid

MOST_WATCHED = 100
MOST_CANDLES = 1_000


def check_instrument(value: str, field: str) -> str:
    """Returns an instrument's name, or refuses what has not the form of one."""
    if not is_instrument(value):
        raise invalid(field, "is not an instrument's name such as pools/iron")
    return value


def check_instruments(values: Sequence[str]) -> frozenset[str] | None:
    """Returns the instruments of a stream; None for all."""
    if len(values) > MOST_WATCHED:
        raise invalid("instruments", f"has more than {MOST_WATCHED} names")
    return frozenset(check_instrument(value, "instruments") for value in values) or None


def check_source(value: str) -> str:
    """Returns where instruments are traded; empty for everywhere."""
    if value and ("/" in value or not is_instrument(f"{value}/x")):
        raise invalid("source", "is not what an instrument's name has before its first slash")
    return value


def check_optional_asset(value: str, field: str) -> str:
    """Returns an asset's code; empty for any."""
    return check_asset_code(value, field) if value else ""


def check_interval(number: int) -> int:
    """Returns how many seconds an interval has."""
    if not 1 <= number <= len(INTERVALS_SECONDS):
        raise invalid("interval", "is not one of those that candles have")
    return INTERVALS_SECONDS[number - 1]


def check_snapshot_size(value: int) -> int:
    """Returns how many candles a snapshot has."""
    if not 0 <= value <= MOST_CANDLES:
        raise invalid("snapshot_size", f"is not between 0 and {MOST_CANDLES}")
    return value or 1


def check_cursor(request: Any, last_sequence: int) -> int | None:
    """Returns the cursor that a stream resumes behind; None where it begins anew."""
    if not request.HasField("after_sequence"):
        return None
    cursor: int = request.after_sequence
    if not 0 <= cursor <= last_sequence:
        raise invalid("after_sequence", "is not a sequence number of this economy yet")
    return cursor


def requested_times(request: Any) -> tuple[datetime | None, datetime | None]:
    """Returns the time from which on, and before which, something is asked for."""
    start, end = (
        check_time(getattr(request, name), name) if request.HasField(name) else None
        for name in ("start_time", "end_time")
    )
    return start, end
