"""The test vectors of docs/canonical-encoding.md, computed anew."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ticketonomics_server.amm.model import EntryKind as PoolKind
from ticketonomics_server.engine import timers
from ticketonomics_server.engine.block import GENESIS, build_block
from ticketonomics_server.engine.canonical import (
    decode_fields,
    encode_fields,
    encode_int,
    encode_text,
    event_leaf,
    leaf_with_event,
    text_commitment,
)
from ticketonomics_server.engine.merkle import EMPTY_ROOT, leaf_hash, tree_root
from ticketonomics_server.identity.model import EntryKind as IdentityKind
from ticketonomics_server.ledger.decide import transaction_leaf
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.parameters.model import EntryKind as ParameterKind
from ticketonomics_server.parliament.model import EntryKind as ParliamentKind
from ticketonomics_server.payments.model import EntryKind as PaymentKind
from ticketonomics_server.progression.model import EntryKind as ProgressKind
from ticketonomics_server.queues.model import EntryKind as QueueKind
from ticketonomics_server.rewards.model import EntryKind as RewardKind
from ticketonomics_server.webhooks.model import EntryKind as WebhookKind

from tests.tidy.repository import ROOT, SERVER, table

DOCUMENT = Path(ROOT, "docs/canonical-encoding.md")

SALT = bytes(range(16))
TRANSACTION_ID = bytes.fromhex("0190a5d0ac967000bcceb302099a8057")
COMMITMENT = text_commitment(SALT, "for tea", {"order": "7"})
POSTINGS = [
    (encode_text("users/7k3m9q2x4t6v8w1z"), encode_text("orgs/a"), encode_text("BRONZE"), 100),
    (
        encode_text("users/7k3m9q2x4t6v8w1z"),
        *(encode_text("system/sink"), encode_text("BRONZE"), 1),
    ),
]
TRANSACTION = transaction_leaf(LedgerKind.TRANSFER, 7, TRANSACTION_ID, POSTINGS, COMMITMENT)
OPENED = event_leaf(
    LedgerKind.ACCOUNT_OPENED, 8, bytes(15) + b"\x01", encode_fields("orgs/guild/treasury")
)
HOLD_ID = TRANSACTION_ID[:-1] + b"\x58"
CAPTURE = leaf_with_event(
    transaction_leaf(LedgerKind.HOLD_CAPTURED, 7, TRANSACTION_ID, POSTINGS, COMMITMENT),
    encode_fields(HOLD_ID, 100),
)
IMPORT = leaf_with_event(
    transaction_leaf(LedgerKind.IMPORTED, 7, TRANSACTION_ID, POSTINGS[:1], COMMITMENT),
    encode_fields(1_577_836_800_000_000, "sheet1/7"),
)
HASHES = [leaf_hash(TRANSACTION), leaf_hash(OPENED), leaf_hash(b"")]
TIME = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
FIRST = build_block("main", GENESIS, 6, TIME, tree_root(HASHES[:1]))
SECOND = build_block("main", FIRST.head, 2, TIME + timedelta(seconds=1), tree_root(HASHES[:2]))

VECTORS = {
    "the integer 1": encode_int(1),
    "the integer −1": encode_int(-1),
    "the text `ä`": encode_text("ä"),
    "the fields `orgs/a`, 5 and two bytes": encode_fields("orgs/a", 5, b"\x01\x02"),
    "the text's commitment": COMMITMENT,
    "the transaction's leaf": TRANSACTION,
    "the transaction's leaf hash": HASHES[0],
    "the event's leaf": OPENED,
    "the event's leaf hash": HASHES[1],
    "the capture's leaf hash": leaf_hash(CAPTURE),
    "the import's leaf hash": leaf_hash(IMPORT),
    "the root of no leaf": EMPTY_ROOT,
    "the root of these two leaves": tree_root(HASHES[:2]),
    "the root of these two and an empty leaf": tree_root(HASHES),
    "the first block's hash": FIRST.hash,
    "the second block's hash": SECOND.hash,
}


def test_the_vectors_are_what_the_engine_computes() -> None:
    block = r"^### (.+)\n(?:(?!```|#).*\n)*```\n([0-9a-f\n]+)```"
    found = dict(re.findall(block, DOCUMENT.read_text(), re.M))
    told = {name[0].lower() + name[1:]: bytes.fromhex(lines) for name, lines in found.items()}
    assert told == VECTORS


def test_the_tree_is_that_of_rfc_6962() -> None:
    """As the RFC defines it, by recursion, for every size up to 40."""

    def node(hashes: list[bytes]) -> bytes:
        if len(hashes) == 1:
            return hashes[0]
        split = 1
        while split * 2 < len(hashes):
            split *= 2
        return hashlib.sha256(b"\x01" + node(hashes[:split]) + node(hashes[split:])).digest()

    hashes = [hashlib.sha256(b"\x00" + bytes([n])).digest() for n in range(40)]
    for size in range(1, 41):
        assert tree_root(hashes[:size]) == node(hashes[:size]), size


def test_fields_are_decoded_again() -> None:
    assert decode_fields(encode_fields("orgs/a", -5, b"")) == ["orgs/a", -5, b""]


def test_every_kind_of_entry_is_listed() -> None:
    listed = {
        int(row[0]): row[1].strip("`") for row in table(str(DOCUMENT.relative_to(ROOT)), "## Kinds")
    }
    kinds = (
        *(*LedgerKind, *IdentityKind, *PaymentKind, *WebhookKind, *ParameterKind, *ProgressKind),
        *PoolKind,
        *RewardKind,
        *QueueKind,
        *ParliamentKind,
        *timers.EntryKind,
    )
    assert listed == {kind.value: kind.name for kind in kinds}
    assert len(listed) == len(kinds), "two kinds have one number"


def test_each_event_has_as_many_fields_as_the_document_says() -> None:
    """Counts what each `decide_event(…)` is given."""
    rows = table(str(DOCUMENT.relative_to(ROOT)), "## Kinds")
    told = {row[1].strip("`"): row[2] for row in rows}
    fields = {name: 0 if text == "—" else len(text.split(",")) for name, text in told.items()}
    source = (SERVER / "ledger/decide_accounts.py").read_text()
    for kind in ("ASSET_CREATED", "TRANSFER_FEE_SET"):
        call = source.split(f"EntryKind.{kind},")[1].split("value=")[0]
        assert len([part for part in call.split(",") if part.strip()]) == fields[kind], kind
    source = (SERVER / "identity/decide_applications.py").read_text()
    for kind in ("API_KEY_CREATED", "API_KEY_ROTATED", "API_KEY_REVOKED"):
        call = source.split(f"EntryKind.{kind},")[1].split("value=")[0]
        assert len([part for part in call.split(",") if part.strip()]) == fields[kind], kind
    source = (SERVER / "webhooks/decide.py").read_text()
    for kind in (
        *("WEBHOOK_CREATED", "WEBHOOK_UPDATED", "WEBHOOK_SECRET_ROTATED", "WEBHOOK_REPLAYED"),
    ):
        call = source.split(f"EntryKind.{kind},")[1].split("value=")[0]
        assert len([part for part in call.split(",") if part.strip()]) == fields[kind], kind
    for module, kinds in (
        ("decide", ("SCHEDULE_CREATED",)),
        ("decide_runs", ("SCHEDULE_RUN_REFUSED",)),
        ("decide_requests", ("PAYMENT_REQUESTED", "PAYMENT_REQUEST_EXPIRED")),
    ):
        source = (SERVER / f"payments/{module}.py").read_text()
        for kind in kinds:
            call = source.split(f"EntryKind.{kind},")[1].split("value=")[0]
            assert len([part for part in call.split(",") if part.strip()]) == fields[kind], kind
