"""The command that makes statements: for people, programs and spreadsheets."""

import csv
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticketonomics_client.cli.arguments import TIMES, Account, Asset, address
from ticketonomics_client.cli.output import Output, encoded, label, moment
from ticketonomics_client.cli.session import run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics.ledger.v1.statement_pb2 import StatementLine

    from ticketonomics_client.client import Principal
    from ticketonomics_client.statements import Statement

COLUMNS = (">Entry", "Time", "Kind", "With", ">Change", ">Balance", "Memo")
CSV_COLUMNS = (
    "entry",
    "time",
    "transaction_id",
    "kind",
    "with",
    "change",
    "balance",
    "memo",
    "effective_time",
    "reference",
)

# A cell that begins so is a formula to a spreadsheet, and strangers write memos.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

From = Annotated[
    datetime | None,
    typer.Option("--from", formats=TIMES, metavar="TIME", help="Begins at this time."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--until", formats=TIMES, metavar="TIME", help="Ends before this time; else now."),
]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(statement)


def statement(
    context: typer.Context,
    account: Account,
    asset: Asset,
    *,
    start: From = None,
    end: Until = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Print CSV, with opening and closing as rows.")
    ] = False,
) -> None:
    """Print what moved a balance in a period: opening, lines, oldest first, and closing."""

    async def work(client: "Principal", output: Output) -> None:
        made = await client.statement(address(account), asset, start_time=start, end_time=end)
        if output.json:
            output.value(_document(made))
            return
        units = Units(client)
        lines = [await _row(line, made.account, asset, units) for line in made.lines]
        opening = await units.format(made.opening, asset)
        closing = await units.format(made.closing, asset)
        if as_csv:
            first = ["", "", "", "opening", "", "", opening, "", "", ""]
            last = ["", "", "", "closing", "", "", closing, "", "", ""]
            _write_csv([first, *lines, last])
            return
        output.say(f"{made.account} in {asset}, up to entry {made.end_sequence:,}")
        output.say(f"opening {opening}")
        if lines:
            output.table(COLUMNS, [[*line[:2], *line[3:8]] for line in lines])
        output.say(f"closing {closing}")

    run(context, work)


async def _row(line: "StatementLine", account: str, asset: str, units: Units) -> list[str]:
    others = {
        posting.source if posting.destination == account else posting.destination
        for posting in line.postings
    }
    return [
        f"{line.sequence:,}",
        moment(line.commit_time),
        line.transaction_id,
        label(line, "kind"),
        " ".join(sorted(others)),
        await units.format(line.change, asset),
        await units.format(line.balance, asset),
        line.memo,
        moment(line.effective_time),
        line.reference,
    ]


def _write_csv(rows: list[list[str]]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(CSV_COLUMNS)
    for row in rows:
        *plain, change, balance, memo, effective_time, reference = row
        numbers = [number.replace(",", "") for number in (change, balance)]
        memo, reference = _safe(memo), _safe(reference)
        writer.writerow(
            [plain[0].replace(",", ""), *plain[1:], *numbers, memo, effective_time, reference]
        )


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _document(made: "Statement") -> dict[str, Any]:
    """The statement as proto3 JSON would have it: int64 are strings."""
    return {
        "account": made.account,
        "asset": made.asset,
        "opening": str(made.opening),
        "closing": str(made.closing),
        "endSequence": str(made.end_sequence),
        "lines": [encoded(line) for line in made.lines],
    }
