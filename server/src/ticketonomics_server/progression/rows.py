"""How this room's rows reach Postgres."""

from collections.abc import Iterable

import asyncpg

from ticketonomics_server.engine.state import State
from ticketonomics_server.parameters.model import ParameterValue
from ticketonomics_server.parameters.rows import VALUES
from ticketonomics_server.progression.model import Progress, ProgressOfGone
from ticketonomics_server.progression.parameters import TERMS
from ticketonomics_server.progression.tables import progress
from ticketonomics_server.storage.rows import BulkTable
from ticketonomics_server.storage.writes import Write


class ProgressTable(BulkTable[Progress]):
    """Progress, and with it the parameters that a deed needs, however it is brought."""

    def __init__(self) -> None:
        super().__init__(Progress, progress, key=("person_id",))

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        await super().load(connection, economy_id, keys, state)
        names = [parameter.name for parameter in TERMS]
        if missing := [name for name in names if name not in state.rows[ParameterValue]]:
            await VALUES.load(connection, economy_id, missing, state)


PROGRESS = ProgressTable()


class ProgressOfGoneTable:
    """Loads the progress of people who are gone, and of those whom they are part of now."""

    row_type = ProgressOfGone
    by_key = False
    # Follows merges to the end; a person who is part of nobody, or of somebody erased, has no
    # target.
    target_sql = """
        WITH RECURSIVE parts AS (
            SELECT person_id, state, merged_into FROM people
            WHERE economy_id = $1 AND person_id = $2
            UNION SELECT p.person_id, p.state, p.merged_into FROM parts
            JOIN people p ON p.economy_id = $1 AND p.person_id = parts.merged_into
        ) SELECT person_id FROM parts WHERE state IN (1, 2) AND person_id <> $2
    """

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        for person_id in keys:
            target: str = (await connection.fetchval(self.target_sql, economy_id, person_id)) or ""
            if missing := ({person_id, target} - {""}).difference(state.rows[Progress]):
                await PROGRESS.load(connection, economy_id, missing, state)
            state.rows[ProgressOfGone][person_id] = target

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: progress has a table of its own."""
        return []
