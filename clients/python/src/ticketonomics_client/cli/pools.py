"""Commands about pools, and trade with them."""

from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli.arguments import (
    Account,
    Amount,
    AssetFilter,
    Deadline,
    Limit,
    PoolId,
    RequestId,
    address,
)
from ticketonomics_client.cli.output import Output, first, label, moment
from ticketonomics_client.cli.session import change, run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics.amm.v1.pool_pb2 import Pool, PoolEvent

    from ticketonomics_client.client import Principal

Fee = Annotated[int, typer.Option("--fee", help="Fee on what is given, in basis points.")]
Burned = Annotated[
    int, typer.Option("--burned", help="Part of the fee that is burned, in basis points of it.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(pools)
    group.command("list")(list_pools)
    group.command("show")(show)
    group.command("history")(history)
    group.command("positions")(positions)
    group.command("create")(create)
    group.command("set-fee")(set_fee)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("add")(add)
    group.command("remove")(remove)
    app.add_typer(group, name="pools")


def pools(context: typer.Context) -> None:
    """Pools that trade materials for tickets; alone, lists them."""
    if context.invoked_subcommand is None:
        list_pools(context)


def list_pools(context: typer.Context, asset: AssetFilter = "", limit: Limit = 100) -> None:
    """List pools, oldest first."""

    async def work(client: "Principal", output: Output) -> None:
        found = await first(limit, client.pools(asset=asset, page_size=min(limit, 100)))
        if output.json:
            output.document(found)
            return
        units = Units(client)
        rows = [
            (
                pool.pool_id,
                label(pool, "state"),
                pool.price,
                await units.format(pool.base_reserve, pool.base_asset),
                pool.base_asset,
                await units.format(pool.quote_reserve, pool.quote_asset),
                pool.quote_asset,
                str(pool.fee_bps),
            )
            for pool in found
        ]
        columns = ("Pool", "State", ">Price", ">Reserve", "of", ">Reserve", "of", ">Fee bps")
        output.table(columns, rows)

    run(context, work)


def show(context: typer.Context, pool_id: PoolId) -> None:
    """Show one pool, with its reserves and price."""

    async def work(client: "Principal", output: Output) -> None:
        await _show(client, output, await client.pool(pool_id))

    run(context, work)


async def _show(client: "Principal", output: Output, pool: "Pool") -> None:
    if output.json:
        output.document(pool)
        return
    units, base, quote = Units(client), pool.base_asset, pool.quote_asset
    output.facts(
        [
            ("Pool", pool.pool_id),
            ("State", label(pool, "state")),
            ("Price", f"{pool.price} {quote} for 1 {base}"),
            ("Reserves", f"{await units.format(pool.base_reserve, base)} {base}"),
            ("", f"{await units.format(pool.quote_reserve, quote)} {quote}"),
            ("Shares", f"{await units.format(pool.share_supply, pool.share_asset)}"),
            ("of them locked", f"{await units.format(pool.locked_shares, pool.share_asset)}"),
            ("Asset of shares", pool.share_asset),
            ("Fee", f"{pool.fee_bps} basis points, of which {pool.sink_bps} in 10,000 burn"),
            ("Created", f"{moment(pool.create_time)}, entry {pool.create_sequence:,}"),
        ]
    )


def history(context: typer.Context, pool_id: PoolId, limit: Limit = 100) -> None:
    """List swaps, and liquidity added and removed, newest first."""

    async def work(client: "Principal", output: Output) -> None:
        listed = client.pool_history(pool_id, page_size=min(limit, 100))
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        pool, units = await client.pool(pool_id), Units(client)
        rows = [
            (
                f"{event.sequence:,}",
                moment(event.commit_time),
                label(event, "kind"),
                event.account,
                await units.format(event.base_amount, pool.base_asset),
                await units.format(event.quote_amount, pool.quote_asset),
                await units.format(event.shares, pool.share_asset) if event.shares else "",
            )
            for event in found
        ]
        amounts = f">{pool.base_asset}", f">{pool.quote_asset}", ">Shares"
        output.table((">Entry", "Time", "What", "Account", *amounts), rows)

    run(context, work)


def positions(context: typer.Context, account: Account, limit: Limit = 100) -> None:
    """List the shares of pools that an account has, and what they are worth."""

    async def work(client: "Principal", output: Output) -> None:
        listed = client.positions(address(account), page_size=min(limit, 100))
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        units, rows = Units(client), []
        for position in found:
            pool = await client.pool(position.pool_id)
            rows.append(
                (
                    pool.pool_id,
                    await units.format(position.shares, pool.share_asset),
                    await units.format(position.base_amount, pool.base_asset),
                    pool.base_asset,
                    await units.format(position.quote_amount, pool.quote_asset),
                    pool.quote_asset,
                )
            )
        output.table(("Pool", ">Shares", ">Worth", "of", ">and", "of"), rows)

    run(context, work)


def create(
    context: typer.Context,
    pool_id: PoolId,
    account: Account,
    base_amount: Amount,
    quote_amount: Amount,
    *,
    base: Annotated[str, typer.Option(help="Code of the asset that is priced.")],
    quote: Annotated[str, typer.Option(help="Code of the asset that prices are in.")],
    fee: Annotated[int | None, typer.Option(help="Fee on what is given, in basis points.")] = None,
    burned: Annotated[
        int | None, typer.Option(help="Part of the fee that is burned, in basis points of it.")
    ] = None,
    request_id: RequestId = "",
) -> None:
    """Make a pool; the account gives both amounts, whose ratio is the first price."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        units = Units(client)
        pool = await client.create_pool(
            pool_id,
            base_asset=base,
            quote_asset=quote,
            account=address(account),
            base_amount=await units.parse(base_amount, base),
            quote_amount=await units.parse(quote_amount, quote),
            fee_bps=fee,
            sink_bps=burned,
            request_id=chosen,
        )
        price = f"{pool.price} {quote} for 1 {base}"
        output.result(pool, f"Pool {pool_id} trades at {price}; its shares are {pool.share_asset}.")

    change(context, work, request_id)


def set_fee(
    context: typer.Context,
    pool_id: PoolId,
    *,
    fee: Fee,
    burned: Burned,
    request_id: RequestId = "",
) -> None:
    """Charge another fee."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        pool = await client.set_pool_fee(pool_id, fee_bps=fee, sink_bps=burned, request_id=chosen)
        output.result(pool, f"Pool {pool_id} takes {pool.fee_bps} basis points.")

    change(context, work, request_id)


def pause(context: typer.Context, pool_id: PoolId, *, request_id: RequestId = "") -> None:
    """Stop a pool's trade; liquidity can still be removed."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        output.result(
            await client.pause_pool(pool_id, request_id=chosen), f"Pool {pool_id} is paused."
        )

    change(context, work, request_id)


def resume(context: typer.Context, pool_id: PoolId, *, request_id: RequestId = "") -> None:
    """Let a paused pool trade again."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        output.result(
            await client.resume_pool(pool_id, request_id=chosen), f"Pool {pool_id} trades again."
        )

    change(context, work, request_id)


def add(
    context: typer.Context,
    pool_id: PoolId,
    account: Account,
    base_amount: Annotated[str, typer.Argument(help="Most of the base asset, as 1.50.")],
    quote_amount: Annotated[str, typer.Argument(help="Most of the quote asset, as 1.50.")],
    *,
    deadline: Deadline = None,
    request_id: RequestId = "",
) -> None:
    """Add liquidity, in the ratio of the reserves, for shares."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        pool, units = await client.pool(pool_id), Units(client)
        event = await client.add_liquidity(
            pool_id,
            account=address(account),
            base_amount=await units.parse(base_amount, pool.base_asset),
            quote_amount=await units.parse(quote_amount, pool.quote_asset),
            deadline_time=deadline,
            request_id=chosen,
        )
        output.result(event, await _tell(units, pool, event, "Added", "for"))

    change(context, work, request_id)


def remove(
    context: typer.Context,
    pool_id: PoolId,
    account: Account,
    shares: Annotated[str, typer.Argument(help="How many shares, as 1.50.")],
    *,
    deadline: Deadline = None,
    request_id: RequestId = "",
) -> None:
    """Burn shares for their part of both reserves."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        pool, units = await client.pool(pool_id), Units(client)
        event = await client.remove_liquidity(
            pool_id,
            account=address(account),
            shares=await units.parse(shares, pool.share_asset),
            deadline_time=deadline,
            request_id=chosen,
        )
        output.result(event, await _tell(units, pool, event, "Received", "for"))

    change(context, work, request_id)


async def _tell(units: Units, pool: "Pool", event: "PoolEvent", verb: str, link: str) -> str:
    base = f"{await units.format(event.base_amount, pool.base_asset)} {pool.base_asset}"
    quote = f"{await units.format(event.quote_amount, pool.quote_asset)} {pool.quote_asset}"
    shares = f"{await units.format(event.shares, pool.share_asset)} {pool.share_asset}"
    return f"{verb} {base} and {quote} {link} {shares}."
