from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ticketonomics_server.spending.model import Period, period_start, renew_time


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "time", "start", "renewed"),
    [
        (Period.HOUR, "2030-05-15T10:30:01", "2030-05-15T10:00", "2030-05-15T11:00"),
        (Period.DAY, "2030-05-15T10:30:01", "2030-05-15", "2030-05-16"),
        (Period.DAY, "2030-05-15T00:00:00", "2030-05-15", "2030-05-16"),
        (Period.WEEK, "2030-05-15T10:30:01", "2030-05-13", "2030-05-20"),
        (Period.WEEK, "2030-05-19T23:59:59", "2030-05-13", "2030-05-20"),
        (Period.WEEK, "2030-01-02T00:00:00", "2029-12-31", "2030-01-07"),
        (Period.MONTH, "2030-01-31T10:30:01", "2030-01-01", "2030-02-01"),
        (Period.MONTH, "2028-02-29T10:30:01", "2028-02-01", "2028-03-01"),
        (Period.MONTH, "2030-12-31T23:59:59", "2030-12-01", "2031-01-01"),
    ],
)
def test_periods_begin_by_the_calendar(period: Period, time: str, start: str, renewed: str) -> None:
    assert period_start(period, at(time)) == at(start)
    assert renew_time(period, at(time)) == at(renewed)


@pytest.mark.parametrize("period", [Period.TOTAL, Period.UNSPECIFIED])
def test_what_is_for_all_time_never_begins_anew(period: Period) -> None:
    assert period_start(period, at("2030-05-15")) == period_start(period, at("1999-01-01"))
    assert renew_time(period, at("2030-05-15")) is None


@given(
    st.sampled_from([Period.HOUR, Period.DAY, Period.WEEK, Period.MONTH]),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
)
def test_each_moment_lies_in_one_period(period: Period, time: datetime) -> None:
    start, renewed = period_start(period, time), renew_time(period, time)
    assert renewed is not None
    assert start <= time < renewed
    assert period_start(period, renewed) == renewed
    assert period_start(period, renewed - timedelta(microseconds=1)) == start
