"""Writes tests/vectors/draws.json: what verifiers in other languages test themselves with.

Run it with the virtual environment's Python after a change of the draw, of which there should be
none: `docs/queues.md` says how a new version is made.
"""

import json
from pathlib import Path
from typing import Any

from ticketonomics_server.queues.drawing import (
    commitment_of,
    draw,
    key_id_of,
    numbers_of,
    pick,
    secret_of,
    transcript_of,
)

FILE = Path(__file__).parents[1] / "tests/vectors/draws.json"
KEY = bytes(range(32))


def _draw(number: int, entrants: int) -> dict[str, Any]:
    round_id = f"{number:016d}"
    secret = secret_of(KEY, "main", round_id)
    people = [(f"{place:016x}", bytes([place % 256]) * (place % 33)) for place in range(entrants)]
    transcript = transcript_of(round_id, secret, people)
    numbers = numbers_of(transcript)
    return {
        "round_id": round_id,
        "secret": secret.hex(),
        "commitment": commitment_of(secret).hex(),
        "entrants": [{"person_id": person, "nonce": nonce.hex()} for person, nonce in people],
        "transcript": transcript.hex(),
        "first_numbers": [str(next(numbers)) for _ in range(3)],
        "winner_index": draw(round_id, secret, people),
    }


def _picks() -> list[dict[str, Any]]:
    """Numbers of which the first are left out, as hardly any real draw has them."""
    top = (1 << 64) - 1
    cases = [([top, 41], 20), ([top, top - 1, 7], 60), ([5], 1), ([(1 << 64) // 60 * 60, 61], 60)]
    return [
        {"numbers": list(map(str, numbers)), "choices": choices, "picked": pick(numbers, choices)}
        for numbers, choices in cases
    ]


def main() -> None:
    vectors = {
        "key": KEY.hex(),
        "key_id": key_id_of(KEY),
        "economy": "main",
        "draws": [_draw(number, n) for number, n in enumerate((1, 2, 3, 20, 40, 60, 200), start=1)],
        "picks": _picks(),
    }
    FILE.write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    main()
