import asyncpg
import pytest
import structlog
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.economies import create_economy

from tests.integration import counter_domain


@pytest.fixture(autouse=True)
def plain_tracebacks(no_errors_logged: list[str]) -> None:
    """Keeps rich from printing all local variables: that takes seconds for each planted bug."""
    *processors, _ = structlog.get_config()["processors"]
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*processors, renderer])


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
