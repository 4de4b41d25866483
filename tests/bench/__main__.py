"""The command: runs the phases in order on one fresh Postgres, and reports."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from ticketonomics_server.storage.embedded import EmbeddedPostgres

from . import report
from .baselines import measure_echo, measure_pgbench
from .figures import Figures, describe_machine
from .phases import Phases
from .plan import Phase, Plan
from .processes import ROOT
from .serving import serving
from .storage import version

RESULTS = ROOT / ".bench" / "results.json"

console = Console(stderr=True)
app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def main(
    only: Annotated[
        str, typer.Option(help=f"Phases to run, by commas: {', '.join(Phase)}. All when empty.")
    ] = "",
    seconds: Annotated[float, typer.Option(min=1.0, help="Duration of each measurement.")] = 10.0,
    output: Annotated[
        Path | None, typer.Option(help="Where to write JSON; by default only whole runs do.")
    ] = None,
) -> None:
    """Measure the ledger against Postgres and gRPC alone."""
    phases = [Phase(name) for name in only.split(",")] if only else list(Phase)
    plan = Plan(phases=frozenset(phases), seconds=seconds)
    figures, machine = asyncio.run(_run_interruptibly(plan))
    report.show(figures, machine)
    path = output or (None if only else RESULTS)
    if path is not None:
        report.write(path, figures, machine)
        console.print(f"Written to {path}")


async def _run_interruptibly(plan: Plan) -> tuple[Figures, dict[str, str | float]]:
    """Run, and on a signal end everything in order; a second signal does not cut that short."""
    task = asyncio.ensure_future(_run(plan))
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        if not task.cancelling():
            console.print("Stopping …")
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt)
    try:
        return await task
    except asyncio.CancelledError:
        raise typer.Exit(130) from None


async def _run(plan: Plan) -> tuple[Figures, dict[str, str | float]]:
    figures: Figures = {}
    async with _fresh_postgres() as postgres:
        machine = describe_machine(await version(postgres))
        if Phase.PGBENCH in plan.phases:
            with _told("pgbench"):
                figures |= await measure_pgbench(postgres, plan)
        if Phase.ECHO in plan.phases:
            with _told("echo"):
                figures |= await measure_echo(plan)
        if any(phase.needs_server for phase in plan.phases):
            figures |= await _measure_ledger(postgres, plan)
        return figures, machine


async def _measure_ledger(postgres: EmbeddedPostgres, plan: Plan) -> Figures:
    figures: Figures = {}
    async with serving(postgres, accounts=plan.accounts) as ledger:
        with _told(f"opening and funding {plan.accounts:,} accounts"):
            await ledger.set_up()
        phases = Phases(ledger, postgres, plan)
        for phase in Phase:
            if phase in plan.phases and phase.needs_server:
                with _told(phase):
                    figures |= await phases.measure(phase)
        with _told(f"looking for all {ledger.tally.accepted:,} acknowledged transfers"):
            await ledger.check()
    if ledger.tally.repeated:
        console.print(f"{ledger.tally.repeated:,} calls had to be sent more than once")
    return figures


@asynccontextmanager
async def _fresh_postgres() -> AsyncIterator[EmbeddedPostgres]:
    # `/tmp` may be memory, on which a commit costs nothing; `/var/tmp` is a disk.
    with tempfile.TemporaryDirectory(prefix="ticketonomics-bench-", dir="/var/tmp") as folder:
        # For root, Postgres runs as another user, who has to get in.
        os.chmod(folder, 0o711)  # noqa: PTH101 - Nothing blocks here, whatever Ruff thinks of Path.
        async with EmbeddedPostgres(Path(folder, "data")) as postgres:
            yield postgres


@contextmanager
def _told(what: str) -> Iterator[None]:
    console.print(f"{what} … ", end="")
    started = time.monotonic()
    try:
        yield
    except BaseException:
        console.print("failed")
        raise
    console.print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    app()
