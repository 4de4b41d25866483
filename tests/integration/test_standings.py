"""Leaderboards: read by an index at the top and far down, and renewed every day."""

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy.dialects import postgresql
from ticketonomics_server.progression import queries
from ticketonomics_server.progression.standing import MOST_RENEWED
from ticketonomics_server.progression.tables import standings
from ticketonomics_server.statistics.following import connect, renew_page, take_page
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import Snapshot, reading

from tests.integration.deed_domain import doing, tap, vote
from tests.integration.verifying import making

PEOPLE = 20_000
MONTH = 2026 * 12

FILL = f"""
INSERT INTO people (economy_id, person_id, create_sequence, state, create_time, privacy,
                    name_change_times, handle_change_times, language, muted)
SELECT $1, 'p' || n, n, 1, now(), 2, '', '', '', '' FROM generate_series(1, {PEOPLE}) n;
"""


@pytest.fixture
async def economy_id(database: Database) -> AsyncIterator[int]:
    """An economy with many people on all boards."""
    async with making(database, "main"):
        pass
    connection = await database.connect()
    number = await connection.fetchval("SELECT economy_id FROM economies")
    await connection.execute(FILL, number)
    await connection.execute(
        f"INSERT INTO standings SELECT $1, 'p' || n, n % 7919, {MONTH} + n % 5, n % 4001, n % 997,"
        f" 1 FROM generate_series(1, {PEOPLE}) n",
        number,
    )
    await connection.execute(
        "INSERT INTO accounts (economy_id, account_id, address, state, open_time)"
        f" SELECT $1, n + 10, 'users/p' || n, 1, now() FROM generate_series(1, {PEOPLE}) n",
        number,
    )
    await connection.execute(
        "INSERT INTO person_figures SELECT $1, n + 10, n % 9973 + 1, 1, NULL"
        f" FROM generate_series(1, {PEOPLE}) n",
        number,
    )
    await connection.execute("ANALYZE")
    await connection.close()
    yield number


class Explaining:
    """Stands in for a connection: remembers how a query is carried out, and carries it out."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.plan = ""

    async def execute(self, query: Any) -> Any:
        compiled = query.compile(
            dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
        )
        lines = await self._connection.exec_driver_sql(f"EXPLAIN ANALYZE {compiled}")
        self.plan = "\n".join(line for (line,) in lines)
        return await self._connection.execute(query)


@pytest.mark.parametrize("far_down", [False, True])
@pytest.mark.parametrize("board", ["experience", "month_experience", "reputation", "wealth"])
async def test_a_page_is_read_by_an_index_and_nothing_is_sorted(
    database: Database, economy_id: int, board: str, far_down: bool
) -> None:
    async with reading(database, economy_id) as opened:
        explaining: Any = Explaining(opened.connection)
        snapshot = Snapshot(explaining, economy_id, 0)
        if board == "wealth":
            rows = await queries.list_wealth(
                snapshot, behind=("500", 700) if far_down else None, limit=10
            )
        else:
            rows = await queries.list_standings(
                snapshot,
                standings.c[board],
                month=MONTH if board == "month_experience" else None,
                behind=(400, "p5") if far_down else None,
                limit=10,
            )
    values = [row.value for row in rows]
    assert len(rows) == 10
    assert values == sorted(values, reverse=True)
    index = "person_figures_economy_id_wealth" if board == "wealth" else f"standings_.*{board}"
    assert re.search(f"Index (Only )?Scan Backward using {index}", explaining.plan), explaining.plan
    assert "Sort" not in explaining.plan
    assert "Seq Scan" not in explaining.plan
    read = re.findall(r"rows=(\d+)(?:\.\d+)? loops", explaining.plan)
    assert max(map(int, read)) <= 20, "no more than the page is looked at"


@pytest.fixture
async def pages(database: Database) -> AsyncIterator[asyncpg.Connection]:
    opened = await connect(database)
    yield opened
    await opened.close()


async def test_reputation_is_renewed_every_day(
    database: Database, pages: asyncpg.Connection
) -> None:
    async with making(database, "main"):
        pass
    number = await pages.fetchval("SELECT economy_id FROM economies")
    async with doing(database, number, "main") as make:
        await make(vote("ann"), vote("bob"), tap("bob", 9))
    await take_page(pages, number)
    before = await pages.fetch("SELECT * FROM standings ORDER BY person_id")
    assert len(before) == 2
    assert await renew_page(pages, number) == 0, "they are of today"
    # As if the last deeds had been long ago.
    await pages.execute("UPDATE progress SET first_day = first_day - 70, last_day = last_day - 70;")
    await pages.execute("UPDATE standings SET reputation_day = reputation_day - 1, reputation = 99")
    assert await renew_page(pages, number) == 2 < MOST_RENEWED
    after = await pages.fetch("SELECT * FROM standings ORDER BY person_id")
    assert [row["reputation"] for row in after] == [0, 0]
    assert [row["reputation_day"] for row in after] == [row["reputation_day"] for row in before]
    assert await renew_page(pages, number) == 0
