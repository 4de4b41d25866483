"""Shelves and leases, in memory and in Redis: who has lost the lease changes nothing any more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from redis.asyncio import Redis
from ticketonomics_bot.leading import lead
from ticketonomics_bot.shelves import (
    Change,
    Lease,
    LeaseLostError,
    MemoryShelves,
    RedisShelves,
    Shelves,
)


@pytest.fixture(params=["memory", "redis"])
async def shelves(request: pytest.FixtureRequest) -> AsyncIterator[Shelves]:
    if request.param == "memory":
        yield MemoryShelves()
        return
    redis: Redis = Redis.from_url(request.getfixturevalue("redis_url"))
    yield RedisShelves(redis)
    await redis.aclose()


async def test_texts_are_put_listed_and_taken(shelves: Shelves) -> None:
    assert await shelves.all("a") == {}
    await shelves.put("a", "x", "1")
    await shelves.put("a", "y", "ы")
    assert await shelves.all("a") == {"x": "1", "y": "ы"}
    assert await shelves.get("a", "y") == "ы"
    assert await shelves.get("b", "y") is None
    assert await shelves.remove("a", "x", "z") == 1
    assert await shelves.remove("a") == 0
    await shelves.clear("a")
    assert await shelves.all("a") == {}


async def test_only_who_has_the_lease_changes_anything(shelves: Shelves) -> None:
    first = await shelves.acquire("news", seconds=30)
    assert first is not None
    assert await shelves.acquire("news", seconds=30) is None
    await shelves.change(first, Change("a", put={"x": "1", "y": "2"}), Change("b", put={"z": "3"}))
    await shelves.change(first, Change("a", put={"w": "4"}, remove=["x"]))
    assert await shelves.all("a") == {"y": "2", "w": "4"}
    await shelves.release(first)
    second = await shelves.acquire("news", seconds=30)
    assert second is not None
    with pytest.raises(LeaseLostError):
        await shelves.change(first, Change("a", put={"x": "late"}))
    with pytest.raises(LeaseLostError):
        await shelves.renew(first, seconds=30)
    await shelves.release(first)
    await shelves.renew(second, seconds=30)
    assert await shelves.get("a", "x") is None


async def test_a_lease_that_is_not_renewed_ends(shelves: Shelves) -> None:
    first = await shelves.acquire("news", seconds=0.05)
    assert first is not None
    async with asyncio.timeout(5):
        while await shelves.acquire("news", seconds=30) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    with pytest.raises(LeaseLostError):
        await shelves.change(first, Change("a", put={"x": "late"}))


async def test_one_leads_at_a_time_and_another_takes_over(shelves: Shelves) -> None:
    leading: list[str] = []
    changed = asyncio.Event()

    def work(name: str) -> object:
        async def working(_: Lease) -> None:
            leading.append(name)
            changed.set()
            await asyncio.sleep(60)

        return asyncio.create_task(lead(shelves, "news", working, seconds=1.0))

    first = work("a")
    await asyncio.wait_for(changed.wait(), 10)
    second = work("b")
    await asyncio.sleep(0.3)
    assert leading == ["a"]
    changed.clear()
    assert isinstance(first, asyncio.Task) and isinstance(second, asyncio.Task)
    first.cancel()
    await asyncio.wait_for(changed.wait(), 10)
    assert leading == ["a", "b"]
    second.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(first, second)


async def test_renewing_a_lease_loses_none_of_its_changes(redis_url: str) -> None:
    redis: Redis = Redis.from_url(redis_url)
    shelves = RedisShelves(redis)
    lease = await shelves.acquire("busy", seconds=60)
    assert lease is not None
    changes = [shelves.change(lease, Change("busy", put={str(n): "x"})) for n in range(20)]
    renewals = [shelves.renew(lease, seconds=60) for _ in range(5)]
    await asyncio.gather(*changes, *renewals)
    assert len(await shelves.all("busy")) == 20
    await redis.aclose()
