"""Secrets of API keys: `tkt_{key id}_{256 random bits}`. Only their SHA-256 is ever stored."""

import hashlib
import os
import re
from dataclasses import dataclass, field

from ticketonomics_server.identity.identifiers import (
    ALPHABET,
    API_KEY_ID_LENGTH,
    ID_ENTROPY_BYTES,
    encode_base32,
)

_RANDOM_LENGTH = 52
_SECRET = re.compile(f"tkt_[{ALPHABET}]{{{API_KEY_ID_LENGTH}}}_[{ALPHABET}]{{{_RANDOM_LENGTH}}}")


@dataclass(slots=True, frozen=True)
class NewSecret:
    """A key that was just drawn. The text is for its owner alone: never logged, never stored."""

    api_key_id: str
    hash: bytes
    text: str = field(repr=False)


def draw_secret() -> NewSecret:
    """Draws the id and the secret of a new key."""
    api_key_id = encode_base32(os.urandom(ID_ENTROPY_BYTES), API_KEY_ID_LENGTH)
    text = f"tkt_{api_key_id}_{encode_base32(os.urandom(32), _RANDOM_LENGTH)}"
    return NewSecret(api_key_id, hash_secret(text), text)


def hash_secret(text: str) -> bytes:
    """Hashes a secret as it is stored. With 256 random bits one plain SHA-256 is enough."""
    return hashlib.sha256(text.encode()).digest()


def read_bearer(authorization: str) -> str | None:
    """Returns the secret of an `authorization: Bearer …`; None where it has not the form of one."""
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not _SECRET.fullmatch(secret):
        return None
    return secret
