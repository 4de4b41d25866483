"""The economies of the deployment: found by name, created with their two system accounts."""

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from ticketonomics_server.engine.tables import economies
from ticketonomics_server.ledger.model import MINT, SINK, AccountState
from ticketonomics_server.ledger.tables import MINT_ID, SINK_ID


async def find_economy(connection: AsyncConnection, name: str) -> int | None:
    """Finds an economy's id by its name."""
    query = sa.select(economies.c.economy_id).where(economies.c.name == name)
    found: int | None = await connection.scalar(query)
    return found


async def find_economy_name(connection: AsyncConnection, economy_id: int) -> str | None:
    """Finds an economy's name by its id."""
    query = sa.select(economies.c.name).where(economies.c.economy_id == economy_id)
    found: str | None = await connection.scalar(query)
    return found


async def create_economy(connection: asyncpg.Connection, name: str) -> int:
    """Creates an economy, unless it is there, and returns its id.

    The mint and the sink are part of every economy from its beginning: no entry opens them.
    """
    async with connection.transaction():
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtext('ticketonomics/economies'))"
        )
        found: int | None = await connection.fetchval(
            "SELECT economy_id FROM economies WHERE name = $1", name
        )
        if found is not None:
            return found
        economy_id: int = await connection.fetchval(
            "INSERT INTO economies (name, create_time) VALUES ($1, clock_timestamp())"
            " RETURNING economy_id",
            name,
        )
        await connection.executemany(
            "INSERT INTO accounts (economy_id, account_id, address, state, open_time)"
            " VALUES ($1, $2, $3, $4, clock_timestamp())",
            [
                (economy_id, MINT_ID, MINT, AccountState.OPEN),
                (economy_id, SINK_ID, SINK, AccountState.OPEN),
            ],
        )
        await connection.execute(
            "INSERT INTO counters (economy_id, name, value) VALUES ($1, 'accounts', $2)",
            economy_id,
            SINK_ID,
        )
        return economy_id
