"""Commands about how the economy is doing: for people, programs and spreadsheets."""

import sys
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticketonomics_client.cli.arguments import Asset, AssetFilter
from ticketonomics_client.cli.output import Output, label
from ticketonomics_client.cli.session import run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from ticketonomics_client.client import Principal

DAYS = ["%Y-%m-%d"]

From = Annotated[
    datetime | None,
    typer.Option("--from", formats=DAYS, metavar="DAY", help="Begins with this day of UTC."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=DAYS, metavar="DAY", help="Ends with this day of UTC."),
]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV, amounts in minor units.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(invoke_without_command=True)
    group.callback()(statistics)
    group.command()(supplies)
    group.command()(flows)
    group.command()(activity)
    group.command()(velocity)
    group.command()(wealth)
    group.command()(pools)
    group.command()(participation)
    app.add_typer(group, name="statistics")


def statistics(context: typer.Context) -> None:
    """Show how the economy is doing; alone, who is active and how wealth is spread."""
    if context.invoked_subcommand:
        return

    async def work(client: "Principal", output: Output) -> None:
        active, spread = await client.active_people(), await client.wealth_distribution()
        if output.json:
            output.document([active, spread])
            return
        tops = [
            f"the first {top.people_bps / 100:g} % hold {_percent(top.wealth_ppm)}"
            for top in spread.top_shares
        ]
        output.facts(
            [
                ("Active today", f"{active.day_count:,}"),
                ("in seven days", f"{active.week_count:,}"),
                ("in thirty days", f"{active.month_count:,}"),
                ("Holders", f"{spread.holder_count:,}"),
                ("Bronze equivalents", spread.total_wealth),
                ("Gini", f"{spread.gini_ppm / 1e6:.3f}"),
                ("Top shares", ", ".join(tops) or "none"),
                ("As of entry", f"{spread.statistics_sequence:,} of {spread.last_sequence:,}"),
            ]
        )

    run(context, work)


def supplies(
    context: typer.Context,
    *,
    asset: AssetFilter = "",
    start: From = None,
    end: Until = None,
    as_csv: Csv = False,
) -> None:
    """Print what was there of each asset by day."""

    async def work(client: "Principal", output: Output) -> None:
        if as_csv:
            await client.write_supplies(sys.stdout, asset=asset, start=_day(start), end=_day(end))
            return
        listing = client.daily_supplies(asset=asset, start=_day(start), end=_day(end))
        rows = await _listed(listing, output)
        units = Units(client)
        table = [
            [row.day, row.asset, *await _amounts(units, row, ("minted", "burned", "circulating"))]
            for row in rows
        ]
        if not output.json:
            output.table(("Day", "Asset", ">Minted", ">Burned", ">Circulating"), table)

    run(context, work)


def flows(
    context: typer.Context,
    *,
    asset: AssetFilter = "",
    start: From = None,
    end: Until = None,
    as_csv: Csv = False,
) -> None:
    """Print faucets, sinks and turnover by day and cause."""

    async def work(client: "Principal", output: Output) -> None:
        if as_csv:
            await client.write_flows(sys.stdout, asset=asset, start=_day(start), end=_day(end))
            return
        rows = await _listed(
            client.daily_flows(asset=asset, start=_day(start), end=_day(end)), output
        )
        units = Units(client)
        table = [
            [
                *(row.day, row.asset, label(row, "kind"), row.party),
                f"{row.transaction_count:,}",
                *await _amounts(units, row, ("moved", "minted", "burned")),
            ]
            for row in rows
        ]
        if not output.json:
            columns = ("Day", "Asset", "Cause", "Whose", ">Count", ">Moved", ">Minted", ">Burned")
            output.table(columns, table)

    run(context, work)


def activity(
    context: typer.Context, *, start: From = None, end: Until = None, as_csv: Csv = False
) -> None:
    """Print how many people were active by day."""

    async def work(client: "Principal", output: Output) -> None:
        if as_csv:
            await client.write_activity(sys.stdout, start=_day(start), end=_day(end))
            return
        rows = await _listed(client.daily_activity(start=_day(start), end=_day(end)), output)
        if not output.json:
            table = [[row.day, f"{row.active_people:,}"] for row in rows]
            output.table(("Day", ">Active people"), table)

    run(context, work)


def velocity(
    context: typer.Context,
    asset: Asset,
    days: Annotated[int, typer.Option(min=1, max=366, help="Length of the window.")] = 30,
) -> None:
    """Tell how often an asset changed hands in the days up to today."""

    async def work(client: "Principal", output: Output) -> None:
        found = await client.velocity(asset, days=days)
        if output.json:
            output.document(found)
            return
        units = Units(client)
        output.facts(
            [
                ("Window", f"{found.start_day or found.end_day} to {found.end_day}"),
                ("Volume", await units.format(int(found.volume), asset)),
                ("Mean supply", await units.format(int(found.mean_supply), asset)),
                ("Velocity", f"{found.velocity_milli / 1_000:,.3f}"),
            ]
        )

    run(context, work)


def wealth(context: typer.Context) -> None:
    """Print how wealth is spread: the poorest so many hold together so much."""

    async def work(client: "Principal", output: Output) -> None:
        found = await client.wealth_distribution()
        if output.json:
            output.document(found)
            return
        rows = [[_percent(p.people_ppm), _percent(p.wealth_ppm)] for p in found.lorenz_points]
        output.table((">Of the holders", ">hold"), rows)

    run(context, work)


def pools(context: typer.Context) -> None:
    """Print what swaps of 1, 5 and 10 % of a pool's reserve would come to."""

    async def work(client: "Principal", output: Output) -> None:
        found = await _listed(client.pool_depths(), output)
        units, rows = Units(client), []
        for pool in found:
            for step in pool.steps:
                other = pool.quote if step.asset_in == pool.base else pool.base
                rows.append(
                    [
                        pool.pool_id,
                        f"{step.reserve_bps / 100:g} %",
                        f"{await units.format(step.amount_in, step.asset_in)} {step.asset_in}",
                        f"{await units.format(step.amount_out, other)} {other}",
                        f"{step.slippage_bps / 100:.2f} %",
                    ]
                )
        if not output.json:
            output.table(("Pool", ">Of reserve", ">Given", ">Received", ">Slippage"), rows)

    run(context, work)


def participation(context: typer.Context) -> None:
    """Show how tier queues are played and how the Parliament works."""

    async def work(client: "Principal", output: Output) -> None:
        found = await client.participation()
        if output.json:
            output.document(found)
            return
        queues, parliament = found.queues, found.parliament
        output.facts(
            [
                ("Rounds drawn", f"{queues.finished_rounds:,}"),
                ("Rounds expired", f"{queues.expired_rounds:,}"),
                ("Entries", f"{queues.entries:,}"),
                ("Waiting", f"{queues.waiting_players:,}"),
                ("Discussed proposals", f"{parliament.discussed_proposals:,}"),
                ("Voted on now", f"{parliament.voted_proposals:,}"),
                ("Passed, may be vetoed", f"{parliament.passed_proposals:,}"),
                (
                    "Turnout",
                    f"{parliament.turnout_bps / 100:.2f} % of the last {parliament.ended_votes}",
                ),
            ]
        )

    run(context, work)


async def _listed(rows: AsyncIterator[Any], output: Output) -> "list[Any]":
    """Reads all rows; as JSON they are printed as they come."""
    found: list[Message] = []
    async for row in rows:
        if output.json:
            output.line(row)
        else:
            found.append(row)
    return found


async def _amounts(units: Units, row: Any, names: tuple[str, ...]) -> list[str]:
    return [await units.format(int(getattr(row, name)), row.asset) for name in names]


def _percent(ppm: int) -> str:
    return f"{ppm / 10_000:.1f} %"


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None
