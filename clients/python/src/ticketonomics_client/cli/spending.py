"""Commands about what applications may take."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, cast

import typer

from ticketonomics_client.cli.arguments import Amount, Asset, Expiry, Limit, PersonId, RequestId
from ticketonomics_client.cli.output import Output, first, label, moment
from ticketonomics_client.cli.session import change, run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics.spending.v1.limit_pb2 import Allowance, Budget
    from ticketonomics.spending.v1.limit_pb2 import Period as PeriodNumber

    from ticketonomics_client.client import Principal

ApplicationId = Annotated[str, typer.Argument(help="Id of the application.")]
OfPerson = Annotated[str, typer.Option("--person", help="Only this person's.")]
OfApplication = Annotated[str, typer.Option("--application", help="Only this application's.")]


class Period(StrEnum):
    """How long a limit counts before it begins anew, by UTC."""

    TOTAL = "total"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


Per = Annotated[
    Period, typer.Option("--per", help="After what it begins anew, by UTC; total: never.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(allowances)
    group.command("grant")(grant_allowance)
    group.command("revoke")(revoke_allowance)
    group.command("history")(allowance_history)
    app.add_typer(group, name="allowances")
    group = typer.Typer(no_args_is_help=True, help="Limit what applications take in all.")
    group.command("list")(budgets)
    group.command("set")(set_budget)
    group.command("remove")(remove_budget)
    app.add_typer(group, name="budgets")


# --- allowances -------------------------------------------------------------------------------


def allowances(
    context: typer.Context,
    person: OfPerson = "",
    application: OfApplication = "",
    limit: Limit = 100,
) -> None:
    """List what people let applications take; `grant` and `revoke` it, and see its `history`."""
    if context.invoked_subcommand is not None:
        return

    async def work(client: "Principal", output: Output) -> None:
        listed = client.allowances(
            person_id=person, application_id=application, page_size=min(limit, 1000)
        )
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        units = Units(client)
        rows = [
            (
                item.person_id,
                item.application_id,
                item.asset,
                *await _terms(units, item),
                moment(item.expire_time),
            )
            for item in found
        ]
        output.table(
            ("Person", "Application", "Asset", ">Left", ">Most", "Per", "Anew", "Expires"), rows
        )

    run(context, work)


def grant_allowance(
    context: typer.Context,
    person_id: PersonId,
    application_id: ApplicationId,
    asset: Asset,
    amount: Annotated[str, typer.Argument(help="The most, fees included, such as 1.50.")] = "",
    *,
    per: Per = Period.TOTAL,
    ask: Annotated[
        bool, typer.Option("--ask", help="Instead of an amount: it may ask, each time.")
    ] = False,
    expires: Expiry = None,
    request_id: RequestId = "",
) -> None:
    """Let an application take from the account of the person acted for."""
    if ask == bool(amount):
        raise typer.BadParameter("give either an amount or --ask")
    expire_time: datetime | None = expires

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.grant_allowance(
            person_id,
            application_id=application_id,
            asset=asset,
            amount=0 if ask else await Units(client).parse(amount, asset),
            period=_number(None if ask else per),
            ask_each_time=ask,
            expire_time=expire_time,
            request_id=chosen,
        )
        what = "ask each time for" if ask else f"take {amount}"
        output.result(made, f"{application_id} may {what} {asset} of {person_id}.")

    change(context, work, request_id)


def revoke_allowance(
    context: typer.Context,
    person_id: PersonId,
    application_id: ApplicationId,
    asset: Asset,
    request_id: RequestId = "",
) -> None:
    """Let an application take nothing more of a person."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        await client.revoke_allowance(
            person_id, application_id=application_id, asset=asset, request_id=chosen
        )
        facts = {"person_id": person_id, "application_id": application_id, "asset": asset}
        if output.json:
            output.value(facts)
        else:
            output.say(f"{application_id} may take no more {asset} of {person_id}.")

    change(context, work, request_id)


def allowance_history(
    context: typer.Context,
    person: OfPerson = "",
    application: OfApplication = "",
    limit: Limit = 100,
) -> None:
    """List what was allowed, taken and given back, newest first."""

    async def work(client: "Principal", output: Output) -> None:
        listed = client.spending_records(
            person_id=person, application_id=application, page_size=min(limit, 1000)
        )
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        units = Units(client)
        rows = [
            (
                f"{item.sequence:,}",
                moment(item.record_time),
                label(item, "kind"),
                item.application_id,
                item.person_id or "(budget)",
                await units.format(item.amount, item.asset),
                item.asset,
            )
            for item in found
        ]
        columns = (">Entry", "Time", "What", "Application", "Person", ">Amount", "Asset")
        output.table(columns, rows)

    run(context, work)


# --- budgets ----------------------------------------------------------------------------------


def budgets(context: typer.Context, application_id: ApplicationId, limit: Limit = 100) -> None:
    """List what an application may take in all."""

    async def work(client: "Principal", output: Output) -> None:
        found = await first(limit, client.budgets(application_id, page_size=min(limit, 1000)))
        if output.json:
            output.document(found)
            return
        units = Units(client)
        rows = [(item.asset, *await _terms(units, item)) for item in found]
        output.table(("Asset", ">Left", ">Most", "Per", "Anew"), rows)

    run(context, work)


def set_budget(
    context: typer.Context,
    application_id: ApplicationId,
    amount: Amount,
    asset: Asset,
    *,
    per: Per = Period.DAY,
    request_id: RequestId = "",
) -> None:
    """Limit what an application takes in all, whoever allows it."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        made = await client.set_budget(
            application_id,
            asset=asset,
            amount=await Units(client).parse(amount, asset),
            period=_number(per),
            request_id=chosen,
        )
        text = f"{application_id} takes at most {amount} {asset}, per {per.value}."
        output.result(made, text)

    change(context, work, request_id)


def remove_budget(
    context: typer.Context,
    application_id: ApplicationId,
    asset: Asset,
    request_id: RequestId = "",
) -> None:
    """Limit an application by its rights alone."""

    async def work(client: "Principal", output: Output, chosen: str) -> None:
        await client.remove_budget(application_id, asset=asset, request_id=chosen)
        if output.json:
            output.value({"application_id": application_id, "asset": asset})
        else:
            output.say(f"{application_id} has no budget of {asset} any more.")

    change(context, work, request_id)


async def _terms(units: Units, item: "Allowance | Budget") -> tuple[str, str, str, str]:
    """Writes what is left, of how much, per what, and when it begins anew."""
    if not item.amount:
        return "", "asks", "", ""
    return (
        await units.format(item.left, item.asset),
        await units.format(item.amount, item.asset),
        label(item, "period"),
        moment(item.renew_time),
    )


def _number(period: Period | None) -> "PeriodNumber":
    from ticketonomics.spending.v1 import limit_pb2

    name = f"PERIOD_{period.name if period else 'UNSPECIFIED'}"
    return cast("PeriodNumber", limit_pb2.Period.Value(name))
