"""What transfers leave behind in Postgres."""

from dataclasses import dataclass

import asyncpg
from ticketonomics_server.storage.embedded import DATABASE, EmbeddedPostgres


@dataclass(frozen=True, slots=True)
class Footprint:
    """The size of the ledger's database, and how far the write-ahead log has got, in bytes."""

    database_bytes: int
    wal_bytes: int

    def figures_since(self, before: "Footprint", transfers: int) -> dict[str, float]:
        """Return what each of the transfers between two footprints cost."""
        return {
            "bytes_per_transfer": (self.database_bytes - before.database_bytes) / transfers,
            "wal_bytes_per_transfer": (self.wal_bytes - before.wal_bytes) / transfers,
        }


async def footprint(postgres: EmbeddedPostgres) -> Footprint:
    """Write everything out and measure: all relations with their indexes, TOAST and free space.

    Dead rows that wait for a vacuum count as well: they take the disk too.
    """
    connection = await asyncpg.connect(postgres.admin_dsn)
    try:
        # Before, so that the checkpoint's own records count for what caused them.
        await connection.execute("CHECKPOINT")
        row = await connection.fetchrow(
            "SELECT pg_database_size($1) AS size, pg_current_wal_insert_lsn() - '0/0' AS wal",
            DATABASE,
        )
    finally:
        await connection.close()
    return Footprint(int(row["size"]), int(row["wal"]))


async def checkpoint(postgres: EmbeddedPostgres) -> None:
    """Write everything out, so that no phase pays for the one before it."""
    await footprint(postgres)


async def version(postgres: EmbeddedPostgres) -> str:
    """Return Postgres' version."""
    connection = await asyncpg.connect(postgres.dsn)
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()
