"""What instances of the bot keep together until it is done: letters, alerts, cursors and more.

Unlike the store's, these records do not fade by themselves, and they can be listed. In Redis they
outlive the process. In memory they go with it, and what depends on them begins at the newest.

A lease lets one instance do what must not be done twice. Its number only grows: what is changed
under a lease is refused once another instance has it (fencing), however late the change comes.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import WatchError

_PREFIX = "ticketonomics-bot:shelf:"
_ATTEMPTS = 10


@dataclass(slots=True, frozen=True)
class Lease:
    """The right to do something alone, until it ends or is taken over."""

    name: str
    holder: str


class LeaseLostError(Exception):
    """Another instance has the lease now; nothing was changed."""


@dataclass(slots=True, frozen=True)
class Change:
    """What is put on a shelf, and what is taken from it."""

    shelf: str
    put: Mapping[str, str] = field(default_factory=dict)
    remove: Sequence[str] = ()


class Shelves(Protocol):
    """Named shelves, each with texts by key."""

    lasting: bool
    """Whether they outlive the process."""

    async def all(self, shelf: str) -> dict[str, str]:
        """Returns all that is on a shelf."""

    async def get(self, shelf: str, key: str) -> str | None:
        """Returns one text."""

    async def put(self, shelf: str, key: str, value: str) -> None:
        """Puts one text there, in place of the one before."""

    async def remove(self, shelf: str, *keys: str) -> int:
        """Takes texts away; returns how many were there."""

    async def clear(self, shelf: str) -> None:
        """Takes a whole shelf away."""

    async def change(self, lease: Lease, *changes: Change) -> None:
        """Changes several shelves, all or nothing, as who has the lease.

        Raises:
            LeaseLostError: Somebody else has it.
        """

    async def acquire(self, name: str, *, seconds: float) -> Lease | None:
        """Takes a lease; None while somebody else has it."""

    async def renew(self, lease: Lease, *, seconds: float) -> None:
        """Keeps a lease for longer.

        Raises:
            LeaseLostError: Somebody else has it.
        """

    async def release(self, lease: Lease) -> None:
        """Gives a lease back, if it is still there."""


class MemoryShelves:
    """Of one instance; they go with the process."""

    lasting = False

    def __init__(self) -> None:
        self._shelves: dict[str, dict[str, str]] = {}
        self._leases: dict[str, tuple[str, float]] = {}

    async def all(self, shelf: str) -> dict[str, str]:
        """Returns all that is on a shelf."""
        return dict(self._shelves.get(shelf, {}))

    async def get(self, shelf: str, key: str) -> str | None:
        """Returns one text."""
        return self._shelves.get(shelf, {}).get(key)

    async def put(self, shelf: str, key: str, value: str) -> None:
        """Puts one text there, in place of the one before."""
        self._shelves.setdefault(shelf, {})[key] = value

    async def remove(self, shelf: str, *keys: str) -> int:
        """Takes texts away; returns how many were there."""
        kept = self._shelves.get(shelf, {})
        gone = sum(kept.pop(key, None) is not None for key in keys)
        if not kept:
            self._shelves.pop(shelf, None)
        return gone

    async def clear(self, shelf: str) -> None:
        """Takes a whole shelf away."""
        self._shelves.pop(shelf, None)

    async def change(self, lease: Lease, *changes: Change) -> None:
        """Changes several shelves, all or nothing, as who has the lease."""
        self._guard(lease)
        for change in changes:
            self._shelves.setdefault(change.shelf, {}).update(change.put)
            await self.remove(change.shelf, *change.remove)

    async def acquire(self, name: str, *, seconds: float) -> Lease | None:
        """Takes a lease; None while somebody else has it."""
        now = time.monotonic()
        if self._leases.get(name, ("", now))[1] > now:
            return None
        lease = Lease(name, uuid4().hex)
        self._leases[name] = (lease.holder, now + seconds)
        return lease

    async def renew(self, lease: Lease, *, seconds: float) -> None:
        """Keeps a lease for longer."""
        self._guard(lease)
        self._leases[lease.name] = (lease.holder, time.monotonic() + seconds)

    async def release(self, lease: Lease) -> None:
        """Gives a lease back, if it is still there."""
        if self._leases.get(lease.name, ("", 0.0))[0] == lease.holder:
            del self._leases[lease.name]

    def _guard(self, lease: Lease) -> None:
        holder, end = self._leases.get(lease.name, ("", 0.0))
        if holder != lease.holder or end <= time.monotonic():
            raise LeaseLostError(lease.name)


class RedisShelves:
    """Shared by all instances, and as lasting as that Redis is."""

    lasting = True

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def all(self, shelf: str) -> dict[str, str]:
        """Returns all that is on a shelf."""
        found = await self._redis.hgetall(_PREFIX + shelf)
        return {_text(key): _text(value) for key, value in found.items()}

    async def get(self, shelf: str, key: str) -> str | None:
        """Returns one text."""
        found = await self._redis.hget(_PREFIX + shelf, key)
        return None if found is None else _text(found)

    async def put(self, shelf: str, key: str, value: str) -> None:
        """Puts one text there, in place of the one before."""
        await self._redis.hset(_PREFIX + shelf, key, value)

    async def remove(self, shelf: str, *keys: str) -> int:
        """Takes texts away; returns how many were there."""
        return int(await self._redis.hdel(_PREFIX + shelf, *keys)) if keys else 0

    async def clear(self, shelf: str) -> None:
        """Takes a whole shelf away."""
        await self._redis.delete(_PREFIX + shelf)

    async def change(self, lease: Lease, *changes: Change) -> None:
        """Changes several shelves, all or nothing, as who has the lease."""

        def say(pipeline: Pipeline) -> None:
            for change in changes:
                if change.put:
                    pipeline.hset(_PREFIX + change.shelf, items=_flat(change.put))
                if change.remove:
                    pipeline.hdel(_PREFIX + change.shelf, *change.remove)

        await self._as_holder(lease, say)

    async def acquire(self, name: str, *, seconds: float) -> Lease | None:
        """Takes a lease; None while somebody else has it."""
        holder = uuid4().hex
        taken = await self._redis.set(_lease(name), holder, px=round(seconds * 1000), nx=True)
        return Lease(name, holder) if taken else None

    async def renew(self, lease: Lease, *, seconds: float) -> None:
        """Keeps a lease for longer."""
        milliseconds = round(seconds * 1000)
        await self._as_holder(
            lease, lambda pipeline: pipeline.pexpire(_lease(lease.name), milliseconds)
        )

    async def release(self, lease: Lease) -> None:
        """Gives a lease back, if it is still there."""
        with suppress(LeaseLostError):
            await self._as_holder(lease, lambda pipeline: pipeline.delete(_lease(lease.name)))

    async def _as_holder(self, lease: Lease, say: Callable[[Pipeline], object]) -> None:
        """Changes something that fails if the lease goes to somebody else meanwhile.

        Renewing it is seen as a change, too, so it is looked at again whose it is.
        """
        for _ in range(_ATTEMPTS):
            async with self._redis.pipeline(transaction=True) as pipeline:
                await pipeline.watch(_lease(lease.name))
                holder = await pipeline.get(_lease(lease.name))
                if holder is None or _text(holder) != lease.holder:
                    break
                pipeline.multi()  # type: ignore[no-untyped-call]
                say(pipeline)
                with suppress(WatchError):
                    await pipeline.execute()
                    return
        raise LeaseLostError(lease.name)


def _lease(name: str) -> str:
    return f"{_PREFIX}lease:{name}"


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _flat(pairs: Mapping[str, str]) -> list[str]:
    return [part for pair in pairs.items() for part in pair]
