"""The schema that migrations make is the one that the code works with."""

import asyncio

import ticketonomics_server.domains  # noqa: F401 - it makes every room's tables known.
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine
from ticketonomics_server.engine.tables import metadata
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.migrating import migrate, newest_version, schema_version


def differences(connection) -> list[object]:
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": True}
    )
    return compare_metadata(context, metadata)


async def run_in(database: Database, look):
    engine = create_async_engine("postgresql+asyncpg://", async_creator=database.connect)
    async with engine.connect() as connection:
        found = await connection.run_sync(look)
    await engine.dispose()
    return found


# What `compare_metadata` does not look at.
DETAILS = """
SELECT c.relname AS what, pg_get_constraintdef(k.oid) AS how FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname <> 'alembic_version'
    AND k.contype <> 'n'
UNION SELECT tablename, regexp_replace(indexdef, ' ON \\S+ ', ' ON ') FROM pg_indexes
WHERE schemaname = current_schema() AND tablename <> 'alembic_version'
UNION SELECT relname, array_to_string(reloptions, ',') FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND reloptions IS NOT NULL
UNION SELECT table_name || '.' || column_name,
    -- A dropped column leaves a gap between the positions.
    row_number() OVER (PARTITION BY table_name ORDER BY ordinal_position) || ' '
    || coalesce(collation_name, '') || ' ' || is_identity || ' ' || is_nullable
FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name <> 'alembic_version'
ORDER BY 1, 2
"""


async def test_the_migrated_schema_is_the_one_of_the_code(database, plain) -> None:
    assert await run_in(database, differences) == []
    assert len(metadata.tables) > 10


async def test_constraints_and_order_of_columns_are_those_of_the_code(database, plain) -> None:
    """Columns lie in the order that wastes no padding: a migration must keep it."""
    migrated = [tuple(row) for row in await plain.fetch(DETAILS)]
    await plain.execute("CREATE SCHEMA made_by_code; SET search_path TO made_by_code")
    engine = create_async_engine("postgresql+asyncpg://", async_creator=database.connect)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("SET LOCAL search_path TO made_by_code")
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    assert [tuple(row) for row in await plain.fetch(DETAILS)] == migrated


async def test_servers_that_start_at_once_migrate_once(database, plain) -> None:
    await plain.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    assert await schema_version(database) is None
    await asyncio.gather(*(migrate(database) for _ in range(4)))
    assert await schema_version(database) == newest_version()
    assert await run_in(database, differences) == []
    assert await plain.fetchval("SELECT count(*) FROM alembic_version") == 1


async def test_migrating_again_changes_nothing(database, plain) -> None:
    before = await plain.fetch("SELECT oid, relname FROM pg_class ORDER BY 1")
    await migrate(database)
    assert await plain.fetch("SELECT oid, relname FROM pg_class ORDER BY 1") == before
