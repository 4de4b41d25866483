"""The command line `ticketonomics`: for players, operators and scripts."""

from typing import Annotated

import typer

from ticketonomics_client.cli import (
    accounts,
    applications,
    assets,
    history,
    holds,
    movements,
    operation,
    people,
    statements,
)
from ticketonomics_client.cli.session import AnywhereOptions, Session

app = typer.Typer(
    name="ticketonomics",
    cls=AnywhereOptions,
    help="Balances, transfers and history of a Ticketonomics economy.",
    epilog="Exit codes: 0 done, 1 refused, 2 wrong usage, 3 server away.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def options(
    context: typer.Context,
    *,
    target: Annotated[
        str,
        typer.Option(
            envvar="TICKETONOMICS_TARGET",
            help="The server, as host:port. Another machine is spoken to with TLS.",
        ),
    ] = "127.0.0.1:50051",
    api_key_file: Annotated[
        str,
        typer.Option(
            help="File with the API key; else TICKETONOMICS_API_KEY or TICKETONOMICS_API_KEY_FILE."
        ),
    ] = "",
    economy: Annotated[
        str,
        typer.Option(
            envvar="TICKETONOMICS_ECONOMY",
            help="Which economy to read without a key; a key belongs to one.",
        ),
    ] = "main",
    acting_for: Annotated[
        str, typer.Option(help="Id of the person on whose behalf to call.", metavar="PERSON_ID")
    ] = "",
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Speak to another machine in clear text.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds that a call may take, retries included.")
    ] = 10.0,
    json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print JSON: one document, or a line for each message of a stream."
        ),
    ] = False,
) -> None:
    context.obj = Session(
        target=target,
        api_key_file=api_key_file,
        economy=economy,
        acting_for=acting_for.removeprefix("users/"),
        insecure=insecure,
        timeout_seconds=timeout,
        json=json,
    )


accounts.register(app)
movements.register(app)
holds.register(app)
history.register(app)
statements.register(app)
assets.register(app)
people.register(app)
applications.register(app)
operation.register(app)
