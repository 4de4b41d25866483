"""The server on a data folder of its own: how fast it starts, cleanly and after a crash."""

import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from ticketonomics_server.cli.reaching import find_running
from ticketonomics_server.storage.data_folder import DataFolder

from tests.bench.processes import ProcessEndedError
from tests.bench.serving import operator_key, server_running

_START_SECONDS = 120.0
_STOP_SECONDS = 60.0


@dataclass(slots=True)
class Served:
    """A running server: where it listens, its process, and how long its start took."""

    target: str
    folder: Path
    process: Process
    start_seconds: float
    killed: bool = False

    @property
    def api_key(self) -> str:
        return operator_key(self.folder)

    async def database_url(self) -> str:
        url = await find_running(DataFolder(self.folder))
        assert url is not None, "the server runs its Postgres"
        return url

    def kill_everything(self) -> None:
        """Kills the server and every process of its Postgres, without a word."""
        self.killed = True
        for process in _postgres_of(self.folder):
            process.send_signal(signal.SIGKILL)
        self.process.kill()


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Served]:
    """Runs `ticketonomics-server serve` on a data folder."""
    async with server_running(
        folder, start_seconds=_START_SECONDS, stop_seconds=_STOP_SECONDS
    ) as running:
        served = Served(running.target, folder, running.process, running.start_seconds)
        yield served
    if running.process.returncode == -signal.SIGKILL and not served.killed:
        raise ProcessEndedError("the server did not stop by itself: the next start is not clean")


def _postgres_of(folder: Path) -> list[psutil.Process]:
    """The postmaster of a data folder and all its children."""
    pgdata = str(DataFolder(folder).pgdata)
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and pgdata in (process.info["cmdline"] or []):
            found += [process, *process.children(recursive=True)]
    return found
