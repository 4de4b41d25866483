"""Commands that read what happened."""

from contextlib import aclosing
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli.arguments import AssetFilter, Limit, address
from ticketonomics_client.cli.heads import consistency, head, keys
from ticketonomics_client.cli.output import Output, first, label, moment
from ticketonomics_client.cli.session import run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics.ledger.v1.block_pb2 import Block
    from ticketonomics.ledger.v1.transaction_pb2 import Transaction

    from ticketonomics_client.client import Principal

COLUMNS = (">Entry", "Time", "Kind", "From", "To", ">Amount", "Asset", "Memo")
BLOCK_COLUMNS = (">Height", "Time", ">First entry", ">Last entry", "Hash")


class Kind(StrEnum):
    """Kinds of transactions, as they are typed."""

    transfer = "transfer"
    mint = "mint"
    burn = "burn"
    imported = "imported"
    merge = "merge"
    erasure = "erasure"
    capture = "capture"


KindFilter = Annotated[Kind | None, typer.Option(help="Only this kind.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(history)
    app.command()(transaction)
    app.command()(watch)
    app.command()(block)
    listed = typer.Typer(invoke_without_command=True)
    listed.callback()(blocks)
    listed.command("head")(head)
    listed.command("consistency")(consistency)
    listed.command("keys")(keys)
    app.add_typer(listed, name="blocks")


def history(
    context: typer.Context,
    account: Annotated[
        str, typer.Argument(help="Account address, or a bare person id; all if left out.")
    ] = "",
    asset: AssetFilter = "",
    kind: KindFilter = None,
    limit: Limit = 50,
) -> None:
    """List transactions, newest first: one row for each posting."""

    async def work(client: "Principal", output: Output) -> None:
        listed = client.transactions(
            account=address(account) if account else "",
            asset=asset,
            kind=_kind(kind),
            page_size=min(limit, 1000),
        )
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        units = Units(client)
        output.table(COLUMNS, [row for item in found for row in await _rows(item, units)])

    run(context, work)


def transaction(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="Id of the transaction, or its entry number.")],
) -> None:
    """Show one transaction."""

    async def work(client: "Principal", output: Output) -> None:
        number = key.replace(",", "")
        found = await client.transaction(int(number) if number.isdecimal() else key)
        if output.json:
            output.document(found)
            return
        output.table(COLUMNS, await _rows(found, Units(client)))
        output.say(f"transaction {found.transaction_id}")
        if found.HasField("effective_time"):
            output.say(f"happened {moment(found.effective_time)}, before it was imported")
        if found.reference:
            output.say(f"reference {found.reference}")
        for name, value in sorted(found.metadata.items()):
            output.say(f"{name}: {value}")

    run(context, work)


def watch(
    context: typer.Context,
    accounts: Annotated[
        list[str] | None, typer.Argument(help="Addresses or bare person ids; all if left out.")
    ] = None,
    asset: AssetFilter = "",
    kind: KindFilter = None,
    after: Annotated[
        int | None,
        typer.Option(min=0, help="Begin after this entry, 0 for the very beginning; else now."),
    ] = None,
) -> None:
    """Print transactions as they happen, until Ctrl-C. Reconnects by itself."""

    async def work(client: "Principal", output: Output) -> None:
        units = Units(client)
        # A watch waits for a server for ever: one ordinary call first tells a wrong address.
        await anext(client.methods(page_size=1), None)
        stream = client.watch_transactions(
            accounts=[address(account) for account in accounts or ()],
            asset=asset,
            kinds=[_kind(kind)] if kind else (),
            after_sequence=after,
        )
        async with aclosing(stream) as transactions:
            async for item in transactions:
                if output.json:
                    output.line(item)
                    continue
                for entry, time, what, source, destination, amount, code, memo in await _rows(
                    item, units
                ):
                    note = f"  “{memo}”" if memo else ""
                    output.say(
                        f"{entry}  {time}  {what}  {source} → {destination}  {amount} {code}{note}"
                    )

    run(context, work)


def block(
    context: typer.Context,
    height: Annotated[int, typer.Argument(min=0, help="Its height; the newest if left out.")] = 0,
) -> None:
    """Show one block."""

    async def work(client: "Principal", output: Output) -> None:
        found = await client.block(height)
        if output.json:
            output.document(found)
            return
        output.facts(
            (
                ("Height", f"{found.height:,}"),
                ("Time", moment(found.block_time)),
                ("Entries", f"{found.first_sequence:,} to {found.last_sequence:,}"),
                ("Merkle root", found.merkle_root.hex()),
                ("Previous hash", found.previous_hash.hex()),
                ("Hash", found.hash.hex()),
            )
        )

    run(context, work)


def blocks(context: typer.Context, limit: Limit = 20) -> None:
    """List blocks, newest first; show and compare signed heads of their log."""
    if context.invoked_subcommand:
        return

    async def work(client: "Principal", output: Output) -> None:
        found = await first(limit, client.blocks(page_size=min(limit, 1000)))
        if output.json:
            output.document(found)
            return
        output.table(BLOCK_COLUMNS, [_block_row(item) for item in found])

    run(context, work)


def _kind(kind: Kind | None) -> "Transaction.Kind":
    from ticketonomics.ledger.v1.transaction_pb2 import Transaction

    kinds = {
        None: Transaction.KIND_UNSPECIFIED,
        Kind.transfer: Transaction.KIND_TRANSFER,
        Kind.mint: Transaction.KIND_MINT,
        Kind.burn: Transaction.KIND_BURN,
        Kind.imported: Transaction.KIND_IMPORTED,
        Kind.merge: Transaction.KIND_MERGE,
        Kind.erasure: Transaction.KIND_ERASURE,
        Kind.capture: Transaction.KIND_CAPTURE,
    }
    return kinds[kind]


async def _rows(item: "Transaction", units: Units) -> list[tuple[str, ...]]:
    return [
        (
            f"{item.sequence:,}",
            moment(item.commit_time),
            label(item, "kind"),
            posting.source,
            posting.destination,
            await units.format(posting.amount, posting.asset),
            posting.asset,
            item.memo,
        )
        for posting in item.postings
    ]


def _block_row(item: "Block") -> tuple[str, ...]:
    return (
        f"{item.height:,}",
        moment(item.block_time),
        f"{item.first_sequence:,}",
        f"{item.last_sequence:,}",
        item.hash.hex()[:16],
    )
