"""The ledger's own check: every balance, hash and root recomputed from the journal."""

from ticketonomics_server.storage.database import Database
from ticketonomics_server.verification import verify


async def check_invariants(dsn: str) -> list[str]:
    """Runs all named invariants over the one economy that there is."""
    database = Database(dsn)
    try:
        connection = await database.connect()
        try:
            economy_id = await connection.fetchval("SELECT economy_id FROM economies")
        finally:
            await connection.close()
        report = await verify(database, economy_id)
    finally:
        await database.close()
    return [f"{violation.invariant}: {violation.detail}" for violation in report.violations]
