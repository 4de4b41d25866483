"""What tests of the embedded Postgres try it with: owners to kill, queries, processes to find."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest
from ticketonomics_server.storage import embedded
from ticketonomics_server.storage.binaries import ServerUser
from ticketonomics_server.storage.embedded import (
    EmbeddedPostgres,
)

WE_ARE_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not WE_ARE_ROOT, reason="SKIPPED LOUDLY: needs root to try this")
SOURCES = Path(embedded.__file__).parents[2]
PATIENCE_SECONDS = 60
connect: Callable[..., Awaitable[Any]] = asyncpg.connect

# A server that owns a data folder and does nothing else, to be killed at will.
OWNER = """
import json, os, pwd, sys
from pathlib import Path
from ticketonomics_server.storage import postmaster
from ticketonomics_server.storage.embedded import EmbeddedPostgres, EmbeddedPostgresError

folder, tether, user = sys.argv[1:]
if user:
    # Only now: the interpreter itself may lie below a folder that is closed to this user.
    os.setgroups([])
    os.setgid(pwd.getpwnam(user).pw_gid)
    os.setuid(pwd.getpwnam(user).pw_uid)
if tether == "untethered":
    postmaster._ended_with_us = lambda: []
pg = EmbeddedPostgres(Path(folder))
try:
    pg.start()
except EmbeddedPostgresError as error:
    print(json.dumps({"error": str(error)}), flush=True)
    sys.exit(1)
print(json.dumps({"dsn": pg.dsn, "postmaster": pg._postmaster._process.pid}), flush=True)
sys.stdin.read()
pg.stop()
"""


def query(dsn: str, sql: str) -> Any:
    async def run() -> Any:
        connection = await connect(dsn)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(run())


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def postmaster_of(pg: EmbeddedPostgres) -> psutil.Process:
    assert pg._postmaster is not None
    assert pg._postmaster._process is not None
    return psutil.Process(pg._postmaster._process.pid)


def processes_in(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name() == "postgres" and Path(process.cwd()).is_relative_to(folder):
                found.append(process)
    return found


def socket_folders() -> list[Path]:
    return list(Path(tempfile.gettempdir()).glob("ticketonomics-*"))


def cluster_user(folder: Path) -> ServerUser:
    return ServerUser.choose(folder / "pgdata")


@contextmanager
def owner(
    folder: Path, tether: str = "untethered", user: str = ""
) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """Run a server of its own process, as `user`, and end it by its id."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder), tether, user],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(SOURCES), *sys.path])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=PATIENCE_SECONDS)
        process.kill()
        process.wait()


def answer(dsn: str) -> int:
    return int(query(dsn, "SELECT answer FROM kept"))
