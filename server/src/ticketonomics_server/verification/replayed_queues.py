"""Rounds and queues as their entries make them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from ticketonomics_server.queues.model import RoundState, split_queue


@dataclass(slots=True)
class ReplayedRound:
    """A round as its entries make it. `terms` are the fields of its opening, but for the expiry."""

    terms: Sequence[Any]
    create_micros: int
    change_sequence: int
    expire_micros: int
    state: int = RoundState.WAITING
    extended: bool = False
    draw_tries: int = 0
    fill_micros: int = 0
    resolve_micros: int = 0
    resolve_sequence: int = 0
    secret: bytes = b""
    winner: str = ""
    winner_position: int = 0
    # Person, entry, time, application and nonce, in the order of joining.
    entrants: list[tuple[str, int, int, str, bytes]] = field(default_factory=list)

    @property
    def queue(self) -> str:
        return str(self.terms[2])

    @property
    def tier(self) -> str:
        return split_queue(self.queue)[0]

    @property
    def places(self) -> int:
        return int(self.terms[3])

    @property
    def stake(self) -> int:
        return int(self.terms[4])

    @property
    def reward(self) -> int:
        return int(self.terms[5])

    def digest(self) -> bytes:
        """Hashes all of it: what is kept of a round that is over."""
        facts = (
            *self.terms,
            *(self.create_micros, self.change_sequence, self.expire_micros, int(self.state)),
            *(self.extended, self.draw_tries, self.fill_micros, self.resolve_micros),
            *(self.resolve_sequence, self.secret, self.winner, self.winner_position),
            *self.entrants,
        )
        return sha256(repr(facts).encode()).digest()


@dataclass(slots=True)
class ReplayedQueue:
    """A queue as its entries make it."""

    economy: str
    draw_key_id: str
    round_id: str = ""
    finished: int = 0
    expired: int = 0
    entries: int = 0
    fills: list[int] = field(default_factory=list)
