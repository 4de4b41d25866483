"""What instances of the bot share for a while: in Redis where there is one, in memory otherwise.

Nothing here is a record of value; that is the server's. It is what was asked and not answered yet,
which updates were handled, and how often somebody was heard.
"""

import time
from collections.abc import Callable
from typing import Protocol

from redis.asyncio import Redis

_PREFIX = "ticketonomics-bot:"
_SWEEP_AT = 4_096


class Store(Protocol):
    """Keys with values that are forgotten after a while."""

    async def get(self, key: str) -> str | None:
        """Returns what was put, unless it is forgotten."""

    async def put(self, key: str, value: str, *, seconds: float) -> None:
        """Keeps a value."""

    async def claim(self, key: str, value: str, *, seconds: float) -> str | None:
        """Keeps a value if there is none; returns the one that was there, else None."""

    async def count(self, key: str, *, seconds: float) -> int:
        """Adds one to a counter that begins anew after a while, and returns it."""

    async def drop(self, key: str) -> None:
        """Forgets a key."""

    async def close(self) -> None:
        """Ends it."""


class MemoryStore:
    """Of one instance; it goes with the process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._values: dict[str, tuple[str, float]] = {}
        self._sweep_at = _SWEEP_AT

    async def get(self, key: str) -> str | None:
        """Returns what was put, unless it is forgotten."""
        value, end = self._values.get(key, ("", 0.0))
        return value if end > self._clock() else None

    async def put(self, key: str, value: str, *, seconds: float) -> None:
        """Keeps a value."""
        self._sweep()
        self._values[key] = (value, self._clock() + seconds)

    async def claim(self, key: str, value: str, *, seconds: float) -> str | None:
        """Keeps a value if there is none; returns the one that was there, else None."""
        if (there := await self.get(key)) is not None:
            return there
        await self.put(key, value, seconds=seconds)
        return None

    async def count(self, key: str, *, seconds: float) -> int:
        """Adds one to a counter that begins anew after a while, and returns it."""
        value, end = self._values.get(key, ("0", 0.0))
        if end <= self._clock():
            self._sweep()
            value, end = "0", self._clock() + seconds
        self._values[key] = (str(int(value) + 1), end)
        return int(value) + 1

    async def drop(self, key: str) -> None:
        """Forgets a key."""
        self._values.pop(key, None)

    async def close(self) -> None:
        """Ends it."""
        self._values.clear()

    def _sweep(self) -> None:
        """Takes out what is forgotten, when there is twice as much as after the last time."""
        if len(self._values) >= self._sweep_at:
            now = self._clock()
            self._values = {key: kept for key, kept in self._values.items() if kept[1] > now}
            self._sweep_at = max(_SWEEP_AT, 2 * len(self._values))


class RedisStore:
    """Shared by all instances."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def get(self, key: str) -> str | None:
        """Returns what was put, unless it is forgotten."""
        return _text(await self._redis.get(_PREFIX + key))

    async def put(self, key: str, value: str, *, seconds: float) -> None:
        """Keeps a value."""
        await self._redis.set(_PREFIX + key, value, px=_milliseconds(seconds))

    async def claim(self, key: str, value: str, *, seconds: float) -> str | None:
        """Keeps a value if there is none; returns the one that was there, else None."""
        px = _milliseconds(seconds)
        return _text(await self._redis.set(_PREFIX + key, value, px=px, nx=True, get=True))

    async def count(self, key: str, *, seconds: float) -> int:
        """Adds one to a counter that begins anew after a while, and returns it."""
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.incr(_PREFIX + key)
            pipeline.pexpire(_PREFIX + key, _milliseconds(seconds), nx=True)
            counted, _ = await pipeline.execute()
        return int(counted)

    async def drop(self, key: str) -> None:
        """Forgets a key."""
        await self._redis.delete(_PREFIX + key)

    async def close(self) -> None:
        """Ends the connections."""
        await self._redis.aclose()


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode()
    return value if isinstance(value, str) else None
