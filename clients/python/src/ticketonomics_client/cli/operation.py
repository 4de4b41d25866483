"""Commands about the server and who calls it."""

from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from ticketonomics_client.cli.output import Output, moment
from ticketonomics_client.cli.session import run

if TYPE_CHECKING:
    from ticketonomics_client.client import Principal


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(whoami)
    app.command()(status)
    app.command()(methods)


def whoami(context: typer.Context) -> None:
    """Show who the API key says you are."""

    async def work(client: "Principal", output: Output) -> None:
        answer = await client.who_am_i()
        if output.json:
            output.document(answer)
            return
        application = answer.application
        output.facts(
            (
                ("Economy", answer.economy),
                ("Application", f"{application.application_id} ({application.name})"),
                ("Scopes", " ".join(application.scopes) or "none"),
                ("Calls a second", f"{application.rate_limit_rps:,}"),
                ("Acting for", answer.person.person_id or "itself"),
            )
        )

    run(context, work)


def status(context: typer.Context) -> None:
    """Show how the server and the economy are doing."""

    async def work(client: "Principal", output: Output) -> None:
        answer = await client.status()
        if output.json:
            output.document(answer)
            return
        output.facts(
            (
                ("Version", answer.version),
                ("Economy", answer.economy),
                ("Blocks", f"{answer.height:,}"),
                ("Entries", f"{answer.last_sequence:,}"),
                ("Newest block", moment(answer.block_time) or "none"),
                ("Queued commands", f"{answer.queued_commands:,}"),
                ("Open streams", f"{answer.open_streams:,}"),
                ("Up for", str(timedelta(seconds=answer.uptime.seconds))),
                ("Postgres", answer.postgres_version),
                ("Shutting down", "yes" if answer.draining else "no"),
                ("Timers held", "yes" if answer.timers_held else "no"),
            )
        )

    run(context, work)


def methods(context: typer.Context) -> None:
    """List the server's methods, what each needs, and which a person may call for itself."""

    async def work(client: "Principal", output: Output) -> None:
        found = [item async for item in client.methods()]
        if output.json:
            output.document(found)
            return
        rows = [
            (
                item.name,
                "public" if item.public else item.scope or "any key",
                "yes" if item.personal else "",
            )
            for item in found
        ]
        output.table(("Method", "Needs", "Personal"), rows)

    run(context, work)
