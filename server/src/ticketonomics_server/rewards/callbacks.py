"""Callbacks of ad networks: what was signed, by whom, and what it says. No I/O.

What is parsed is what was signed, to the byte; nothing outside of it is believed.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from typing import NamedTuple
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ticketonomics_server.identity.identifiers import PERSON_ID_LENGTH, is_id
from ticketonomics_server.rewards.model import AdNetwork, Region
from ticketonomics_server.rpc.fields import invalid

MAX_CONTENT = 8_192
MAX_TRANSACTION_ID = 128
_SIGNATURE, _KEY_ID = b"signature", b"key_id"
_TRANSACTION_ID = re.compile(r"[\x21-\x7e]{1,128}")

_EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "HR",
        "CY",
        "CZ",
        "DK",
        "EE",
        "FI",
        "FR",
        "DE",
        "GR",
        "HU",
        "IE",
        "IT",
        "LV",
        "LT",
        "LU",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SK",
        "SI",
        "ES",
        "SE",
    ]
)
# What funds call emerging markets, and the largest audiences of messengers beside them.
_EM = frozenset(
    [
        "AE",
        "AR",
        "BD",
        "BR",
        "CL",
        "CN",
        "CO",
        "EG",
        "ET",
        "GH",
        "ID",
        "IN",
        "IQ",
        "IR",
        "KE",
        "KZ",
        "LK",
        "MA",
        "MM",
        "MX",
        "MY",
        "NG",
        "NP",
        "PE",
        "PH",
        "PK",
        "QA",
        "RU",
        "SA",
        "TH",
        "TR",
        "TZ",
        "UA",
        "UG",
        "UZ",
        "VE",
        "VN",
        "ZA",
    ]
)


class Callback(NamedTuple):
    """A callback, taken apart but not believed yet.

    Attributes:
        content: What was signed.
        key_id: Empty if it names none.
    """

    content: bytes
    signature: bytes
    key_id: str


class View(NamedTuple):
    """What a callback says."""

    transaction_id: str
    person_id: str
    region: Region


def take_apart(content: bytes, signature: str, key_id: str) -> Callback:
    """Separates content, signature and key.

    The signature and the key's id may be the last parameters of the content, in either order; they
    are not part of what was signed.

    Guards: INVALID_FIELD.
    """
    if not 1 <= len(content) <= MAX_CONTENT:
        raise invalid("content", f"has not 1 to {MAX_CONTENT:,} bytes")
    if not signature:
        content, found = _cut_end(content)
        signature = found.get(_SIGNATURE, "")
        key_id = key_id or found.get(_KEY_ID, "")
    if not signature:
        raise invalid("signature", "is missing, and content has none at its end")
    if len(key_id) > 64:
        raise invalid("key_id", "has more than 64 characters")
    return Callback(content, _decode_signature(signature), key_id)


def _cut_end(content: bytes) -> tuple[bytes, dict[bytes, str]]:
    found: dict[bytes, str] = {}
    while True:
        head, _, last = content.rpartition(b"&")
        name, equals, value = last.partition(b"=")
        if not equals or name not in (_SIGNATURE, _KEY_ID) or name in found or not head:
            return content, found
        try:
            found[name] = value.decode("ascii")
        except UnicodeDecodeError as error:
            raise invalid("signature", "is not ASCII") from error
        content = head


def _decode_signature(text: str) -> bytes:
    if len(text) > 512:
        raise invalid("signature", "has more than 512 characters")
    # 64 hexadecimal digits would be base64 of 48 bytes: no scheme has signatures of that size.
    try:
        if len(text) == 64:
            return bytes.fromhex(text)
    except ValueError:
        pass
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid("signature", "is neither hexadecimal nor base64") from error


def verifies_ecdsa(public_key: bytes, callback: Callback) -> bool:
    """Tells whether the private key of a public one, in DER, has signed."""
    key = serialization.load_der_public_key(public_key)
    assert isinstance(key, ec.EllipticCurvePublicKey), "others are not taken"
    try:
        key.verify(callback.signature, callback.content, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def verifies_hmac(secret: bytes, callback: Callback) -> bool:
    """Tells whether who has the secret has signed."""
    expected = hmac.new(secret, callback.content, hashlib.sha256).digest()
    return hmac.compare_digest(expected, callback.signature)


def read_public_key(material: bytes) -> bytes:
    """Returns a public key on P-256 in DER, from DER or PEM.

    Guards: INVALID_FIELD (key).
    """
    load = (
        serialization.load_pem_public_key
        if material.lstrip().startswith(b"-----BEGIN")
        else serialization.load_der_public_key
    )
    try:
        key = load(material)
    except ValueError as error:
        raise invalid("key", "is no public key in DER or PEM") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise invalid("key", "is not on the curve P-256")
    return key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def read_view(network: AdNetwork, content: bytes) -> View:
    """Reads what a callback says, once its signature is known to be good.

    The content is a query, or a JSON object. A parameter that is there twice is refused: nobody
    could say which one was meant.

    Guards: INVALID_FIELD.
    """
    parameters = _parameters(content)
    transaction_id = parameters.get(network.transaction_parameter, "")
    if not _TRANSACTION_ID.fullmatch(transaction_id):
        raise invalid(
            network.transaction_parameter, f"is not 1 to {MAX_TRANSACTION_ID} of ASCII, no spaces"
        )
    custom, _, told = parameters.get(network.person_parameter, "").partition(":")
    person_id = custom.removeprefix("users/")
    if not is_id(person_id, PERSON_ID_LENGTH):
        raise invalid(network.person_parameter, "is no id of a person")
    country = parameters.get(network.country_parameter, "") or told
    return View(transaction_id, person_id, region_of(country, Region(network.default_region)))


def _parameters(content: bytes) -> dict[str, str]:
    try:
        text = content.decode("utf-8")
        if text.lstrip().startswith("{"):
            pairs = json.loads(text, object_pairs_hook=list)
            pairs = [(name, _plain(value)) for name, value in pairs]
        else:
            pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict")
    except (ValueError, TypeError, RecursionError) as error:
        raise invalid("content", "is neither a query nor a JSON object") from error
    found = dict(pairs)
    if len(found) != len(pairs):
        raise invalid("content", "has a parameter twice")
    return found


def _plain(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def region_of(country: str, otherwise: Region) -> Region:
    """Returns the region of a country (two letters of ISO 3166), or of a region's own name."""
    code = country.strip().upper()
    if not code:
        return otherwise
    if code == "US":
        return Region.US
    if code == "EU" or code in _EU:
        return Region.EU
    if code == "EM" or code in _EM:
        return Region.EM
    return Region.OTHER
