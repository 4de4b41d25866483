"""Keeps the aggregates behind the blocks: one server at a time for each economy.

The lock belongs to the transaction that changes the aggregates and moves their cursor, so that
every entry is taken in exactly once, whoever is killed when.
"""

import asyncio
from time import monotonic

import asyncpg
import structlog

from ticketonomics_server.engine.incident import report_incident
from ticketonomics_server.engine.session import is_passing
from ticketonomics_server.progression.standing import MOST_RENEWED, renew_standings
from ticketonomics_server.statistics.aggregating import MOST_ENTRIES, aggregate
from ticketonomics_server.storage.database import Database

# The first key of the locks; the second is the economy's id.
LOCK_CLASS = 0x71CA
EVERY_SECONDS = 2.0
# After a page as long a rest: what is behind never takes more than half of a core.
REST = 1.0

# A page that is lost with its cursor is made again, so no commit needs to wait for the disk. The
# planner must know how wide a page is. A server that stands still loses its lock.
SESSION_SETTINGS = {
    "application_name": "ticketonomics statistics",
    "synchronous_commit": "off",
    "plan_cache_mode": "force_custom_plan",
    "work_mem": "32MB",
    "jit": "off",
    "statement_timeout": "60000",
    "lock_timeout": "5000",
    "idle_in_transaction_session_timeout": "5000",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}

# Reputation is renewed every day; day 0 was the first of 1970.
_BEHIND = """
SELECT e.economy_id FROM economies e JOIN LATERAL (
    SELECT last_sequence FROM blocks b WHERE b.economy_id = e.economy_id
    ORDER BY height DESC LIMIT 1
) b ON true LEFT JOIN statistics_cursors c ON c.economy_id = e.economy_id
WHERE b.last_sequence > coalesce(c.last_sequence, 0) OR EXISTS (
    SELECT FROM standings s WHERE s.economy_id = e.economy_id
    AND s.reputation_day < (clock_timestamp() AT TIME ZONE 'UTC')::date - date '1970-01-01'
) ORDER BY e.economy_id
"""
_TRY_LOCK = "SELECT pg_try_advisory_xact_lock($1, $2)"
_LOCK = "SELECT pg_advisory_xact_lock($1, $2)"
_TABLES = (
    "statistics_cursors",
    "daily_flows",
    "daily_supplies",
    "daily_activity",
    "person_figures",
    "wealth_buckets",
    "standings",
)

log = structlog.get_logger(__name__)


async def connect(database: Database) -> asyncpg.Connection:
    """Opens a connection to take pages in with."""
    connection: asyncpg.Connection = await asyncpg.connect(
        database.url,
        target_session_attrs="primary",
        timeout=5.0,
        command_timeout=65.0,
        server_settings=SESSION_SETTINGS,
    )
    return connection


async def take_page(
    connection: asyncpg.Connection, economy_id: int, *, most: int = MOST_ENTRIES
) -> int:
    """Takes in the next entries of an economy, in a transaction of its own.

    Returns:
        How many; 0 also where another server is at it.
    """
    async with connection.transaction():
        if not await connection.fetchval(_TRY_LOCK, LOCK_CLASS, economy_id):
            return 0
        return await aggregate(connection, economy_id, most=most)


async def renew_page(connection: asyncpg.Connection, economy_id: int) -> int:
    """Renews the reputation of people whose last one is of a day before, so many at most.

    Returns:
        Of how many; 0 also where another server is at it.
    """
    async with connection.transaction():
        if not await connection.fetchval(_TRY_LOCK, LOCK_CLASS, economy_id):
            return 0
        return await renew_standings(connection, economy_id)


async def forget_all(connection: asyncpg.Connection, economy_id: int) -> None:
    """Empties the aggregates of an economy, so that they are made again from its first entry."""
    async with connection.transaction():
        await connection.execute(_LOCK, LOCK_CLASS, economy_id)
        for table in _TABLES:
            await connection.execute(f"DELETE FROM {table} WHERE economy_id = $1", economy_id)


class StatisticsFollower:
    """Follows the journals of all economies; any number of servers may."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._nudge = asyncio.Event()
        self._most = MOST_ENTRIES

    def nudge(self) -> None:
        """Has a look at once: somebody waits for the newest figures."""
        self._nudge.set()

    async def run(self) -> None:
        """Follows until it is cancelled."""
        while True:
            try:
                await self._follow()
            except Exception as error:  # noqa: BLE001 - the next session may do better.
                if is_passing(error):
                    log.warning("statistics were interrupted", error=repr(error))
                else:
                    report_incident(error, "statistics were interrupted")
            await asyncio.sleep(EVERY_SECONDS)

    async def _follow(self) -> None:
        connection = await connect(self._database)
        try:
            while True:
                self._nudge.clear()
                await self._catch_up(connection)
                try:
                    await asyncio.wait_for(self._nudge.wait(), EVERY_SECONDS)
                except TimeoutError:
                    continue
        finally:
            connection.terminate()

    async def _catch_up(self, connection: asyncpg.Connection) -> None:
        """Takes in a page of every economy that is behind, until all are up to date."""
        behind = True
        while behind:
            behind = False
            for (economy_id,) in await connection.fetch(_BEHIND):
                start = monotonic()
                full = await self._take(connection, economy_id) >= self._most // 2
                full |= await renew_page(connection, economy_id) == MOST_RENEWED
                behind |= full
                if full:
                    await asyncio.sleep(REST * (monotonic() - start))

    async def _take(self, connection: asyncpg.Connection, economy_id: int) -> int:
        """Takes in a page; one that was too much for its time-out is tried again by parts."""
        try:
            taken = await take_page(connection, economy_id, most=self._most)
        except asyncpg.QueryCanceledError:
            if self._most == 1:
                raise
            self._most = max(self._most // 8, 1)
            log.warning("a page of statistics took too long", entries=self._most)
            return self._most
        self._most = min(self._most * 2, MOST_ENTRIES)
        return taken
