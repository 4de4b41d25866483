"""Writes tests/vectors/proofs.json: what verifiers in other languages test themselves with.

Run it with the virtual environment's Python after a change of the encoding, of which there should
be none: `docs/canonical-encoding.md` says how a new version is made.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.json_format import MessageToDict
from ticketonomics_server.engine.block import (
    GENESIS,
    Block,
    build_block,
    encode_header,
    to_micros,
)
from ticketonomics_server.engine.canonical import (
    encode_fields,
    encode_text,
    event_leaf,
    leaf_with_event,
    text_commitment,
)
from ticketonomics_server.engine.merkle import (
    consistency_spans,
    inclusion_spans,
    leaf_hash,
    tree_root,
)
from ticketonomics_server.engine.model import Text
from ticketonomics_server.ledger.decide import transaction_leaf
from ticketonomics_server.ledger.model import EntryKind, PostedTransaction, Posting
from ticketonomics_server.ledger.queries import JournalTransaction
from ticketonomics_server.proofs.encode import encode_head, encode_receipt
from ticketonomics_server.proofs.key_file import SigningKey
from ticketonomics_server.proofs.model import SignedHead, head_of
from ticketonomics_server.proofs.proving import EntryProof

FILE = Path(__file__).parents[1] / "tests/vectors/proofs.json"
ECONOMY = "main"
BLOCKS = 20
ENTRIES_A_BLOCK = 3
START = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
KEY = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32))
SALT = bytes(range(16))
TEXT = Text("for tea", (("order", "7"),))
CAPTURED, IMPORTED = 29, 30
HOLD_ID = bytes.fromhex("0190a5d0ac967000bccffffffffffffe")
PAST = datetime(2020, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
REFERENCE = "sheet1/7"


def _transaction(sequence: int) -> tuple[PostedTransaction, bytes]:
    """A transfer with a fee; those of block 5 have a text. One is captured, one imported."""
    posted = PostedTransaction(
        bytes.fromhex("0190a5d0ac967000bcce") + sequence.to_bytes(6, "big"),
        EntryKind.TRANSFER,
        (
            Posting("users/7k3m9q2x4t6v8w1z", "orgs/a", "BRONZE", 100 * sequence),
            Posting("users/7k3m9q2x4t6v8w1z", "system/sink", "BRONZE", 1),
        ),
        TEXT if 13 <= sequence <= 15 else None,
    )
    text = posted.text
    commitment = text_commitment(SALT, text.memo, dict(text.metadata)) if text else b""
    encoded = [
        (encode_text(p.source), encode_text(p.destination), encode_text(p.asset), p.amount)
        for p in posted.postings
    ]
    leaf = transaction_leaf(posted.kind, sequence, posted.transaction_id, encoded, commitment)
    if sequence == CAPTURED:
        return _with_event(posted._replace(hold_id=HOLD_ID), encoded, HOLD_ID, 100 * sequence)
    if sequence == IMPORTED:
        imported = posted._replace(effective_time=PAST, reference=REFERENCE)
        return _with_event(imported, encoded, to_micros(PAST), REFERENCE)
    return posted, leaf


def _with_event(
    posted: PostedTransaction,
    encoded: list[tuple[bytes, bytes, bytes, int]],
    *fields: bytes | str | int,
) -> tuple[PostedTransaction, bytes]:
    """Those whose leaf holds an event as well: a capture, and an import, which pays no fee."""
    kind = EntryKind.HOLD_CAPTURED
    if posted.effective_time is not None:
        kind, encoded = EntryKind.IMPORTED, encoded[:1]
    posted = posted._replace(kind=kind, postings=posted.postings[: len(encoded)])
    sequence = CAPTURED if kind == EntryKind.HOLD_CAPTURED else IMPORTED
    bare = transaction_leaf(kind, sequence, posted.transaction_id, encoded, b"")
    return posted, leaf_with_event(bare, encode_fields(*fields))


def _leaf(sequence: int) -> bytes:
    if sequence % ENTRIES_A_BLOCK == 1 and sequence != 13:
        opened = encode_fields(f"orgs/{sequence}")
        return event_leaf(EntryKind.ACCOUNT_OPENED, sequence, bytes(15) + bytes([sequence]), opened)
    return _transaction(sequence)[1]


def _leaves(block: Block) -> list[bytes]:
    return [_leaf(s) for s in range(block.first_sequence, block.last_sequence + 1)]


def _chain() -> list[Block]:
    blocks, below = [], GENESIS
    for height in range(1, BLOCKS + 1):
        first = below.last_sequence + 1
        leaves = [_leaf(s) for s in range(first, first + ENTRIES_A_BLOCK)]
        root = tree_root([leaf_hash(leaf) for leaf in leaves])
        time = START + timedelta(seconds=height)
        blocks.append(build_block(ECONOMY, below, ENTRIES_A_BLOCK, time, root))
        below = blocks[-1].head
    return blocks


def _sign(block: Block, root: bytes) -> SignedHead:
    head = head_of(ECONOMY, block, root)
    return SignedHead(head, KEY.signing_key_id, KEY.sign(head.encoded()))


def _receipt(blocks: list[Block], hashes: list[bytes], sequence: int) -> Any:
    posted, leaf = _transaction(sequence)
    block = blocks[(sequence - 1) // ENTRIES_A_BLOCK]
    in_block = [leaf_hash(other) for other in _leaves(block)]
    index = sequence - block.first_sequence
    proof = EntryProof(
        leaf,
        block,
        [tree_root(in_block[a:b]) for a, b in inclusion_spans(index, len(in_block))],
        [tree_root(hashes[a:b]) for a, b in inclusion_spans(block.height - 1, len(hashes))],
        _sign(blocks[-1], tree_root(hashes)),
    )
    transaction = JournalTransaction(sequence, block.block_time, posted)
    salt = SALT if posted.text else None
    return MessageToDict(encode_receipt(proof, transaction, salt, with_text=True))


def make_vectors() -> dict[str, Any]:
    """Computes all vectors."""
    blocks = _chain()
    headers = [encode_header(ECONOMY, block) for block in blocks]
    hashes = [leaf_hash(header) for header in headers]
    sizes = range(1, BLOCKS + 1)
    return {
        "economy": ECONOMY,
        "blocks": [
            {
                "leaves": [leaf.hex() for leaf in _leaves(block)],
                "merkle_root": block.merkle_root.hex(),
                "header": header.hex(),
                "hash": block.hash.hex(),
                "log_leaf_hash": leaf_hash(header).hex(),
            }
            for block, header in zip(blocks, headers, strict=True)
        ],
        "log_roots": [tree_root(hashes[:size]).hex() for size in range(BLOCKS + 1)],
        "inclusion": [
            {
                "index": index,
                "size": size,
                "path": [tree_root(hashes[a:b]).hex() for a, b in inclusion_spans(index, size)],
            }
            for size in sizes
            for index in range(size)
        ],
        "consistency": [
            {
                "first": first,
                "second": second,
                "path": [tree_root(hashes[a:b]).hex() for a, b in consistency_spans(first, second)],
            }
            for second in sizes
            for first in range(1, second + 1)
        ],
        "public_key": KEY.public_key.hex(),
        "signing_key_id": KEY.signing_key_id,
        "signed_head_bytes": head_of(ECONOMY, blocks[-1], tree_root(hashes)).encoded().hex(),
        "signed_head": MessageToDict(encode_head(_sign(blocks[-1], tree_root(hashes)))),
        "earlier_signed_head": MessageToDict(encode_head(_sign(blocks[6], tree_root(hashes[:7])))),
        "receipt": _receipt(blocks, hashes, 14),
        "receipt_without_text": _receipt(blocks, hashes, 60),
        "receipt_of_capture": _receipt(blocks, hashes, CAPTURED),
        "receipt_of_import": _receipt(blocks, hashes, IMPORTED),
    }


def render() -> str:
    """Writes the vectors as the file has them."""
    return json.dumps(make_vectors(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(render())
