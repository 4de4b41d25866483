"""Commands about receipts: proofs of entries that are verified without the server."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli.heads import PublicKey, public_key, read
from ticketonomics_client.cli.output import Output, moment
from ticketonomics_client.cli.session import REFUSED, WRONG_USAGE, Session, run

if TYPE_CHECKING:
    from ticketonomics_client.client import Principal
    from ticketonomics_client.receipts import VerifiedReceipt


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    receipts = typer.Typer(
        help="Get receipts of transactions, and verify them without the server.",
        no_args_is_help=True,
    )
    receipts.command("get")(get)
    receipts.command("verify")(verify)
    app.add_typer(receipts, name="receipts")


def get(
    context: typer.Context,
    key: Annotated[str, typer.Argument(help="Id of the transaction, or its entry number.")],
    file: Annotated[
        Path | None, typer.Option(help="Where to write it; printed if left out.")
    ] = None,
) -> None:
    """Get the receipt of a transaction: a file that proves it for ever."""

    async def work(client: "Principal", output: Output) -> None:
        from ticketonomics_client.receipts import write_receipt

        number = key.replace(",", "")
        text = write_receipt(await client.receipt(int(number) if number.isdecimal() else key))
        if file is None:
            print(text, end="")
            return
        try:
            file.expanduser().write_text(text, encoding="utf-8")
        except OSError as error:
            raise ValueError(f"cannot write {file}: {error}") from error
        if not output.json:
            output.say(f"The receipt is in {file}.")

    run(context, work)


def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The receipt's file.")],
    *,
    key: PublicKey,
) -> None:
    """Verify a receipt without the server. Exits with 1 where it proves nothing, and says why."""
    from ticketonomics_client.receipts import ProofError, read_receipt, verify_receipt

    session = context.find_object(Session)
    assert session is not None
    output = Output(json=session.json)
    try:
        verified = verify_receipt(read_receipt(read(file)), public_key(key))
    except ProofError as error:
        output.refuted(error.check, str(error))
        raise typer.Exit(REFUSED) from error
    except ValueError as error:
        output.usage_error(str(error))
        raise typer.Exit(WRONG_USAGE) from error
    _tell(output, verified)


def _tell(output: Output, verified: "VerifiedReceipt") -> None:
    receipt, entry = verified.receipt, verified.entry
    head = receipt.signed_head
    if output.json:
        output.value(
            {
                "valid": True,
                "economy": head.economy,
                "sequence": str(entry.sequence),
                "kind": entry.kind,
                "height": str(receipt.block.height),
                "treeSize": str(head.tree_size),
                "signingKeyId": head.signing_key_id,
                "textProven": verified.text_proven,
                "textHidden": verified.text_hidden,
            }
        )
        return
    text = "proven" if verified.text_proven else "not told" if verified.text_hidden else "none"
    output.say("The receipt is valid.")
    output.facts(
        (
            ("Economy", head.economy),
            ("Entry", f"{entry.sequence:,}"),
            ("Transaction", receipt.transaction.transaction_id or f"none, kind {entry.kind}"),
            ("Time", moment(receipt.block.block_time)),
            *(
                ("Posting", f"{source} → {destination}  {amount:,} {asset} (minor units)")
                for source, destination, asset, amount in entry.postings or ()
            ),
            ("Text", text),
            ("Block", f"{receipt.block.height:,} of {head.tree_size:,}"),
            ("Signed with", head.signing_key_id),
        )
    )
