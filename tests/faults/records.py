"""What the campaign remembers: what callers were told, what streams said, what the ledger holds.

All times are nanoseconds of the monotonic clock, which the processes of one machine share.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

ASSET = "FAULT"


def purse(address: str, asset: str) -> str:
    """Names what an account has of an asset: the campaign's own goes without saying."""
    return address if asset == ASSET else f"{address}#{asset}"


class Movement(NamedTuple):
    """One posting; of another asset than the campaign's, between `purse`s."""

    source: str
    destination: str
    amount: int


class Draft(NamedTuple):
    """A transaction that somebody wants. The same draft again is a retry."""

    transaction_id: str
    movements: tuple[Movement, ...]


# A transaction's id and what it moves.
Asked = tuple[str, tuple[Movement, ...]]

# The three highest bits of the ninth byte, all set.
_ENGINE = frozenset("ef")


# What queues and deposits are paid in: `verify` knows what these must come to, see `rooms`.
_OF_TICKETS = ("#BRONZE", "#SILVER")


def is_engines(transaction_id: str) -> bool:
    """Tells whether a timer made a transaction: no caller can choose such an id."""
    return transaction_id.replace("-", "")[16:17] in _ENGINE


class Verdict(Enum):
    """What a caller knows after an attempt."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(slots=True, frozen=True)
class Attempt:
    """One sending of one draft to one server.

    Attributes:
        last_sequence: The newest entry that the answer says it saw; 0 where it says none.
        batched: Whether it was sent by CreateTransactions.
    """

    draft: Draft
    server: int
    sent_ns: int
    answered_ns: int
    verdict: Verdict
    sequence: int = 0
    replayed: bool = False
    reason: str = ""
    last_sequence: int = 0
    batched: bool = False

    @property
    def accepted(self) -> bool:
        return self.verdict is Verdict.ACCEPTED


@dataclass(slots=True, frozen=True)
class BalanceRead:
    """What a read said that an account has."""

    account: str
    posted: int
    server: int
    sent_ns: int
    answered_ns: int
    last_sequence: int


@dataclass(slots=True, frozen=True)
class Lookup:
    """What a read said about a transaction; sequence 0 where it knew none."""

    transaction_id: str
    sequence: int
    server: int
    sent_ns: int
    answered_ns: int
    last_sequence: int


class Told(NamedTuple):
    """One transaction that a stream told."""

    sequence: int
    transaction_id: str


@dataclass(slots=True, frozen=True)
class Message:
    """One message of a stream."""

    seen_ns: int
    cursor: int
    told: tuple[Told, ...]


@dataclass(slots=True)
class Watched:
    """What one watcher saw behind a cursor, over all its connections.

    Attributes:
        account: Only transactions of this account were asked for; empty for all.
    """

    name: str
    account: str
    after: int
    messages: list[Message] = field(default_factory=list)

    @property
    def cursor(self) -> int:
        return self.messages[-1].cursor if self.messages else self.after


@dataclass(slots=True)
class Report:
    """What callers were told in one round.

    Attributes:
        faults: Answers that say that the server itself is at fault.
        stories: What was done beside plain transactions.
    """

    attempts: list[Attempt] = field(default_factory=list)
    balances: list[BalanceRead] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    stories: list[Any] = field(default_factory=list)

    def add(self, other: "Report") -> None:
        self.attempts += other.attempts
        self.balances += other.balances
        self.lookups += other.lookups
        self.watched += other.watched
        self.faults += other.faults
        self.stories += other.stories


class Entry(NamedTuple):
    """A transaction as the journal has it."""

    sequence: int
    transaction_id: str
    movements: tuple[Movement, ...]

    @property
    def is_rooms(self) -> bool:
        """Whether queues or the Parliament made it, or a gift for them: see `rooms`."""
        return any(movement.source.endswith(_OF_TICKETS) for movement in self.movements)


@dataclass(slots=True)
class Journal:
    """The ledger between two moments, read from its tables.

    Attributes:
        after: The last sequence number before `entries`.
        opening: What every account had at `after`.
        last_sequence: The head when it was read; entries that are no transactions have numbers too.
        closing: What every account had at `last_sequence`.
        earlier: Sequence numbers of all transactions before.
    """

    after: int
    opening: dict[str, int]
    entries: list[Entry]
    last_sequence: int
    closing: dict[str, int]
    earlier: dict[str, int] = field(default_factory=dict)
