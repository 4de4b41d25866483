"""What people have done: the deeds that count, and the row that counts them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from ticketonomics_server.engine.model import Undoable

# How many days back `Progress.active_days` tells of.
DAYS_KEPT = 62
_FIRST_DAY = date(1970, 1, 1).toordinal()


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


def day_of(time: datetime) -> int:
    """Counts the days from 1970 to the day on which a time lies, in UTC."""
    return time.astimezone(UTC).date().toordinal() - _FIRST_DAY


@dataclass(slots=True, eq=False)
class Progress(Undoable):
    """What one person has done: how often each deed, and on which days.

    Attributes:
        first_day: Of the first deed; days are counted from 1970, in UTC.
        last_day: Of the last one.
        active_days: A bit for each of the last 62 days: bit 0 is `last_day`, bit 1 the day before.
        change_sequence: The last entry that counted.
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

    @property
    def key(self) -> str:
        return self.person_id

    def active_before(self, day: int, within: int) -> int:
        """Counts the days with a deed among the `within` days before a day, itself left out.

        What happened on that day or later does not change it, while it is at most 62 days back.
        """
        # Bit 0 of what is left is the day before.
        shift = self.last_day - (day - 1)
        bits = self.active_days >> shift if shift >= 0 else self.active_days << -shift
        return (bits & ((1 << within) - 1)).bit_count()
