"""Commands: what callers ask for, on its way through the queue into a block and back.

What is made for every single command is a `NamedTuple`: a frozen dataclass takes four times as
long.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from ticketonomics_server.engine.canonical import Canonical, encode_fields, event_leaf
from ticketonomics_server.engine.rejection import Rejection

# The three highest bits of a UUID's ninth byte, all set (RFC 9562, section 4.1: reserved).
ENGINE_VARIANT = 0xE0


@dataclass(slots=True, frozen=True)
class Caller:
    """Who asks: an application, maybe acting for a person."""

    application_id: str
    scopes: frozenset[str] = frozenset()
    person_id: str = ""

    def may(self, scope: str) -> bool:
        return scope in self.scopes


def engine_request_id(digest: bytes) -> bytes:
    """Makes a request id that no caller can choose: of the UUID variant that is reserved."""
    return digest[:8] + bytes([digest[8] | ENGINE_VARIANT]) + digest[9:16]


class Command(Protocol):
    """What every command has beside its own fields."""

    @property
    def request_id(self) -> bytes:
        """16 bytes that the caller chose; the same id with the same body is the same request."""

    @property
    def body_hash(self) -> bytes:
        """16 bytes that tell a replay from a reuse of the id: a hash of body and caller."""


@dataclass(slots=True)
class Context:
    """What a decision may know beside the state: no clock, no randomness but these.

    Attributes:
        caller: Who asks.
        time: The block's time.
        sequence: Sequence number that the entry gets if it is accepted.
        timers_held: Whether no timer may happen: the clock is not to be trusted.
    """

    caller: Caller
    time: datetime
    sequence: int
    block_entropy: bytes
    timers_held: bool = False

    def entropy(self, purpose: bytes, size: int) -> bytes:
        """Draws up to 64 bytes, the same for the same entry and purpose."""
        seed = self.block_entropy + self.sequence.to_bytes(8, "big") + purpose
        return hashlib.sha512(seed).digest()[:size]


class Decision(NamedTuple):
    """What an accepted command is in the journal.

    Attributes:
        kind: Number of the entry's kind; see `EntryKind` of its domain.
        leaf: Canonical bytes of the entry, hashed into the block's tree.
        value: What the caller gets, and what streams tell.
        event: Stored with the entry: what replays and `verify` rebuild value and leaf from. None
        when
            the domain keeps the entry in a journal of its own.
    """

    kind: int
    leaf: bytes
    value: Any = None
    event: Canonical | None = None


def decide_event(
    command: Command,
    context: Context,
    kind: int,
    *fields: bytes | str | int,
    value: Any = None,
    commitment: bytes = b"",
) -> Decision:
    """Builds the decision of an entry that is stored as an event with these fields.

    Args:
        value: What the caller gets.
        commitment: That of the entry's text; see `attach_text`.
    """
    event = encode_fields(*fields)
    return Decision(
        kind=kind,
        leaf=event_leaf(kind, context.sequence, command.request_id, event, commitment),
        value=value,
        event=event,
    )


class Accepted(NamedTuple):
    """A committed command. A replay has no value and no kind: the journal has them."""

    sequence: int
    replayed: bool = False
    value: Any = None
    kind: int = 0


@dataclass(slots=True, frozen=True)
class NothingToDo:
    """An outcome that changes nothing and so makes no entry."""

    value: Any = None


Outcome = Accepted | NothingToDo | Rejection


@dataclass(slots=True, eq=False)
class Submission:
    """Commands of one call, which are decided one after the other, each on its own.

    Attributes:
        outcomes: One for each command, filled in as blocks commit.
        last_sequence: Newest entry that the outcomes saw.
        block_time: Time of the block that decided them.
        weight: Postings in all, for the limits of queue and block.
        deadline: Loop time after which it is not started any more.
    """

    caller: Caller
    commands: Sequence[Command]
    weight: int
    deadline: float | None
    done: asyncio.Future[None]
    outcomes: list[Outcome | None] = field(default_factory=list)
    last_sequence: int = 0
    block_time: datetime | None = None
    abandoned: bool = False
    unanswered: int = 0

    def __post_init__(self) -> None:
        self.outcomes = [None] * len(self.commands)
        self.unanswered = len(self.commands)

    def answer(self, index: int, outcome: Outcome) -> None:
        """Fills in one outcome, the first that it gets, and wakes the caller with the last one."""
        if self.outcomes[index] is not None:
            return
        self.outcomes[index] = outcome
        self.unanswered -= 1
        if self.unanswered == 0 and not self.done.done():
            self.done.set_result(None)


@dataclass(slots=True, frozen=True)
class Slice:
    """Commands `start` to `stop` of a submission: what a block is made of and is split into."""

    submission: Submission
    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start

    def split(self) -> tuple["Slice", "Slice"]:
        middle = (self.start + self.stop) // 2
        return (
            Slice(self.submission, self.start, middle),
            Slice(self.submission, middle, self.stop),
        )
