"""What `doctor` looks at, each check on its own: a finding, and advice where something is off."""

import errno
import os
import shutil
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import asyncpg
import grpc
from asyncpg.exceptions import InterfaceError, PostgresError
from grpc_health.v1 import health_pb2, health_pb2_grpc

from ticketonomics_server.bootstrap import operator_key_file
from ticketonomics_server.cli.reaching import find_running, open_database
from ticketonomics_server.cli.settings import OperatorError
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.binaries import ServerUser
from ticketonomics_server.storage.data_folder import DataFolder
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.embedded import (
    EmbeddedPostgresError,
    UnsafeDurabilityError,
    refuse_unsafe_durability,
)
from ticketonomics_server.storage.migrating import newest_version, schema_version

OLDEST_POSTGRES = 15
LEAST_FREE_MIB = 256
FEW_FREE_MIB = 2_048
CLOCK_TOLERANCE_SECONDS = 5.0
_HEALTH_TIMEOUT_SECONDS = 5.0

State = Literal["good", "note", "bad"]


@dataclass(slots=True, frozen=True)
class Check:
    """What a check found. A note is nothing wrong, but worth knowing."""

    name: str
    state: State
    finding: str
    advice: str = ""


async def examine(settings: Settings) -> list[Check]:
    """Runs all checks; none changes anything. A ledger that is not running is started meanwhile."""
    folder = DataFolder(settings.data_folder.expanduser().resolve())
    checks = [*_check_folder(folder, embedded=settings.database_url is None)]
    checks += await _check_postgres(settings, folder)
    checks.append(_check_operator_key(settings))
    checks.append(await _check_port(settings, folder))
    return checks


# --- the data folder --------------------------------------------------------------------------


def _check_folder(folder: DataFolder, *, embedded: bool) -> Iterator[Check]:
    path = folder.path
    if not path.exists():
        yield _check_missing_folder(path)
        return
    yield _check_access(path)
    yield _check_disk(path)
    if not embedded:
        return
    try:
        user = ServerUser.choose(folder.pgdata)
        folder.check_reachable(user)
        yield Check("Postgres' user", "good", f"Postgres runs as {user.name}, who can enter {path}")
    except EmbeddedPostgresError as error:
        yield Check("Postgres' user", "bad", str(error))


def _check_missing_folder(path: Path) -> Check:
    parent = next(folder for folder in path.parents if folder.exists())
    if os.access(parent, os.W_OK | os.X_OK):
        return Check("data folder", "note", f"{path} is not there yet; the first start makes it")
    return Check(
        "data folder",
        "bad",
        f"{path} is not there, and cannot be made in {parent}",
        "Set TICKETONOMICS_DATA_FOLDER to a folder that you may write to",
    )


def _check_access(path: Path) -> Check:
    if not path.is_dir():
        return Check("data folder", "bad", f"{path} is not a folder", "Choose another one")
    owner = path.stat().st_uid
    if owner != os.geteuid():
        return Check(
            "data folder",
            "bad",
            f"{path} belongs to user id {owner}, this runs as {os.geteuid()}",
            "Run this, and the server, as the folder's owner",
        )
    if path.stat().st_mode & stat.S_IWOTH:
        return Check("data folder", "bad", f"everybody can write to {path}", f"chmod o-w '{path}'")
    if not os.access(path, os.W_OK | os.X_OK):
        return Check("data folder", "bad", f"{path} cannot be written to", f"chmod u+rwx '{path}'")
    return Check("data folder", "good", str(path))


def _check_disk(path: Path) -> Check:
    free_mib = shutil.disk_usage(path).free >> 20
    finding = f"{free_mib:,} MiB free at {path}"
    advice = "Make room: a full disk stops the ledger, though it loses nothing"
    if free_mib < LEAST_FREE_MIB:
        return Check("disk", "bad", finding, advice)
    if free_mib < FEW_FREE_MIB:
        return Check("disk", "note", finding, advice)
    return Check("disk", "good", finding)


def _check_operator_key(settings: Settings) -> Check:
    file = operator_key_file(settings.data_folder, settings.economy)
    name = "operator key"
    try:
        found = file.stat()
    except FileNotFoundError:
        return Check(
            name,
            "note",
            f"there is no {file}",
            f"If nobody has the key: ticketonomics-server keys create --file '{file}'",
        )
    except OSError as error:
        return Check(name, "bad", f"{file}: {error.strerror}", "Run this as the server's user")
    if stat.S_IMODE(found.st_mode) & 0o077:
        return Check(
            name,
            "bad",
            f"others may read {file} ({stat.filemode(found.st_mode)})",
            f"chmod 600 '{file}', and replace the key if anybody could have read it",
        )
    return Check(name, "good", f"only its owner may read {file}")


# --- Postgres ---------------------------------------------------------------------------------


async def _check_postgres(settings: Settings, folder: DataFolder) -> list[Check]:
    if settings.database_url is None and not folder.pgdata.exists():
        return [Check("Postgres", "note", "there is no ledger yet; the first start makes it")]
    try:
        async with open_database(settings) as database, database.connected() as connection:
            return await _check_database(database, connection)
    except (OperatorError, EmbeddedPostgresError, OSError) as error:
        return [Check("Postgres", "bad", str(error))]
    except (PostgresError, InterfaceError) as error:
        return [Check("Postgres", "bad", f"it cannot be asked: {error}")]


async def _check_database(database: Database, connection: asyncpg.Connection) -> list[Check]:
    checks = [
        await _check_version(connection),
        await _check_durability(connection),
        await _check_clock(connection),
    ]
    found, known = await schema_version(database), newest_version()
    if found == known:
        return [
            *checks,
            Check("schema", "good", f"version {found}"),
            await _check_economies(connection),
        ]
    advice = "ticketonomics-server migrate, or install the version that the server has"
    finding = f"version {found or 'none'}; this program knows {known}"
    return [*checks, Check("schema", "bad", finding, advice)]


async def _check_version(connection: asyncpg.Connection) -> Check:
    version = await connection.fetchval("SHOW server_version")
    number = int(await connection.fetchval("SHOW server_version_num"))
    if number < OLDEST_POSTGRES * 10_000:
        return Check(
            "Postgres",
            "bad",
            f"version {version}",
            f"Postgres {OLDEST_POSTGRES} or newer is needed",
        )
    return Check("Postgres", "good", f"version {version}")


async def _check_durability(connection: asyncpg.Connection) -> Check:
    try:
        await refuse_unsafe_durability(connection)
    except UnsafeDurabilityError as error:
        return Check("durability", "bad", str(error))
    return Check("durability", "good", "fsync, full_page_writes and synchronous_commit are on")


async def _check_clock(connection: asyncpg.Connection) -> Check:
    before = datetime.now(UTC)
    there: datetime = await connection.fetchval("SELECT clock_timestamp()")
    after = datetime.now(UTC)
    off_seconds = max((before - there).total_seconds(), (there - after).total_seconds(), 0.0)
    finding = f"{off_seconds:.3f} s between this machine and the database"
    if off_seconds > CLOCK_TOLERANCE_SECONDS:
        return Check(
            "clock", "bad", finding, "Let both follow the same time server (NTP): chronyc tracking"
        )
    return Check("clock", "good", finding)


async def _check_economies(connection: asyncpg.Connection) -> Check:
    rows = await connection.fetch(
        "SELECT name, coalesce((SELECT max(height) FROM blocks b"
        " WHERE b.economy_id = e.economy_id), 0) AS height FROM economies e ORDER BY economy_id"
    )
    if not rows:
        return Check("economies", "note", "none yet; the first start makes one")
    listed = ", ".join(f"{row['name']} (block {row['height']:,})" for row in rows)
    return Check("economies", "good", listed)


# --- the port ---------------------------------------------------------------------------------


async def _check_port(settings: Settings, folder: DataFolder) -> Check:
    listen = settings.listen
    if listen.endswith(":0"):
        return Check("port", "note", f"{listen} takes any free port")
    try:
        _bind(listen)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return await _check_health(settings, folder)
        return Check(
            "port",
            "bad",
            f"nothing can listen on {listen}: {error.strerror or error}",
            "Set TICKETONOMICS_LISTEN to another address",
        )
    return Check("port", "good", f"{listen} is free")


def _bind(listen: str) -> None:
    """Tries to listen as the server would.

    Raises:
        OSError: With EADDRINUSE, if somebody listens there.
    """
    if listen.startswith("unix:"):
        path = listen.removeprefix("unix:")
        if Path(path).exists():
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        return
    host, _, port = listen.rpartition(":")
    ((family, kind, _, _, address), *_) = socket.getaddrinfo(
        host.strip("[]") or None, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    with socket.socket(family, kind) as trial:
        # A port whose last server has just ended is free, as gRPC sees it.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)


async def _check_health(settings: Settings, folder: DataFolder) -> Check:
    target = settings.listen
    for anywhere in ("0.0.0.0:", "[::]:"):
        if target.startswith(anywhere):
            target = "localhost:" + target.removeprefix(anywhere)
    try:
        async with _channel(settings, target) as channel:
            asked = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(), timeout=_HEALTH_TIMEOUT_SECONDS
            )
            status = (await asked).status
    except grpc.aio.AioRpcError as error:
        if settings.tls_certificate is not None:
            return Check("port", "note", f"{target} is taken, and not asked: {error.details()}")
        return Check(
            "port",
            "bad",
            f"{target} is taken by something that is no healthy server ({error.code().name})",
            "End it (ss -ltnp tells its pid), or set TICKETONOMICS_LISTEN",
        )
    if status != health_pb2.HealthCheckResponse.SERVING:
        return Check("port", "bad", f"the server on {target} is not serving", "See its log")
    if settings.database_url is None and not await _is_running(folder):
        return Check(
            "port",
            "bad",
            f"a server serves on {target}, but not the ledger in {folder.path}",
            "End that server, or set TICKETONOMICS_LISTEN to another address",
        )
    return Check("port", "good", f"a healthy server serves on {target}")


async def _is_running(folder: DataFolder) -> bool:
    try:
        return await find_running(folder) is not None
    except OperatorError:
        # Somebody runs it whom we may not ask.
        return True


def _channel(settings: Settings, target: str) -> grpc.aio.Channel:
    if settings.tls_certificate is None:
        return grpc.aio.insecure_channel(target)
    return grpc.aio.secure_channel(
        target, grpc.ssl_channel_credentials(settings.tls_certificate.read_bytes())
    )
