"""How many streams may be open at once: of one caller, and in all."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from ticketonomics_gateway.problems import RATE_LIMITED, Problem

_RETRY_SECONDS = 5.0


class Places:
    """Places for streams.

    Args:
        most: In all.
        most_of_one: Of one caller.
    """

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._taken: Counter[str] = Counter()
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def taken(self) -> int:
        """How many are taken."""
        return self._taken.total()

    async def until_empty(self) -> None:
        """Returns when no stream is open."""
        await self._empty.wait()

    @contextmanager
    def take(self, caller: str) -> Iterator[None]:
        """Takes a place for as long as the block lasts.

        Raises:
            Problem: RATE_LIMITED, where there is none.
        """
        if self._taken.total() >= self._most:
            raise _full(f"{self._most} streams are open here", self._most)
        if self._taken[caller] >= self._most_of_one:
            raise _full(f"more than {self._most_of_one} open streams", self._most_of_one)
        self._taken[caller] += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]
            if not self._taken:
                self._empty.set()


def _full(detail: str, most: int) -> Problem:
    return Problem(
        HTTPStatus.TOO_MANY_REQUESTS,
        RATE_LIMITED,
        detail,
        metadata={"max_streams": str(most)},
        retry_after_seconds=_RETRY_SECONDS,
    )
