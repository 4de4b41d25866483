"""`ticketonomics-server`: what operators run."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Runs and looks after a Ticketonomics server. Settings: docs/settings.md.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def serve(
    listen: Annotated[str | None, typer.Option(help="Address and port.")] = None,
    data_folder: Annotated[
        Path | None, typer.Option(help="Folder of the embedded Postgres.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Allow listening beyond loopback without TLS.")
    ] = False,
) -> None:
    """Serves an economy, on an embedded Postgres unless TICKETONOMICS_DATABASE_URL is set."""
    from ticketonomics_server.serving import serve as serve_settings

    given = {"listen": listen, "data_folder": data_folder, "insecure": insecure or None}
    settings = _settings(**given)
    serve_settings(settings)


def _settings(**given: object):  # type: ignore[no-untyped-def]
    from ticketonomics_server.logs import configure_logs
    from ticketonomics_server.settings import Settings

    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    configure_logs(level=settings.log_level, form=settings.log_format)
    return settings


@app.command()
def migrate() -> None:
    """Brings the database's schema to the newest version."""
