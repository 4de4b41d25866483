"""The server under test, as an operator starts it."""

import asyncio
import socket
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import grpc
from ticketonomics_server.storage.embedded import EmbeddedPostgres

from .ledger import Ledger
from .processes import ProcessEndedError, running

_START_SECONDS = 60.0
_KEY_FILE = "operator-main.key"


@asynccontextmanager
async def serving(postgres: EmbeddedPostgres, *, accounts: int) -> AsyncIterator[Ledger]:
    """Run `ticketonomics-server serve` on this Postgres and yield its ledger.

    Nothing is set but where things are: durability, idempotency, history, proofs and permissions
    are on, as they always are.
    """
    target = f"127.0.0.1:{_free_port()}"
    with (
        tempfile.TemporaryDirectory(prefix="ticketonomics-bench-server-") as folder,
        tempfile.TemporaryFile() as log,
    ):
        data_folder = Path(folder, "data")
        environment = {
            "TICKETONOMICS_DATABASE_URL": postgres.dsn,
            "TICKETONOMICS_DATA_FOLDER": str(data_folder),
            "TICKETONOMICS_LISTEN": target,
        }
        command = [str(Path(sys.executable).with_name("ticketonomics-server")), "serve"]
        async with running(command, environment=environment, log=log) as process:
            try:
                await _until_ready(process, target)
                key = (data_folder / _KEY_FILE).read_text().strip()
                yield Ledger(target, key, accounts=accounts)
            except Exception:
                print(_tail(log), file=sys.stderr)
                raise


async def _until_ready(process: Process, target: str) -> None:
    ended = asyncio.ensure_future(process.wait())
    async with grpc.aio.insecure_channel(target) as channel:
        ready = asyncio.ensure_future(channel.channel_ready())
        await asyncio.wait(
            {ended, ready}, timeout=_START_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if ready.done():
            ended.cancel()
            return
        ready.cancel()
    raise ProcessEndedError("the server did not start to serve")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _tail(log: IO[bytes], *, lines: int = 40) -> str:
    log.seek(0)
    return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
