"""After every end-to-end test the ledger that it used must be coherent."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from ticketonomics_server.storage.database import Database
from ticketonomics_server.verification import Report, verify


@pytest.fixture(autouse=True)
def coherent_state(request: pytest.FixtureRequest) -> Iterator[None]:
    """Verifies all economies of the test's database, after its server has stopped.

    A test that damages its ledger on purpose says so with the fixture `incoherent`.
    """
    used = {"database_url", "incoherent"} & set(request.fixturenames)
    if used != {"database_url"}:
        yield
        return
    # Asked for here, so that the database goes after this check, and the server before it.
    url = request.getfixturevalue("database_url")
    yield
    # The tests' own event loop is still there, so this one gets a thread.
    with ThreadPoolExecutor(1) as thread:
        reports = thread.submit(asyncio.run, verify_all(url)).result()
    for report in reports:
        assert report.violations == (), f"{report.economy} is not coherent"


@pytest.fixture
def incoherent() -> None:
    """Says that the test damages its ledger."""


async def verify_all(url: str) -> list[Report]:
    database = Database(url)
    connection = await database.connect()
    rows = await connection.fetch("SELECT economy_id FROM economies ORDER BY economy_id")
    await connection.close()
    reports = [await verify(database, row["economy_id"]) for row in rows]
    await database.close()
    return reports
