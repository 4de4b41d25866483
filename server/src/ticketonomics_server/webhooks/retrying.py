"""When a failed attempt is repeated, and when a webhook is given up. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

GROWTH = 3.0
LONGEST_WAIT_SECONDS = 12 * 3_600.0
# A wait is up to this part longer or shorter, so that receivers are not met by all at once.
JITTER = 0.2


@dataclass(slots=True, frozen=True)
class RetryPolicy:
    """How long and how often it is tried.

    Attributes:
        attempts: After so many the event is a dead letter.
        first_wait_seconds: Behind the first attempt; each wait is three times as long as the one
            before, up to 12 hours.
        disable_after: A webhook that has failed for so long is disabled.
    """

    attempts: int
    first_wait_seconds: float
    disable_after: timedelta

    def wait_seconds(
        self, attempts: int, asked_seconds: float | None, random: Callable[[], float]
    ) -> float:
        """Tells how long to wait after so many failed attempts.

        Args:
            asked_seconds: What the receiver asked for: honoured up to 12 hours, never shorter than
                the schedule.
            random: Draws from 0 to 1.
        """
        wait = min(self.first_wait_seconds * GROWTH ** (attempts - 1), LONGEST_WAIT_SECONDS)
        wait *= 1 + JITTER * (2 * random() - 1)
        return max(wait, min(asked_seconds or 0.0, LONGEST_WAIT_SECONDS))
