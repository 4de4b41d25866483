"""Limits on wrong link codes: an approximation, for each server of its own."""

from collections.abc import Callable
from time import monotonic

from ticketonomics_server.engine.rejection import Reason, Rejection

WINDOW_SECONDS = 600.0
MOST_OF_IDENTITY = 5
MOST_OF_APPLICATION = 100
MOST_OF_ECONOMY = 1_000
MAX_COUNTED = 100_000

_Subject = tuple[int | str, ...]


class WrongCodes:
    """Counts wrong codes of an identity, an application and an economy, in windows of 10 minutes.

    A try is counted before its outcome is known and taken back when the code was right, so that
    many at once are not let through together.

    Args:
        clock: Seconds that only go up.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._counts: dict[_Subject, tuple[float, int]] = {}

    def begin(self, economy_id: int, application_id: str, identity: tuple[str, str]) -> None:
        """Counts a try. Refuses with RATE_LIMITED, and then counts nothing."""
        now = self._clock()
        subjects = _subjects(economy_id, application_id, identity)
        for subject, most in subjects:
            began, count = self._window(subject, now)
            if count >= most:
                raise Rejection(
                    Reason.RATE_LIMITED,
                    f"{most} wrong link codes in 10 minutes are enough",
                    retry_seconds=began + WINDOW_SECONDS - now,
                    subject=application_id,
                )
        if len(self._counts) >= MAX_COUNTED:
            # The greater counts matter most, and are few.
            self._counts = {s: c for s, c in self._counts.items() if len(s) < len(subjects[0][0])}
        for subject, _ in subjects:
            began, count = self._window(subject, now)
            self._counts[subject] = began, count + 1

    def take_back(self, economy_id: int, application_id: str, identity: tuple[str, str]) -> None:
        """Takes a try back whose code was not wrong."""
        for subject, _ in _subjects(economy_id, application_id, identity):
            if counted := self._counts.get(subject):
                began, count = counted
                self._counts[subject] = began, max(0, count - 1)

    def _window(self, subject: _Subject, now: float) -> tuple[float, int]:
        began, count = self._counts.get(subject, (now, 0))
        return (began, count) if now < began + WINDOW_SECONDS else (now, 0)


def _subjects(
    economy_id: int, application_id: str, identity: tuple[str, str]
) -> tuple[tuple[_Subject, int], ...]:
    return (
        ((economy_id, application_id, *identity), MOST_OF_IDENTITY),
        ((economy_id, application_id), MOST_OF_APPLICATION),
        ((economy_id,), MOST_OF_ECONOMY),
    )
