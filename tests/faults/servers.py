"""The two servers: processes of the ordinary command, started, frozen and killed by pid."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Iterator
from pathlib import Path

import grpc

ROOT = Path(__file__).resolve().parents[2]

_START_SECONDS = 40.0
_END_SECONDS = 30.0
# Nothing that the campaign sends can poison a block: such a server took a fault for a poison.
_MISTAKES = frozenset({"a block is split"})
# What a server may call an error when its database is away for long.
_EXPECTED_ERRORS = frozenset({"a block was given up"})
# asyncpg forgets a future of its own when a connection ends in the middle of a COPY.
_FORGOTTEN_FUTURE = "Future exception was never retrieved"


class ServerError(Exception):
    """A server did not start, or did not end, as it should."""


class Server:
    """One server process after the other, on one port."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number = number
        self.target = f"127.0.0.1:{_free_port()}"
        self.log = folder / f"server-{number}.log"
        self._data_folder = folder / "server-data"
        self._process: Process | None = None
        self._read_bytes = 0

    @property
    def operator_key(self) -> str:
        return (self._data_folder / "operator-main.key").read_text().strip()

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self, database_url: str) -> None:
        """Starts the server, and waits until it serves.

        Raises:
            ServerError: It ended, or took too long.
        """
        settings = {
            "DATABASE_URL": database_url,
            "DATA_FOLDER": str(self._data_folder),
            "LISTEN": self.target,
            "LOG_FORMAT": "json",
        }
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                str(Path(sys.executable).with_name("ticketonomics-server")),
                "serve",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={
                    **os.environ,
                    **{f"TICKETONOMICS_{name}": value for name, value in settings.items()},
                },
                # A Ctrl-C in the terminal is for the campaign, which ends us in order.
                start_new_session=True,
            )
        await self._wait_until_it_serves(self._process)

    async def _wait_until_it_serves(self, process: Process) -> None:
        async with grpc.aio.insecure_channel(self.target) as channel:
            ended = asyncio.ensure_future(process.wait())
            ready = asyncio.ensure_future(channel.channel_ready())
            try:
                await asyncio.wait(
                    {ended, ready}, timeout=_START_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                served = ready.done()
            finally:
                ended.cancel()
                ready.cancel()
                await asyncio.gather(ended, ready, return_exceptions=True)
        if not served:
            raise ServerError(f"server {self.number} did not start to serve: see {self.log}")

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process, if it still lives."""
        if self.alive:
            assert self._process is not None
            self._process.send_signal(number)

    async def kill(self) -> None:
        """Kills the process, frozen or not."""
        self.signal(signal.SIGKILL)
        await self.wait()

    async def wait(self) -> int:
        """Waits for the end of the process, and returns its exit code.

        Raises:
            ServerError: It does not end.
        """
        if self._process is None:
            return 0
        try:
            async with asyncio.timeout(_END_SECONDS):
                return await self._process.wait()
        except TimeoutError:
            raise ServerError(f"server {self.number} does not end: see {self.log}") from None

    def new_errors(self) -> Iterator[str]:
        """Reads what the server has logged as an error since the last time."""
        with self.log.open("rb") as log:
            log.seek(self._read_bytes)
            lines = log.read().splitlines(keepends=True)
        for line in lines:
            if not line.endswith(b"\n"):
                break
            self._read_bytes += len(line)
            error = _error_in(line)
            if error:
                yield f"server {self.number} logged {error}"


def _error_in(line: bytes) -> str:
    try:
        event = json.loads(line)
    except ValueError:
        # A traceback that nobody caught.
        return line.decode(errors="replace").strip() if line.startswith(b"Traceback") else ""
    name = event.get("event", "")
    serious = event.get("level") in {"error", "critical"} or name in _MISTAKES
    if not serious or name in _EXPECTED_ERRORS or name.startswith(_FORGOTTEN_FUTURE):
        return ""
    trace = str(event.get("exception", "")).strip().splitlines()
    # Frames and notes are indented or in brackets.
    causes = [line for line in trace if line and not line.startswith((" ", "(", "Traceback"))]
    return f"{name}: {event.get('error') or (causes[-1] if causes else '')}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
