"""How long the database takes for a page of a busy history and for a balance of the past."""

import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import sqlalchemy as sa
from ticketonomics_server.ledger import histories, queries
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import Snapshot, reading

from tests.bench.workload import ASSET, HOT, address

_PAGE = 100
_REPEATS = 20


@dataclass(frozen=True, slots=True)
class Read:
    """Median and worst time of a read in milliseconds, and the plans of its statements."""

    median_ms: float
    worst_ms: float
    plans: list[str]


async def measure_reads(database: Database, economy_id: int) -> dict[str, Read]:
    """Reads the busy account: pages at several depths, and its balance at several moments."""
    async with reading(database, economy_id) as snapshot:
        account = (await queries.find_account(snapshot, address(HOT))).account_id
        asset = (await queries.find_asset(snapshot, ASSET)).asset_id
        last = snapshot.last_sequence

    async def page(snapshot: Snapshot, part: float) -> None:
        sequences = await histories.list_history(
            snapshot,
            account_id=account,
            asset_id=asset,
            after=0,
            below=int(last * part) + 1,
            limit=_PAGE,
        )
        assert sequences, "the busy account was funded before everything else"
        await queries.read_transactions(snapshot, sequences)

    async def balance(snapshot: Snapshot, part: float) -> None:
        (row,) = await histories.list_balances(
            snapshot,
            account_id=account,
            asset_id=asset,
            behind=(0, 0),
            limit=1,
            at=int(last * part),
        )
        assert row.posted > 0

    return {
        "history page": await _time(database, economy_id, page),
        "past balance": await _time(database, economy_id, balance),
    }


async def _time(
    database: Database, economy_id: int, read: Callable[[Snapshot, float], Awaitable[None]]
) -> Read:
    times = []
    for repeat in range(_REPEATS):
        async with reading(database, economy_id) as snapshot:
            # From now back to a fifth of the journal.
            part = 1 - 0.8 * repeat / _REPEATS
            began = time.perf_counter()
            await read(snapshot, part)
            times.append((time.perf_counter() - began) * 1_000)
    return Read(statistics.median(times), max(times), await _plans(database, economy_id, read))


async def _plans(
    database: Database, economy_id: int, read: Callable[[Snapshot, float], Awaitable[None]]
) -> list[str]:
    """Explains every statement of a read from the middle of the journal, as it is carried out."""
    seen: list[tuple[str, object]] = []
    async with reading(database, economy_id) as snapshot:
        driver = snapshot.connection.sync_connection
        assert driver is not None

        def note(_c: object, _cursor: object, statement: str, given: object, *_: object) -> None:
            seen.append((statement, given))

        sa.event.listen(driver, "before_cursor_execute", note)
        await read(snapshot, 0.5)
        sa.event.remove(driver, "before_cursor_execute", note)
        return [
            "\n".join(
                row[0]
                for row in await snapshot.connection.exec_driver_sql(
                    f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {statement}", arguments
                )
            )
            for statement, arguments in seen
        ]
