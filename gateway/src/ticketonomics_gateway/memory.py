"""What must not be forgotten for a while: init data that was used, sessions that were ended."""

import heapq
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

_PREFIX = "ticketonomics:gateway:"


class MemoryUnavailableError(Exception):
    """Redis does not answer, so nobody can say whether something was remembered."""


class Memory(Protocol):
    """Whole numbers by name, each for some time."""

    async def put(self, name: str, number: int, seconds: int) -> int:
        """Remembers a number, unless there is one; returns the one that is remembered."""

    async def get(self, name: str) -> int | None:
        """Returns what is remembered."""

    async def close(self) -> None:
        """Lets go of connections."""


class ProcessMemory:
    """Kept by this process: it ends with it, and other gateways do not have it.

    Args:
        clock: Seconds that only go up.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._numbers: dict[str, int] = {}
        self._ends: list[tuple[float, str]] = []

    async def put(self, name: str, number: int, seconds: int) -> int:
        self._forget()
        if name not in self._numbers:
            heapq.heappush(self._ends, (self._clock() + seconds, name))
        return self._numbers.setdefault(name, number)

    async def get(self, name: str) -> int | None:
        self._forget()
        return self._numbers.get(name)

    async def close(self) -> None:
        self._numbers.clear()
        self._ends.clear()

    def _forget(self) -> None:
        now = self._clock()
        while self._ends and self._ends[0][0] <= now:
            del self._numbers[heapq.heappop(self._ends)[1]]


class RedisMemory:
    """Shared by all gateways that name the same Redis."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)

    async def put(self, name: str, number: int, seconds: int) -> int:
        try:
            if await self._redis.set(_PREFIX + name, number, ex=seconds, nx=True):
                return number
            kept = await self._redis.get(_PREFIX + name)
        except RedisError as error:
            raise MemoryUnavailableError(str(error)) from error
        # It may have ended between the two.
        return number if kept is None else int(kept)

    async def get(self, name: str) -> int | None:
        try:
            kept = await self._redis.get(_PREFIX + name)
        except RedisError as error:
            raise MemoryUnavailableError(str(error)) from error
        return None if kept is None else int(kept)

    async def close(self) -> None:
        await self._redis.aclose()


def open_memory(redis_url: str | None) -> Memory:
    """Opens the memory that the settings name."""
    return RedisMemory(redis_url) if redis_url else ProcessMemory()
