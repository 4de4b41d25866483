"""The processes of a run, each ended by whoever started it and by nobody else."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

from . import bare_server
from .jobs import Job

ROOT = Path(__file__).resolve().parents[2]

# A client's result is one line with all its latencies.
_LINE_LIMIT_BYTES = 64 << 20
_START_SECONDS = 60.0


class ProcessEndedError(Exception):
    """A process of the benchmark ended before it had done its work."""


@asynccontextmanager
async def running(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    log: IO[bytes] | None = None,
    stop_seconds: float = 30.0,
) -> AsyncIterator[Process]:
    """Run a command as long as the context lasts: SIGTERM at its end, SIGKILL if that is ignored.

    It runs in a session of its own, so that a Ctrl-C in the terminal reaches only the driver, which
    then ends everything in order.

    Args:
        command: Program and arguments.
        environment: What is set beside our own environment.
        log: Takes both its outputs; otherwise its stdout can be read here, and stderr is ours.
        stop_seconds: How long it may take to end.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=PIPE,
        stdout=log or PIPE,
        stderr=log,
        limit=_LINE_LIMIT_BYTES,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        await asyncio.shield(_end(process, stop_seconds))


async def until_listening(process: Process, target: str) -> None:
    """Wait until a process listens."""
    host, _, port = target.rpartition(":")
    async with asyncio.timeout(_START_SECONDS):
        while process.returncode is None:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(host, int(port))
                writer.close()
                return
            await asyncio.sleep(0.05)
    raise ProcessEndedError(f"a process of the benchmark ended: {process.returncode}")


async def _end(process: Process, seconds: float) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError:
        # The group is the process's own session.
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


@asynccontextmanager
async def bare_server_running(loop: str = "uvloop") -> AsyncIterator[str]:
    """Run the bare server on an event loop, `uvloop` or `asyncio`, and yield its address."""
    async with running([sys.executable, "-m", bare_server.__name__, loop]) as process:
        yield f"127.0.0.1:{await _line(process, seconds=_START_SECONDS)}"


class Client:
    """A client process that has its job."""

    def __init__(self, process: Process, job: Job) -> None:
        """Talk to a process that was started for this job."""
        self._process = process
        self._job = job

    async def ready(self) -> None:
        """Wait until it has prepared everything."""
        self._say(self._job.model_dump_json())
        await _line(self._process, seconds=_START_SECONDS)

    def begin(self) -> None:
        """Let it start."""
        self._say("go")

    def finish_at(self, sequence: int) -> None:
        """Tell a watcher which entry is the last that it will get."""
        self._say(str(sequence))

    async def result(self) -> str:
        """Wait for what it measured, as JSON."""
        return await _line(self._process, seconds=self._job.seconds + _START_SECONDS)

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())


@asynccontextmanager
async def client(job: Job) -> AsyncIterator[Client]:
    """Run a client process."""
    async with running([sys.executable, "-m", f"{__package__}.client"]) as process:
        yield Client(process, job)


async def _line(process: Process, *, seconds: float) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(seconds):
        line = await process.stdout.readline()
    if not line:
        raise ProcessEndedError(f"a process of the benchmark ended: {await process.wait()}")
    return line.decode().strip()
