"""Commands about accounts and what they hold."""

from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli.arguments import (
    Account,
    AssetFilter,
    Height,
    Limit,
    RequestId,
    Time,
    address,
)
from ticketonomics_client.cli.output import Output, first, label, moment
from ticketonomics_client.cli.session import change, run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics_client.client import Principal

Address = Annotated[str, typer.Argument(help="Account address, such as orgs/guild/treasury.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(balance)
    app.command()(balances)
    group = typer.Typer(invoke_without_command=True)
    group.callback()(accounts)
    group.command("open")(open_account)
    group.command("close")(close_account)
    app.add_typer(group, name="accounts")


def balance(
    context: typer.Context,
    account: Account,
    asset: AssetFilter = "",
    height: Height = None,
    time: Time = None,
) -> None:
    """Show what an account has."""

    async def work(client: "Principal", output: Output) -> None:
        if asset:
            found = [await client.balance(address(account), asset, height=height, time=time)]
        else:
            listed = client.balances(account=address(account), height=height, time=time)
            found = [item async for item in listed]
        if output.json:
            output.document(found[0] if asset else found)
            return
        units = Units(client)
        rows = [(item.asset, *await units.cells(item)) for item in found]
        output.table(("Asset", ">Available", ">Held", ">Posted"), rows)

    run(context, work)


def balances(
    context: typer.Context,
    asset: AssetFilter = "",
    height: Height = None,
    time: Time = None,
    limit: Limit = 100,
) -> None:
    """List balances of all accounts."""

    async def work(client: "Principal", output: Output) -> None:
        listed = client.balances(asset=asset, height=height, time=time, page_size=min(limit, 1000))
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        units = Units(client)
        rows = [(item.account, item.asset, *await units.cells(item)) for item in found]
        output.table(("Account", "Asset", ">Available", ">Held", ">Posted"), rows)

    run(context, work)


def accounts(
    context: typer.Context,
    prefix: Annotated[str, typer.Option(help="Only addresses that begin so.")] = "",
    limit: Limit = 100,
) -> None:
    """List accounts; `open` and `close` them."""
    if context.invoked_subcommand:
        return

    async def work(client: "Principal", output: Output) -> None:
        listed = client.accounts(prefix=prefix, page_size=min(limit, 1000))
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        rows = [(item.address, label(item, "state"), moment(item.open_time)) for item in found]
        output.table(("Account", "State", "Opened"), rows)

    run(context, work)


def open_account(context: typer.Context, account: Address, request_id: RequestId = "") -> None:
    """Open an account that belongs to nobody's person."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        opened = await client.open_account(account, request_id=chosen)
        output.result(opened, f"Opened {opened.address}.")

    change(context, work, request_id)


def close_account(context: typer.Context, account: Address, request_id: RequestId = "") -> None:
    """Close an empty account; its address is not used again."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        closed = await client.close_account(account, request_id=chosen)
        output.result(closed, f"Closed {closed.address}.")

    change(context, work, request_id)
