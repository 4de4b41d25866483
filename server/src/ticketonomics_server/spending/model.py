"""What spending is about: limits on what applications take, and the commands that set them.

An allowance is a limit that a person sets on what an application takes from that person's account;
a budget is a limit that an operator sets on all that it takes. Both are rows of one kind.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from ticketonomics_server.engine.model import Undoable


class EntryKind(IntEnum):
    """Kinds of entries that this room makes."""

    ALLOWANCE_GRANTED = 60
    ALLOWANCE_REVOKED = 61
    BUDGET_SET = 62
    BUDGET_REMOVED = 63


class RecordKind(IntEnum):
    """As in the contract's `SpendingRecord.Kind`."""

    SET = 1
    REMOVED = 2
    SPENT = 3
    RETURNED = 4


class Period(IntEnum):
    """As in the contract; unspecified where a person wants to be asked each time."""

    UNSPECIFIED = 0
    TOTAL = 1
    HOUR = 2
    DAY = 3
    WEEK = 4
    MONTH = 5


_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)


def period_start(period: int, time: datetime) -> datetime:
    """Returns when the period began in which a time lies, by UTC."""
    hour = time.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    match period:
        case Period.HOUR:
            return hour
        case Period.DAY:
            return day
        case Period.WEEK:
            return day - timedelta(days=day.weekday())
        case Period.MONTH:
            return day.replace(day=1)
        case _:
            return _ALWAYS


def renew_time(period: int, time: datetime) -> datetime | None:
    """Returns when the next period begins; None where there is only one."""
    start = period_start(period, time)
    match period:
        case Period.HOUR:
            return start + timedelta(hours=1)
        case Period.DAY:
            return start + timedelta(days=1)
        case Period.WEEK:
            return start + timedelta(days=7)
        case Period.MONTH:
            return (start + timedelta(days=31)).replace(day=1)
        case _:
            return None


@dataclass(slots=True, eq=False)
class SpendingLimit(Undoable):
    """The most that an application takes of an asset in a period.

    Attributes:
        person_id: Whose allowance it is; empty for a budget.
        amount: In minor units; 0 where the person wants to be asked each time.
        spent: Taken in the period that began at `start_time`, in minor units.
        since_sequence: The entry from which on is counted: what was taken before is of other terms.
        set_time: When its terms were last set.
        expire_time: From then on it allows nothing; None for never.
    """

    application_id: str
    person_id: str
    asset: str
    amount: int
    period: int
    spent: int
    start_time: datetime
    since_sequence: int
    set_time: datetime
    expire_time: datetime | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.application_id, self.person_id, self.asset

    @property
    def asks(self) -> bool:
        return self.amount == 0

    def spent_at(self, time: datetime) -> int:
        """What counts at a time, not before `start_time`."""
        return self.spent if self.start_time == period_start(self.period, time) else 0

    def expired_at(self, time: datetime) -> bool:
        """Whether it allows nothing any more."""
        return self.expire_time is not None and self.expire_time <= time

    def left_at(self, time: datetime) -> int:
        """What may still be taken; nothing where the terms were lowered below what was spent."""
        return 0 if self.expired_at(time) else max(self.amount - self.spent_at(time), 0)


@dataclass(slots=True, frozen=True)
class GrantAllowance:
    """Asks to let an application take from a person's account."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    application_id: str
    asset: str
    amount: int
    period: int
    expire_time: datetime | None


@dataclass(slots=True, frozen=True)
class RevokeAllowance:
    """Asks to let it take nothing more."""

    request_id: bytes
    body_hash: bytes
    person_id: str
    application_id: str
    asset: str


@dataclass(slots=True, frozen=True)
class SetBudget:
    """Asks to limit what an application takes."""

    request_id: bytes
    body_hash: bytes
    application_id: str
    asset: str
    amount: int
    period: int


@dataclass(slots=True, frozen=True)
class RemoveBudget:
    """Asks to limit it no more."""

    request_id: bytes
    body_hash: bytes
    application_id: str
    asset: str
