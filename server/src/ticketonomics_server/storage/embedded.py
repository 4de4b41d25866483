"""A real Postgres of our own: started with the server, stopped with it, never a stranger's."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import asyncpg
from asyncpg.exceptions import InterfaceError, PostgresError

from ticketonomics_server.storage.binaries import (
    Binaries,
    EmbeddedPostgresError,
    ServerUser,
    find_binaries,
    reachable_binaries,
)
from ticketonomics_server.storage.data_folder import (
    ADMIN,
    PORT,
    ROLE,
    DataFolder,
    default_data_folder,
)
from ticketonomics_server.storage.postmaster import (
    Postmaster,
    bound_log,
    end_survivors,
    exclusive,
)

__all__ = [
    "EmbeddedPostgres",
    "EmbeddedPostgresError",
    "UnsafeDurabilityError",
    "default_data_folder",
    "refuse_unsafe_durability",
]

DATABASE = "ticketonomics"

_STOP_SECONDS = 60.0
_LOG_LIMIT_BYTES = 16 << 20

_logger = logging.getLogger(__name__)


class UnsafeDurabilityError(EmbeddedPostgresError):
    """The Postgres may lose or tear what it has acknowledged, so no ledger may stand on it."""


class EmbeddedPostgres:
    """The Postgres of one data folder, and this process its only owner.

    `start` and `stop` block: from a coroutine use `async with`, which runs them in a thread.

    Postgres runs in a session of its own, so a Ctrl-C in the terminal reaches only the server,
    which stops it when it has drained. If the server is killed, Linux asks Postgres for a fast
    shutdown at once; elsewhere, or if that fails, the next owner ends the orphan.
    """

    def __init__(
        self,
        data_folder: Path,
        *,
        settings: Mapping[str, str] | None = None,
        progress: Callable[[str], None] | None = None,
        stop_timeout_seconds: float = _STOP_SECONDS,
        log_limit_bytes: int = _LOG_LIMIT_BYTES,
    ) -> None:
        """Describe the Postgres; nothing happens before `start`.

        Args:
            data_folder: Where everything lives; made if missing, refused if somebody else's.
            settings: Postgres settings over our defaults. `ALTER SYSTEM` wins over both.
            progress: Called every second of a long start with the last line of Postgres' log.
            stop_timeout_seconds: How long a fast shutdown may take before an immediate one.
            log_limit_bytes: The size at which the log is moved aside; two such files are kept.
        """
        self._folder = DataFolder(data_folder.expanduser().resolve())
        self._settings = dict(settings or {})
        self._progress = progress or self._log_progress
        self._stop_timeout_seconds = stop_timeout_seconds
        self._log_limit_bytes = log_limit_bytes
        self._turn = threading.RLock()
        self._cleanup = ExitStack()
        self._postmaster: Postmaster | None = None
        self._binaries: Binaries | None = None
        self._socket_folder: Path | None = None

    @property
    def dsn(self) -> str:
        """The database's address for asyncpg, psql and pgbench; no password, by `peer`."""
        return self._address("postgresql", ROLE, DATABASE)

    @property
    def url(self) -> str:
        """The database's address for SQLAlchemy with asyncpg."""
        return self._address("postgresql+asyncpg", ROLE, DATABASE)

    @property
    def admin_dsn(self) -> str:
        """The superuser's address, for operators and tests; the server needs no such rights."""
        return self._address("postgresql", ADMIN, "postgres")

    @property
    def alive(self) -> bool:
        """Whether Postgres has been started and its postmaster process still exists."""
        return self._postmaster is not None and self._postmaster.alive

    def binaries(self) -> Path:
        """Return the folder with `psql`, `pgbench`, `pg_dump` and so on, of the version in use."""
        return (self._binaries or find_binaries()).folder

    def start(self) -> None:
        """Make the cluster if there is none, end orphans, start Postgres, recover, check it.

        Does nothing if it is running. After a failure nothing is left running or locked.

        Raises:
            EmbeddedPostgresError: The text says what is wrong and what to do about it.
            UnsafeDurabilityError: The cluster is set up to lose acknowledged transactions.
        """
        _refuse_running_loop()
        with self._turn:
            if self.alive:
                return
            self.stop()
            try:
                self._start()
                asyncio.run(self._prepare_database())
            except (OSError, PostgresError, InterfaceError) as error:
                self.stop()
                raise EmbeddedPostgresError(
                    f"cannot start Postgres in {self._folder.path}: {error}"
                ) from error
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """End Postgres: fast shutdown, then immediate, then by force. Idempotent.

        Leaves no process, no socket folder and no lock.
        """
        with self._turn:
            try:
                self._cleanup.close()
            finally:
                self._postmaster = None
                self._socket_folder = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        # A start that is abandoned half-way must not go on behind our back: wait for it, then
        # undo it.
        starting = asyncio.ensure_future(asyncio.to_thread(self.start))
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.wait([starting])
            await asyncio.to_thread(self.stop)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)

    def _start(self) -> None:
        folder = self._folder
        folder.create()
        self._cleanup.enter_context(folder.owned())
        user = ServerUser.choose(folder.pgdata)
        folder.check_reachable(user)
        with exclusive(
            folder.pgdata, folder.pgdata_lock, fast_seconds=self._stop_timeout_seconds
        ) as lock:
            folder.remove_leftovers()
            self._binaries = reachable_binaries(find_binaries(), user, folder.path)
            folder.create_cluster(self._binaries, user)
            folder.configure(self._settings, self._binaries)
            self._cleanup.callback(folder.remove_socket_folder)
            self._socket_folder = folder.create_socket_folder(user)
            bound_log(folder.log, self._log_limit_bytes)
            self._postmaster = Postmaster(
                folder.pgdata, folder.log, log_limit_bytes=self._log_limit_bytes
            )
            self._cleanup.callback(end_survivors, folder.pgdata, folder.pgdata_lock)
            self._cleanup.callback(self._postmaster.stop, self._stop_timeout_seconds)
            command = folder.command(self._binaries, self._socket_folder)
            self._postmaster.start(command, user, lock)
        self._postmaster.wait_until_ready(self._progress)

    async def _prepare_database(self) -> None:
        await _create_database(self.admin_dsn)
        await refuse_unsafe_durability(self.dsn)

    def _address(self, scheme: str, role: str, database: str) -> str:
        if self._socket_folder is None:
            raise EmbeddedPostgresError("the embedded Postgres is not running")
        # The port is spelled out lest a PGPORT in the environment change it.
        query = urlencode({"host": self._socket_folder, "port": PORT}, safe="/")
        return f"{scheme}://{role}@/{database}?{query}"

    def _log_progress(self, line: str) -> None:
        _logger.info("Postgres is starting in %s: %s", self._folder.path, line)


async def refuse_unsafe_durability(connection_or_dsn: asyncpg.Connection | str) -> None:
    """Refuse a Postgres, ours or an operator's, that may lose what it has acknowledged.

    Looks at what holds for this very session, so that a setting of a role or of a database
    counts as well: ask with the role and the database that the ledger uses.

    Raises:
        UnsafeDurabilityError: `fsync`, `full_page_writes` or `synchronous_commit` is off.
    """
    if isinstance(connection_or_dsn, str):
        connection = await asyncpg.connect(connection_or_dsn)
        try:
            return await refuse_unsafe_durability(connection)
        finally:
            await connection.close()
    shown = {
        name: await connection_or_dsn.fetchval(f"SHOW {name}")
        for name in ("fsync", "full_page_writes", "synchronous_commit")
    }
    switched_off = " and ".join(name for name, value in shown.items() if value == "off")
    if switched_off:
        raise UnsafeDurabilityError(
            f"Postgres runs with {switched_off} off, so a crash could lose or corrupt acknowledged "
            "transactions. Switch it on (`ALTER SYSTEM RESET <name>`; look also at `ALTER ROLE` "
            "and `ALTER DATABASE`) and restart"
        )
    return None


async def _create_database(admin_dsn: str) -> None:
    connection = await asyncpg.connect(admin_dsn)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", ROLE):
            # Clones of a template database are how tests get theirs; otherwise no privileges.
            await connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB IN ROLE pg_monitor")
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
    finally:
        await connection.close()


def _refuse_running_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise EmbeddedPostgresError("start() blocks: use `async with`, or call it in a thread")
