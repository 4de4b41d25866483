"""Many calls at a time, with a word on how far they are."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

AT_ONCE = 32

Progress = Callable[[str, int, int], None]
Item = TypeVar("Item")


async def each(
    what: str, items: Iterable[Item], work: Callable[[Item], Awaitable[None]], progress: Progress
) -> None:
    """Works on all items, 32 at a time, in no order; the first failure ends it, and is raised."""
    waiting = list(items)
    left = iter(waiting)
    done = 0

    async def worker() -> None:
        nonlocal done
        for item in left:
            await work(item)
            done += 1
            progress(what, done, len(waiting))

    progress(what, 0, len(waiting))
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(waiting))):
                group.create_task(worker())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from failures
