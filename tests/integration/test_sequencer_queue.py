"""What waits for a sequencer: how much of it, how long, and what becomes of it in the end."""

import asyncio

import pytest
from ticketonomics_server.engine.queue import (
    MAX_BLOCK_COMMANDS,
    MAX_BLOCK_WEIGHT,
    QUEUED_BLOCKS,
)
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.session import LOCK_CLASS, Session

from tests.integration.counter_domain import add, added
from tests.integration.sequencing import (
    sequencing,
    tally,
    until,
    until_queued_for_lock,
)


class Door:
    """Lets a sequencer connect when it is opened: until then, submissions wait."""

    def __init__(self, database) -> None:
        self._database = database
        self.knocked = asyncio.Event()
        self.opened = asyncio.Event()

    async def connect(self, economy_id: int) -> Session:
        self.knocked.set()
        await self.opened.wait()
        return await self._database.connect_sequencer(economy_id)


@pytest.mark.parametrize(
    ("filling", "weight"),
    [
        ([[add("a")] * MAX_BLOCK_COMMANDS] * QUEUED_BLOCKS, 0),
        ([[add("a")]] * QUEUED_BLOCKS, MAX_BLOCK_WEIGHT),
    ],
    ids=["commands", "weight"],
)
async def test_a_full_queue_refuses(database, economy_id, plain, filling, weight) -> None:
    door = Door(database)
    async with sequencing(database, economy_id, connect=door.connect) as running:
        busy = asyncio.create_task(running.submit(add("b")))
        await door.knocked.wait()
        full = [
            asyncio.create_task(running.submit(*commands, weight=weight)) for commands in filling
        ]
        await asyncio.sleep(0)
        with pytest.raises(Rejection) as refused:
            await running.submit(add("c"), weight=1)
        assert refused.value.reason == Reason.QUEUE_FULL
        assert refused.value.retry_seconds > 0
        door.opened.set()
        await asyncio.gather(busy, *full)
        assert running.sequencer.queued_commands == 0
        assert await running.submit_one(add("c"), weight=1) == added(3, 1)
        assert await tally(plain, "a") == 1


async def test_a_block_is_bounded(database, economy_id) -> None:
    door = Door(database)
    async with sequencing(database, economy_id, connect=door.connect) as running:
        busy = asyncio.create_task(running.submit(add("b")))
        await door.knocked.wait()
        calls = [
            asyncio.create_task(running.submit(add("a"), weight=weight))
            for weight in (1, MAX_BLOCK_WEIGHT, MAX_BLOCK_WEIGHT - 1, 1)
        ]
        await asyncio.sleep(0)
        door.opened.set()
        await asyncio.gather(busy, *calls)
    assert [b.last_sequence - b.first_sequence + 1 for b in running.blocks] == [1, 1, 1, 2]


async def test_what_nobody_waits_for_any_more_is_not_started(database, economy_id, plain) -> None:
    """Fails without `_is_wanted` (tried)."""
    door = Door(database)
    async with sequencing(database, economy_id, connect=door.connect) as running:
        busy = asyncio.create_task(running.submit(add("b")))
        await door.knocked.wait()
        late = asyncio.create_task(running.submit_one(add("a"), timeout_seconds=0))
        gone = asyncio.create_task(running.submit(add("a")))
        patient = asyncio.create_task(running.submit_one(add("a"), timeout_seconds=60))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait([gone])
        door.opened.set()
        await busy
        assert (await late).reason == Reason.DEADLINE_PASSED
        assert (await patient).value == 1
    assert await tally(plain, "a") == 1


async def test_what_nobody_waits_for_when_the_lock_is_there_is_not_started(
    database, economy_id, plain
) -> None:
    # Once, deadlines and callers were looked at only when commands left the queue; a block then
    # waited for the lock, up to 10 s, and started what nobody waited for.
    await plain.execute(f"SELECT pg_advisory_lock({LOCK_CLASS}, {economy_id})")
    look = await database.connect()
    async with sequencing(database, economy_id) as running:
        gone = asyncio.create_task(running.submit(add("a")))
        late = asyncio.create_task(running.submit_one(add("a"), timeout_seconds=0.01))
        patient = asyncio.create_task(running.submit_one(add("a")))
        await until_queued_for_lock(look)
        gone.cancel()
        await asyncio.wait([gone])
        until_late = asyncio.get_running_loop().time() + 0.02

        async def is_late() -> bool:
            return asyncio.get_running_loop().time() > until_late

        await until(is_late)
        await plain.execute(f"SELECT pg_advisory_unlock({LOCK_CLASS}, {economy_id})")
        assert (await patient).value == 1
        assert (await late).reason == Reason.DEADLINE_PASSED
    look.terminate()


async def test_draining_finishes_what_was_accepted(database, economy_id, plain) -> None:
    """Fails when `run` ends with something in its queue (tried)."""
    door = Door(database)
    async with sequencing(database, economy_id, connect=door.connect) as running:
        busy = asyncio.create_task(running.submit(add("a")))
        await door.knocked.wait()
        calls = [
            asyncio.create_task(running.submit_one(add("a"), weight=MAX_BLOCK_WEIGHT))
            for _ in range(3)
        ]
        await asyncio.sleep(0)
        await running.sequencer.drain()
        with pytest.raises(Rejection) as refused:
            await running.submit(add("a"))
        assert refused.value.reason == Reason.DRAINING
        door.opened.set()
        await running.task
        await busy
        assert [outcome.sequence for outcome in await asyncio.gather(*calls)] == [2, 3, 4]
        assert await tally(plain, "a") == 4


async def test_a_sequencer_that_is_cancelled_leaves_no_caller_waiting(database, economy_id) -> None:
    # Once, only what was queued was answered, not the block at work: after `drain_seconds` those
    # calls hung until their own deadline.
    door = Door(database)
    async with sequencing(database, economy_id, connect=door.connect) as running:
        working = asyncio.create_task(running.submit_one(add("a")))
        await door.knocked.wait()
        queued = asyncio.create_task(running.submit_one(add("a")))
        await asyncio.sleep(0)
        running.task.cancel()
        await asyncio.wait([running.task])
        done, _ = await asyncio.wait([working, queued], timeout=1)
        working.cancel()
        assert done == {working, queued}
        running.task = asyncio.create_task(asyncio.sleep(0))
