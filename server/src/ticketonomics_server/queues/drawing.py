"""The draw: who wins, as anybody can recompute it. Pure. `docs/queues.md` has it in words.

The SDK has this a second time, in code of its own: what checks must not share what it checks.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence

from ticketonomics_server.engine.canonical import encode_bytes, encode_text

SECRET_DOMAIN = b"ticketonomics/draw-secret/1\0"
KEY_DOMAIN = b"ticketonomics/draw-key/1\0"
DRAW_DOMAIN = b"ticketonomics/draw/1\0"
NUMBER_DOMAIN = b"ticketonomics/draw-number/1\0"

MOST_NONCE_BYTES = 32
_SPAN = 1 << 64


def secret_of(key: bytes, economy: str, round_id: str) -> bytes:
    """Derives a round's secret from a draw key: 32 bytes."""
    return hmac.digest(key, SECRET_DOMAIN + encode_text(economy) + encode_text(round_id), "sha256")


def commitment_of(secret: bytes) -> bytes:
    """Commits to a secret: 32 bytes."""
    return hashlib.sha256(secret).digest()


def key_id_of(key: bytes) -> str:
    """Names a draw key in 16 characters, which tell nothing about it."""
    return hashlib.sha256(KEY_DOMAIN + key).hexdigest()[:16]


def transcript_of(round_id: str, secret: bytes, entrants: Sequence[tuple[str, bytes]]) -> bytes:
    """Hashes all that decides a draw.

    Args:
        entrants: Person and nonce of each entry, in the order of joining.
    """
    parts = [DRAW_DOMAIN, encode_text(round_id), encode_bytes(secret)]
    parts.append(len(entrants).to_bytes(4, "big"))
    for person_id, nonce in entrants:
        parts += (encode_text(person_id), encode_bytes(nonce))
    return hashlib.sha256(b"".join(parts)).digest()


def numbers_of(transcript: bytes) -> Iterator[int]:
    """Yields the draw's numbers, each below 2^64."""
    counter = 0
    while True:
        data = NUMBER_DOMAIN + transcript + counter.to_bytes(4, "big")
        yield int.from_bytes(hashlib.sha256(data).digest()[:8], "big")
        counter += 1


def pick(numbers: Iterable[int], choices: int, span: int = _SPAN) -> int:
    """Picks one of so many choices, each as likely as any other.

    Numbers above the greatest multiple of `choices` are left out: a remainder alone would favour
    the first choices.

    Args:
        numbers: Uniform ones below `span`.
    """
    if not 0 < choices <= span:
        raise ValueError(f"nobody can pick one of {choices}")
    limit = span - span % choices
    return next(number % choices for number in numbers if number < limit)


def draw(round_id: str, secret: bytes, entrants: Sequence[tuple[str, bytes]]) -> int:
    """Draws the winner: the index of one of the entrants."""
    return pick(numbers_of(transcript_of(round_id, secret, entrants)), len(entrants))
