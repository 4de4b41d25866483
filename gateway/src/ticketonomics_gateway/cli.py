"""`ticketonomics-gateway`: what operators run."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from ticketonomics_gateway.settings import Settings

CANNOT = 2

app = typer.Typer(
    help="Runs the REST gateway of a Ticketonomics economy. Settings: docs/settings.md.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def gateway() -> None:
    """Keeps `serve` a command of its own."""


@app.command()
def serve(
    listen: Annotated[str | None, typer.Option(help="Address and port.")] = None,
    server: Annotated[str | None, typer.Option(help="The ledger's server, host:port.")] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Allow listening beyond loopback without TLS.")
    ] = False,
) -> None:
    """Serves REST, streams and the web app."""
    settings = _load_settings(listen=listen, server=server, insecure=insecure or None)
    from ticketonomics_gateway.serving import serve as serve_settings

    try:
        serve_settings(settings)
    except (OSError, ValueError) as error:
        _fail(str(error) or type(error).__name__)


def _load_settings(**given: Any) -> "Settings":
    from pydantic import ValidationError

    from ticketonomics_gateway.logs import configure_logs
    from ticketonomics_gateway.settings import Settings

    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        _fail("\n".join(_describe(one) for one in error.errors(include_input=False)))
    configure_logs(level=settings.log_level, form=settings.log_format)
    return settings


def _describe(error: "ErrorDetails") -> str:
    message = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return message
    return f"TICKETONOMICS_GATEWAY_{str(error['loc'][0]).upper()}: {message}"


def _fail(message: str) -> Any:
    for line in message.splitlines():
        typer.secho(f"error: {line}", err=True, fg=typer.colors.RED)
    raise typer.Exit(CANNOT)
