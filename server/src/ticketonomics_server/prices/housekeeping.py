"""Deletes ticks and candles of a second that are older than they are kept, a few at a time."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import structlog
from asyncpg.exceptions import InterfaceError, PostgresError

from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.parameters.queries import read_parameters
from ticketonomics_server.prices.model import SECOND, interval_start
from ticketonomics_server.prices.parameters import KEEP_SECONDS, KEEP_TICKS
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import reading

EVERY_SECONDS = 60.0
PORTION = 5_000
# Between two portions, so that blocks and reads are not kept waiting.
PAUSE_SECONDS = 0.2

log = structlog.get_logger(__name__)

_ECONOMIES = "SELECT DISTINCT economy_id FROM instruments"
# What is older is as good as gone from here on: no stream resumes there, and `verify` begins here.
_KEEP_FROM = """
INSERT INTO price_retention AS r (economy_id, ticks_from, seconds_from)
VALUES ($1, 1 + coalesce((
    SELECT last_sequence FROM blocks WHERE economy_id = $1 AND block_time < $2
    ORDER BY block_time DESC, height DESC LIMIT 1
), 0), $3)
ON CONFLICT (economy_id) DO UPDATE SET
    ticks_from = greatest(r.ticks_from, excluded.ticks_from),
    seconds_from = greatest(r.seconds_from, excluded.seconds_from)
RETURNING ticks_from, seconds_from
"""
_DELETE_TICKS = """
DELETE FROM ticks WHERE economy_id = $1 AND ctid = ANY (ARRAY(
    SELECT ctid FROM ticks WHERE economy_id = $1 AND sequence < $2
    ORDER BY sequence LIMIT $3 FOR UPDATE SKIP LOCKED))
"""
_DELETE_SECONDS = f"""
DELETE FROM candles WHERE economy_id = $1 AND ctid = ANY (ARRAY(
    SELECT c.id FROM instruments i CROSS JOIN LATERAL (
        SELECT ctid AS id FROM candles WHERE economy_id = i.economy_id
            AND instrument = i.instrument AND interval_seconds = {SECOND} AND start_time < $2
        LIMIT $3 FOR UPDATE SKIP LOCKED
    ) c WHERE i.economy_id = $1 LIMIT $3))
"""


class Housekeeping:
    """Tidies up for all economies. Any number of servers may: what is deleted is deleted once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Tidies up now and then, until it is cancelled."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await self.tidy_all()
            except (PostgresError, InterfaceError, OSError, TimeoutError, Rejection) as error:
                log.warning("old prices were not deleted", error=repr(error))

    async def tidy_all(self) -> None:
        """Deletes everything that is too old."""
        async with self._database.connected() as connection:
            for row in await connection.fetch(_ECONOMIES):
                await self.tidy(connection, row["economy_id"])

    async def tidy(self, connection: asyncpg.Connection, economy_id: int) -> None:
        """Deletes what is too old in one economy, portion by portion."""
        async with reading(self._database, economy_id) as snapshot:
            kept = await read_parameters(snapshot, KEEP_TICKS, KEEP_SECONDS)
        now: datetime = await connection.fetchval("SELECT clock_timestamp()")
        ages = [now - timedelta(seconds=kept[p.name][0]) for p in (KEEP_TICKS, KEEP_SECONDS)]
        ticks_from, seconds_from = await connection.fetchrow(
            _KEEP_FROM, economy_id, ages[0], interval_start(ages[1], SECOND)
        )
        await _delete(connection, _DELETE_TICKS, economy_id, ticks_from)
        await _delete(connection, _DELETE_SECONDS, economy_id, seconds_from)


async def _delete(
    connection: asyncpg.Connection, sql: str, economy_id: int, before: int | datetime
) -> None:
    while True:
        deleted = await connection.execute(sql, economy_id, before, PORTION)
        if int(deleted.rpartition(" ")[2]) < PORTION:
            return
        await asyncio.sleep(PAUSE_SECONDS)
