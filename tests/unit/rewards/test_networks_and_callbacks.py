"""Keys that rotate, and callbacks taken apart."""

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.rewards.callbacks import (
    Callback,
    read_public_key,
    read_view,
    region_of,
    take_apart,
    verifies_ecdsa,
    verifies_hmac,
)
from ticketonomics_server.rewards.commands import (
    CreateAdNetwork,
    NetworkTerms,
    NewKey,
    ResolveFlag,
    UpdateAdNetwork,
)
from ticketonomics_server.rewards.model import (
    AdNetwork,
    AdNetworkKey,
    FlagState,
    NetworkState,
    Region,
    Rule,
    Scheme,
)

from tests.unit.rewards.conftest import NO_BODY, START, Desk

HOUR = timedelta(hours=1)
TERMS = NetworkTerms("Unity", NetworkState.ACTIVE, Region.OTHER, "a", "b", "c")
PERSON = "0123456789abcdef"
NETWORK = AdNetwork(
    *("unity", 1, "Unity", Scheme.HMAC_SHA256, NetworkState.ACTIVE, Region.EM),
    *("transaction_id", "custom_data", "country", START),
)


def update(desk: Desk, key_id: str | None, overlap: timedelta = HOUR) -> None:
    key = NewKey(key_id, b"sealed " + key_id.encode()) if key_id else None
    desk.decide(UpdateAdNetwork(desk._id(), NO_BODY, "unity", TERMS, key, overlap))


def keys(desk: Desk) -> dict[str, object]:
    """Each key's id with when it is over."""
    found = [key for key in desk.rows[AdNetworkKey].values() if key is not None]
    return {key.key_id: key.expire_time for key in found}


def test_a_new_key_ends_the_others_after_the_overlap(desk: Desk) -> None:
    update(desk, "2")
    assert keys(desk) == {"1": START + HOUR, "2": None}
    # An earlier end stays.
    update(desk, "3", overlap=5 * HOUR)
    assert keys(desk) == {"1": START + HOUR, "2": START + 5 * HOUR, "3": None}
    desk.now += HOUR
    update(desk, None)
    assert keys(desk) == {"2": START + 5 * HOUR, "3": None}


def test_a_key_with_the_same_id_takes_the_place_at_once(desk: Desk) -> None:
    update(desk, "1")
    assert keys(desk) == {"1": None}
    (key,) = [key for key in desk.rows[AdNetworkKey].values() if key]
    assert key.material == b"sealed 1"
    assert key.create_sequence == desk.sequence


def test_of_too_many_keys_the_one_that_ends_next_goes(desk: Desk) -> None:
    for number in range(2, 13):
        desk.now += timedelta(seconds=1)
        update(desk, str(number))
    assert list(keys(desk)) == [str(n) for n in (11, 12, 3, 4, 5, 6, 7, 8, 9, 10)]
    assert len(keys(desk)) == 10


def test_networks_are_made_once_and_only_those_are_updated(desk: Desk) -> None:
    made = CreateAdNetwork(
        desk._id(), NO_BODY, "unity", Scheme.HMAC_SHA256, TERMS, NewKey("1", b"x")
    )
    assert desk.refusal(made) == "AD_NETWORK_EXISTS"
    other = UpdateAdNetwork(desk._id(), NO_BODY, "other", TERMS, None, HOUR)
    assert desk.refusal(other) == "AD_NETWORK_NOT_FOUND"
    update(desk, None)
    network = desk.rows[AdNetwork]["unity"]
    assert (network.display_name, network.transaction_parameter) == ("Unity", "a")
    assert (network.person_parameter, network.country_parameter) == ("b", "c")


def test_resolving_what_is_no_flag_is_refused(desk: Desk) -> None:
    command = ResolveFlag(desk._id(), NO_BODY, "x", Rule.TOO_FAST, "ann", "")
    assert desk.refusal(command) == "FLAG_NOT_FOUND"
    assert FlagState.RESOLVED == 2


# --- callbacks ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "signed", "key_id"),
    [
        (b"a=1&signature=AAAA&key_id=7", b"a=1", "7"),
        (b"a=1&key_id=7&signature=AAAA", b"a=1", "7"),
        (b"a=1&signature=AAAA", b"a=1", ""),
        (b"a=1&key_id=7&b=2&signature=AAAA", b"a=1&key_id=7&b=2", ""),
        (b"a=1&signature=BBBB&signature=AAAA", b"a=1&signature=BBBB", ""),
    ],
)
def test_the_signature_is_cut_from_the_end(content: bytes, signed: bytes, key_id: str) -> None:
    assert take_apart(content, "", "") == Callback(signed, b"\0\0\0", key_id)


@pytest.mark.parametrize(
    ("content", "signature", "key_id", "field"),
    [
        (b"", "AAAA", "", "content"),
        (b"x" * 8_193, "AAAA", "", "content"),
        (b"a=1", "", "", "signature"),
        (b"a=1&key_id=7", "", "", "signature"),
        (b"a=1&signature=\xff", "", "", "signature"),
        (b"a=1", "not base64!", "", "signature"),
        (b"a=1", "A" * 513, "", "signature"),
        (b"a=1", "AAAA", "k" * 65, "key_id"),
    ],
)
def test_what_cannot_be_taken_apart(
    content: bytes, signature: str, key_id: str, field: str
) -> None:
    with pytest.raises(Rejection) as caught:
        take_apart(content, signature, key_id)
    assert (caught.value.reason, caught.value.metadata["field"]) == ("INVALID_FIELD", field)


def test_a_given_signature_leaves_the_content_alone() -> None:
    content = b"a=1&signature=BBBB&key_id=7"
    assert take_apart(content, "AAAA", "8") == Callback(content, b"\0\0\0", "8")


@given(st.binary(min_size=1, max_size=200), st.binary(min_size=16, max_size=64))
def test_signatures_of_hmac(content: bytes, secret: bytes) -> None:
    digest = hmac.new(secret, content, hashlib.sha256).digest()
    for text in (digest.hex(), digest.hex().upper(), base64.b64encode(digest).decode()):
        assert verifies_hmac(secret, take_apart(content, text, ""))
    urlsafe = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert verifies_hmac(secret, take_apart(content, urlsafe, ""))
    assert not verifies_hmac(secret, take_apart(content + b"x", digest.hex(), ""))
    assert not verifies_hmac(secret + b"x", take_apart(content, digest.hex(), ""))
    assert not verifies_hmac(secret, Callback(content, digest[:31], ""))


def test_signatures_of_ecdsa() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    der = read_public_key(pem)
    assert read_public_key(der) == der
    signature = private.sign(b"a=1", ec.ECDSA(hashes.SHA256()))
    assert verifies_ecdsa(der, Callback(b"a=1", signature, ""))
    assert not verifies_ecdsa(der, Callback(b"a=2", signature, ""))
    assert not verifies_ecdsa(der, Callback(b"a=1", b"", ""))
    assert not verifies_ecdsa(der, Callback(b"a=1", signature[:-1], ""))


@pytest.mark.parametrize("curve", [ec.SECP384R1(), None])
def test_keys_of_other_kinds_are_not_taken(curve: ec.EllipticCurve | None) -> None:
    key = ec.generate_private_key(curve) if curve else ed25519.Ed25519PrivateKey.generate()
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for material in (der, b"", b"-----BEGIN PUBLIC KEY-----\nnone"):
        with pytest.raises(Rejection, match="key"):
            read_public_key(material)


@pytest.mark.parametrize(
    ("content", "transaction", "region"),
    [
        (f"transaction_id=1&custom_data={PERSON}", "1", Region.EM),
        (f"transaction_id=1&custom_data=users%2F{PERSON}&country=de", "1", Region.EU),
        (f"transaction_id=1&custom_data={PERSON}:US", "1", Region.US),
        (f"transaction_id=1&custom_data={PERSON}:US&country=FR", "1", Region.EU),
        (f'{{"transaction_id": 7, "custom_data": "{PERSON}", "x": [1]}}', "7", Region.EM),
        (f' {{"transaction_id": "a/b", "custom_data": "{PERSON}:eu"}}', "a/b", Region.EU),
    ],
)
def test_what_a_callback_says(content: str, transaction: str, region: Region) -> None:
    view = read_view(NETWORK, content.encode())
    assert view == (transaction, PERSON, region)


@pytest.mark.parametrize(
    "content",
    [
        f"transaction_id=1&custom_data={PERSON}&transaction_id=2",
        f"transaction_id=1&custom_data={PERSON}&other=1&other=1",
        f'{{"transaction_id": 1, "custom_data": "{PERSON}", "transaction_id": 2}}',
        f"transaction_id=1&&custom_data={PERSON}",
        f"transaction_id={'1' * 129}&custom_data={PERSON}",
        f"transaction_id=1&custom_data={PERSON.upper()}",
        f"transaction_id=%FF&custom_data={PERSON}",
        f'["transaction_id", 1, "{PERSON}"]',
        "[" * 4_000,
        "{" * 4_000,
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(content: str) -> None:
    with pytest.raises(Rejection) as caught:
        read_view(NETWORK, content.encode())
    assert caught.value.reason == "INVALID_FIELD"


@given(st.binary(max_size=300))
def test_no_content_breaks_the_reading(content: bytes) -> None:
    try:
        read_view(NETWORK, content)
    except Rejection as rejection:
        assert rejection.reason == "INVALID_FIELD"


@pytest.mark.parametrize(
    ("country", "region"),
    [
        ("US", Region.US),
        (" us ", Region.US),
        ("EU", Region.EU),
        ("PL", Region.EU),
        ("GB", Region.OTHER),
        ("IN", Region.EM),
        ("EM", Region.EM),
        ("JP", Region.OTHER),
        ("other", Region.OTHER),
        ("", Region.EU),
    ],
)
def test_regions(country: str, region: Region) -> None:
    assert region_of(country, Region.EU) == region
