"""Commands that propose something to the Parliament."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticketonomics_client.cli.arguments import TIMES, RequestId, address
from ticketonomics_client.cli.output import Output, moment
from ticketonomics_client.cli.parameters import parse_value
from ticketonomics_client.cli.session import change
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics_client.client import Principal

ASSET = "BRONZE"

Title = Annotated[str, typer.Argument(help="One line of at most 120 characters.")]
Body = Annotated[str, typer.Option("--body", help="Why; at most 4,000 characters. Public.")]


def propose_text(
    context: typer.Context, title: Title, body: Body = "", request_id: RequestId = ""
) -> None:
    """Propose a text: what it says is what is decided."""
    _propose(context, title, body, request_id)


def propose_setting(
    context: typer.Context,
    title: Title,
    name: Annotated[str, typer.Argument(help="A parameter of the Parliament's.")],
    value: Annotated[
        str, typer.Argument(help="A number, yes or no, a choice, or numbers with commas between.")
    ],
    *,
    body: Body = "",
    request_id: RequestId = "",
) -> None:
    """Propose to give a parameter another value."""

    async def action(client: "Principal") -> dict[str, Any]:
        return {"setting": (name, parse_value(await client.parameter(name), value))}

    _propose(context, title, body, request_id, action)


def propose_mint(
    context: typer.Context,
    title: Title,
    account: Annotated[str, typer.Argument(help="Who gets it: an address or a person id.")],
    amount: Annotated[str, typer.Argument(help="How much BRONZE, such as 1.50.")],
    *,
    body: Body = "",
    request_id: RequestId = "",
) -> None:
    """Propose to make BRONZE for an account."""

    async def action(client: "Principal") -> dict[str, Any]:
        from ticketonomics.parliament.v1.proposal_pb2 import PolicyMint

        minor = await Units(client).parse(amount, ASSET)
        return {"mint": PolicyMint(account=address(account), amount=minor)}

    _propose(context, title, body, request_id, action)


def propose_burn(
    context: typer.Context,
    title: Title,
    account: Annotated[
        str, typer.Argument(help="parliament/treasury, or the account of the person acted for.")
    ],
    amount: Annotated[str, typer.Argument(help="How much BRONZE, such as 1.50.")],
    *,
    body: Body = "",
    request_id: RequestId = "",
) -> None:
    """Propose to take BRONZE out of the world."""

    async def action(client: "Principal") -> dict[str, Any]:
        from ticketonomics.parliament.v1.proposal_pb2 import PolicyBurn

        minor = await Units(client).parse(amount, ASSET)
        return {"burn": PolicyBurn(account=address(account), amount=minor)}

    _propose(context, title, body, request_id, action)


def propose_event(
    context: typer.Context,
    title: Title,
    time: Annotated[
        datetime,
        typer.Argument(formats=TIMES, help="When it happens, such as 2030-01-31T12:00:00Z."),
    ],
    *,
    body: Body = "",
    request_id: RequestId = "",
) -> None:
    """Propose an event."""

    async def action(client: "Principal") -> dict[str, Any]:
        return {"event_time": time}

    _propose(context, title, body, request_id, action)


def _propose(
    context: typer.Context, title: str, body: str, request_id: str, action: Any = None
) -> None:
    async def work(client: "Principal", output: Output, chosen: str) -> None:
        details = await action(client) if action else {}
        made = await client.create_proposal(title, body=body, request_id=chosen, **details)
        deposit = await Units(client).format(made.deposit + made.escrow, ASSET)
        output.result(
            made,
            f"{made.proposal_id} is proposed, with {deposit} {ASSET} kept for it."
            f" Voting opens at {moment(made.voting_time)}.",
        )

    change(context, work, request_id)
