"""The client processes: each runs a load and watchers, and reports when it is asked."""

import asyncio
import logging
import multiprocessing
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from ticketonomics_client import Client

from .calling import HOT, Caller
from .drawing import Drawing
from .load import Load
from .records import Report
from .watching import Watcher

_CATCH_UP_SECONDS = 20.0


@dataclass(slots=True, frozen=True)
class ClientJob:
    """What a client process has to know.

    Attributes:
        after: Where its watchers begin.
    """

    number: int
    targets: tuple[str, str]
    api_key: str
    game: tuple[str, str]
    seed: int
    after: int


class ClientProcess:
    """A client process, as the campaign sees it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def begin(self) -> None:
        """Lets the load begin."""
        await self._ask("begin")

    async def end(self) -> Report:
        """Lets the load end, and returns what its callers were told."""
        report: Report = await self._ask("end")
        return report

    async def watched(self, up_to: int) -> Report:
        """Waits until the watchers have come so far, within reason; returns what they saw."""
        report: Report = await self._ask("watched", up_to)
        return report

    async def _ask(self, *what: object) -> Any:
        self._connection.send(what)
        return await asyncio.to_thread(self._connection.recv)


@asynccontextmanager
async def clients_running(jobs: Sequence[ClientJob]) -> AsyncIterator[list[ClientProcess]]:
    """Runs a process for each job, and ends them all with the context."""
    context = multiprocessing.get_context("spawn")
    processes, clients = [], []
    try:
        for job in jobs:
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(job, theirs), daemon=True)
            process.start()
            theirs.close()
            processes.append(process)
            clients.append(ClientProcess(ours))
        yield clients
    finally:
        for process in processes:
            process.kill()
            process.join()


def _work(job: ClientJob, connection: Connection) -> None:
    # A Ctrl-C in the terminal is for the campaign, which ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Streams that are cut are what this is about.
    logging.getLogger("ticketonomics_client").setLevel(logging.ERROR)
    asyncio.run(_serve(job, connection))


async def _serve(job: ClientJob, connection: Connection) -> None:
    """Does what the campaign asks, until it closes the connection."""
    drawing = Drawing(f"{job.seed}/{job.number}")
    async with (
        Caller(job.targets, job.api_key, job.game) as caller,
        Client(job.targets[job.number % 2], api_key=job.api_key) as sdk,
        asyncio.TaskGroup() as group,
    ):
        watchers = [
            Watcher(f"watcher {job.number} of all", account="", after=job.after),
            Watcher(f"watcher {job.number} of {HOT}", account=HOT, after=job.after),
        ]
        tasks = [
            group.create_task(watchers[0].follow_one(sdk, caller.note_fault)),
            group.create_task(watchers[1].follow_either(caller, first=job.number % 2)),
        ]
        load, running = Load(caller, drawing), None
        while (what := await _receive(connection)) is not None:
            match what:
                case ("begin",):
                    load = Load(caller, drawing)
                    running = group.create_task(load.run())
                    connection.send(None)
                case ("end",):
                    load.stop()
                    if running is not None:
                        await running
                    connection.send(caller.take_report())
                case ("watched", up_to):
                    await _catch_up(watchers, up_to)
                    seen = caller.take_report()
                    seen.watched = [watcher.take() for watcher in watchers]
                    connection.send(seen)
        load.stop()
        for task in tasks:
            task.cancel()


async def _receive(connection: Connection) -> Any:
    try:
        return await asyncio.to_thread(connection.recv)
    except EOFError:
        return None


async def _catch_up(watchers: Sequence[Watcher], up_to: int) -> None:
    # Who does not come so far is found by the checks.
    reaching = [asyncio.create_task(watcher.reach(up_to)) for watcher in watchers]
    _, late = await asyncio.wait(reaching, timeout=_CATCH_UP_SECONDS)
    for task in late:
        task.cancel()
