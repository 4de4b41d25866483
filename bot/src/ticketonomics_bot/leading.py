"""One instance at a time does what must not be done twice, and another takes over when it goes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from redis.exceptions import RedisError

from ticketonomics_bot.shelves import Lease, LeaseLostError, Shelves

log = structlog.get_logger()

_LEASE_SECONDS = 15.0
_PAUSE_SECONDS = 1.0

Work = Callable[[Lease], Awaitable[None]]


async def lead(shelves: Shelves, name: str, work: Work, *, seconds: float = _LEASE_SECONDS) -> None:
    """Waits for the lease, works while it lasts, and begins again; until it is cancelled."""
    while True:
        try:
            lease = await shelves.acquire(name, seconds=seconds)
        except RedisError as error:
            log.warning("the lease cannot be asked for", error=str(error))
            lease = None
        if lease is None:
            await asyncio.sleep(seconds / 5)
            continue
        log.info("leading", name=name)
        try:
            await _work(shelves, lease, work, seconds)
        finally:
            # Whoever waits need not wait until it ends by itself.
            with suppress(RedisError):
                await shelves.release(lease)
        await asyncio.sleep(_PAUSE_SECONDS)


async def _work(shelves: Shelves, lease: Lease, work: Work, seconds: float) -> None:
    """Works until the lease is lost."""
    working = asyncio.ensure_future(work(lease))
    keeping = asyncio.create_task(_keep(shelves, lease, seconds))
    try:
        done, _ = await asyncio.wait({working, keeping}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if (error := task.exception()) is not None:
                loud = not isinstance(error, LeaseLostError | RedisError)
                log.log(40 if loud else 30, "no longer leading", name=lease.name, exc_info=error)
    finally:
        for task in (working, keeping):
            task.cancel()
        await asyncio.gather(working, keeping, return_exceptions=True)


async def _keep(shelves: Shelves, lease: Lease, seconds: float) -> None:
    """Renews the lease; ends when it is lost, or cannot be renewed in its time."""
    clock = asyncio.get_running_loop().time
    renewed = clock()
    while True:
        await asyncio.sleep(seconds / 5)
        try:
            await shelves.renew(lease, seconds=seconds)
            renewed = clock()
        except RedisError as error:
            if clock() - renewed > seconds * 0.6:
                raise LeaseLostError(lease.name) from error
