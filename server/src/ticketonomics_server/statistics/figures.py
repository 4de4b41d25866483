"""Reads of what the follower keeps: with the entry up to which it stands, as new as demanded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.rpc.call import current_call
from ticketonomics_server.statistics import queries
from ticketonomics_server.statistics.following import StatisticsFollower
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import PATIENCE_SECONDS, Snapshot, reading

_PAUSE_SECONDS = 0.05


class Figures:
    """Opens snapshots of the current call's economy."""

    def __init__(self, database: Database, follower: StatisticsFollower) -> None:
        self._database = database
        self._follower = follower

    @asynccontextmanager
    async def reading(self, minimum_sequence: int) -> AsyncIterator[tuple[Snapshot, int]]:
        """Opens a snapshot whose figures include an entry, and tells up to which they stand.

        Raises:
            Rejection: SEQUENCE_NOT_REACHED or STATISTICS_BEHIND, each after 2 s.
        """
        economy_id = current_call().economy_id
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            async with reading(self._database, economy_id, minimum_sequence) as snapshot:
                sequence = await queries.find_cursor(snapshot)
                if sequence >= minimum_sequence:
                    yield snapshot, sequence
                    return
            if asyncio.get_running_loop().time() >= deadline:
                raise Rejection(
                    Reason.STATISTICS_BEHIND,
                    f"the figures stand for entry {sequence}, not yet for {minimum_sequence}",
                    retry_seconds=1.0,
                    last_sequence=sequence,
                )
            self._follower.nudge()
            await asyncio.sleep(_PAUSE_SECONDS)
