"""The server under test, as an operator starts it."""

import asyncio
import socket
import sys
import tempfile
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, NamedTuple

import grpc
from ticketonomics_server.storage.embedded import EmbeddedPostgres

from .ledger import Ledger
from .processes import ProcessEndedError, running

_KEY_FILE = "operator-main.key"


@asynccontextmanager
async def serving(postgres: EmbeddedPostgres, *, accounts: int) -> AsyncIterator[Ledger]:
    """Run `ticketonomics-server serve` on this Postgres and yield its ledger."""
    with tempfile.TemporaryDirectory(prefix="ticketonomics-bench-server-") as folder:
        data_folder = Path(folder, "data")
        async with server_running(data_folder, TICKETONOMICS_DATABASE_URL=postgres.dsn) as served:
            yield Ledger(served.target, operator_key(data_folder), accounts=accounts)


class Served(NamedTuple):
    """Where a server listens, its process, and how long its start took."""

    target: str
    process: Process
    start_seconds: float


@asynccontextmanager
async def server_running(
    data_folder: Path,
    *,
    start_seconds: float = 60.0,
    stop_seconds: float = 30.0,
    **environment: str,
) -> AsyncIterator[Served]:
    """Run `ticketonomics-server serve` on a data folder; show the end of its log on a failure.

    Nothing is set but where things are: durability, idempotency, history, proofs and permissions
    are on, as they always are.
    """
    target = f"127.0.0.1:{free_port()}"
    environment |= {
        "TICKETONOMICS_DATA_FOLDER": str(data_folder),
        "TICKETONOMICS_LISTEN": target,
    }
    began = time.perf_counter()
    with tempfile.TemporaryFile() as log:
        async with running(
            command("ticketonomics-server"),
            environment=environment,
            log=log,
            stop_seconds=stop_seconds,
        ) as process:
            try:
                await _until_ready(process, target, start_seconds)
                yield Served(target, process, time.perf_counter() - began)
            except Exception:
                print(tail(log), file=sys.stderr)
                raise


def operator_key(data_folder: Path) -> str:
    """Return the first operator's key of a server that was started on this folder."""
    return (data_folder / _KEY_FILE).read_text().strip()


def command(program: str) -> list[str]:
    """Return the command that serves, of a program that is installed beside this Python."""
    return [str(Path(sys.executable).with_name(program)), "serve"]


async def _until_ready(process: Process, target: str, seconds: float) -> None:
    ended = asyncio.ensure_future(process.wait())
    async with grpc.aio.insecure_channel(target) as channel:
        ready = asyncio.ensure_future(channel.channel_ready())
        await asyncio.wait({ended, ready}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if ready.done():
            ended.cancel()
            return
        ready.cancel()
    raise ProcessEndedError("the server did not start to serve")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def tail(log: IO[bytes], *, lines: int = 40) -> str:
    """Return the end of a process's log."""
    log.seek(0)
    return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
