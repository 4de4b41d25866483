"""No proof survives a change: every flipped bit, every truncation, every graft must be refused."""

from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import DecodeError
from ticketonomics.proofs.v1.head_pb2 import SignedHead
from ticketonomics.proofs.v1.receipt_pb2 import Receipt
from ticketonomics_client.canonical import encode_head
from ticketonomics_client.receipts import (
    ProofError,
    check_consistency,
    read_head,
    read_receipt,
    verify_consistency,
    verify_head,
    verify_receipt,
    write_receipt,
)

from tests.unit.proofs.vectors import PUBLIC_KEY, VECTORS, hashes, head, receipt

RECEIPTS = ("receipt", "receipt_without_text")


def flipped(content: bytes) -> Iterator[bytes]:
    for at in range(len(content)):
        for bit in range(8):
            yield content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]


@pytest.mark.parametrize("name", RECEIPTS)
def test_no_flipped_bit_of_a_message_is_valid(name: str) -> None:
    content = receipt(name).SerializeToString(deterministic=True)
    tried = same = 0
    for changed in flipped(content):
        try:
            found = Receipt.FromString(changed)
        except DecodeError:
            continue
        tried += 1
        if found.SerializeToString(deterministic=True) == content:
            # Bits above an int32 that Protobuf drops: not a change of the message.
            same += 1
            continue
        with pytest.raises(ProofError):
            verify_receipt(found, PUBLIC_KEY)
    assert tried > len(content) * 4, "most flips still are messages"
    assert same <= 9, "three times of at most three such bits each"


def test_no_flipped_bit_of_a_file_is_valid() -> None:
    content = write_receipt(receipt()).encode()
    for changed in flipped(content):
        try:
            text = changed.decode()
        except UnicodeDecodeError:
            continue
        with pytest.raises(ProofError):
            verify_receipt(read_receipt(text), PUBLIC_KEY)


@pytest.mark.parametrize("name", RECEIPTS)
def test_no_truncation_is_valid(name: str) -> None:
    content = receipt(name).SerializeToString(deterministic=True)
    for length in range(len(content)):
        try:
            found = Receipt.FromString(content[:length])
        except DecodeError:
            continue
        with pytest.raises(ProofError):
            verify_receipt(found, PUBLIC_KEY)
    text = write_receipt(receipt(name)).rstrip()
    for length in range(len(text)):
        with pytest.raises(ProofError):
            read_receipt(text[:length])


def test_no_part_of_another_receipt_can_be_grafted_on() -> None:
    """Each field of one valid receipt, put into the other; the head is the same in both."""
    one, other = receipt(), receipt("receipt_without_text")
    assert one.signed_head == other.signed_head
    for field in one.DESCRIPTOR.fields:
        for target, source in ((one, other), (other, one)):
            grafted = Receipt()
            grafted.CopyFrom(target)
            grafted.ClearField(field.name)
            if field.is_repeated:
                getattr(grafted, field.name).extend(getattr(source, field.name))
            elif field.message_type is None:
                setattr(grafted, field.name, getattr(source, field.name))
            elif source.HasField(field.name):
                getattr(grafted, field.name).CopyFrom(getattr(source, field.name))
            if grafted == target:
                continue
            with pytest.raises(ProofError):
                verify_receipt(grafted, PUBLIC_KEY)


@pytest.mark.parametrize("path_name", ["block_path", "log_path"])
def test_paths_are_exact(path_name: str) -> None:
    good = receipt()
    path = list(getattr(good, path_name))
    assert len(path) > 1
    wrong = [
        path[1:],
        path[:-1],
        [],
        path[::-1],
        [*path, path[-1]],
        [path[0], *path],
        [*path, bytes(32)],
        [path[0][:31], *path[1:]],
        [path[0] + b"\0", *path[1:]],
        [b"", *path[1:]],
    ]
    for changed in wrong:
        bad = Receipt()
        bad.CopyFrom(good)
        bad.ClearField(path_name)
        getattr(bad, path_name).extend(changed)
        with pytest.raises(ProofError) as error:
            verify_receipt(bad, PUBLIC_KEY)
        assert error.value.check in {"block", "log"}


@pytest.mark.parametrize(
    ("path", "value", "check"),
    [
        ("leaf", b"ticketonomics/entry/2\0", "leaf"),
        ("transaction.sequence", 15, "transaction"),
        ("transaction.memo", "for cake", "text"),
        ("transaction.memo", "", "text"),
        ("text_opening.salt", bytes(16), "text"),
        ("text_opening.salt", b"", "text"),
        ("block.merkle_root", bytes(32), "block"),
        ("block.height", 6, "block"),
        ("block.hash", bytes(32), "block"),
        ("signed_head.tree_size", 19, "signature"),
        ("signed_head.tree_size", 40, "log"),
        ("signed_head.tree_size", 1, "log"),
        ("signed_head.economy", "other", "block"),
        ("signed_head.root", bytes(32), "log"),
        ("signed_head.block_hash", bytes(32), "signature"),
        ("signed_head.last_sequence", 61, "signature"),
        ("signed_head.signature", bytes(64), "signature"),
        ("signed_head.signature", b"", "signature"),
        ("signed_head.signing_key_id", "0" * 16, "key"),
    ],
)
def test_what_failed_is_told(path: str, value: object, check: str) -> None:
    bad = receipt()
    *parents, name = path.split(".")
    target = bad
    for parent in parents:
        target = getattr(target, parent)
    setattr(target, name, value)
    with pytest.raises(ProofError) as error:
        verify_receipt(bad, PUBLIC_KEY)
    assert error.value.check == check


def test_what_a_receipt_tells_is_what_its_leaf_says() -> None:
    """A receipt whose leaf is proven, telling something else in clear text."""

    def changed(change: object) -> Receipt:
        bad = receipt()
        change(bad.transaction)
        return bad

    lies = [
        lambda t: t.postings.pop(),
        lambda t: t.postings.add(source="a/b", destination="a/c", asset="BRONZE", amount=1),
        lambda t: setattr(t.postings[0], "amount", 1),
        lambda t: setattr(t.postings[0], "source", "orgs/b"),
        lambda t: setattr(t.postings[0], "destination", "orgs/b"),
        lambda t: setattr(t.postings[0], "asset", "GOLD"),
        lambda t: setattr(t, "kind", 2),
        lambda t: setattr(t, "transaction_id", t.transaction_id.upper()),
        lambda t: t.commit_time.FromSeconds(5),
        lambda t: t.postings.reverse(),
    ]
    for lie in lies:
        with pytest.raises(ProofError) as error:
            verify_receipt(changed(lie), PUBLIC_KEY)
        assert error.value.check == "transaction"
    hidden = receipt()
    hidden.ClearField("transaction")
    hidden.ClearField("text_opening")
    with pytest.raises(ProofError):
        verify_receipt(hidden, PUBLIC_KEY)


def test_another_key_proves_nothing() -> None:
    for key in (bytes(32), PUBLIC_KEY[:31] + b"\0"):
        with pytest.raises(ProofError) as error:
            verify_receipt(receipt(), key)
        assert error.value.check == "key"


def test_no_changed_head_is_signed() -> None:
    content = head().SerializeToString(deterministic=True)
    for changed in flipped(content):
        bad = head()
        try:
            bad = type(bad).FromString(changed)
        except DecodeError:
            continue
        if bad == head():
            continue
        with pytest.raises(ProofError):
            verify_head(bad, PUBLIC_KEY)


def test_no_changed_consistency_proof_holds() -> None:
    first, second = head("earlier_signed_head"), head()
    (path,) = (
        hashes(v["path"]) for v in VECTORS["consistency"] if (v["first"], v["second"]) == (7, 20)
    )
    verify_consistency(first, second, path, PUBLIC_KEY)
    wrong = [path[1:], path[:-1], [], path[::-1], [*path, path[0]], [path[0], *path]]
    wrong += [
        [*path[:at], changed, *path[at + 1 :]]
        for at in range(len(path))
        for changed in flipped(path[at])
    ]
    wrong += [
        hashes(v["path"]) for v in VECTORS["consistency"] if (v["first"], v["second"]) != (7, 20)
    ]
    for bad in wrong:
        with pytest.raises(ProofError) as error:
            verify_consistency(first, second, bad, PUBLIC_KEY)
        assert error.value.check == "consistency"
    with pytest.raises(ProofError):
        verify_consistency(second, first, path, PUBLIC_KEY)


def test_a_forked_log_is_found() -> None:
    """Two heads of one size, or one that lost blocks, cannot be proven consistent."""
    first, forked = head(), head()
    forked.block_hash = bytes(32)
    with pytest.raises(ProofError, match="one size differ"):
        check_consistency(first, forked, [])
    forked = head()
    forked.root = bytes(32)
    with pytest.raises(ProofError):
        check_consistency(first, forked, [])
    other = head()
    other.economy = "other"
    with pytest.raises(ProofError, match="heads are of"):
        check_consistency(first, other, [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        "7",
        "{",
        '{"leaf": 7}',
        '{"leaf": "x"}',
        '{"nothing": 1}',
        "[" * 9_999,
    ],
)
def test_what_is_no_receipt_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        verify_receipt(read_receipt(text), PUBLIC_KEY)
    with pytest.raises(ProofError):
        verify_head(read_head(text), PUBLIC_KEY)


def test_a_value_has_one_spelling() -> None:
    good = write_receipt(receipt())
    read_receipt(good)
    for old, new in (
        ('"sequence": "14"', '"sequence": 14'),
        ('"KIND_TRANSFER"', "1"),
        ('"blockPath"', '"block_path"'),
        ('Z"', '+00:00"'),
        ('"leaf":', '"leaf": "", "leaf":'),
        ('="', '"'),
    ):
        assert old in good
        with pytest.raises(ProofError):
            read_receipt(good.replace(old, new, 1))


def signed_anew(change: Callable[[SignedHead], None]) -> Receipt:
    """A receipt up to the head's own block, with a head that says something else and is signed."""
    lying = receipt("receipt_without_text")
    assert lying.block.height == lying.signed_head.tree_size
    change(lying.signed_head)
    key = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32)
    lying.signed_head.signature = key.sign(encode_head(lying.signed_head))
    return lying


def test_even_a_signed_head_must_end_with_its_last_block() -> None:
    verify_receipt(signed_anew(lambda head: None), PUBLIC_KEY)
    for change in (
        lambda head: setattr(head, "block_hash", bytes(32)),
        lambda head: setattr(head, "last_sequence", 61),
        lambda head: head.block_time.FromSeconds(5),
    ):
        with pytest.raises(ProofError) as error:
            verify_receipt(signed_anew(change), PUBLIC_KEY)
        assert error.value.check == "head"


def test_what_nobody_verifies_is_refused() -> None:
    unknown = b"\xfa\x7f\x01x"
    for content in (
        receipt().SerializeToString() + unknown,
        receipt().SerializeToString() + SignedHead().SerializeToString() + b"\x3a\x04" + unknown,
    ):
        with pytest.raises(ProofError) as error:
            verify_receipt(Receipt.FromString(content), PUBLIC_KEY)
        assert error.value.check == "format"
