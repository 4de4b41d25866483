"""Commands that move, create and destroy value."""

from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli.arguments import Account, Amount, Asset, Reason, RequestId, address
from ticketonomics_client.cli.output import Output
from ticketonomics_client.cli.session import change
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics_client.client import Principal
    from ticketonomics_client.transactions import Receipt


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(transfer)
    app.command()(mint)
    app.command()(burn)


def transfer(
    context: typer.Context,
    source: Account,
    destination: Account,
    amount: Amount,
    asset: Asset,
    *,
    memo: Annotated[str, typer.Option(help="Free text; only the parties see it.")] = "",
    request_id: RequestId = "",
) -> None:
    """Move an amount from one account to another. A fee may come on top."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        receipt = await client.transfer(
            source=address(source),
            destination=address(destination),
            asset=asset,
            amount=await Units(client).parse(amount, asset),
            memo=memo,
            transaction_id=chosen,
        )
        route = f"from {address(source)} to {address(destination)}"
        _print(output, receipt, f"Moved {amount} {asset} {route}.")

    change(context, work, request_id)


def mint(
    context: typer.Context,
    destination: Account,
    amount: Amount,
    asset: Asset,
    *,
    reason: Reason,
    request_id: RequestId = "",
) -> None:
    """Create new supply in an account."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        receipt = await client.mint(
            destination=address(destination),
            asset=asset,
            amount=await Units(client).parse(amount, asset),
            reason=reason,
            transaction_id=chosen,
        )
        _print(output, receipt, f"Minted {amount} {asset} in {address(destination)}.")

    change(context, work, request_id)


def burn(
    context: typer.Context,
    source: Account,
    amount: Amount,
    asset: Asset,
    *,
    reason: Reason,
    request_id: RequestId = "",
) -> None:
    """Destroy supply that an account holds."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        receipt = await client.burn(
            source=address(source),
            asset=asset,
            amount=await Units(client).parse(amount, asset),
            reason=reason,
            transaction_id=chosen,
        )
        _print(output, receipt, f"Burned {amount} {asset} of {address(source)}.")

    change(context, work, request_id)


def _print(output: Output, receipt: "Receipt", done: str) -> None:
    if output.json:
        output.value(
            {
                "transactionId": receipt.transaction_id,
                "sequence": str(receipt.sequence),
                "replayed": receipt.replayed,
            }
        )
        return
    output.say("It had happened before:" if receipt.replayed else done)
    output.say(f"entry {receipt.sequence:,}, transaction {receipt.transaction_id}")
