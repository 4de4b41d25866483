"""`ticketonomics-server economies`: the communities of a deployment, which share nothing."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticketonomics_server.cli.settings import (
    DataFolder,
    OperatorError,
    load_settings,
    told_plainly,
)

if TYPE_CHECKING:
    from ticketonomics_server.settings import Settings

economies = typer.Typer(
    help="Creates, lists, suspends, exports and imports economies, directly in the database. The"
    " server may run meanwhile.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="The economy's name.")]
File = Annotated[Path, typer.Argument(help="The exported economy.")]

_LIST = """
SELECT e.name, e.economy_id, e.create_time, e.suspend_time, e.rate_limit_rps,
       coalesce(b.height, 0) AS height, coalesce(b.last_sequence, 0) AS entries,
       (SELECT count(*) FROM accounts a WHERE a.economy_id = e.economy_id) AS accounts
FROM economies e LEFT JOIN LATERAL (
    SELECT height, last_sequence FROM blocks WHERE economy_id = e.economy_id
    ORDER BY height DESC LIMIT 1
) b ON true ORDER BY e.economy_id
"""


@economies.command()
def create(
    name: Name,
    file: Annotated[Path, typer.Option(help="Where to write the operator's key of the economy.")],
    data_folder: DataFolder = None,
) -> None:
    """Creates an economy and its operator's key."""
    from ticketonomics_server.cli.keys import create_key

    settings = load_settings(log_level="warning", economy=name, data_folder=data_folder)
    with told_plainly():
        asyncio.run(_create(settings))
        create_key(settings, file=file)
    typer.echo(f"Created {name}; its operator's key is in {file}.")


@economies.command("list")
def list_economies(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data_folder: DataFolder = None,
) -> None:
    """Lists all economies."""
    settings = load_settings(log_level="warning", data_folder=data_folder)
    with told_plainly():
        rows = asyncio.run(_list(settings))
    if as_json:
        typer.echo(json.dumps(rows, indent=2, default=datetime.isoformat))
    else:
        _print(rows)


@economies.command()
def suspend(name: Name, data_folder: DataFolder = None) -> None:
    """Lets an economy accept no changes. Servers may let some through for two more seconds."""
    _update(name, data_folder, "suspend_time = coalesce(suspend_time, clock_timestamp())")
    typer.echo(f"Suspended {name}: it can be read, and accepts no changes.")


@economies.command()
def resume(name: Name, data_folder: DataFolder = None) -> None:
    """Lets a suspended economy go on."""
    _update(name, data_folder, "suspend_time = NULL")
    typer.echo(f"Resumed {name}.")


@economies.command()
def limit(
    name: Name,
    rate_limit_rps: Annotated[
        int, typer.Argument(min=0, max=1_000_000, help="Calls a second; 0 for no limit.")
    ],
    data_folder: DataFolder = None,
) -> None:
    """Limits the calls a second of all applications of an economy together, on each server."""
    _update(name, data_folder, f"rate_limit_rps = {rate_limit_rps}")
    typer.echo(f"{name} may make {rate_limit_rps or 'any number of'} calls a second.")


@economies.command("export")
def export_file(name: Name, file: File, data_folder: DataFolder = None) -> None:
    """Writes a whole economy to a file, personal data and hashes of keys included."""
    settings = load_settings(log_level="warning", economy=name, data_folder=data_folder)
    with told_plainly():
        if file.exists():
            raise OperatorError(f"{file} is there already")
        manifest = asyncio.run(_export(settings, file))
    typer.echo(
        f"{name} as of entry {manifest['last_sequence']:,} (block {manifest['height']:,},"
        f" {manifest['head_hash'][:16]}) is in {file}. Keep it safe: it holds personal data."
    )


@economies.command("import")
def import_file(file: File, data_folder: DataFolder = None) -> None:
    """Brings an exported economy into this deployment, verifies it, and lets it go on.

    Where anything does not agree, nothing is left of it.
    """
    settings = load_settings(log_level="warning", data_folder=data_folder)
    with told_plainly():
        manifest = asyncio.run(_import(settings, file))
    typer.echo(
        f"{manifest['economy']} is here, verified, as of entry {manifest['last_sequence']:,} (block"
        f" {manifest['height']:,}, {manifest['head_hash'][:16]}). Its keys work here as they did."
    )


async def _create(settings: "Settings") -> None:
    from ticketonomics_server.cli.reaching import check_schema, find_economies, open_database
    from ticketonomics_server.storage.economies import create_economy

    async with open_database(settings) as database:
        await check_schema(database)
        if settings.economy in await find_economies(database, None):
            raise OperatorError(f"there is an economy {settings.economy} already")
        async with database.connected() as connection:
            await create_economy(connection, settings.economy)


async def _list(settings: "Settings") -> list[dict[str, Any]]:
    from ticketonomics_server.cli.reaching import check_schema, open_database

    async with open_database(settings) as database:
        await check_schema(database)
        async with database.connected() as connection:
            return [dict(row) for row in await connection.fetch(_LIST)]


def _update(name: str, data_folder: Path | None, change: str) -> None:
    settings = load_settings(log_level="warning", economy=name, data_folder=data_folder)

    async def update() -> None:
        from ticketonomics_server.cli.founding import one_economy

        async with (
            one_economy(settings) as (database, economy_id),
            database.connected() as connection,
        ):
            await connection.execute(
                f"UPDATE economies SET {change} WHERE economy_id = $1", economy_id
            )

    with told_plainly():
        asyncio.run(update())


async def _export(settings: "Settings", file: Path) -> dict[str, Any]:
    from ticketonomics_server.cli.founding import one_economy
    from ticketonomics_server.storage.migrating import schema_version
    from ticketonomics_server.storage.moving import export_economy

    async with one_economy(settings) as (database, economy_id):
        version = await schema_version(database)
        async with database.connected() as connection:
            with _told("Exporting") as progress:
                return await export_economy(
                    connection, economy_id, file, schema_version=version, progress=progress
                )


async def _import(settings: "Settings", file: Path) -> dict[str, Any]:
    from ticketonomics_server.cli.reaching import check_schema, open_database
    from ticketonomics_server.storage.migrating import schema_version
    from ticketonomics_server.storage.moving import (
        MovingError,
        import_economy,
        remove_economy,
    )
    from ticketonomics_server.verification import verify

    async with open_database(settings, create=True) as database:
        await check_schema(database)
        version = await schema_version(database)
        async with database.connected() as connection:
            with _told("Importing") as progress:
                try:
                    economy_id, manifest = await import_economy(
                        connection, file, schema_version=version, progress=progress
                    )
                except MovingError as error:
                    raise OperatorError(str(error)) from error
            report = await verify(database, economy_id)
            if not report.coherent or report.last_sequence != manifest["last_sequence"]:
                await remove_economy(connection, economy_id)
                found = "; ".join(f"{v.invariant}: {v.detail}" for v in report.violations[:3])
                raise OperatorError(f"the file is not coherent, nothing of it was kept: {found}")
            await connection.execute(
                "UPDATE economies SET suspend_time = NULL WHERE economy_id = $1", economy_id
            )
    return manifest


@contextmanager
def _told(what: str) -> Iterator[Callable[[str, int], None]]:
    """Shows the table that is under way, and how many bytes of it are done."""
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), DownloadColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(what, total=None)

        def progress(table: str, done: int) -> None:
            bars.update(bar, description=f"{what} {table}", completed=done)

        yield progress


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("economy", no_wrap=True)
    for heading in ("blocks", "entries", "accounts"):
        table.add_column(heading, justify="right")
    for heading in ("created", "state", "limit"):
        table.add_column(heading)
    for row in rows:
        suspended = row["suspend_time"]
        table.add_row(
            row["name"],
            f"{row['height']:,}",
            f"{row['entries']:,}",
            f"{row['accounts']:,}",
            f"{row['create_time']:%Y-%m-%d}",
            f"suspended {suspended:%Y-%m-%d}" if suspended else "active",
            f"{row['rate_limit_rps']:,}/s" if row["rate_limit_rps"] else "",
        )
    Console(highlight=False, markup=False).print(table)
