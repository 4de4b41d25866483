"""`ticketonomics-server doctor`: what is well, what is not, and what to do about it."""

import asyncio
from typing import TYPE_CHECKING

import typer

from ticketonomics_server.cli.settings import DataFolder, load_settings, told_plainly

if TYPE_CHECKING:
    from ticketonomics_server.cli.findings import Check


def doctor(data_folder: DataFolder = None) -> None:
    """Examines folder, disk, Postgres, clock, port and keys. Exits with 1 if anything is red."""
    settings = load_settings(log_level="error", data_folder=data_folder)
    with told_plainly():
        from ticketonomics_server.cli.checks import examine

        checks = asyncio.run(examine(settings))
    _print(checks)
    if any(check.state == "bad" for check in checks):
        raise typer.Exit(1)


def _print(checks: "list[Check]") -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True, markup=False)
    signs = {"good": ("✓", "green"), "note": ("•", "yellow"), "bad": ("✗", "red")}
    for check in checks:
        sign, style = signs[check.state]
        console.print(f"{sign} {check.name}: {check.finding}", style=style)
        if check.advice:
            console.print(f"    {check.advice}")
