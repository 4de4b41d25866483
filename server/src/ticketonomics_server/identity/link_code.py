"""Link codes: ten characters that nobody misreads, 50 random bits. Only their hash is stored.

With 1,000 codes in force, one guess in 10^12 is right, and guesses are limited. The hash could be
tried out within days: the code is over after minutes.
"""

import hashlib
import os
from dataclasses import dataclass, field

from ticketonomics_server.identity.identifiers import ALPHABET, encode_base32

CODE_LENGTH = 10
_DOMAIN = b"ticketonomics/link-code/1\0"
# What people take for the characters of the alphabet.
_MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})


@dataclass(slots=True, frozen=True)
class NewCode:
    """A code that was just drawn. The text is for its person alone: never logged, never stored."""

    hash: bytes
    text: str = field(repr=False)


def draw_code() -> NewCode:
    """Draws a code."""
    code = encode_base32(os.urandom(CODE_LENGTH), CODE_LENGTH)
    return NewCode(hash_code(code), f"{code[:5]}-{code[5:]}".upper())


def read_code(typed: str) -> str | None:
    """Returns the code that somebody typed; None for what cannot be one."""
    code = typed[:64].lower().translate(_MISREAD)
    well_formed = len(code) == CODE_LENGTH and all(character in ALPHABET for character in code)
    return code if well_formed else None


def hash_code(code: str) -> bytes:
    """Hashes a code as it is stored."""
    return hashlib.sha256(_DOMAIN + code.encode()).digest()
