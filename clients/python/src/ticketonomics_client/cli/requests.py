"""Commands about requests to pay."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticketonomics_client.cli.arguments import (
    Account,
    Amount,
    Asset,
    Expiry,
    Limit,
    RequestId,
    address,
)
from ticketonomics_client.cli.output import Output, first, label, moment
from ticketonomics_client.cli.session import change, run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics_client.client import Principal

PaymentRequestId = Annotated[str, typer.Argument(help="Id of the request to pay.")]


class State(StrEnum):
    """What becomes of a request to pay."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(requests)
    group.command("create")(create_request)
    group.command("show")(show_request)
    group.command("accept")(accept_request)
    group.command("decline")(decline_request)
    group.command("cancel")(cancel_request)
    app.add_typer(group, name="requests")


def requests(
    context: typer.Context,
    account: Annotated[str, typer.Option(help="Of this account, or person.")] = "",
    outgoing: Annotated[
        bool, typer.Option("--outgoing", help="Those that the account makes, not those it gets.")
    ] = False,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    limit: Limit = 100,
) -> None:
    """List requests to pay; `create`, `accept`, `decline` and `cancel` them."""
    if context.invoked_subcommand:
        return

    async def work(client: "Principal", output: Output) -> None:
        from ticketonomics.payments.v1.payment_request_pb2 import PaymentRequest

        wanted: Any = PaymentRequest.State.Value(
            f"STATE_{state.name}" if state else "STATE_UNSPECIFIED"
        )
        listed = client.payment_requests(
            account=address(account) if account else "",
            outgoing=outgoing,
            state=wanted,
            page_size=min(limit, 1000),
        )
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        units = Units(client)
        rows = [
            (
                item.payment_request_id,
                label(item, "state"),
                item.payee,
                item.payer,
                await units.format(item.amount, item.asset),
                item.asset,
                moment(item.expire_time),
                item.memo,
            )
            for item in found
        ]
        columns = ("Request", "State", "Payee", "Payer", ">Amount", "Asset", "Expires", "Memo")
        output.table(columns, rows)

    run(context, work)


def create_request(
    context: typer.Context,
    payee: Account,
    payer: Account,
    amount: Amount,
    asset: Asset,
    *,
    expires: Expiry = None,
    memo: Annotated[str, typer.Option(help="Free text; only the two sides see it.")] = "",
    request_id: RequestId = "",
) -> None:
    """Ask a payer for an amount; ends by itself in 7 days if not told otherwise."""
    expire_time: datetime | None = expires

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.request_payment(
            payee=address(payee),
            payer=address(payer),
            asset=asset,
            amount=await Units(client).parse(amount, asset),
            memo=memo,
            expire_time=expire_time,
            request_id=chosen,
        )
        text = f"Asked {made.payer} for {amount} {asset}: request {made.payment_request_id}."
        output.result(made, text)

    change(context, work, request_id)


def show_request(context: typer.Context, payment_request_id: PaymentRequestId) -> None:
    """Show one request to pay."""

    async def work(client: "Principal", output: Output) -> None:
        found = await client.payment_request(payment_request_id)
        if output.json:
            output.document(found)
            return
        amount = await Units(client).format(found.amount, found.asset)
        facts = [
            ("Request", found.payment_request_id),
            ("State", label(found, "state")),
            ("Payee", found.payee),
            ("Payer", found.payer),
            ("Amount", f"{amount} {found.asset}"),
            ("Memo", found.memo),
            ("Made", moment(found.create_time)),
            ("Expires", moment(found.expire_time)),
            ("Closed", moment(found.close_time) or "not yet"),
        ]
        if found.transaction_sequence:
            facts.append(("Transaction", f"entry {found.transaction_sequence:,}"))
        output.facts(facts)

    run(context, work)


def accept_request(
    context: typer.Context, payment_request_id: PaymentRequestId, request_id: RequestId = ""
) -> None:
    """Pay what was asked for."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        paid = await client.accept_payment_request(payment_request_id, request_id=chosen)
        amount = await Units(client).format(paid.amount, paid.asset)
        text = f"Paid {amount} {paid.asset} to {paid.payee}: entry {paid.transaction_sequence:,}."
        output.result(paid, text)

    change(context, work, request_id)


def decline_request(
    context: typer.Context, payment_request_id: PaymentRequestId, request_id: RequestId = ""
) -> None:
    """Say no to a request, as its payer."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        found = await client.decline_payment_request(payment_request_id, request_id=chosen)
        output.result(found, f"Declined {found.payment_request_id}.")

    change(context, work, request_id)


def cancel_request(
    context: typer.Context, payment_request_id: PaymentRequestId, request_id: RequestId = ""
) -> None:
    """Take a request back, as its payee."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        found = await client.cancel_payment_request(payment_request_id, request_id=chosen)
        output.result(found, f"Cancelled {found.payment_request_id}.")

    change(context, work, request_id)
