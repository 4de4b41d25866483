"""Checks that a round of a tier queue was drawn as promised, from what anybody can read.

This is the draw a second time, written apart from the server's: `docs/queues.md` has it in words.
"""

import hashlib
from collections.abc import Sequence

from ticketonomics.queues.v1.round_pb2 import Entry, Round


class DrawVerificationError(Exception):
    """A round was not drawn as promised; the text says what does not fit."""


def drawn_winner(round_id: str, secret: bytes, entrants: Sequence[tuple[str, bytes]]) -> int:
    """Works out who wins, as an index of the entrants.

    Args:
        entrants: Person id and nonce of each, in the order of joining.
    """
    if not entrants:
        raise DrawVerificationError("nobody is in the round")
    hashing = hashlib.sha256(b"ticketonomics/draw/1\x00")
    hashing.update(_framed(round_id.encode("utf-8")))
    hashing.update(_framed(secret))
    hashing.update(_number(len(entrants)))
    for person_id, nonce in entrants:
        hashing.update(_framed(person_id.encode("utf-8")) + _framed(nonce))
    transcript = hashing.digest()
    # The numbers from here on would make a remainder that favours the first entrants.
    ceiling = 2**64 // len(entrants) * len(entrants)
    counter = 0
    while True:
        hashed = hashlib.sha256(
            b"ticketonomics/draw-number/1\x00" + transcript + _number(counter)
        ).digest()
        number = int.from_bytes(hashed[0:8], "big")
        if number < ceiling:
            return number % len(entrants)
        counter += 1


def verify_draw(
    drawn: Round, entries: Sequence[Entry], *, commitment: bytes | None = None
) -> Entry:
    """Checks the draw of a finished round, and returns the entry that won.

    Args:
        entries: All of the round's, as `round_entries` yields them.
        commitment: What you kept of the round from when it opened, or from when you joined. With
            it, the check does not rest on what the server says now.

    Raises:
        DrawVerificationError: The round is not finished, or does not fit its evidence.
    """
    if drawn.state != Round.STATE_FINISHED:
        raise DrawVerificationError("the round is not finished: nothing was drawn")
    if commitment is not None and commitment != drawn.commitment:
        raise DrawVerificationError("the round has another commitment than it had before")
    if hashlib.sha256(drawn.secret).digest() != drawn.commitment:
        raise DrawVerificationError("the secret is not what was committed to")
    if len(entries) != drawn.places or len({entry.person_id for entry in entries}) != len(entries):
        raise DrawVerificationError(f"a full round has {drawn.places} entries, of a person each")
    previous = 0
    for position, entry in enumerate(entries, start=1):
        if entry.round_id != drawn.round_id:
            raise DrawVerificationError(f"the entry of {entry.person_id} is of another round")
        if entry.position != position or entry.join_sequence <= previous:
            raise DrawVerificationError(f"the entry of {entry.person_id} is not in its place")
        previous = entry.join_sequence
    index = drawn_winner(
        drawn.round_id, drawn.secret, [(entry.person_id, entry.nonce) for entry in entries]
    )
    winner = entries[index]
    if (drawn.winner_person_id, drawn.winner_position) != (winner.person_id, winner.position):
        raise DrawVerificationError(
            f"{winner.person_id} won, at place {winner.position}, and not"
            f" {drawn.winner_person_id} at place {drawn.winner_position}"
        )
    return winner


def _framed(value: bytes) -> bytes:
    return _number(len(value)) + value


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")
