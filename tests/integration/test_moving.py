"""An export is of one moment, whatever happens to the economy while it is written."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from ticketonomics_server.domains import DOMAINS
from ticketonomics_server.engine.domain import Registry
from ticketonomics_server.engine.tables import blocks, economies, entries, metadata
from ticketonomics_server.identity import model as identity
from ticketonomics_server.identity import model_people as people
from ticketonomics_server.ledger.model import CreateAsset, OpenAccount
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.moving import export_economy, import_economy, remove_economy
from ticketonomics_server.verification import verify

from tests.integration.verifying import Maker, ids, making, mint, move

JOURNALS = {
    *(
        "blocks",
        "entries",
        "postings",
        "checkpoints",
        "held_postings",
        "spending_records",
        "parameter_changes",
        "rewards",
    ),
}


class Interrupted:
    """A connection that lets something happen before it copies a table."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.before: dict[str, Callable[[], Awaitable[None]]] = {}
        self.copied: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def copy_from_query(self, query: str, **options: Any) -> Any:
        table = query.split(" FROM ")[1].split(maxsplit=1)[0]
        if happening := self.before.pop(table, None):
            await happening()
        self.copied.append(table)
        return await self._connection.copy_from_query(query, **options)


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[asyncpg.Connection]:
    opened = await database.connect()
    yield opened
    await opened.close()


async def settle(make: Maker) -> str:
    person: str = await make(identity.GetOrCreatePerson(*ids(), "telegram", "7", "Ann"))
    await make(CreateAsset(*ids(), "WOOD", 2, 0, "Wood", 0, 0, 0, 0), OpenAccount(*ids(), "orgs/a"))
    await make(mint("orgs/a", 100))
    await make(move(("orgs/a", f"users/{person}", 5), memo="personal, to be erased"))
    return person


@pytest.mark.parametrize("table", ["blocks", "entries", "postings", "requests", "texts", "people"])
async def test_somebody_is_erased_while_the_economy_is_exported(
    database: Database, connection: asyncpg.Connection, tmp_path: Path, table: str
) -> None:
    """Before any of the tables: what is in the file is as it was at the file's head."""
    file = tmp_path / "main.zip"
    async with making(database, "main") as make:
        person = await settle(make)

        async def erase() -> None:
            await make(people.ErasePerson(*ids(), person, burn_balances=True))
            await make(mint("orgs/a", 7))

        interrupted = Interrupted(connection)
        interrupted.before[table] = erase
        manifest = await export_economy(
            interrupted,  # type: ignore[arg-type]
            1,
            file,
            schema_version="x",
            progress=lambda *_: None,
        )
    assert not interrupted.before, "it happened"
    await connection.execute("UPDATE economies SET name = 'old'")
    economy_id, _ = await import_economy(
        connection, file, schema_version="x", progress=lambda *_: None
    )
    report = await verify(database, economy_id)
    assert report.violations == ()
    assert report.last_sequence == manifest["last_sequence"]
    memo = await connection.fetchval(
        "SELECT memo FROM texts WHERE economy_id = $1 AND memo LIKE 'personal%'", economy_id
    )
    assert memo == "personal, to be erased", "as of the head, nobody was erased"
    await remove_economy(connection, economy_id)


def test_what_is_a_journal_says_so() -> None:
    """A column that is called `sequence` makes none: rows of others change, or may one day."""
    marked = {table.name: table.info["journal"] for table in _tables() if "journal" in table.info}
    assert marked.keys() == JOURNALS
    assert marked.pop("blocks") == "last_sequence"
    assert set(marked.values()) == {"sequence"}
    for table in (blocks, entries):
        assert table.info["journal"] in table.c


def test_nobody_changes_a_journal() -> None:
    """No marked table is among the rows that commands change, nor in an UPDATE or a DELETE."""
    assert not {getattr(table, "name", "") for table in Registry(DOMAINS).tables} & JOURNALS
    statements = "\n".join(
        path.read_text()
        for path in (Path(__file__).parents[2] / "server/src").rglob("*.py")
        if "versions" not in path.parts
    )
    assert "UPDATE texts" in statements, "they are found where there are any"
    for name in JOURNALS:
        for verb in ("UPDATE", "DELETE FROM"):
            assert f"{verb} {name}" not in statements, name


def _tables() -> list[sa.Table]:
    return [table for table in metadata.sorted_tables if table is not economies]
