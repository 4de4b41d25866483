"""The campaign's own Postgres: neither server owns it, and all of it can be killed at once."""

import asyncio
import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import psutil
from ticketonomics_server.storage.embedded import EmbeddedPostgres
from ticketonomics_server.storage.postmaster import PidFile

_DEATH_SECONDS = 10.0
_SEQUENCERS = "application_name = 'ticketonomics sequencer'"
_COMMITTING = f"""
SELECT pid FROM pg_stat_activity
WHERE {_SEQUENCERS} AND state = 'active' AND query LIKE 'NOTIFY%COMMIT%'
"""
_HOLDER = f"""
SELECT a.pid, a.state_change,
       a.state || CASE WHEN a.state = 'active' THEN ': ' || left(a.query, 30) ELSE '' END AS doing
FROM pg_stat_activity a JOIN pg_locks l USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND {_SEQUENCERS}
"""
_TERMINATE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = 'ticketonomics' AND pid <> pg_backend_pid() AND random() < $1
"""


class Postgres:
    """A Postgres on a socket whose path stays the same when it is started again."""

    def __init__(self, folder: Path) -> None:
        self._embedded = EmbeddedPostgres(folder / "postgres")
        self._pgdata = folder / "postgres" / "pgdata"
        # Each start makes a socket folder of another name; servers know this link to it.
        self._link = folder / "socket"
        self._killed = False

    @property
    def dsn(self) -> str:
        return self._linked(self._embedded.dsn)

    async def start(self) -> None:
        """Starts it, and waits until it has recovered."""
        await asyncio.to_thread(self._start)

    async def stop(self) -> None:
        await asyncio.to_thread(self._embedded.stop)

    def processes(self) -> list[psutil.Process]:
        """Lists the postmaster, which comes first, and its children."""
        found = PidFile.read(self._pgdata)
        assert found is not None, "Postgres runs"
        postmaster = psutil.Process(found.pid)
        assert postmaster.ppid() == os.getpid(), "it is the one that we started"
        return [postmaster, *postmaster.children(recursive=True)]

    def kill(self, processes: list[psutil.Process]) -> None:
        """Kills all of them, as a power cut would."""
        self._killed = True
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)

    def crash_backend(self, pid: int) -> None:
        """Kills one backend, which makes the postmaster restart everything."""
        with suppress(psutil.NoSuchProcess):
            backend = psutil.Process(pid)
            if backend.ppid() == self.processes()[0].pid:
                backend.send_signal(signal.SIGKILL)

    async def connect(self) -> asyncpg.Connection:
        """Opens a connection of the superuser's, who sees and may end everybody's sessions."""
        dsn = self._linked(self._embedded.admin_dsn)
        connection: asyncpg.Connection = await asyncpg.connect(dsn, timeout=5)
        return connection

    def _start(self) -> None:
        # One that was killed a moment ago may still look alive, and would not be started.
        deadline = time.monotonic() + _DEATH_SECONDS
        while self._killed and self._embedded.alive and time.monotonic() < deadline:
            time.sleep(0.01)
        self._killed = False
        self._embedded.start()
        self._link.unlink(missing_ok=True)
        self._link.symlink_to(_socket_folder(self._embedded.dsn))

    def _linked(self, dsn: str) -> str:
        return dsn.replace(_socket_folder(dsn), str(self._link))


def _socket_folder(dsn: str) -> str:
    return parse_qs(urlsplit(dsn).query)["host"][0]


async def slow_commits(admin: asyncpg.Connection, delay_us: int) -> None:
    """Makes every COMMIT wait before it flushes, so that it can be hit; 0 ends that."""
    for name, value in (("commit_delay", delay_us), ("commit_siblings", 0)):
        change = f"SET {name} = {value}" if delay_us else f"RESET {name}"
        await admin.execute(f"ALTER SYSTEM {change}")
    await admin.execute("SELECT pg_reload_conf()")


async def find_committing(admin: asyncpg.Connection) -> int | None:
    """Finds the session that is in COMMIT, by its pid."""
    pid: int | None = await admin.fetchval(_COMMITTING)
    return pid


async def find_holder(admin: asyncpg.Connection) -> asyncpg.Record | None:
    """Finds the session that holds the economy's lock, what it is doing, and since when."""
    holder: asyncpg.Record | None = await admin.fetchrow(_HOLDER)
    return holder


async def terminate_some(admin: asyncpg.Connection, share: float) -> int:
    """Ends a share of all sessions of the ledger, and returns how many."""
    count: int = await admin.fetchval(_TERMINATE, share)
    return count
