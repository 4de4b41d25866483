"""`ticketonomics-server`: what operators run.

Imports wait inside the commands that need them, so that help comes at once.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_server.cli.doctor import doctor
from ticketonomics_server.cli.economics import economics
from ticketonomics_server.cli.economies import economies
from ticketonomics_server.cli.keys import keys
from ticketonomics_server.cli.parameters import parameters
from ticketonomics_server.cli.settings import DataFolder, Economy, load_settings, told_plainly
from ticketonomics_server.cli.signing_key import signing_key
from ticketonomics_server.cli.statistics import statistics
from ticketonomics_server.cli.verify import verify

if TYPE_CHECKING:
    from ticketonomics_server.settings import Settings

app = typer.Typer(
    help="Runs and looks after a Ticketonomics server. Settings: docs/settings.md.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def serve(
    listen: Annotated[str | None, typer.Option(help="Address and port.")] = None,
    data_folder: DataFolder = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Allow listening beyond loopback without TLS.")
    ] = False,
    economy: Economy = None,
) -> None:
    """Serves an economy, on an embedded Postgres unless TICKETONOMICS_DATABASE_URL is set."""
    settings = load_settings(
        listen=listen, data_folder=data_folder, insecure=insecure or None, economy=economy
    )
    with told_plainly():
        from ticketonomics_server.serving import serve as serve_settings

        serve_settings(settings)


@app.command()
def migrate(data_folder: DataFolder = None) -> None:
    """Brings the database's schema to the newest version. Starting the server does it too."""
    settings = load_settings(data_folder=data_folder)
    with told_plainly():
        import asyncio

        typer.echo(asyncio.run(_migrate(settings)))


async def _migrate(settings: "Settings") -> str:
    from ticketonomics_server.cli.reaching import open_database
    from ticketonomics_server.storage.migrating import migrate, schema_version

    async with open_database(settings, create=True) as database:
        before = await schema_version(database)
        await migrate(database)
        after = await schema_version(database)
    if before == after:
        return f"The schema is at version {after} already."
    return f"The schema is at version {after} now."


app.command()(verify)
app.add_typer(keys, name="keys")
app.add_typer(signing_key, name="signing-key")
app.add_typer(economies, name="economies")
app.add_typer(statistics, name="statistics")
app.command()(doctor)
app.command()(parameters)
app.command()(economics)
