"""What people have done: the deeds that count, and the row that counts them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum, StrEnum

from ticketonomics_server.engine.model import Undoable

# How many days back `Progress.active_days` tells of.
DAYS_KEPT = 62
_FIRST_DAY = date(1970, 1, 1).toordinal()


class EntryKind(IntEnum):
    """Kinds of entries that this room makes."""

    PROGRESS_MERGED = 250
    PROGRESS_ERASED = 251


@dataclass(slots=True, frozen=True)
class EndProgress:
    """A person was merged or erased: what the person has done goes the same way."""

    request_id: bytes
    body_hash: bytes
    person_id: str


@dataclass(slots=True, frozen=True)
class ProgressOfGone:
    """Declared by a person who is gone: that progress, and the target's, are in the state.

    Its row there is the id of the person whom it is part of now; empty for nobody's. Whoever
    decides by it takes it out of the state: it is true for one command.
    """


class Deed(StrEnum):
    """What counts as taking part; its value is the field of `Progress` that counts it.

    Transfers are none: two friends could make up as many as they like.
    """

    CLAIMED = "claimed"
    TAPPED = "tapped"
    WATCHED_AD = "watched_ads"
    CHATTED = "chatted"
    REFERRED = "referred"
    TRADED = "traded"
    PROVIDED_LIQUIDITY = "provided_liquidity"
    JOINED_QUEUE = "joined_queues"
    WON_QUEUE = "won_queues"
    PROPOSED = "proposed"
    VOTED = "voted"


def month_of(day: int) -> int:
    """Counts the months from the year 0 to the one in which a day lies."""
    first = date_of(day)
    return first.year * 12 + first.month - 1


def number_of(day: date) -> int:
    """Counts the days from 1970 to a day."""
    return day.toordinal() - _FIRST_DAY


def date_of(number: int) -> date:
    """Returns the day that is so many days after the first of 1970."""
    return date.fromordinal(number + _FIRST_DAY)


def day_of(time: datetime) -> int:
    """Counts the days from 1970 to the day on which a time lies, in UTC."""
    return number_of(time.astimezone(UTC).date())


@dataclass(slots=True, eq=False)
class Progress(Undoable):
    """What one person has done: how often each deed, and on which days.

    Attributes:
        first_day: Of the first deed; days are counted from 1970, in UTC.
        last_day: Of the last one.
        active_days: A bit for each of the last 62 days: bit 0 is `last_day`, bit 1 the day before.
        change_sequence: The last entry that counted.
        experience: What the deeds came to, see `counting`.
        day_points: What the deeds of `last_day` would have come to, if all counted in full.
        month: Of `last_day`, counted from the year 0: year × 12 + month, with January as 0.
        month_experience: How much of the experience is of that month.
        streak: Days with a deed without a gap, up to `last_day`.
        longest_streak: The longest streak there was.
        achievements: Each with the entry that earned it, such as ` voter:17 first_trade:20`.
    """

    person_id: str
    first_day: int
    last_day: int
    active_days: int
    change_sequence: int
    claimed: int = 0
    tapped: int = 0
    watched_ads: int = 0
    chatted: int = 0
    referred: int = 0
    traded: int = 0
    provided_liquidity: int = 0
    joined_queues: int = 0
    won_queues: int = 0
    proposed: int = 0
    voted: int = 0
    experience: int = 0
    day_points: int = 0
    month: int = 0
    month_experience: int = 0
    streak: int = 1
    longest_streak: int = 1
    achievements: str = ""

    @property
    def key(self) -> str:
        return self.person_id

    def has(self, achievement_id: str) -> bool:
        """Tells whether an achievement was earned."""
        return f" {achievement_id}:" in self.achievements

    def earned(self) -> dict[str, int]:
        """Reads the achievements, each with the entry that earned it."""
        pairs = (item.partition(":") for item in self.achievements.split())
        return {achievement_id: int(sequence) for achievement_id, _, sequence in pairs}

    def active_before(self, day: int, within: int) -> int:
        """Counts the days with a deed among the `within` days before a day, itself left out.

        What happened on that day or later does not change it, while it is at most 62 days back.
        """
        # Bit 0 of what is left is the day before.
        shift = self.last_day - (day - 1)
        bits = self.active_days >> shift if shift >= 0 else self.active_days << -shift
        return (bits & ((1 << within) - 1)).bit_count()
