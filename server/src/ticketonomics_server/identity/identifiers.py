"""Ids of people, applications and keys: random texts that nobody misreads."""

import re

# Crockford's base 32, in lower case: without i, l, o and u.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

PERSON_ID_LENGTH = 16
APPLICATION_ID_LENGTH = 16
API_KEY_ID_LENGTH = 12

# Random bytes that an id of 16 takes; one of 12 takes fewer of its bits.
ID_ENTROPY_BYTES = 10

# More lenient than the alphabet, as the contract is: an unknown id is not found, not malformed.
_ID = re.compile(r"[0-9a-z]+")


def encode_base32(data: bytes, length: int) -> str:
    """Writes the last `5 × length` bits of the data as so many characters."""
    number = int.from_bytes(data, "big")
    return "".join(ALPHABET[number >> 5 * at & 31] for at in reversed(range(length)))


def is_id(value: str, length: int) -> bool:
    """Tells whether a text has the form of an id."""
    return len(value) == length and _ID.fullmatch(value) is not None
