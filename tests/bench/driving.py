"""Client processes driven together: all prepare, all begin, all tell what they measured."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import TypeVar

from .jobs import (
    BatchJob,
    EchoJob,
    Job,
    LoadResult,
    RestJob,
    SdkJob,
    SwapJob,
    TransferJob,
    WatchJob,
    WatchResult,
)
from .processes import Client, client

OneJob = TypeVar("OneJob", EchoJob, TransferJob, RestJob, BatchJob, SwapJob, SdkJob, WatchJob)


def spread(job: OneJob, processes: int) -> list[OneJob]:
    """Divide the calls in flight, or the streams, of a job among so many processes."""
    least, rest = divmod(job.concurrency, processes)
    jobs: list[OneJob] = []
    for number in range(processes):
        share = {"concurrency": least + (number < rest), "seed": job.seed + number}
        jobs.append(job.model_copy(update=share))
    return jobs


def rate(results: Sequence[LoadResult]) -> float:
    """Return what all processes together got acknowledged a second."""
    return sum(result.at_once / result.seconds for result in results)


async def send(jobs: Sequence[Job]) -> list[LoadResult]:
    """Run client processes that send."""
    async with AsyncExitStack() as stack:
        senders = await _ready(stack, jobs)
        return await _sent(senders)


async def watch_bare(jobs: Sequence[WatchJob]) -> list[WatchResult]:
    """Run client processes that count what the bare server writes."""
    async with AsyncExitStack() as stack:
        return await _watched(await _ready(stack, jobs, begin=True))


async def watch_while_sending(
    watch_jobs: Sequence[WatchJob], send_jobs: Sequence[Job]
) -> tuple[list[WatchResult], list[LoadResult]]:
    """Run client processes that watch what others send, up to the last entry sent."""
    async with AsyncExitStack() as stack:
        senders = await _ready(stack, send_jobs)
        watchers = await _ready(stack, watch_jobs, begin=True)
        sent = await _sent(senders)
        for watcher in watchers:
            watcher.finish_at(max(result.last_sequence for result in sent))
        return await _watched(watchers), sent


async def _ready(
    stack: AsyncExitStack, jobs: Sequence[Job], *, begin: bool = False
) -> list[Client]:
    clients = [await stack.enter_async_context(client(job)) for job in jobs]
    await asyncio.gather(*(one.ready() for one in clients))
    if begin:
        for one in clients:
            one.begin()
    return clients


async def _sent(senders: Sequence[Client]) -> list[LoadResult]:
    for sender in senders:
        sender.begin()
    lines = await asyncio.gather(*(sender.result() for sender in senders))
    return [LoadResult.model_validate_json(line) for line in lines]


async def _watched(watchers: Sequence[Client]) -> list[WatchResult]:
    lines = await asyncio.gather(*(watcher.result() for watcher in watchers))
    return [WatchResult.model_validate_json(line) for line in lines]
