"""Commands about holds."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

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


class State(StrEnum):
    """What has become of a hold."""

    open = "open"
    captured = "captured"
    released = "released"
    expired = "expired"


HoldId = Annotated[str, typer.Argument(metavar="HOLD_ID", help="Id of the hold.")]
Memo = Annotated[str, typer.Option(help="Free text; only the parties see it.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(holds)
    group.command("list")(list_holds)
    group.command("create")(create)
    group.command("capture")(capture)
    group.command("release")(release)
    group.command("show")(show)
    app.add_typer(group, name="holds")


def holds(context: typer.Context) -> None:
    """Set amounts aside, to capture or release them later; alone, lists the newest."""
    if context.invoked_subcommand is None:
        _list(context, account="", state=None, limit=100)


def list_holds(
    context: typer.Context,
    account: Annotated[str, typer.Option(help="Only with this account on either side.")] = "",
    state: Annotated[State | None, typer.Option(help="Only in this state.")] = None,
    limit: Limit = 100,
) -> None:
    """List holds, newest first."""
    _list(context, account=account and address(account), state=state, limit=limit)


def _list(context: typer.Context, *, account: str, state: State | None, limit: int) -> None:
    async def work(client: "Principal", output: Output) -> None:
        from ticketonomics.ledger.v1.hold_pb2 import Hold

        states = {
            None: Hold.STATE_UNSPECIFIED,
            State.open: Hold.STATE_OPEN,
            State.captured: Hold.STATE_CAPTURED,
            State.released: Hold.STATE_RELEASED,
            State.expired: Hold.STATE_EXPIRED,
        }
        listed = client.holds(account=account, state=states[state], page_size=min(limit, 100))
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        units = Units(client)
        rows = [
            (
                hold.hold_id if position == 0 else "",
                label(hold, "state") if position == 0 else "",
                posting.source,
                posting.destination,
                await units.format(posting.amount, posting.asset),
                posting.asset,
                moment(hold.expire_time) if position == 0 else "",
            )
            for hold in found
            for position, posting in enumerate(hold.postings)
        ]
        output.table(("Hold", "State", "From", "To", ">Amount", "Asset", "Expires"), rows)

    run(context, work)


def create(
    context: typer.Context,
    source: Account,
    destination: Account,
    amount: Amount,
    asset: Asset,
    *,
    expires: Expiry = None,
    memo: Memo = "",
    request_id: RequestId = "",
) -> None:
    """Set an amount aside, and the transfer fee on top, for 7 days or until a time."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        from ticketonomics.ledger.v1.transaction_pb2 import Posting

        posting = Posting(
            source=address(source),
            destination=address(destination),
            asset=asset,
            amount=await Units(client).parse(amount, asset),
        )
        made = await client.create_hold([posting], expire_time=expires, memo=memo, hold_id=chosen)
        route = f"of {posting.source} for {posting.destination}"
        output.result(made, f"Held {amount} {asset} {route} until {moment(made.expire_time)}.")
        if not output.json:
            output.say(f"hold {made.hold_id}")

    change(context, work, request_id)


def capture(
    context: typer.Context,
    hold_id: HoldId,
    *,
    amount: Annotated[
        list[str],
        typer.Option(help="How much of each posting, in display units; once for each, in order."),
    ] = [],  # noqa: B006 - typer reads the default and never changes it.
    memo: Memo = "",
    request_id: RequestId = "",
) -> None:
    """Move what is held, in whole or in part; the rest is available again."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        amounts: list[int] = []
        if amount:
            postings = (await client.hold(hold_id)).postings
            if len(postings) != len(amount):
                raise ValueError(f"the hold has {len(postings)} postings; give --amount for each")
            units = Units(client)
            for text, posting in zip(amount, postings, strict=True):
                nothing = not text.strip("0.")
                amounts.append(0 if nothing else await units.parse(text, posting.asset))
        done = await client.capture_hold(hold_id, amounts=amounts, memo=memo, request_id=chosen)
        output.result(done, "It had happened before:" if done.replayed else "Captured.")
        if not output.json:
            moved = done.transaction
            output.say(f"entry {moved.sequence:,}, transaction {moved.transaction_id}")

    change(context, work, request_id)


def release(context: typer.Context, hold_id: HoldId, *, request_id: RequestId = "") -> None:
    """End a hold without moving anything."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        released = await client.release_hold(hold_id, request_id=chosen)
        output.result(released, f"Released {released.hold_id}.")

    change(context, work, request_id)


def show(context: typer.Context, hold_id: HoldId) -> None:
    """Show one hold."""

    async def work(client: "Principal", output: Output) -> None:
        hold = await client.hold(hold_id)
        if output.json:
            output.document(hold)
            return
        facts = [
            ("Hold", hold.hold_id),
            ("State", label(hold, "state")),
            ("Created", f"{moment(hold.create_time)}, entry {hold.sequence:,}"),
            ("By application", hold.application_id),
            ("For person", hold.person_id or "none"),
            ("Expires", moment(hold.expire_time)),
        ]
        if hold.end_sequence:
            facts.append(("Ended", f"{moment(hold.end_time)}, entry {hold.end_sequence:,}"))
        facts += [("Memo", hold.memo)] if hold.memo else []
        facts += sorted(hold.metadata.items())
        output.facts(facts)
        units = Units(client)
        rows = [
            (
                posting.source,
                posting.destination,
                await units.format(posting.amount, posting.asset),
                await units.format(posting.fee, posting.asset),
                posting.asset,
            )
            for posting in hold.postings
        ]
        output.table(("From", "To", ">Amount", ">Fee up to", "Asset"), rows)

    run(context, work)
