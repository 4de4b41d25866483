"""`ticketonomics-server economics`: what the economy is worth in money, for operators alone."""

import json
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticketonomics_server.cli.settings import (
    DataFolder,
    OperatorError,
    load_settings,
    told_plainly,
)

if TYPE_CHECKING:
    from ticketonomics_server.economics.report import Earned, EconomicsReport
    from ticketonomics_server.settings import Settings


def economics(
    economy: Annotated[str | None, typer.Option(help="Only this economy.")] = None,
    assumptions: Annotated[
        Path | None,
        typer.Option(help="TOML or JSON file with prices and assumptions; the usual without."),
    ] = None,
    revenue: Annotated[
        Path | None,
        typer.Option(help="CSV file: day, network, region (US, EU, EM), views, revenue in USD."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data_folder: DataFolder = None,
) -> None:
    """Values all tickets in USD, compares ad revenue with what is assumed, and suggests changes.

    Reads and prints, on this machine, and changes nothing. Nobody else ever sees these figures.
    """
    settings = load_settings(log_level="warning", data_folder=data_folder)
    with told_plainly():
        import uvloop

        reports = uvloop.run(_reports(settings, economy, assumptions, revenue))
    if as_json:
        typer.echo(json.dumps({n: _plain(r) for n, r in reports.items()}, indent=2, default=str))
        return
    for name, report in reports.items():
        _print(name, report)


async def _reports(
    settings: "Settings", economy: str | None, assumptions: Path | None, revenue: Path | None
) -> "dict[str, EconomicsReport]":
    from ticketonomics_server.cli.reaching import check_schema, find_economies, open_database
    from ticketonomics_server.economics.files import (
        Assumptions,
        EconomicsFileError,
        read_assumptions,
        read_revenue,
    )
    from ticketonomics_server.economics.report import make_report
    from ticketonomics_server.economics.supply import read_paid, read_supply

    try:
        assumed = read_assumptions(assumptions) if assumptions else Assumptions()
        rows = read_revenue(revenue) if revenue else []
    except EconomicsFileError as error:
        raise OperatorError(str(error)) from error
    reports = {}
    async with open_database(settings) as database:
        await check_schema(database)
        found = await find_economies(database, economy)
        if rows and len(found) > 1:
            raise OperatorError("whose revenue is this? Name one economy with --economy")
        for name, economy_id in found.items():
            async with database.connected() as connection:
                supply = await read_supply(connection, economy_id)
                paid = await read_paid(connection, economy_id)
            reports[name] = make_report(assumed, supply, rows, paid=paid)
    return reports


def _plain(report: "EconomicsReport") -> dict[str, Any]:
    """The report as JSON has it: numbers as texts, so that none is rounded."""
    plain = asdict(report)
    for told, tier in zip(plain["tiers"], report.tiers, strict=True):
        told["supply_ad_backed"] = tier.ad_backed
        told["supply_inherited"] = tier.inherited
        told["supply_priced_at"] = tier.priced_at
    plain["priced_at"] = report.priced_at
    return plain


def _print(name: str, report: "EconomicsReport") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True, markup=False)
    console.print(f"{name}: all in USD, for the operator alone")
    table = Table(box=None, pad_edge=False)
    for column in ("Tier", "Bronze", "Ad-backed", "Inherited", "Priced at", "Supply", "Worth"):
        table.add_column(column, justify="left" if column == "Tier" else "right")
    for tier in report.tiers:
        value = tier.value
        worth = (value.ad_backed, value.inherited, value.priced_at)
        table.add_row(
            value.code,
            f"{value.bronze:,}",
            *map(_figure, worth),
            f"{tier.supply:,f}",
            f"{tier.priced_at:,.2f}",
        )
    console.print(table)
    console.print(f"All tickets at their prices: {report.priced_at:,.2f}")
    if report.earned is not None:
        _print_earned(console, report)
    for suggestion in report.suggestions:
        console.print(f"- {suggestion.text} [{suggestion.rule}]")
    if not report.suggestions:
        console.print("Nothing to suggest.")


def _print_earned(console: Any, report: "EconomicsReport") -> None:
    from rich.table import Table

    assert report.earned is not None, "asked before"
    table = Table(box=None, pad_edge=False)
    for column in ("Ads", "Views", "Revenue", "A view", "Of what it pays"):
        table.add_column(column, justify="left" if column == "Ads" else "right")
    rows: list[Earned] = [report.earned, *report.regions, *report.networks]
    for earned in rows:
        table.add_row(
            earned.name,
            f"{earned.views:,}",
            f"{earned.revenue:,.2f}",
            "" if earned.per_view is None else f"{earned.per_view:.6f}",
            "" if earned.ratio is None else f"{earned.ratio:.0%}",
        )
    console.print(table)
    covered = "" if report.covered is None else f", {report.covered:.0%} of the tickets' prices"
    console.print(f"Revenue of all days: {report.total_revenue:,.2f}{covered}")


def _figure(value: Decimal) -> str:
    return f"{value:,.3f}" if value < 1 else f"{value:,.2f}"
