"""What instances share behaves alike in memory and in Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from ticketonomics_bot.store import MemoryStore, RedisStore, Store


@pytest.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    if request.param == "memory":
        made: Store = MemoryStore()
    else:
        made = RedisStore(Redis.from_url(request.getfixturevalue("redis_url")))
    yield made
    await made.close()


async def test_the_first_claim_holds_until_it_is_dropped(store: Store) -> None:
    assert await store.claim("a", "one", seconds=60) is None
    assert await store.claim("a", "two", seconds=60) == "one"
    assert await store.get("a") == "one"
    await store.drop("a")
    assert await store.get("a") is None
    found = await asyncio.gather(*(store.claim("b", str(n), seconds=60) for n in range(20)))
    assert found.count(None) == 1, "of many at once, one is the first"


async def test_values_and_counts_fade(store: Store) -> None:
    await store.put("v", "é", seconds=30)
    assert await store.get("v") == "é"
    await store.put("v", "soon over", seconds=0.01)
    assert [await store.count("c", seconds=30) for _ in range(3)] == [1, 2, 3]
    async with asyncio.timeout(5):
        while await store.get("v") is not None:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        while await store.count("d", seconds=0.01) > 1:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.02)
        assert await store.count("d", seconds=30) == 1, "it begins anew"
    assert await store.claim("v", "again", seconds=60) is None


async def test_memory_does_not_grow_for_ever() -> None:
    now = 0.0
    store = MemoryStore(clock=lambda: now)
    for number in range(50_000):
        now += 1
        await store.count(f"key{number}", seconds=60)
        await store.put(f"value{number}", "x", seconds=60)
    assert len(store._values) < 10_000
