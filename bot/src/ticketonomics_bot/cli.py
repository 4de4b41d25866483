"""`ticketonomics-bot`: the Telegram bot."""

import asyncio
import os
import signal

import typer

STOPPED, FAILED, WRONG_USAGE = 0, 1, 2

app = typer.Typer(
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
)


@app.callback()
def main() -> None:
    """The Telegram bot of Ticketonomics. Settings are environment variables: docs/settings.md."""


@app.command()
def run() -> None:
    """Receives and answers updates until SIGTERM or Ctrl-C, then finishes what it has begun."""
    # gRPC's core would write about lost connections among our own lines.
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    from pydantic import ValidationError

    from ticketonomics_bot.app import StartError
    from ticketonomics_bot.app import run as run_bot
    from ticketonomics_bot.logs import configure_logs
    from ticketonomics_bot.settings import Settings

    try:
        settings = Settings()  # type: ignore[call-arg]  # They come from the environment.
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            where = ".".join(str(part) for part in problem["loc"])
            name = where if where.isupper() else f"TICKETONOMICS_BOT_{where.upper()}"
            typer.echo(f"Error: {name if where else 'settings'}: {problem['msg']}", err=True)
        raise typer.Exit(WRONG_USAGE) from error
    configure_logs(level=settings.log_level, form=settings.log_format)

    async def until_stopped() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await run_bot(settings, stop)

    try:
        asyncio.run(until_stopped())
    except StartError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(FAILED) from error
