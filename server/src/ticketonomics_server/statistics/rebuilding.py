"""Makes the aggregates again, for operators."""

import asyncio
from collections.abc import Callable

from ticketonomics_server.statistics.following import connect, forget_all, take_page
from ticketonomics_server.storage.database import Database

_PAUSE_SECONDS = 0.2
_PLACE = """
SELECT coalesce((SELECT last_sequence FROM statistics_cursors WHERE economy_id = $1), 0),
    coalesce((SELECT last_sequence FROM blocks WHERE economy_id = $1
              ORDER BY height DESC LIMIT 1), 0)
"""


async def rebuild(database: Database, economy_id: int, progress: Callable[[int, int], None]) -> int:
    """Empties the aggregates of an economy and takes all entries in again, up to those of now.

    A server that runs may take a part of the pages: whoever has the lock does.

    Args:
        progress: Called with the entry that is reached, and the last one.

    Returns:
        Up to which entry the aggregates stand.
    """
    connection = await connect(database)
    try:
        await forget_all(connection, economy_id)
        _, end = await connection.fetchrow(_PLACE, economy_id)
        while True:
            taken = await take_page(connection, economy_id)
            at, _ = await connection.fetchrow(_PLACE, economy_id)
            progress(at, end)
            if at >= end:
                return int(at)
            if not taken:
                await asyncio.sleep(_PAUSE_SECONDS)
    finally:
        await connection.close()
