"""Commands that trade with pools."""

from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli.arguments import (
    Account,
    Amount,
    Asset,
    Deadline,
    PoolId,
    RequestId,
    address,
)
from ticketonomics_client.cli.output import Output
from ticketonomics_client.cli.session import change, run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics_client.client import Principal

Receive = Annotated[
    bool, typer.Option("--receive", help="The amount is what is received, not what is given.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(quote)
    app.command()(swap)


def quote(
    context: typer.Context,
    pool_id: PoolId,
    amount: Amount,
    asset: Asset,
    *,
    receive: Receive = False,
) -> None:
    """Tell what a swap would come to now. AMOUNT of ASSET is given, or with --receive received."""

    async def work(client: "Principal", output: Output) -> None:
        units = Units(client)
        asset_in, asset_out = await _pair(client, pool_id, asset, receive=receive)
        minor = await units.parse(amount, asset)
        told = await client.quote(
            pool_id,
            asset_in=asset_in,
            asset_out=asset_out,
            amount_in=None if receive else minor,
            amount_out=minor if receive else None,
        )
        if output.json:
            output.document(told)
            return
        burned = await units.format(told.burned_amount, asset_in)
        fee = await units.format(told.fee_amount, asset_in)
        output.facts(
            [
                ("Given", f"{await units.format(told.amount_in, asset_in)} {asset_in}"),
                ("Received", f"{await units.format(told.amount_out, asset_out)} {asset_out}"),
                ("Fee", f"{fee} {asset_in}, of which {burned} burn"),
                ("Price impact", f"{told.price_impact_bps / 100:.2f} %"),
                ("Price before", told.price_before),
                ("Its own price", told.execution_price),
                ("Price after", told.price_after),
            ]
        )

    run(context, work)


def swap(
    context: typer.Context,
    pool_id: PoolId,
    account: Account,
    amount: Amount,
    asset: Asset,
    *,
    receive: Receive = False,
    limit: Annotated[
        str, typer.Option(help="Least that is received, or most that is given, as 1.50.")
    ] = "",
    deadline: Deadline = None,
    request_id: RequestId = "",
) -> None:
    """Trade with a pool. AMOUNT of ASSET is given, or with --receive received."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        units = Units(client)
        asset_in, asset_out = await _pair(client, pool_id, asset, receive=receive)
        minor = await units.parse(amount, asset)
        other = asset_in if receive else asset_out
        done = await client.swap(
            pool_id,
            account=address(account),
            asset_in=asset_in,
            asset_out=asset_out,
            amount_in=None if receive else minor,
            amount_out=minor if receive else None,
            limit_amount=await units.parse(limit, other) if limit else 0,
            deadline_time=deadline,
            transaction_id=chosen,
        )
        given = f"{await units.format(done.amount_in, asset_in)} {asset_in}"
        received = f"{await units.format(done.amount_out, asset_out)} {asset_out}"
        output.result(done, f"Gave {given} for {received}.")
        if not output.json:
            output.say(f"entry {done.sequence:,}, transaction {done.transaction_id}")

    change(context, work, request_id)


async def _pair(client: "Principal", pool_id: str, asset: str, *, receive: bool) -> tuple[str, str]:
    """What is given and what is received, of one asset and the pool's other one."""
    pool = await client.pool(pool_id)
    if asset not in (pool.base_asset, pool.quote_asset):
        pair = f"{pool.base_asset} and {pool.quote_asset}"
        raise ValueError(f"pool {pool_id} trades {pair}, not {asset}")
    other = pool.quote_asset if asset == pool.base_asset else pool.base_asset
    return (other, asset) if receive else (asset, other)
