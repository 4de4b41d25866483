"""The command: measures, grows, measures again, and reports."""

import asyncio
import json
import os
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from ticketonomics_server.storage.database import Database

from tests.bench.driving import rate, send
from tests.bench.jobs import BatchJob
from tests.bench.ledger import Ledger
from tests.bench.plan import Plan
from tests.bench.processes import ROOT

from .loading import load
from .reading import Read, measure_reads
from .serving import Served, serving

RESULTS = ROOT / ".bench" / "growth.json"

# So much is in the write-ahead log at least, when everything is killed.
_WRITTEN_BEFORE_CRASH = 50_000

console = Console(stderr=True)
app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def main(
    transactions: Annotated[int, typer.Option(min=200_000, help="How many to load.")] = 10_000_000,
    seconds: Annotated[float, typer.Option(min=1.0, help="Of each measurement of batches.")] = 10.0,
) -> None:
    """Measure what a journal of many transactions does to speed."""
    figures = uvloop.run(_run(transactions, seconds))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    _show(figures)
    console.print(f"Written to {RESULTS}, with the plans")


async def _run(transactions: int, seconds: float) -> dict[str, Any]:
    plan = Plan()
    # `/tmp` may be memory, on which a commit costs nothing; `/var/tmp` is a disk.
    with tempfile.TemporaryDirectory(prefix="ticketonomics-growth-", dir="/var/tmp") as path:
        # For root, Postgres runs as another user, who has to get in.
        os.chmod(path, 0o711)  # noqa: PTH101 - Nothing blocks here, whatever Ruff thinks of Path.
        folder = Path(path, "data")
        async with serving(folder) as served:
            await Ledger(served.target, served.api_key, accounts=plan.accounts).set_up()
            empty_tps = await _batches(served, plan, seconds, seed=1)
            load_seconds = await _load(served, transactions, plan.accounts)
            await _settle(served)
        async with serving(folder) as served:
            clean_start_seconds = served.start_seconds
            full_tps = await _batches(served, plan, seconds, seed=2)
            reads = await _reads(served)
            size = await _size(served)
            # In the middle of writing: what recovery has to replay.
            writing = asyncio.ensure_future(_batches(served, plan, seconds, seed=3))
            await _until_written(served, _WRITTEN_BEFORE_CRASH)
            served.kill_everything()
            writing.cancel()
            await asyncio.wait([writing])
        async with serving(folder) as served:
            crash_start_seconds = served.start_seconds
    return {
        "transactions": transactions,
        "load_tps": transactions / load_seconds,
        "batch_empty_tps": empty_tps,
        "batch_full_tps": full_tps,
        "batch_ratio": full_tps / empty_tps,
        "clean_start_seconds": clean_start_seconds,
        "crash_start_seconds": crash_start_seconds,
        "database_bytes": size,
        "reads": {name: asdict(read) for name, read in reads.items()},
    }


async def _batches(served: Served, plan: Plan, seconds: float, *, seed: int) -> float:
    job = BatchJob(
        target=served.target,
        api_key=served.api_key,
        accounts=plan.accounts,
        seconds=seconds,
        concurrency=plan.batches_in_flight,
        batch_size=plan.batch_size,
        hot=False,
        seed=seed,
    )
    with console.status("batches"):
        return rate(await send([job]))


async def _load(served: Served, transactions: int, accounts: int) -> float:
    columns = (TextColumn("loading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    database = Database(await served.database_url())
    began = time.perf_counter()
    try:
        with Progress(*columns, console=console, transient=True) as bars:
            bar = bars.add_task("loading", total=transactions)
            await load(
                database, "main", transactions, accounts, lambda n: bars.update(bar, completed=n)
            )
    finally:
        await database.close()
    return time.perf_counter() - began


async def _settle(served: Served) -> None:
    """Does at once what Postgres would do bit by bit while a journal grows for months.

    Right after so many rows, autovacuum walks through all of them, on the processor and the disk
    that are measured.
    """
    database = Database(await served.database_url())
    connection = await database.connect()
    try:
        with console.status("vacuum"):
            await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()
        await database.close()


async def _reads(served: Served) -> dict[str, Read]:
    database = Database(await served.database_url())
    try:
        with console.status("reads"):
            return await measure_reads(database, 1)
    finally:
        await database.close()


async def _until_written(served: Served, entries: int) -> None:
    """Waits until so many more entries are committed than now."""
    database = Database(await served.database_url())
    connection = await database.connect()
    try:
        newest = "SELECT max(last_sequence) FROM blocks"
        goal = await connection.fetchval(newest) + entries
        async with asyncio.timeout(120):
            while await connection.fetchval(newest) < goal:  # noqa: ASYNC110 - nothing tells.
                await asyncio.sleep(0.1)
    finally:
        await connection.close()
        await database.close()


async def _size(served: Served) -> int:
    database = Database(await served.database_url())
    connection = await database.connect()
    try:
        return int(await connection.fetchval("SELECT pg_database_size(current_database())"))
    finally:
        await connection.close()
        await database.close()


def _show(figures: dict[str, Any]) -> None:
    table = Table(title=f"{figures['transactions']:,} transactions in the journal")
    for heading in ("what", "measured", "aim"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    ratio = f"{figures['batch_ratio']:.2f}"
    table.add_row("batches, full / empty", ratio, "≥ 0.80")
    table.add_row("batches, empty", f"{figures['batch_empty_tps']:,.0f}/s", "")
    table.add_row("batches, full", f"{figures['batch_full_tps']:,.0f}/s", "")
    table.add_row("loading", f"{figures['load_tps']:,.0f}/s", "")
    for name, read in figures["reads"].items():
        measured = f"{read['median_ms']:.1f} ms, worst {read['worst_ms']:.1f}"
        table.add_row(f"{name}, busy account", measured, "< 20 ms")
    table.add_row("clean start", f"{figures['clean_start_seconds']:.1f} s", "< 5 s")
    table.add_row("start after kill -9", f"{figures['crash_start_seconds']:.1f} s", "< 30 s")
    table.add_row("on disk", f"{figures['database_bytes'] / 1e9:.2f} GB", "")
    Console().print(table)


if __name__ == "__main__":
    app()
