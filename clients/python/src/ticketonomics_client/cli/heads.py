"""Commands about signed heads of the block log."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli.output import Output, moment
from ticketonomics_client.cli.session import run

if TYPE_CHECKING:
    from ticketonomics.proofs.v1.head_pb2 import SignedHead

    from ticketonomics_client.client import Principal


PublicKey = Annotated[
    str,
    typer.Option(
        "--public-key",
        metavar="KEY",
        help="The public key that you trust: a file with it, or itself in hexadecimal or base64.",
    ),
]


def public_key(text: str) -> bytes:
    """Reads a public key from an option: a file's name, or the key itself."""
    from ticketonomics_client.receipts import read_public_key

    path = Path(text).expanduser()
    try:
        return read_public_key(path.read_text() if path.is_file() else text)
    except (OSError, ValueError) as error:
        raise ValueError(f"--public-key {text}: {error}") from error


def read(file: Path) -> str:
    """Reads a file that was named on the command line."""
    try:
        return file.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"cannot read {file}: {error}") from error


def head(
    context: typer.Context,
    tree_size: Annotated[
        int, typer.Argument(min=0, help="How many blocks; the newest head if left out.")
    ] = 0,
) -> None:
    """Show the signed head of the block log. With --json it can be kept, to compare with later."""

    async def work(client: "Principal", output: Output) -> None:
        found = await client.signed_head(tree_size)
        if output.json:
            output.document(found)
            return
        _tell(output, found)

    run(context, work)


def consistency(
    context: typer.Context,
    earlier: Annotated[Path, typer.Argument(help="File with a head that was kept.")],
    *,
    key: PublicKey,
    earlier_key: Annotated[
        str, typer.Option(help="The public key of the kept head, where it was another.")
    ] = "",
    tree_size: Annotated[
        int, typer.Option(min=0, help="Size of the later log; the newest if left out.")
    ] = 0,
) -> None:
    """Prove that the ledger still has everything that it had when a head was kept."""

    async def work(client: "Principal", output: Output) -> None:
        from ticketonomics_client.receipts import (
            ProofError,
            check_consistency,
            read_head,
            verify_head,
        )

        pinned = public_key(key)
        try:
            first = read_head(read(earlier))
            verify_head(first, public_key(earlier_key) if earlier_key else pinned)
            proof = await client.consistency_proof(first.tree_size, tree_size)
            verify_head(proof.signed_head, pinned)
            check_consistency(first, proof.signed_head, proof.path)
        except ProofError as error:
            output.refuted(error.check, str(error))
            raise typer.Exit(1) from error
        if output.json:
            output.document(proof)
            return
        later = proof.signed_head.tree_size
        output.say(f"The log of {later:,} blocks begins with the {first.tree_size:,} of the head.")

    run(context, work)


def keys(context: typer.Context) -> None:
    """List the public keys that heads are and were signed with, newest first."""

    async def work(client: "Principal", output: Output) -> None:
        found = [item async for item in client.signing_keys()]
        if output.json:
            output.document(found)
            return
        rows = [
            (
                item.signing_key_id,
                item.public_key.hex(),
                moment(item.start_time),
                moment(item.end_time) or "in use",
            )
            for item in found
        ]
        output.table(("Key", "Public key", "From", "To"), rows)

    run(context, work)


def _tell(output: Output, found: "SignedHead") -> None:
    output.facts(
        (
            ("Economy", found.economy),
            ("Blocks", f"{found.tree_size:,}"),
            ("Entries", f"{found.last_sequence:,}"),
            ("Time", moment(found.block_time)),
            ("Root", found.root.hex()),
            ("Block hash", found.block_hash.hex()),
            ("Signed with", found.signing_key_id),
            ("Signature", found.signature.hex()),
        )
    )
