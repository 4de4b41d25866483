"""When a repeated schedule is due. Pure: the time zones are data of the package `tzdata`.

Not those of the machine: all servers of one release then know the same rules of summer time.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_ZONES = files("tzdata")


class Frequency(IntEnum):
    """As in the contract's `Repeat.Frequency`; ONCE is a schedule without one."""

    ONCE = 0
    DAILY = 1
    WEEKLY = 2
    MONTHLY = 3


@dataclass(slots=True, frozen=True)
class Rule:
    """How a schedule repeats.

    Attributes:
        first_time: The first occurrence; its wall clock is that of all others.
        interval: So many days, weeks or months lie between two occurrences.
        time_zone: IANA name.
    """

    first_time: datetime
    frequency: Frequency = Frequency.ONCE
    interval: int = 1
    time_zone: str = "UTC"


@cache
def zone_names() -> frozenset[str]:
    """Returns the names of all time zones."""
    return frozenset((_ZONES / "zones").read_text(encoding="utf-8").split())


@cache
def load_zone(name: str) -> ZoneInfo:
    """Loads a time zone that `zone_names` has."""
    with _ZONES.joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def next_occurrence(rule: Rule, after: datetime) -> datetime | None:
    """Finds the first occurrence after a time; None where there is none, or none before year 9999.

    Occurrences have the wall clock of the first one. Where the clocks leap over it, the occurrence
    is as much later as they leap; where they show it twice, it is the first of the two. A month
    that is too short has its occurrence on its last day.
    """
    if after < rule.first_time:
        return rule.first_time
    if rule.frequency == Frequency.ONCE:
        return None
    zone = load_zone(rule.time_zone)
    anchor = rule.first_time.astimezone(zone).replace(tzinfo=None, fold=0)
    # One earlier than a count of whole steps says: wall clocks of one day differ by an offset.
    number = max(1, _steps(rule, anchor.date(), after.astimezone(zone).date()) - 1)
    try:
        while True:
            wall = datetime.combine(_day(rule, anchor.date(), number), anchor.time())
            found = wall.replace(tzinfo=zone).astimezone(UTC)
            if found > after:
                return found
            number += 1
    except (OverflowError, ValueError):
        return None


def _steps(rule: Rule, first: date, last: date) -> int:
    if rule.frequency == Frequency.MONTHLY:
        months = (last.year - first.year) * 12 + last.month - first.month
        return months // rule.interval
    return (last - first).days // _days(rule)


def _days(rule: Rule) -> int:
    return rule.interval * (7 if rule.frequency == Frequency.WEEKLY else 1)


def _day(rule: Rule, first: date, number: int) -> date:
    """The day of the occurrence of this number, the first one being number 0."""
    if rule.frequency != Frequency.MONTHLY:
        return first + timedelta(days=number * _days(rule))
    years, month = divmod(first.month - 1 + number * rule.interval, 12)
    year = first.year + years
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
