"""Reaches the ledger's database: an operator's, a running server's, or one started for us."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import asyncpg
from asyncpg.exceptions import (
    CannotConnectNowError,
    InterfaceError,
    InvalidAuthorizationSpecificationError,
    PostgresError,
)
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from ticketonomics_server.cli.settings import OperatorError
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.data_folder import PORT, ROLE
from ticketonomics_server.storage.data_folder import DataFolder as Folder
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.embedded import DATABASE, EmbeddedPostgres
from ticketonomics_server.storage.migrating import newest_version, schema_version

_PATIENCE_SECONDS = 15.0


@asynccontextmanager
async def open_database(settings: Settings, *, create: bool = False) -> AsyncIterator[Database]:
    """Opens the database: the one that is set, a running server's, or one started for the while.

    Args:
        create: Make the embedded ledger where there is none.

    Raises:
        OperatorError: It cannot be reached; the text says what to do.
        EmbeddedPostgresError: It does not start.
    """
    async with _reach(settings, create=create) as url:
        database = Database(url, read_connections=2)
        try:
            yield database
        finally:
            await database.close()


@asynccontextmanager
async def _reach(settings: Settings, *, create: bool) -> AsyncIterator[str]:
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        try:
            await _try(url)
        except (PostgresError, InterfaceError, OSError, ValueError) as error:
            what = str(error) or type(error).__name__
            raise OperatorError(
                f"the Postgres of TICKETONOMICS_DATABASE_URL cannot be reached: {what}"
            ) from error
        yield url
        return
    folder = Folder(settings.data_folder.expanduser().resolve())
    if running := await find_running(folder):
        yield running
        return
    if not (create or folder.pgdata.exists()):
        raise OperatorError(
            f"there is no ledger in {folder.path} yet: `ticketonomics-server serve` makes one. If"
            " it is elsewhere, give --data-folder or set TICKETONOMICS_DATABASE_URL"
        )
    async with EmbeddedPostgres(settings.data_folder, progress=lambda _: None) as postgres:
        yield postgres.dsn


async def find_running(folder: Folder) -> str | None:
    """Finds the embedded Postgres that a running server has started.

    The launcher records the folder of its socket in the data folder. A record that leads nowhere is
    left from a server that was killed: then nobody runs it.
    """
    try:
        socket_folder = folder.socket_record.read_text().strip()
    except FileNotFoundError:
        return None
    query = urlencode({"host": socket_folder, "port": PORT}, safe="/")
    url = f"postgresql://{ROLE}@/{DATABASE}?{query}"
    try:
        # While it starts or recovers it says so.
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(CannotConnectNowError),
            wait=wait_fixed(0.5),
            stop=stop_after_delay(_PATIENCE_SECONDS),
            reraise=True,
        ):
            with attempt:
                await _try(url)
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except (PermissionError, InvalidAuthorizationSpecificationError) as error:
        raise OperatorError(
            f"the Postgres of {folder.path} belongs to another user: run this as the user who runs"
            " the server"
        ) from error
    except (PostgresError, InterfaceError, OSError) as error:
        raise OperatorError(
            f"the Postgres of {folder.path} runs and cannot be reached ({error}): wait until the"
            f" server is up, or stop it and try again; {folder.log} may tell more"
        ) from error
    return url


async def _try(url: str) -> None:
    await (await asyncpg.connect(url, target_session_attrs="primary", timeout=5.0)).close()


async def check_schema(database: Database) -> None:
    """Refuses a database whose schema this program does not know.

    Raises:
        OperatorError: It is older or newer.
    """
    found, known = await schema_version(database), newest_version()
    if found != known:
        raise OperatorError(
            f"the database's schema is at version {found or 'none'}, this program knows {known}:"
            " run `ticketonomics-server migrate`, or install the version that the server has"
        )


async def find_economies(database: Database, name: str | None) -> dict[str, int]:
    """Finds the ids of an economy, or of all, by their names.

    Raises:
        OperatorError: There is none of this name.
    """
    async with database.connected() as connection:
        rows = await connection.fetch("SELECT name, economy_id FROM economies ORDER BY economy_id")
    economies = {row["name"]: row["economy_id"] for row in rows}
    if name is None:
        return economies
    if name not in economies:
        raise OperatorError(
            f"there is no economy {name}; there are: {', '.join(economies) or 'none'}"
        )
    return {name: economies[name]}
