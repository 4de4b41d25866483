"""Commands about ad networks, for operators."""

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticketonomics_client.cli.arguments import Limit, RequestId
from ticketonomics_client.cli.output import Output, first, label, moment
from ticketonomics_client.cli.session import change, run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics.rewards.v1.reward_pb2 import AdNetwork

    from ticketonomics_client.client import Principal

NetworkId = Annotated[str, typer.Argument(help="Id of the network.")]
KeyId = Annotated[str, typer.Option("--key-id", help="As the network's callbacks name the key.")]
KeyFile = Annotated[
    Path,
    typer.Option(
        "--key-file",
        exists=True,
        dir_okay=False,
        help="The public key in DER or PEM, or the secret; the end of its last line is left out.",
    ),
]


class Scheme(StrEnum):
    """How a network signs."""

    ECDSA = "ecdsa"
    HMAC = "hmac"


class Region(StrEnum):
    """Where ads are watched."""

    US = "us"
    EU = "eu"
    EM = "em"
    OTHER = "other"


InRegion = Annotated[
    Region, typer.Option("--region", help="Of views whose callback tells no country.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(no_args_is_help=True, help="Manage networks that tell of watched ads.")
    group.command("networks")(networks)
    group.command("add")(add)
    group.command("rotate")(rotate)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("views")(views)
    app.add_typer(group, name="ads")


def networks(context: typer.Context, limit: Limit = 100) -> None:
    """List networks and their keys."""

    async def work(client: "Principal", output: Output) -> None:
        found = await first(limit, client.ad_networks(page_size=min(limit, 1000)))
        if output.json:
            output.document(found)
            return
        rows = [
            (
                network.network_id,
                network.display_name,
                label(network, "scheme"),
                label(network, "state"),
                label(network, "default_region").removeprefix("region_"),
                key.key_id,
                moment(key.expire_time) or "never",
            )
            for network in found
            for key in network.keys
        ]
        output.table(("Network", "Name", "Signs", "State", "Region", "Key", "Key ends"), rows)

    run(context, work)


def add(
    context: typer.Context,
    network_id: NetworkId,
    *,
    name: Annotated[str, typer.Option(help="For people.")],
    scheme: Annotated[Scheme, typer.Option(help="How it signs.")],
    key_id: KeyId,
    key_file: KeyFile,
    region: InRegion = Region.OTHER,
    request_id: RequestId = "",
) -> None:
    """Let a network's callbacks count."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.create_ad_network(
            network_id,
            display_name=name,
            scheme=_scheme(scheme),
            key_id=key_id,
            material=_material(key_file),
            default_region=_region(region),
            request_id=chosen,
        )
        output.result(made, f"Callbacks of {made.network_id} count from now on.")

    change(context, work, request_id)


def rotate(
    context: typer.Context,
    network_id: NetworkId,
    *,
    key_id: KeyId,
    key_file: KeyFile,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=720, help="How long earlier keys go on.")
    ] = 24,
    request_id: RequestId = "",
) -> None:
    """Give a network a new key; earlier ones go on for a while."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.update_ad_network(
            await _find(client, network_id),
            key_id=key_id,
            material=_material(key_file),
            overlap=timedelta(hours=overlap_hours),
            request_id=chosen,
        )
        text = f"{made.network_id} signs with {key_id}; other keys end in {overlap_hours} hours."
        output.result(made, text)

    change(context, work, request_id)


def pause(context: typer.Context, network_id: NetworkId, request_id: RequestId = "") -> None:
    """Refuse a network's callbacks."""
    _set_state(context, network_id, request_id, paused=True)


def resume(context: typer.Context, network_id: NetworkId, request_id: RequestId = "") -> None:
    """Let a paused network's callbacks count again."""
    _set_state(context, network_id, request_id, paused=False)


def _set_state(context: typer.Context, network_id: str, request_id: str, *, paused: bool) -> None:
    async def work(client: "Principal", output: Output, chosen: str) -> None:
        from ticketonomics.rewards.v1.reward_pb2 import AdNetwork

        network = await _find(client, network_id)
        network.state = AdNetwork.STATE_PAUSED if paused else AdNetwork.STATE_ACTIVE
        made = await client.update_ad_network(network, request_id=chosen)
        output.result(made, f"{made.network_id} is {label(made, 'state')}.")

    change(context, work, request_id)


def views(context: typer.Context, limit: Limit = 100) -> None:
    """Show how many ads were watched, by day, network and region."""

    async def work(client: "Principal", output: Output) -> None:
        found = await first(limit, client.ad_view_counts(page_size=min(limit, 1000)))
        if output.json:
            output.document(found)
            return
        units = Units(client)
        rows = [
            (
                row.date,
                row.network_id,
                label(row, "region"),
                f"{row.view_count:,}",
                await units.format(row.amount, "BRONZE"),
            )
            for row in found
        ]
        output.table(("Day", "Network", "Region", ">Views", ">BRONZE"), rows)

    run(context, work)


async def _find(client: "Principal", network_id: str) -> "AdNetwork":
    async for network in client.ad_networks():
        if network.network_id == network_id:
            return network
    raise ValueError(f"there is no ad network {network_id}")


def _material(file: Path) -> bytes:
    """Reads a key; an editor puts an end of line behind a secret that is none of it."""
    return file.read_bytes().removesuffix(b"\n").removesuffix(b"\r")


def _scheme(scheme: Scheme) -> Any:
    return list(Scheme).index(scheme) + 1


def _region(region: Region) -> Any:
    return list(Region).index(region) + 1
