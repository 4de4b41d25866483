"""`ticketonomics-server signing-key`: the key that heads of the block log are signed with."""

import asyncio
import json
from datetime import datetime
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

signing_key = typer.Typer(
    help="Shows and rotates the key that proofs are signed with. The server may run meanwhile.",
    no_args_is_help=True,
)

_KEYS = """
SELECT e.name AS economy, k.signing_key_id, encode(k.public_key, 'hex') AS public_key, k.start_time,
       k.end_time
FROM signing_keys k JOIN economies e USING (economy_id) ORDER BY e.economy_id, k.number DESC
"""


@signing_key.command()
def show(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data_folder: DataFolder = None,
) -> None:
    """Lists the published public keys, and says which one this server has."""
    settings = load_settings(log_level="warning", data_folder=data_folder)
    with told_plainly():
        own, rows = asyncio.run(_show(settings))
    if as_json:
        told = {"signing_key_id": own, "published": rows}
        typer.echo(json.dumps(told, indent=2, default=datetime.isoformat))
        return
    typer.echo(f"This server has {f'key {own}' if own else 'no signing key'}.")
    for row in rows:
        until = "in use" if row["end_time"] is None else f"until {row['end_time']:%Y-%m-%d %H:%M}"
        typer.echo(f"{row['economy']}  {row['signing_key_id']}  {row['public_key']}  {until}")


@signing_key.command()
def rotate(data_folder: DataFolder = None) -> None:
    """Makes a new key, publishes it, and ends the one in use, which stays published.

    With TICKETONOMICS_SIGNING_KEY set, publishes the key that is set.
    """
    settings = load_settings(log_level="warning", data_folder=data_folder)
    with told_plainly():
        name = asyncio.run(_rotate(settings))
    typer.echo(f"Heads are signed with key {name} now.")
    if settings.signing_key is None:
        from ticketonomics_server.proofs.key_file import signing_key_file

        typer.echo(f"It is in {signing_key_file(settings)}: give it to every server.")


async def _show(settings: "Settings") -> tuple[str | None, list[dict[str, Any]]]:
    from ticketonomics_server.cli.reaching import check_schema, open_database
    from ticketonomics_server.proofs.key_file import SigningKeyError, load_key

    try:
        key = load_key(settings)
    except SigningKeyError as error:
        raise OperatorError(str(error)) from error
    async with open_database(settings) as database:
        await check_schema(database)
        async with database.connected() as connection:
            rows = [dict(row) for row in await connection.fetch(_KEYS)]
    return (key.signing_key_id if key else None), rows


async def _rotate(settings: "Settings") -> str:
    from ticketonomics_server.cli.reaching import check_schema, open_database
    from ticketonomics_server.proofs.key_file import SigningKeyError
    from ticketonomics_server.proofs.publishing import rotate_key

    async with open_database(settings) as database:
        await check_schema(database)
        try:
            return await rotate_key(database, settings)
        except SigningKeyError as error:
            raise OperatorError(str(error)) from error
