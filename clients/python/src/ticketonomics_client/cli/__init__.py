"""The command line `ticketonomics`: for players, operators and scripts."""

import typer

from ticketonomics_client.cli import (
    accounts,
    ads,
    applications,
    assets,
    history,
    holds,
    imports,
    movements,
    operation,
    parameters,
    parliament,
    people,
    pools,
    prices,
    progression,
    queues,
    receipts,
    requests,
    rewards,
    schedules,
    spending,
    statements,
    statistics,
    swaps,
    top,
    webhooks,
)
from ticketonomics_client.cli.options import (
    ActingFor,
    ApiKeyFile,
    Ca,
    ClientCertificate,
    ClientKey,
    Economy,
    Insecure,
    Json,
    Target,
    Timeout,
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
    target: Target = "127.0.0.1:50051",
    api_key_file: ApiKeyFile = "",
    economy: Economy = "main",
    acting_for: ActingFor = "",
    insecure: Insecure = False,
    ca: Ca = "",
    client_certificate: ClientCertificate = "",
    client_key: ClientKey = "",
    timeout: Timeout = 10.0,
    json: Json = False,
) -> None:
    context.obj = Session(
        target=target,
        api_key_file=api_key_file,
        economy=economy,
        acting_for=acting_for.removeprefix("users/"),
        insecure=insecure,
        ca=ca,
        client_certificate=client_certificate,
        client_key=client_key,
        timeout_seconds=timeout,
        json=json,
    )


accounts.register(app)
movements.register(app)
holds.register(app)
history.register(app)
receipts.register(app)
statements.register(app)
statistics.register(app)
imports.register(app)
assets.register(app)
schedules.register(app)
requests.register(app)
spending.register(app)
prices.register(app)
pools.register(app)
swaps.register(app)
rewards.register(app)
ads.register(app)
people.register(app)
progression.register(app)
applications.register(app)
webhooks.register(app)
parameters.register(app)
queues.register(app)
parliament.register(app)
operation.register(app)
top.register(app)
