"""When keys were last used, to the minute: beside the ledger, for operators to look at."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import asyncpg
import structlog
from asyncpg.exceptions import InterfaceError, PostgresError

WRITE_EVERY_SECONDS = 10.0
_PRECISION = timedelta(minutes=1)

# Servers write the same keys: each in the same order, so that none waits for another in a circle.
_WRITE = """
INSERT INTO api_key_uses AS u (economy_id, api_key_id, last_use_time)
SELECT * FROM unnest($1::int[], $2::text[], $3::timestamptz[])
ON CONFLICT (economy_id, api_key_id)
DO UPDATE SET last_use_time = greatest(u.last_use_time, excluded.last_use_time)
"""

_Key = tuple[int, str]

log = structlog.get_logger(__name__)


class KeyUses:
    """Notes uses in memory, and writes each key's last one at most once a minute.

    Args:
        connect: Opens a connection to the primary.
    """

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
        self._connect = connect
        self._noted: dict[_Key, datetime] = {}
        self._written: dict[_Key, datetime] = {}

    def note(self, economy_id: int, api_key_id: str, time: datetime) -> None:
        """Notes that a key was used. Cheap, and only in memory."""
        self._noted[economy_id, api_key_id] = time

    def due(self) -> list[tuple[int, str, datetime]]:
        """Returns what is to be written: new keys, and those whose last use was a minute ago."""
        return sorted(
            (*key, time)
            for key, time in self._noted.items()
            if key not in self._written or time - self._written[key] >= _PRECISION
        )

    async def write(self) -> None:
        """Writes what is due."""
        due = self.due()
        if not due:
            return
        connection = await self._connect()
        try:
            await connection.execute(_WRITE, *map(list, zip(*due, strict=True)))
        finally:
            await connection.close()
        for economy_id, api_key_id, time in due:
            key = economy_id, api_key_id
            self._written[key] = time
            if self._noted[key] == time:
                del self._noted[key]

    async def run(self) -> None:
        """Writes now and then, until it is cancelled. Loses nothing that matters by dying."""
        while True:
            await asyncio.sleep(WRITE_EVERY_SECONDS)
            try:
                await self.write()
            except (PostgresError, InterfaceError, OSError, TimeoutError) as error:
                log.warning("key uses were not written", error=repr(error))
