"""The server on a data folder of its own: how fast it starts, cleanly and after a crash."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import psutil
from ticketonomics_server.cli.reaching import find_running
from ticketonomics_server.storage.data_folder import DataFolder

from tests.bench.processes import ProcessEndedError

_START_SECONDS = 120.0
_STOP_SECONDS = 60.0


@dataclass(slots=True)
class Served:
    """A running server: where it listens, its process, and how long its start took."""

    target: str
    folder: Path
    process: asyncio.subprocess.Process
    start_seconds: float

    @property
    def api_key(self) -> str:
        return (self.folder / "operator-main.key").read_text().strip()

    async def database_url(self) -> str:
        url = await find_running(DataFolder(self.folder))
        assert url is not None, "the server runs its Postgres"
        return url

    def kill_everything(self) -> None:
        """Kills the server and every process of its Postgres, without a word."""
        for process in _postgres_of(self.folder):
            process.send_signal(signal.SIGKILL)
        self.process.kill()


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Served]:
    """Runs `ticketonomics-server serve` on a data folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        target = f"127.0.0.1:{probe.getsockname()[1]}"
    environment = {"TICKETONOMICS_DATA_FOLDER": str(folder), "TICKETONOMICS_LISTEN": target}
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("ticketonomics-server")),
        "serve",
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with grpc.aio.insecure_channel(target) as channel, asyncio.timeout(_START_SECONDS):
            ready = asyncio.ensure_future(channel.channel_ready())
            ended = asyncio.ensure_future(process.wait())
            await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                raise ProcessEndedError("the server did not start")
            ended.cancel()
        yield Served(target, folder, process, time.perf_counter() - began)
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()


def _postgres_of(folder: Path) -> list[psutil.Process]:
    """The postmaster of a data folder and all its children."""
    pgdata = str(DataFolder(folder).pgdata)
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and pgdata in (process.info["cmdline"] or []):
            found += [process, *process.children(recursive=True)]
    return found
