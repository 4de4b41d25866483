"""Commands that bring files of opening balances and past transactions into an economy."""

import asyncio
import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticketonomics_client.cli.output import Output
from ticketonomics_client.cli.session import REFUSED, run

if TYPE_CHECKING:
    from datetime import tzinfo

    from ticketonomics_client.client import Principal
    from ticketonomics_client.importing import BadLine, Plan, Result, RowFile
    from ticketonomics_client.importing.together import Progress

DataFile = Annotated[Path, typer.Argument(help="The file; its first line names the columns.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check the whole file, and send nothing.")]
Name = Annotated[
    str,
    typer.Option(
        help="Of this import: lines without a reference are known by it and their number."
    ),
]
Assets = Annotated[
    Path | None,
    typer.Option(help="CSV of assets to create where they are missing: code, name, decimals."),
]
Zone = Annotated[str, typer.Option(help="What times without a zone are in, such as Europe/Berlin.")]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Import the good lines even if there are bad ones.")
]
Rejected = Annotated[
    Path | None,
    typer.Option(help="Where to write lines that were not imported; else FILE.rejected."),
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    imports = typer.Typer(
        help="Bring balances and past transactions from elsewhere. May be run again: nothing is"
        " imported twice.",
        no_args_is_help=True,
    )
    imports.command()(balances)
    imports.command()(transactions)
    app.add_typer(imports, name="import")


def balances(
    context: typer.Context,
    file: DataFile,
    *,
    dry_run: DryRun = False,
    name: Name = "",
    assets: Assets = None,
    zone: Zone = "",
    skip_bad: SkipBad = False,
    rejected: Rejected = None,
) -> None:
    """Import opening balances: CSV with account, asset and amount."""
    job = _Job(
        file=file.expanduser(),
        contents="balances",
        name=name,
        assets=assets,
        zone=zone,
        dry_run=dry_run,
        skip_bad=skip_bad,
        rejected=rejected,
    )
    run(context, job.work)
    _end(job)


def transactions(
    context: typer.Context,
    file: DataFile,
    *,
    dry_run: DryRun = False,
    name: Name = "",
    assets: Assets = None,
    zone: Zone = "",
    skip_bad: SkipBad = False,
    rejected: Rejected = None,
) -> None:
    """Import past transactions: CSV with source, destination, asset, amount and time; or JSONL."""
    job = _Job(
        file=file.expanduser(),
        contents="transactions",
        name=name,
        assets=assets,
        zone=zone,
        dry_run=dry_run,
        skip_bad=skip_bad,
        rejected=rejected,
    )
    run(context, job.work)
    _end(job)


def _end(job: "_Job") -> None:
    if job.failed:
        raise typer.Exit(REFUSED)


@dataclass(slots=True, kw_only=True)
class _Job:
    """One run of an import.

    Attributes:
        failed: Whether a line was not imported that the file has.
    """

    file: Path
    contents: str
    name: str
    assets: Path | None
    zone: str
    dry_run: bool
    skip_bad: bool
    rejected: Path | None
    failed: bool = False

    async def work(self, client: "Principal", output: Output) -> None:
        """Reads, checks, sends and tells."""
        from ticketonomics_client.errors import TicketonomicsError
        from ticketonomics_client.importing import Naming, Result, carry_out, check_rows

        found, offered = self._read()
        with _bars() as progress:
            plan = await check_rows(
                client, found, Naming(self.name), assets=offered, progress=progress
            )
        _tell_bad(output, self.file, plan.bad)
        result = Result()
        self.failed = bool(plan.bad)
        if self.dry_run or (plan.bad and not self.skip_bad):
            self._close(output, plan, result, sent=False)
            return
        try:
            with _bars() as progress:
                await carry_out(client, plan, result, progress=progress)
        except (TicketonomicsError, asyncio.CancelledError):
            output.warn(
                f"The import stopped with {result.imported + result.replayed:,} of"
                f" {len(plan.rows):,} lines in. The same command again does the rest, and nothing"
                " twice."
            )
            raise
        finally:
            self._write_rejected(output, found, [*plan.bad, *result.refused])
        _tell_bad(output, self.file, result.refused)
        self.failed = bool(plan.bad or result.refused)
        self._close(output, plan, result, sent=True)

    def _read(self) -> "tuple[RowFile, list[Any]]":
        from ticketonomics_client.importing import FileError, read_assets, read_rows
        from ticketonomics_client.importing.rows import Contents

        found = read_rows(self.file, Contents(self.contents), zone=_time_zone(self.zone))
        offered: list[Any] = []
        if self.assets is not None:
            offered, bad = read_assets(self.assets.expanduser())
            if bad:
                told = "; ".join(f"line {line.line}: {line.message}" for line in bad)
                raise FileError(f"{self.assets}, {told}")
        if not found.rows and not found.bad:
            raise FileError(f"{self.file} has no lines to import")
        return found, offered

    def _write_rejected(self, output: Output, found: "RowFile", lines: Sequence["BadLine"]) -> None:
        if not lines:
            return
        lines = sorted(lines, key=lambda line: line.line)
        usual = self.file.with_name(f"{self.file.stem}.rejected{self.file.suffix}")
        rejected = self.rejected or usual
        try:
            with rejected.open("w", encoding="utf-8", newline="") as opened:
                if found.columns:
                    _write_csv(opened, found, lines)
                else:
                    for line in lines:
                        marked = {"line": line.line, **line.original, "reason": line.message}
                        opened.write(json.dumps(marked, ensure_ascii=False) + "\n")
        except OSError as error:
            output.warn(f"Cannot write {rejected}: {error.strerror or error}")
            return
        output.warn(f"{len(lines):,} lines that were not imported are in {rejected}.")

    def _close(self, output: Output, plan: "Plan", result: "Result", *, sent: bool) -> None:
        from ticketonomics_client.amounts import format_amount

        if sent:
            amounts = dict(result.amounts)
        else:
            amounts = {}
            for checked in plan.rows:
                for _, _, asset, amount in checked.legs:
                    amounts[asset] = amounts.get(asset, 0) + amount
        if output.json:
            output.value(_document(plan, result, amounts, sent=sent))
            return
        if sent:
            output.say(
                f"Imported {result.imported:,} lines; {result.replayed:,} were in already,"
                f" {result.empty:,} were of 0, {len(plan.bad) + len(result.refused):,} were"
                " rejected."
            )
            output.say(
                f"New: {len(result.people):,} people, {len(result.opened):,} accounts,"
                f" {len(result.created):,} assets."
            )
        else:
            output.say(
                f"{len(plan.rows):,} lines are good, {len(plan.bad):,} are bad. Nothing was sent."
            )
            output.say(
                f"To come: {len(plan.people):,} people, {len(plan.openings):,} accounts,"
                f" {len(plan.assets):,} assets."
            )
            if plan.begun:
                output.say("Some of it is in already, so that funds were not looked at.")
        rows = [
            (asset, format_amount(amount, plan.decimals[asset]))
            for asset, amount in sorted(amounts.items())
        ]
        if rows:
            output.table(("Asset", ">Moved in all"), rows)


def _document(
    plan: "Plan", result: "Result", amounts: dict[str, int], *, sent: bool
) -> dict[str, Any]:
    bad = [*plan.bad, *result.refused]
    return {
        "sent": sent,
        "good": len(plan.rows),
        "imported": result.imported,
        "replayed": result.replayed,
        "empty": result.empty,
        "people": len(result.people if sent else plan.people),
        "accounts": len(result.opened if sent else plan.openings),
        "assets": len(result.created if sent else plan.assets),
        "amounts": {asset: str(amount) for asset, amount in sorted(amounts.items())},
        "lastSequence": str(result.last_sequence),
        "fundsChecked": not plan.begun,
        "rejected": [{"line": line.line, "reason": line.message} for line in bad],
    }


def _tell_bad(output: Output, file: Path, lines: Sequence["BadLine"]) -> None:
    if output.json:
        return
    for line in lines:
        output.warn(f"{file.name}, line {line.line}: {line.message}")


def _write_csv(opened: Any, found: "RowFile", lines: Sequence["BadLine"]) -> None:
    columns = [c for c in found.columns if c not in {"line", "reason"}]
    writer = csv.DictWriter(
        opened, ("line", *columns, "reason"), delimiter=found.delimiter, extrasaction="ignore"
    )
    writer.writeheader()
    for line in lines:
        number = line.original.get("line") or line.line
        writer.writerow({**line.original, "line": number, "reason": line.message})


def _time_zone(name: str) -> "tzinfo | None":
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name} is no time zone such as Europe/Berlin") from error


@contextmanager
def _bars() -> "Iterator[Progress]":
    """Shows how far each part is, to whoever waits for it at a terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda *_: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        known: dict[str, Any] = {}

        def progress(what: str, done: int, total: int) -> None:
            if total and what not in known:
                known[what] = bars.add_task(what, total=total)
            if what in known:
                bars.update(known[what], completed=done)

        yield progress
