"""Verifies receipts, heads and consistency offline: with a public key, and without the server.

receipt = read_receipt(Path("receipt.json").read_text())
verified = verify_receipt(receipt, read_public_key(Path("operator.pub").read_text()))
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NoReturn
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.unknown_fields import UnknownFieldSet
from ticketonomics.ledger.v1.block_pb2 import Block
from ticketonomics.ledger.v1.transaction_pb2 import Transaction
from ticketonomics.proofs.v1.head_pb2 import SignedHead
from ticketonomics.proofs.v1.receipt_pb2 import Receipt

from ticketonomics_client.canonical import (
    Leaf,
    decode_leaf,
    encode_head,
    encode_header,
    text_commitment,
    to_micros,
)
from ticketonomics_client.merkle import leaf_hash, root_of_path, roots_of_consistency

MAX_RECEIPT_BYTES = 1 << 20


class ProofError(ValueError):
    """A proof does not hold.

    Attributes:
        check: Which check failed: format, leaf, transaction, text, block, log, head, consistency,
            key or signature.
    """

    def __init__(self, check: str, message: str) -> None:
        super().__init__(message)
        self.check = check


@dataclass(slots=True, frozen=True)
class VerifiedReceipt:
    """What a receipt proves.

    Attributes:
        entry: What the entry's canonical bytes say: the thing that is proven.
        text_proven: Whether memo and metadata were compared with their commitment.
        text_hidden: Whether the entry has a text that the receipt does not tell.
    """

    entry: Leaf
    receipt: Receipt
    text_proven: bool
    text_hidden: bool


def public_key_id(public_key: bytes) -> str:
    """Names a public key as the server does."""
    return sha256(public_key).hexdigest()[:16]


def read_public_key(text: str) -> bytes:
    """Reads an Ed25519 public key: in PEM, as 64 hexadecimal digits, or in base64. 32 bytes.

    Raises:
        ValueError: It is none of these.
    """
    text = text.strip()
    if text.startswith("-----"):
        key = serialization.load_pem_public_key(text.encode())
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("it is no Ed25519 key")
        return key.public_bytes_raw()
    try:
        found = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text, validate=True)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise ValueError("it is no public key in PEM, hexadecimal or base64")
    return found


# --- files ------------------------------------------------------------------------------------


def write_receipt(receipt: Receipt) -> str:
    """Writes a receipt as the text of a file: proto3 JSON."""
    return json.dumps(MessageToDict(receipt), ensure_ascii=False, indent=2) + "\n"


def read_receipt(text: str) -> Receipt:
    """Reads a receipt's file, which must have the values as `write_receipt` writes them.

    Raises:
        ProofError: It is no receipt.
    """
    receipt = Receipt()
    _read(text, receipt, "receipt")
    return receipt


def read_head(text: str) -> SignedHead:
    """Reads a signed head from proto3 JSON, as `ticketonomics blocks head --json` prints it.

    Raises:
        ProofError: It is no head.
    """
    head = SignedHead()
    _read(text, head, "signed head")
    return head


def _read(text: str, message: Message, name: str) -> None:
    if len(text) > MAX_RECEIPT_BYTES:
        raise ProofError("format", f"it is too long for a {name}")
    try:
        content = json.loads(text, object_pairs_hook=_unique)
        ParseDict(content, message)
        full = MessageToDict(message, always_print_fields_with_no_presence=True)
        # One value could be written in several ways, of which only one was given out.
        canonical = content in (MessageToDict(message), full)
    except (ValueError, ParseError, TypeError, RecursionError) as error:
        raise ProofError("format", f"it is no {name}: {error}") from error
    if not canonical:
        raise ProofError("format", f"it is not written as a {name} is")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a name occurs twice")
    return content


# --- receipts ---------------------------------------------------------------------------------


def verify_receipt(receipt: Receipt, public_key: bytes) -> VerifiedReceipt:
    """Verifies that an entry is in the ledger whose head was signed with this key.

    Args:
        public_key: The one that the holder trusts, from elsewhere than the receipt. 32 bytes.

    Raises:
        ProofError: Something does not hold; the first thing that is found.
    """
    _check_known(receipt)
    for name in ("block", "signed_head"):
        if not receipt.HasField(name):
            raise ProofError("format", f"the receipt has no {name}")
    head, block = receipt.signed_head, receipt.block
    entry = _decode(receipt.leaf)
    if receipt.HasField("transaction"):
        _check_transaction(receipt.transaction, entry, block)
    elif entry.postings is not None:
        _fail("transaction", "the entry is a transaction, and the receipt does not tell it")
    text_proven = _check_text(receipt, entry)
    _check_in_block(receipt, entry)
    _check_in_log(receipt)
    verify_head(head, public_key)
    return VerifiedReceipt(entry, receipt, text_proven, bool(entry.commitment) and not text_proven)


def _decode(leaf: bytes) -> Leaf:
    try:
        return decode_leaf(leaf)
    except ValueError as error:
        raise ProofError("leaf", f"the leaf is no entry: {error}") from error


def _check_transaction(transaction: Transaction, entry: Leaf, block: Block) -> None:
    told = tuple((p.source, p.destination, p.asset, p.amount) for p in transaction.postings)
    hold_id, effective_micros, reference = _proven_by_event(entry)
    happened = transaction.HasField("effective_time")
    told_and_proven = (
        ("kind", transaction.kind, entry.kind),
        ("sequence", transaction.sequence, entry.sequence),
        ("transaction id", transaction.transaction_id, str(UUID(bytes=entry.request_id))),
        ("number of postings", len(told), len(entry.postings or ())),
        ("postings", told, entry.postings),
        ("time", transaction.commit_time, block.block_time),
        ("hold", transaction.hold_id, hold_id),
        (
            "effective time",
            _micros(transaction.effective_time) if happened else None,
            effective_micros,
        ),
        ("reference", transaction.reference, reference),
    )
    for name, said, proven in told_and_proven:
        if said != proven:
            _fail("transaction", f"its {name} is not the one that is proven: {said} – {proven}")


def _proven_by_event(entry: Leaf) -> tuple[str, int | None, str]:
    """The hold of a capture; the time and the reference of an import."""
    fields = entry.fields or ()
    if entry.kind == Transaction.KIND_CAPTURE:
        if not fields or not isinstance(fields[0], bytes) or len(fields[0]) != 16:
            _fail("leaf", "the capture names no hold")
        return str(UUID(bytes=fields[0])), None, ""
    if entry.kind == Transaction.KIND_IMPORTED:
        if len(fields) != 2 or not isinstance(fields[0], int) or not isinstance(fields[1], str):
            _fail("leaf", "the import does not say when it happened")
        return "", fields[0], fields[1]
    return "", None, ""


def _micros(time: Timestamp) -> int:
    try:
        return to_micros(time)
    except ValueError as error:
        raise ProofError("transaction", str(error)) from error


def _check_text(receipt: Receipt, entry: Leaf) -> bool:
    transaction = receipt.transaction
    told = bool(transaction.memo or transaction.metadata)
    if not receipt.HasField("text_opening"):
        if told:
            _fail("text", "memo and metadata are told without what proves them")
        return False
    if not told:
        _fail("text", "there is no memo and no metadata to prove")
    salt = receipt.text_opening.salt
    if len(salt) != 16:
        _fail("text", "the salt has not 16 bytes")
    commitment = text_commitment(salt, transaction.memo, dict(transaction.metadata))
    if commitment != entry.commitment:
        _fail("text", "memo and metadata are not those of the entry")
    return True


def _check_in_block(receipt: Receipt, entry: Leaf) -> None:
    block = receipt.block
    size = block.last_sequence - block.first_sequence + 1
    index = entry.sequence - block.first_sequence
    try:
        root = root_of_path(leaf_hash(receipt.leaf), index, size, receipt.block_path)
    except ValueError as error:
        raise ProofError("block", f"the entry is not in this block: {error}") from error
    if root != block.merkle_root:
        _fail("block", "the path from the entry does not lead to the block's root")


def _check_in_log(receipt: Receipt) -> None:
    head, block = receipt.signed_head, receipt.block
    try:
        header = encode_header(head.economy, block)
        if sha256(header).digest() != block.hash:
            _fail("block", "the block has not the hash of its header")
        root = root_of_path(leaf_hash(header), block.height - 1, head.tree_size, receipt.log_path)
    except ProofError:
        raise
    except ValueError as error:
        raise ProofError("log", f"the block is not in this log: {error}") from error
    if root != head.root:
        _fail("log", "the path from the block does not lead to the head's root")
    if block.height == head.tree_size:
        _check_last_block(head, block)


def _check_last_block(head: SignedHead, block: Block) -> None:
    same = (
        head.block_hash == block.hash
        and head.last_sequence == block.last_sequence
        and head.block_time == block.block_time
    )
    if not same:
        _fail("head", "the head does not end with its last block")


# --- heads ------------------------------------------------------------------------------------


def verify_head(head: SignedHead, public_key: bytes) -> None:
    """Verifies a head's signature.

    Raises:
        ProofError: It is not signed with this key.
    """
    _check_known(head)
    pinned = public_key_id(public_key)
    if head.signing_key_id != pinned:
        _fail("key", f"it is signed with key {head.signing_key_id}, not with {pinned}")
    if head.tree_size < 1:
        _fail("head", "it is the head of an empty log")
    try:
        to_micros(head.block_time)
        Ed25519PublicKey.from_public_bytes(public_key).verify(head.signature, encode_head(head))
    except InvalidSignature as error:
        raise ProofError("signature", "the head's signature is not of this key") from error
    except ValueError as error:
        raise ProofError("head", f"it is no head: {error}") from error


def verify_consistency(
    first: SignedHead, second: SignedHead, path: Sequence[bytes], public_key: bytes
) -> None:
    """Verifies that a later head only adds blocks to an earlier one, both signed with this key.

    Raises:
        ProofError: It does not hold.
    """
    verify_head(first, public_key)
    verify_head(second, public_key)
    check_consistency(first, second, path)


def check_consistency(first: SignedHead, second: SignedHead, path: Sequence[bytes]) -> None:
    """Verifies what `verify_consistency` does, of heads whose signatures are known to be good.

    For heads that are signed with different keys: `verify_head` each with its own before.
    """
    if first.economy != second.economy:
        _fail("consistency", f"the heads are of {first.economy} and {second.economy}")
    try:
        old, new = roots_of_consistency(first.tree_size, second.tree_size, first.root, path)
    except ValueError as error:
        raise ProofError("consistency", f"the proof is none: {error}") from error
    if old != first.root or new != second.root:
        _fail("consistency", "the later log does not begin with the blocks of the earlier one")
    if first.tree_size == second.tree_size and encode_head(first) != encode_head(second):
        _fail("consistency", "two heads of one size differ")
    if first.last_sequence > second.last_sequence or to_micros(first.block_time) > to_micros(
        second.block_time
    ):
        _fail("consistency", "the later log ends before the earlier one")


def _check_known(message: Message) -> None:
    """Refuses fields that this version does not know: nobody verifies them."""
    if len(UnknownFieldSet(message)):
        _fail("format", f"the {message.DESCRIPTOR.name} has fields that are not known here")
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        for part in [value] if isinstance(value, Message) else value:
            _check_known(part)


def _fail(check: str, message: str) -> NoReturn:
    raise ProofError(check, message)
