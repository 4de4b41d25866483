"""The vectors in the repository are what the server makes, and the SDK verifies all of them."""

import runpy
from hashlib import sha256

from ticketonomics_client import merkle
from ticketonomics_client.canonical import encode_head
from ticketonomics_client.receipts import (
    check_consistency,
    public_key_id,
    verify_head,
    verify_receipt,
)

from tests.unit.proofs.vectors import FILE, PUBLIC_KEY, VECTORS, hashes, head, receipt

LEAVES = hashes([block["log_leaf_hash"] for block in VECTORS["blocks"]])
ROOTS = hashes(VECTORS["log_roots"])


def test_the_file_is_what_the_script_makes() -> None:
    script = runpy.run_path(str(FILE.parents[2] / "scripts/make_vectors.py"))
    assert script["render"]() == FILE.read_text()


def test_hashes_are_what_the_sdk_computes() -> None:
    for block in VECTORS["blocks"]:
        header = bytes.fromhex(block["header"])
        assert sha256(header).hexdigest() == block["hash"]
        assert merkle.leaf_hash(header).hex() == block["log_leaf_hash"]
        one, two, three = (merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in block["leaves"])
        root = merkle.node_hash(merkle.node_hash(one, two), three)
        assert root.hex() == block["merkle_root"]
    assert ROOTS[0] == sha256().digest()
    assert ROOTS[1] == LEAVES[0]
    assert len(ROOTS) == 21


def test_every_inclusion_proof_leads_to_its_root_and_to_no_other() -> None:
    assert len(VECTORS["inclusion"]) == 20 * 21 // 2
    for vector in VECTORS["inclusion"]:
        index, size = vector["index"], vector["size"]
        path = hashes(vector["path"])
        assert merkle.root_of_path(LEAVES[index], index, size, path) == ROOTS[size]
        for other in range(20):
            if other != index:
                try:
                    found = merkle.root_of_path(LEAVES[index], other, size, path)
                except ValueError:
                    continue
                assert found != ROOTS[size], "a leaf in another place"


def test_every_consistency_proof_leads_to_both_roots() -> None:
    assert len(VECTORS["consistency"]) == 20 * 21 // 2
    for vector in VECTORS["consistency"]:
        first, second = vector["first"], vector["second"]
        path = hashes(vector["path"])
        found = merkle.roots_of_consistency(first, second, ROOTS[first], path)
        assert found == (ROOTS[first], ROOTS[second]), (first, second)


def test_heads_and_receipts_are_valid() -> None:
    assert public_key_id(PUBLIC_KEY) == VECTORS["signing_key_id"]
    assert encode_head(head()).hex() == VECTORS["signed_head_bytes"]
    for name in ("signed_head", "earlier_signed_head"):
        verify_head(head(name), PUBLIC_KEY)
    (path,) = (v["path"] for v in VECTORS["consistency"] if (v["first"], v["second"]) == (7, 20))
    check_consistency(head("earlier_signed_head"), head(), hashes(path))
    assert verify_receipt(receipt(), PUBLIC_KEY).text_proven
    plain = verify_receipt(receipt("receipt_without_text"), PUBLIC_KEY)
    assert not plain.text_proven
    assert not plain.text_hidden
    captured = verify_receipt(receipt("receipt_of_capture"), PUBLIC_KEY).entry
    assert captured.fields == (bytes.fromhex("0190a5d0ac967000bccffffffffffffe"), 2900)
    imported = verify_receipt(receipt("receipt_of_import"), PUBLIC_KEY)
    assert imported.entry.fields == (1577934245678901, "sheet1/7")
    assert imported.receipt.transaction.effective_time.nanos == 678_901_000
