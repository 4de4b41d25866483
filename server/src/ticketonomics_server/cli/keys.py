"""`ticketonomics-server keys`: API keys made by whoever owns the database, with no other key."""

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from ticketonomics_server.cli.settings import (
    DataFolder,
    Economy,
    OperatorError,
    load_settings,
    told_plainly,
)

if TYPE_CHECKING:
    from rich.console import Console

    from ticketonomics_server.settings import Settings

keys = typer.Typer(
    help="Makes, lists and revokes API keys, directly in the database: for a lost operator key. The"
    " server may run meanwhile.",
    no_args_is_help=True,
)

_KEYS = """
SELECT k.api_key_id, k.application_id, a.name, a.scopes, k.create_time, k.expire_time,
       k.revoke_time, u.last_use_time
FROM api_keys k
JOIN applications a USING (economy_id, application_id)
LEFT JOIN api_key_uses u USING (economy_id, api_key_id)
WHERE economy_id = $1 ORDER BY k.create_sequence
"""


@keys.command()
def create(
    *,
    application_name: Annotated[
        str, typer.Option(help="Name of the new application that the key is for.")
    ] = "operator",
    application: Annotated[
        str | None, typer.Option(help="Id of an application that there is already, instead.")
    ] = None,
    scopes: Annotated[
        str | None,
        typer.Option(help="What the new application may, with commas; an operator: everything."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Where to write the key, for its owner's eyes only.")
    ] = None,
    economy: Economy = None,
    data_folder: DataFolder = None,
) -> None:
    """Makes a key. Without --file it is printed, once."""
    settings = load_settings(log_level="warning", economy=economy, data_folder=data_folder)
    with told_plainly():
        wanted = None if application else _read_scopes(application_name, scopes)
        secret = asyncio.run(_create(settings, application, application_name, wanted, file))
    if file is None:
        typer.echo("Keep this key safe: it is not shown again.", err=True)
        typer.echo(secret)
    else:
        typer.echo(f"The key is in {file}.")


@keys.command("list")
def list_keys(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    economy: Economy = None,
    data_folder: DataFolder = None,
) -> None:
    """Lists all keys, without their secrets: those are not stored."""
    settings = load_settings(log_level="warning", economy=economy, data_folder=data_folder)
    with told_plainly():
        rows = asyncio.run(_list(settings))
    if as_json:
        typer.echo(json.dumps(rows, indent=2, default=datetime.isoformat, ensure_ascii=False))
    else:
        _print(rows)


@keys.command()
def revoke(
    api_key_id: Annotated[str, typer.Argument(help="As `keys list` shows it.")],
    economy: Economy = None,
    data_folder: DataFolder = None,
) -> None:
    """Ends a key. Servers may let it through for two more seconds."""
    settings = load_settings(log_level="warning", economy=economy, data_folder=data_folder)
    with told_plainly():
        asyncio.run(_revoke(settings, api_key_id))
    typer.echo(f"Revoked {api_key_id}.")


def create_key(settings: "Settings", *, file: Path) -> None:
    """Makes an operator's key of the economy that is set, in a file."""
    from ticketonomics_server.bootstrap import OPERATOR_NAME
    from ticketonomics_server.identity.scopes import ALL_SCOPES

    asyncio.run(_create(settings, None, OPERATOR_NAME, ALL_SCOPES, file))


def _read_scopes(application_name: str, scopes: str | None) -> frozenset[str]:
    from ticketonomics_server.bootstrap import OPERATOR_NAME
    from ticketonomics_server.identity.scopes import ALL_SCOPES

    if scopes is None:
        if application_name == OPERATOR_NAME:
            return ALL_SCOPES
        raise OperatorError("say with --scopes what the application may")
    wanted = frozenset(scopes.replace(",", " ").split())
    if unknown := wanted - ALL_SCOPES:
        known = ", ".join(sorted(ALL_SCOPES))
        raise OperatorError(f"{', '.join(sorted(unknown))}: no such scope; there are {known}")
    return wanted


async def _create(
    settings: "Settings",
    application_id: str | None,
    application_name: str,
    scopes: frozenset[str] | None,
    file: Path | None,
) -> str:
    from ticketonomics_server.bootstrap import MAX_RATE_LIMIT_RPS
    from ticketonomics_server.cli.founding import founding
    from ticketonomics_server.identity.model import CreateApiKey, CreateApplication
    from ticketonomics_server.identity.secret import draw_secret

    secret = draw_secret()
    async with founding(settings) as submit:
        with _secret_file(file, secret.text):
            if application_id is None:
                assert scopes is not None, "a new application needs scopes"
                application_id = await submit(
                    CreateApplication(
                        uuid4().bytes, bytes(16), application_name, scopes, MAX_RATE_LIMIT_RPS
                    )
                )
            await submit(
                CreateApiKey(
                    uuid4().bytes, bytes(16), application_id, None, secret.api_key_id, secret.hash
                )
            )
    return secret.text


async def _revoke(settings: "Settings", api_key_id: str) -> None:
    from ticketonomics_server.cli.founding import founding
    from ticketonomics_server.identity.model import RevokeApiKey

    async with founding(settings) as submit:
        await submit(RevokeApiKey(uuid4().bytes, bytes(16), api_key_id))


async def _list(settings: "Settings") -> list[dict[str, Any]]:
    from ticketonomics_server.cli.founding import one_economy

    async with (
        one_economy(settings) as (database, economy_id),
        database.connected() as connection,
    ):
        return [dict(row) for row in await connection.fetch(_KEYS, economy_id)]


@contextmanager
def _secret_file(file: Path | None, secret: str) -> Iterator[None]:
    """Keeps a secret in a draft that becomes the file when all is done.

    It is on disk before the key is committed: a crash never leaves a key that nobody has. A failure
    leaves a key file that was there before as it was.
    """
    if file is None:
        yield
        return
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(secret + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    try:
        yield
    except BaseException:
        draft.unlink()
        raise
    draft.replace(file)


_HEADINGS = ("key", "application", "name", "scopes", "created", "ends", "last use")


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        # A pipe has no width, and ids are to be copied: they are never cut.
        console = Console(highlight=False, markup=False, width=10_000)
    print_keys(console, rows)


def print_keys(console: "Console", rows: list[dict[str, Any]]) -> None:
    """Prints keys as a table where there is room, and else below each other, every id whole."""
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    cells = [_cells(row) for row in rows]
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in _HEADINGS:
        table.add_column(heading, no_wrap=True)
    for row in cells:
        table.add_row(*map(Text, row))
    boundless = console.options.update(max_width=10_000)
    if Measurement.get(console, boundless, table).maximum <= console.width:
        console.print(table)
        return
    for row in cells:
        console.print()
        for heading, cell in zip(_HEADINGS, row, strict=True):
            if cell:
                facts = Table.grid(padding=(0, 2, 0, 0))
                facts.add_column(width=max(map(len, _HEADINGS)))
                facts.add_column(overflow="fold")
                facts.add_row(heading, Text(cell))
                console.print(facts)


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    from ticketonomics_server.identity.scopes import ALL_SCOPES

    ends = _day(row["expire_time"])
    if row["revoke_time"] is not None:
        ends = f"revoked {_day(row['revoke_time'])}"
    return (
        row["api_key_id"],
        row["application_id"],
        "".join(char if char.isprintable() else "�" for char in row["name"]),
        "all" if set(row["scopes"].split()) == ALL_SCOPES else row["scopes"],
        _day(row["create_time"]),
        ends,
        _day(row["last_use_time"]),
    )


def _day(time: datetime | None) -> str:
    return "" if time is None else f"{time:%Y-%m-%d}"
