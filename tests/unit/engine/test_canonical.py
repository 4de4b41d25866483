import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ticketonomics_server.engine.canonical import (
    check_int64,
    decode_fields,
    encode_bytes,
    encode_fields,
    encode_int,
    encode_text,
    event_leaf,
    text_commitment,
)
from ticketonomics_server.engine.rejection import Reason, Rejection

INT64 = st.integers(-(2**63), 2**63 - 1)
FIELDS = st.lists(st.one_of(st.binary(max_size=20), st.text(max_size=20), INT64), max_size=6)


@given(FIELDS)
def test_fields_come_back_as_they_went(fields) -> None:
    decoded = decode_fields(encode_fields(*fields))
    assert decoded == fields
    assert [type(field) for field in decoded] == [type(field) for field in fields]


@given(FIELDS, FIELDS)
def test_different_fields_have_different_encodings(one, other) -> None:
    assert (encode_fields(*one) == encode_fields(*other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (("a",), (b"a",)),
        ((1,), ("\0\0\0\0\0\0\0\1",)),
        (("", ""), ("",)),
        ((0,), (-0, 0)),
        ((), ("",)),
    ],
)
def test_fields_that_look_alike_are_told_apart(one, other) -> None:
    assert encode_fields(*one) != encode_fields(*other)


def test_an_encoding_is_what_the_documents_say() -> None:
    assert encode_fields("ä", b"\xff", -1) == (
        b"t\0\0\0\2\xc3\xa4b\0\0\0\1\xffi\xff\xff\xff\xff\xff\xff\xff\xff"
    )
    assert encode_int(1) == b"\0\0\0\0\0\0\0\1"
    assert encode_text("ä") == encode_bytes("ä".encode()) == b"\0\0\0\2\xc3\xa4"


# Once, `struct.error` got out where a number or a length was cut off.
@given(FIELDS.filter(bool), st.data())
def test_what_is_cut_off_is_refused(fields, data) -> None:
    encoded = encode_fields(*fields)
    ends = {len(encode_fields(*fields[:count])) for count in range(len(fields) + 1)}
    length = data.draw(st.integers(0, len(encoded) - 1).filter(lambda cut: cut not in ends))
    with pytest.raises(ValueError):
        decode_fields(encoded[:length])


@pytest.mark.parametrize(
    "encoded", [b"x", b"t\0\0\0\1\xff", b"i1", b"t\0\0", b"b\xff\xff\xff\xffa"]
)
def test_what_is_no_encoding_is_refused(encoded: bytes) -> None:
    with pytest.raises(ValueError):
        decode_fields(encoded)


@given(st.binary(max_size=40))
def test_whatever_is_decoded_was_encoded_so(encoded: bytes) -> None:
    try:
        fields = decode_fields(encoded)
    except (ValueError, struct.error):
        return
    assert encode_fields(*fields) == encoded


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_a_number_that_no_int64_holds_is_refused(value: int) -> None:
    with pytest.raises(struct.error):
        encode_int(value)
    with pytest.raises(Rejection) as refused:
        check_int64(value, "amount")
    assert refused.value.reason == Reason.AMOUNT_OUT_OF_RANGE
    assert check_int64(value - 1 if value > 0 else value + 1, "amount")


METADATA = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4)


@given(st.text(max_size=5), METADATA, st.text(max_size=5), METADATA)
def test_commitments_differ_with_the_text(memo, metadata, other_memo, other_metadata) -> None:
    one = text_commitment(bytes(16), memo, metadata)
    other = text_commitment(bytes(16), other_memo, other_metadata)
    assert (one == other) == ((memo, metadata) == (other_memo, other_metadata))


def test_a_commitment_needs_its_salt_and_knows_no_order_of_pairs() -> None:
    one = text_commitment(bytes(16), "memo", {"a": "1", "b": "2"})
    assert one == text_commitment(bytes(16), "memo", {"b": "2", "a": "1"})
    assert one != text_commitment(b"\1" * 16, "memo", {"a": "1", "b": "2"})
    assert len(one) == 32


def test_leaves_differ_in_every_part() -> None:
    parts = [(1, 2), (5, 6), (b"a" * 16, b"b" * 16), (b"", b"x"), (b"", b"y" * 32)]
    plain = tuple(one for one, _ in parts)
    leaves = {event_leaf(*plain)}
    for at, (_, other) in enumerate(parts):
        leaves.add(event_leaf(*plain[:at], other, *plain[at + 1 :]))
    assert len(leaves) == 6
    assert all(leaf.startswith(b"ticketonomics/entry/1\0") for leaf in leaves)
