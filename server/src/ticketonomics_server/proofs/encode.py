"""Encodes proofs into contract messages."""

from typing import Any

from ticketonomics.proofs.v1.head_pb2 import SignedHead, SigningKey
from ticketonomics.proofs.v1.receipt_pb2 import Receipt, TextOpening

from ticketonomics_server.ledger.encode import encode_block, encode_transaction
from ticketonomics_server.ledger.queries import JournalTransaction
from ticketonomics_server.proofs import model
from ticketonomics_server.proofs.proving import EntryProof
from ticketonomics_server.rpc.fields import set_time


def encode_head(signed: model.SignedHead) -> SignedHead:
    """Encodes a signed head."""
    head = signed.head
    message = SignedHead(
        economy=head.economy,
        tree_size=head.tree_size,
        root=head.root,
        block_hash=head.block_hash,
        last_sequence=head.last_sequence,
        signing_key_id=signed.signing_key_id,
        signature=signed.signature,
    )
    set_time(message.block_time, head.block_time)
    return message


def encode_receipt(
    proof: EntryProof,
    transaction: JournalTransaction | None,
    salt: bytes | None,
    *,
    with_text: bool,
) -> Receipt:
    """Encodes a receipt.

    Args:
        salt: Opens the commitment to the text; for who may read it only.
        with_text: Whether memo and metadata are told.
    """
    receipt = Receipt(
        leaf=proof.leaf,
        block=encode_block(proof.block),
        block_path=proof.block_path,
        log_path=proof.log_path,
        signed_head=encode_head(proof.signed_head),
    )
    if transaction is not None:
        receipt.transaction.CopyFrom(encode_transaction(transaction, with_text=with_text))
    if salt is not None:
        receipt.text_opening.CopyFrom(TextOpening(salt=salt))
    return receipt


def encode_key(row: Any) -> SigningKey:
    """Encodes a public key's row."""
    message = SigningKey(signing_key_id=row.signing_key_id, public_key=row.public_key)
    set_time(message.start_time, row.start_time)
    if row.end_time is not None:
        set_time(message.end_time, row.end_time)
    return message
