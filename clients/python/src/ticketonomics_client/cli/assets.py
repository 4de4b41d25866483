"""Commands about assets and how much of them there is."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.amounts import format_amount, parse_amount
from ticketonomics_client.cli.arguments import Asset, Limit, RequestId
from ticketonomics_client.cli.output import Output, first, label
from ticketonomics_client.cli.session import change, run

if TYPE_CHECKING:
    from ticketonomics.ledger.v1.asset_pb2 import Asset as AssetMessage
    from ticketonomics.ledger.v1.asset_pb2 import TransferFee

    from ticketonomics_client.client import Principal

Bps = Annotated[int, typer.Option(min=0, max=10_000, help="Basis points: 100 are one per cent.")]
Minimum = Annotated[str, typer.Option("--fee-minimum", help="Least fee, in display units.")]
Maximum = Annotated[str, typer.Option("--fee-maximum", help="Greatest fee, in display units.")]


class Kind(StrEnum):
    """Kinds of assets, as they are typed."""

    ticket = "ticket"
    material = "material"
    product = "product"
    share = "share"
    collectible = "collectible"


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(supply)
    group = typer.Typer(invoke_without_command=True)
    group.callback()(assets)
    group.command("create")(create)
    group.command("set-fee")(set_fee)
    app.add_typer(group, name="assets")


def supply(
    context: typer.Context,
    asset: Annotated[str, typer.Argument(help="Code of the asset; all if left out.")] = "",
) -> None:
    """Show how much there is of an asset, or of all."""

    async def work(client: "Principal", output: Output) -> None:
        found = [await client.asset(asset)] if asset else [item async for item in client.assets()]
        supplies = [await client.supply(item.code) for item in found]
        if output.json:
            output.document(supplies[0] if asset else supplies)
            return
        rows = [
            (
                item.code,
                format_amount(there.circulating, item.decimals),
                format_amount(there.minted, item.decimals),
                format_amount(there.burned, item.decimals),
                _limit(there.supply_cap, item.decimals),
            )
            for item, there in zip(found, supplies, strict=True)
        ]
        output.table(("Asset", ">Circulating", ">Minted", ">Burned", ">Cap"), rows)

    run(context, work)


def assets(context: typer.Context, limit: Limit = 1000) -> None:
    """List assets; `create` them and set their fee."""
    if context.invoked_subcommand:
        return

    async def work(client: "Principal", output: Output) -> None:
        found = await first(limit, client.assets())
        if output.json:
            output.document(found)
            return
        rows = [
            (
                item.code,
                item.name,
                label(item, "kind"),
                str(item.decimals),
                _limit(item.supply_cap, item.decimals),
                _fee(item),
            )
            for item in found
        ]
        output.table(("Asset", "Name", "Kind", ">Decimals", ">Cap", "Transfer fee"), rows)

    run(context, work)


def create(
    context: typer.Context,
    code: Asset,
    *,
    kind: Annotated[Kind, typer.Option(help="What sort of thing it is.")],
    name: Annotated[str, typer.Option(help="Name shown to people.")],
    decimals: Annotated[int, typer.Option(min=0, max=9, help="Of the display unit.")] = 0,
    cap: Annotated[str, typer.Option(help="Most that may circulate, in display units.")] = "",
    fee_bps: Bps = 0,
    fee_minimum: Minimum = "",
    fee_maximum: Maximum = "",
    request_id: RequestId = "",
) -> None:
    """Create an asset."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        from ticketonomics.ledger.v1.asset_pb2 import Asset as AssetMessage

        wanted = AssetMessage(
            code=code,
            kind=f"KIND_{kind.name.upper()}",
            name=name,
            decimals=decimals,
            supply_cap=_minor(cap, decimals),
            transfer_fee=_transfer_fee(fee_bps, fee_minimum, fee_maximum, decimals),
        )
        created = await client.create_asset(wanted, request_id=chosen)
        output.result(created, f"Created {created.code}.")

    change(context, work, request_id)


def set_fee(
    context: typer.Context,
    code: Asset,
    *,
    fee_bps: Bps = 0,
    fee_minimum: Minimum = "",
    fee_maximum: Maximum = "",
    request_id: RequestId = "",
) -> None:
    """Set the fee on transfers of an asset; without options, none."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        decimals = (await client.asset(code)).decimals
        fee = _transfer_fee(fee_bps, fee_minimum, fee_maximum, decimals)
        changed = await client.set_transfer_fee(code, fee, request_id=chosen)
        output.result(changed, f"Transfer fee of {changed.code}: {_fee(changed) or 'none'}.")

    change(context, work, request_id)


def _transfer_fee(bps: int, minimum: str, maximum: str, decimals: int) -> "TransferFee":
    from ticketonomics.ledger.v1.asset_pb2 import TransferFee

    return TransferFee(
        fee_bps=bps, minimum=_minor(minimum, decimals), maximum=_minor(maximum, decimals)
    )


def _minor(text: str, decimals: int) -> int:
    return parse_amount(text, decimals) if text else 0


def _limit(minor: int, decimals: int) -> str:
    return format_amount(minor, decimals) if minor else "none"


def _fee(asset: "AssetMessage") -> str:
    fee = asset.transfer_fee
    parts = [f"{fee.fee_bps / 100:g} %"] if fee.fee_bps else []
    if fee.minimum:
        parts.append(f"at least {format_amount(fee.minimum, asset.decimals)}")
    if fee.maximum:
        parts.append(f"at most {format_amount(fee.maximum, asset.decimals)}")
    return ", ".join(parts)
