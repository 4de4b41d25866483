import asyncpg
import pytest
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.economies import create_economy

from tests.integration import counter_domain


@pytest.fixture
async def plain(database: Database) -> asyncpg.Connection:
    """A connection that is nobody's, to look at what is committed."""
    connection = await database.connect()
    yield connection
    connection.terminate()


@pytest.fixture
async def economy_id(plain: asyncpg.Connection) -> int:
    """An economy that has tallies beside the ledger."""
    await plain.execute(counter_domain.CREATE)
    return await create_economy(plain, "main")
