"""When a repeated schedule is due: a table of wall clocks, and what always holds."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ticketonomics_server.payments.recurrence import (
    Frequency,
    Rule,
    load_zone,
    next_occurrence,
    zone_names,
)

DAILY, WEEKLY, MONTHLY = Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY


def at(text: str, zone: str = "UTC", fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=load_zone(zone), fold=fold).astimezone(UTC)


def occurrences(rule: Rule, count: int) -> list[datetime]:
    found = [rule.first_time]
    while len(found) < count:
        following = next_occurrence(rule, found[-1])
        assert following is not None
        found.append(following)
    return found


# Frequency, interval, zone, then wall clocks of that zone, one after the other.
TABLE = [
    (DAILY, 1, "UTC", ["2026-02-27T09:00", "2026-02-28T09:00", "2026-03-01T09:00"]),
    # Over the beginning and the end of summer time: 09:00 stays 09:00.
    (DAILY, 1, "Europe/Berlin", ["2026-03-28T09:00", "2026-03-29T09:00", "2026-03-30T09:00"]),
    (DAILY, 1, "Europe/Berlin", ["2026-10-24T09:00", "2026-10-25T09:00", "2026-10-26T09:00"]),
    (DAILY, 3, "America/New_York", ["2026-12-30T23:30", "2027-01-02T23:30"]),
    (WEEKLY, 1, "Europe/Berlin", ["2026-03-23T09:00", "2026-03-30T09:00", "2026-04-06T09:00"]),
    (WEEKLY, 2, "Asia/Kolkata", ["2026-01-01T00:15", "2026-01-15T00:15", "2026-01-29T00:15"]),
    # The 31st is the last day of shorter months, and the 31st again.
    (
        MONTHLY,
        1,
        "Europe/Berlin",
        ["2026-01-31T09:00", "2026-02-28T09:00", "2026-03-31T09:00", "2026-04-30T09:00"],
    ),
    (MONTHLY, 1, "UTC", ["2028-01-30T00:00", "2028-02-29T00:00", "2028-03-30T00:00"]),
    (MONTHLY, 12, "UTC", ["2028-02-29T12:00", "2029-02-28T12:00", "2030-02-28T12:00"]),
    (MONTHLY, 5, "UTC", ["2026-08-31T12:00", "2027-01-31T12:00", "2027-06-30T12:00"]),
]


@pytest.mark.parametrize(("frequency", "interval", "zone", "walls"), TABLE)
def test_occurrences_keep_the_wall_clock(
    frequency: Frequency, interval: int, zone: str, walls: list[str]
) -> None:
    rule = Rule(at(walls[0], zone), frequency, interval, zone)
    assert occurrences(rule, len(walls)) == [at(wall, zone) for wall in walls]


def test_a_time_that_the_clocks_leap_over_is_as_much_later() -> None:
    rule = Rule(at("2026-03-28T02:30", "Europe/Berlin"), DAILY, 1, "Europe/Berlin")
    leapt = at("2026-03-29T03:30", "Europe/Berlin")
    assert occurrences(rule, 3)[1:] == [leapt, at("2026-03-30T02:30", "Europe/Berlin")]
    assert leapt == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_first_of_the_two() -> None:
    rule = Rule(at("2026-10-24T02:30", "Europe/Berlin"), DAILY, 1, "Europe/Berlin")
    twice = occurrences(rule, 3)
    assert twice[1] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert twice[2] == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_schedule_that_begins_in_the_second_of_two_hours_goes_on_the_next_day() -> None:
    second = at("2026-10-25T02:30", "Europe/Berlin", fold=1)
    rule = Rule(second, DAILY, 1, "Europe/Berlin")
    assert occurrences(rule, 2) == [second, datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_a_day_that_a_zone_left_out_is_no_second_occurrence() -> None:
    """Samoa had no 30 December 2011: that day's and the next day's fall together."""
    rule = Rule(at("2011-12-29T09:00", "Pacific/Apia"), DAILY, 1, "Pacific/Apia")
    found = occurrences(rule, 3)
    days = ("2011-12-31T09:00", "2012-01-01T09:00")
    assert found[1:] == [at(day, "Pacific/Apia") for day in days]


def test_what_was_missed_is_skipped() -> None:
    rule = Rule(at("2026-01-01T09:00"), DAILY, 1, "UTC")
    assert next_occurrence(rule, at("2026-06-15T10:00")) == at("2026-06-16T09:00")
    assert next_occurrence(rule, at("2026-06-16T09:00")) == at("2026-06-17T09:00")


def test_before_the_first_time_comes_the_first_time() -> None:
    for frequency in Frequency:
        rule = Rule(at("2026-01-01T09:00"), frequency, 1, "UTC")
        assert next_occurrence(rule, at("2025-01-01T09:00")) == rule.first_time


def test_once_is_once_and_the_calendar_ends() -> None:
    assert next_occurrence(Rule(at("2026-01-01T09:00")), at("2026-01-01T09:00")) is None
    last = Rule(at("9999-12-31T09:00"), DAILY, 1, "UTC")
    assert next_occurrence(last, last.first_time) is None
    monthly = Rule(at("9999-12-31T09:00"), MONTHLY, 1, "UTC")
    assert next_occurrence(monthly, monthly.first_time) is None


def test_every_named_zone_can_be_loaded() -> None:
    assert {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"} <= zone_names()
    for name in zone_names():
        assert load_zone(name).key == name


ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
RULES = st.builds(
    Rule,
    first_time=st.datetimes(
        min_value=datetime(2000, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC)
    ),
    frequency=st.sampled_from([DAILY, WEEKLY, MONTHLY]),
    interval=st.integers(1, 40),
    time_zone=st.sampled_from(ZONES),
)


@given(RULES, st.timedeltas(timedelta(0), timedelta(days=20_000)))
def test_the_next_occurrence_is_later_and_none_lies_between(rule: Rule, passed: timedelta) -> None:
    after = rule.first_time + passed
    found = next_occurrence(rule, after)
    assert found is not None
    assert found > after
    # Whoever asks at any time in between gets the same one: none is skipped, none comes twice.
    for share in (0.25, 0.5, 0.999):
        between = after + (found - after) * share
        assert next_occurrence(rule, between) == found
    assert next_occurrence(rule, found) != found


@given(RULES)
def test_occurrences_stay_on_the_wall_clock_and_skip_none(rule: Rule) -> None:
    zone = load_zone(rule.time_zone)
    walls = [time.astimezone(zone) for time in occurrences(rule, 30)]
    first = walls[0]
    for wall in walls:
        drift = wall.replace(tzinfo=None) - datetime.combine(wall.date(), first.time())
        # Only where the clocks leap over it, and then by as much as they leap.
        assert drift in (timedelta(0), timedelta(minutes=30), timedelta(hours=1)), wall
        if drift:
            before = (wall - timedelta(days=1)).utcoffset()
            assert before is not None
            assert wall.utcoffset() - before == drift
    for one, other in pairwise(walls):
        if rule.frequency == MONTHLY:
            months = (other.year - one.year) * 12 + other.month - one.month
            assert months == rule.interval
        else:
            days = rule.interval * (7 if rule.frequency == WEEKLY else 1)
            # Past midnight a leap can end on the next day.
            assert abs((other.date() - one.date()).days - days) <= 1
