"""The draw: the same everywhere, uniform, and found out when anything about it is changed."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf.message import Message
from ticketonomics.queues.v1.round_pb2 import Entry, Round
from ticketonomics_client import DrawVerificationError, verify_draw
from ticketonomics_client.draws import drawn_winner
from ticketonomics_server.queues.drawing import (
    commitment_of,
    draw,
    key_id_of,
    numbers_of,
    pick,
    secret_of,
    transcript_of,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/draws.json").read_text())
KEY = bytes.fromhex(VECTORS["key"])


@pytest.mark.parametrize("vector", VECTORS["draws"], ids=lambda v: str(len(v["entrants"])))
def test_server_and_sdk_draw_what_the_vectors_say(vector: dict) -> None:
    entrants = [(e["person_id"], bytes.fromhex(e["nonce"])) for e in vector["entrants"]]
    secret = secret_of(KEY, VECTORS["economy"], vector["round_id"])
    assert secret.hex() == vector["secret"]
    assert commitment_of(secret).hex() == vector["commitment"]
    transcript = transcript_of(vector["round_id"], secret, entrants)
    assert transcript.hex() == vector["transcript"]
    numbers = numbers_of(transcript)
    assert [str(next(numbers)) for _ in range(3)] == vector["first_numbers"]
    assert draw(vector["round_id"], secret, entrants) == vector["winner_index"]
    assert drawn_winner(vector["round_id"], secret, entrants) == vector["winner_index"]


def test_keys_have_the_names_of_the_vectors() -> None:
    assert key_id_of(KEY) == VECTORS["key_id"]
    assert (
        secret_of(KEY, "main", "a") != secret_of(KEY, "other", "a") != secret_of(KEY, "mai", "na")
    )


@pytest.mark.parametrize("vector", VECTORS["picks"])
def test_numbers_that_would_favour_anybody_are_left_out(vector: dict) -> None:
    numbers = list(map(int, vector["numbers"]))
    assert pick(numbers, vector["choices"]) == vector["picked"]


@pytest.mark.parametrize("choices", range(1, 20))
def test_each_choice_is_picked_by_as_many_numbers(choices: int) -> None:
    """Of all numbers below a small span: a plain modulo would pick the first choices more often."""
    picked = Counter(pick([number, 0], choices, span=256) for number in range(256))
    rejected = 256 % choices
    picked[0] -= rejected
    assert set(picked.values()) == {256 // choices}


def test_nobody_is_picked_of_nobody() -> None:
    with pytest.raises(ValueError, match="one of 0"):
        pick([1], 0)
    with pytest.raises(DrawVerificationError):
        drawn_winner("r", b"s", [])


@pytest.mark.parametrize("players", [3, 20, 60])
def test_winners_are_uniform_by_a_chi_square_test(players: int) -> None:
    rounds = players * 500
    entrants = [(f"p{place}", bytes([place])) for place in range(players)]
    wins = Counter(
        draw(f"r{number}", secret_of(KEY, "main", f"r{number}"), entrants)
        for number in range(rounds)
    )
    expected = rounds / players
    statistic = sum((wins[place] - expected) ** 2 / expected for place in range(players))
    # One in a million of fair draws lies above; the secrets are fixed, so this never flickers.
    critical = {3: 27.6, 20: 63.2, 60: 125.0}
    assert statistic < critical[players]
    unfair = [wins[place] + (expected / 2 if place == 0 else 0) for place in range(players)]
    assert sum((w - expected) ** 2 / expected for w in unfair) > critical[players]


def test_everything_about_a_draw_decides_it() -> None:
    """The smallest change gives another transcript: nobody finds two draws that look the same."""
    base = ("r", b"s" * 32, [("ann", b"1"), ("bob", b"2")])
    others = [
        ("q", *base[1:]),
        ("r", b"t" * 32, base[2]),
        (*base[:2], [("bob", b"2"), ("ann", b"1")]),
        (*base[:2], [("ann", b"1"), ("bob", b"3")]),
        (*base[:2], [("ann", b"1b"), ("ob", b"2")]),
        (*base[:2], [("ann", b""), ("bob", b"2")]),
        (*base[:2], [("ann", b"1")]),
    ]
    assert len({transcript_of(*other) for other in [base, *others]}) == len(others) + 1


def finished(players: int = 20) -> tuple[Round, list[Entry]]:
    round_id = "0123456789abcdef"
    secret = secret_of(KEY, "main", round_id)
    entries = [
        Entry(
            round_id=round_id,
            person_id=f"{place:016d}",
            position=place,
            nonce=bytes([place]),
            join_sequence=100 + place,
        )
        for place in range(1, players + 1)
    ]
    index = draw(round_id, secret, [(e.person_id, e.nonce) for e in entries])
    found = Round(
        round_id=round_id,
        state=Round.STATE_FINISHED,
        players=players,
        places=players,
        secret=secret,
        commitment=commitment_of(secret),
        winner_person_id=entries[index].person_id,
        winner_position=index + 1,
    )
    return found, entries


def swap(_: Round, entries: list[Entry]) -> None:
    entries[3].nonce, entries[4].nonce = entries[4].nonce, entries[3].nonce


def reorder(_: Round, entries: list[Entry]) -> None:
    entries.reverse()


def renumber(_: Round, entries: list[Entry]) -> None:
    entries.reverse()
    for position, entry in enumerate(entries, start=1):
        entry.position, entry.join_sequence = position, 100 + position


def other_secret(found: Round, _: list[Entry]) -> None:
    found.secret = bytes(32)


def other_commitment(found: Round, _: list[Entry]) -> None:
    found.commitment = bytes(32)


def both(found: Round, _: list[Entry]) -> None:
    found.secret, found.commitment = bytes(32), commitment_of(bytes(32))


def other_winner(found: Round, entries: list[Entry]) -> None:
    found.winner_position = found.winner_position % len(entries) + 1
    found.winner_person_id = entries[found.winner_position - 1].person_id


def nobody(_: Round, entries: list[Entry]) -> None:
    del entries[7]


def twice(_: Round, entries: list[Entry]) -> None:
    entries[5].person_id = entries[6].person_id


def elsewhere(_: Round, entries: list[Entry]) -> None:
    entries[5].round_id = "f" * 16


def unfinished(found: Round, _: list[Entry]) -> None:
    found.state = Round.STATE_FILLED


def test_the_verifier_accepts_what_is_right() -> None:
    found, entries = finished()
    assert verify_draw(found, entries, commitment=found.commitment).person_id == (
        found.winner_person_id
    )


@pytest.mark.parametrize(
    "change",
    [
        *(swap, reorder, renumber, other_secret, other_commitment, both, other_winner, nobody),
        *(twice, elsewhere, unfinished),
    ],
    ids=lambda change: change.__name__,
)
def test_the_verifier_finds_out_what_was_changed(
    change: Callable[[Message, list[Entry]], None],
) -> None:
    found, entries = finished()
    promised = found.commitment
    change(found, entries)
    with pytest.raises(DrawVerificationError):
        verify_draw(found, entries, commitment=promised)


def test_the_verifier_finds_out_another_nonce() -> None:
    found, entries = finished()
    caught = 0
    for entry in entries:
        original = entry.nonce
        entry.nonce = b"another"
        try:
            verify_draw(found, entries)
        except DrawVerificationError:
            caught += 1
        entry.nonce = original
    # One in twenty such changes draws the same winner by chance, and is no fraud.
    assert caught >= len(entries) - 4


def with_the_same_winner(found: Round, entries: list[Entry]) -> bytes:
    """Another secret, of which only its hash tells that it is another."""
    people = [(entry.person_id, entry.nonce) for entry in entries]
    secrets = (number.to_bytes(32, "big") for number in range(10_000))
    return next(s for s in secrets if draw(found.round_id, s, people) == found.winner_position - 1)


def test_the_verifier_wants_the_secret_that_was_committed_to() -> None:
    found, entries = finished()
    found.secret = with_the_same_winner(found, entries)
    with pytest.raises(DrawVerificationError, match="not what was committed to"):
        verify_draw(found, entries)


def test_the_verifier_wants_the_commitment_that_was_kept() -> None:
    found, entries = finished()
    kept = found.commitment
    found.secret = with_the_same_winner(found, entries)
    found.commitment = commitment_of(found.secret)
    verify_draw(found, entries)
    with pytest.raises(DrawVerificationError, match="another commitment"):
        verify_draw(found, entries, commitment=kept)
