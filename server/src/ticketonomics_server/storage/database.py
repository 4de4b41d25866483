"""The database: connections for sequencers, snapshots for reads, and news of other servers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog
from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from ticketonomics_server.engine.session import NOTIFY_CHANNEL, SESSION_SETTINGS, Session

READ_TIMEOUT_MS = 5_000

log = structlog.get_logger(__name__)


class Database:
    """One Postgres, known by its URL.

    Args:
        url: As `postgresql://…`, with one host or several; of several the primary is used.
    """

    def __init__(self, url: str, *, read_connections: int = 8) -> None:
        self.url = url
        self._reads = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self._connect_reader,
            isolation_level="REPEATABLE READ",
            pool_size=read_connections,
            max_overflow=0,
            pool_pre_ping=False,
            pool_timeout=5.0,
        )

    async def _connect_reader(self) -> asyncpg.Connection:
        connection: asyncpg.Connection = await asyncpg.connect(
            self.url,
            target_session_attrs="primary",
            timeout=5.0,
            server_settings={
                "application_name": "ticketonomics reads",
                "statement_timeout": str(READ_TIMEOUT_MS),
                "idle_in_transaction_session_timeout": str(READ_TIMEOUT_MS),
                "default_transaction_read_only": "on",
            },
        )
        return connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Opens a REPEATABLE READ READ ONLY transaction: all its reads see one moment."""
        async with self._reads.connect() as connection, connection.begin():
            yield connection

    async def connect_sequencer(self, economy_id: int) -> Session:
        """Opens a prepared session for a sequencer, on the primary."""
        connection = await self._connect_for_blocks()
        try:
            # Holding nothing, it may be idle while the other one is busy.
            reader = await self._connect_for_blocks(idle_session_timeout="0")
        except BaseException:
            connection.terminate()
            raise
        session = Session(connection, reader, economy_id)
        try:
            await session.meet()
            await session.prepare()
        except BaseException:
            await session.close()
            raise
        return session

    async def _connect_for_blocks(self, **settings: str) -> asyncpg.Connection:
        connection: asyncpg.Connection = await asyncpg.connect(
            self.url,
            target_session_attrs="primary",
            timeout=5.0,
            # Above the statement's own time-out: a primary that vanished says nothing.
            command_timeout=40.0,
            server_settings={**SESSION_SETTINGS, **settings},
        )
        return connection

    async def connect(self) -> asyncpg.Connection:
        """Opens a plain connection to the primary, for migrations, set-up and checks."""
        connection: asyncpg.Connection = await asyncpg.connect(
            self.url, target_session_attrs="primary", timeout=5.0
        )
        return connection

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[asyncpg.Connection]:
        """Opens what `connect` opens, for as long as it is used."""
        connection = await self.connect()
        try:
            yield connection
        finally:
            await connection.close()

    async def listen(self, hear: Callable[[int, int], None]) -> None:
        """Calls `hear(economy_id, last_sequence)` for every block that any server commits.

        Runs until it is cancelled; a lost connection is opened again. What was missed meanwhile is
        told by reading every economy's head.
        """

        def on_notify(_: Any, __: int, ___: str, payload: str) -> None:
            economy_id, sequence = payload.split(" ")
            hear(int(economy_id), int(sequence))

        while True:
            try:
                connection = await self.connect()
                try:
                    await connection.add_listener(NOTIFY_CHANNEL, on_notify)
                    while not connection.is_closed():
                        for row in await connection.fetch(_HEADS):
                            hear(row["economy_id"], row["last_sequence"])
                        # Notifications wake streams at once; this only covers what a connection
                        # that died unnoticed would miss.
                        await asyncio.sleep(1.0)
                finally:
                    connection.terminate()
            except (PostgresError, InterfaceError, OSError, TimeoutError) as error:
                log.warning("the news connection was lost", error=repr(error))
                await asyncio.sleep(0.5)

    async def close(self) -> None:
        await self._reads.dispose()


_HEADS = """
SELECT e.economy_id, b.last_sequence FROM economies e JOIN LATERAL (
    SELECT last_sequence FROM blocks b WHERE b.economy_id = e.economy_id
    ORDER BY height DESC LIMIT 1
) b ON true
"""
