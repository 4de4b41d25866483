from collections.abc import AsyncIterator

import asyncpg
import pytest
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.economies import create_economy
from ticketonomics_server.storage.embedded import EmbeddedPostgres

from tests.integration import counter_domain, verifying


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


@pytest.fixture(scope="session")
def healthy(postgres: EmbeddedPostgres) -> str:
    """The name of a database with healthy economies, to be cloned."""
    return verifying.make_template(postgres, "verify_healthy", verifying.build)


@pytest.fixture
async def ledger(postgres: EmbeddedPostgres, healthy: str) -> AsyncIterator[verifying.Ledger]:
    """A clone of the healthy database, to be damaged."""
    async with verifying.cloned(postgres, healthy) as clone:
        yield clone
