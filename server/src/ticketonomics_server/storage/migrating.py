"""Migrations: brought to the newest at every start, by one server at a time."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from ticketonomics_server.storage.database import Database

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('ticketonomics/migrations'))"


async def migrate(database: Database) -> None:
    """Brings the schema to the newest version. Replicas that start at once wait for each other."""
    engine = create_async_engine("postgresql+asyncpg://", async_creator=database.connect)
    try:
        async with engine.begin() as connection:
            await connection.execute(sa.text(_LOCK))
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def schema_version(database: Database) -> str | None:
    """Reads which migration the database is at; None where there was none yet."""
    engine = create_async_engine("postgresql+asyncpg://", async_creator=database.connect)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(
                lambda c: MigrationContext.configure(c).get_current_revision()
            )
    finally:
        await engine.dispose()


def newest_version() -> str | None:
    """The migration that this server brings the database to."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
