"""The figures for people, and for programs."""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .figures import BYTES_AIM, FIGURES, RATIOS, Figures, ratios


def show(figures: Figures, machine: dict[str, str | float]) -> None:
    """Print what was measured."""
    console = Console()
    table = Table(title=" · ".join(f"{key} {value}" for key, value in machine.items()))
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("aim", justify="right")
    table.add_column("what")
    for key, what in FIGURES.items():
        if key in figures:
            aim = f"≤ {BYTES_AIM}" if key == "bytes_per_transfer" else ""
            table.add_row(key, _number(figures[key]), aim, what)
    table.add_section()
    for name, ratio in ratios(figures).items():
        above, below, least = RATIOS[name]
        table.add_row(name, f"{ratio:.2f}", f"≥ {least}" if least else "", f"{above} / {below}")
    console.print(table)


def write(path: Path, figures: Figures, machine: dict[str, str | float]) -> None:
    """Write the results as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {**figures, "ratios": ratios(figures), "machine": machine}
    path.write_text(json.dumps(content, indent=2) + "\n")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
