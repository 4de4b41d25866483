"""`ticketonomics-server verify`: every balance, hash and root, recomputed."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_server.cli.settings import DataFolder, load_settings, told_plainly

if TYPE_CHECKING:
    from ticketonomics_server.settings import Settings
    from ticketonomics_server.verification import Invariant, Report


def verify(
    economy: Annotated[str | None, typer.Option(help="Only this economy.")] = None,
    invariant: Annotated[
        list[str] | None, typer.Option(help="Only this invariant; may be given again.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data_folder: DataFolder = None,
) -> None:
    """Recomputes every balance, hash and root from the journal, while the server may run.

    Exits with 1 if anything does not agree.
    """
    settings = load_settings(log_level="warning", data_folder=data_folder)
    with told_plainly():
        import uvloop

        from ticketonomics_server.verification import Invariant

        names = [str(name) for name in Invariant]
        if unknown := set(invariant or ()) - set(names):
            raise typer.BadParameter(f"{unknown.pop()} is none of {', '.join(names)}")
        wanted = tuple(Invariant(name) for name in invariant or names)
        reports = uvloop.run(_verify(settings, economy, wanted))
    if as_json:
        typer.echo(json.dumps([asdict(report) for report in reports], indent=2))
    else:
        _print(reports, wanted)
    if not all(report.coherent for report in reports):
        raise typer.Exit(1)


async def _verify(
    settings: "Settings", economy: str | None, invariants: "tuple[Invariant, ...]"
) -> "list[Report]":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    from ticketonomics_server.cli.reaching import check_schema, find_economies, open_database
    from ticketonomics_server.verification import verify as verify_economy

    reports = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    async with open_database(settings) as database:
        await check_schema(database)
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            for name, economy_id in (await find_economies(database, economy)).items():
                bar = bars.add_task(name, total=None)

                def advance(done: int, total: int, bar: TaskID = bar) -> None:
                    bars.update(bar, completed=done, total=total)

                reports.append(
                    await verify_economy(
                        database, economy_id, invariants=invariants, progress=advance
                    )
                )
    return reports


def _print(reports: "list[Report]", invariants: "tuple[Invariant, ...]") -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True, markup=False)
    if not reports:
        console.print("There is no economy yet.")
    for report in reports:
        counts = ", ".join(f"{count:,} {name}" for name, count in report.counts.items())
        console.print(f"{report.economy}: block {report.height:,}; {counts}")
        for invariant in invariants:
            found = report.violation_counts.get(invariant, 0)
            style = "red" if found else "green"
            console.print(f"  {'✗' if found else '✓'} {invariant}", style=style)
            details = [v.detail for v in report.violations if v.invariant == invariant]
            for detail in details:
                console.print(f"      {detail}")
            if found > len(details):
                console.print(f"      … and {found - len(details):,} more")
