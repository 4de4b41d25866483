"""What tier queues are about: queues, rounds, entries, and the commands about them."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from ticketonomics_server.engine.model import Undoable
from ticketonomics_server.ledger.tickets import TIERS

NO_BODY = bytes(16)
ROUND_ID_LENGTH = 16
ROUND_SERIES = "rounds"

SIZES = ("small", "medium", "large")
# The highest tier has no queue.
QUEUE_TIERS = TIERS[:-1]
TICKETS_BELOW = 20

# Fill times that a queue remembers, for estimates and dynamic rewards.
RECENT_FILLS = 20
# Wins from here on are counted together.
MOST_WINS = 20


class EntryKind(IntEnum):
    """Kinds of entries that this room makes beside its transactions; see the ledger's."""

    QUEUES_OPENED = 214
    ROUND_OPENED = 215
    ROUND_EXTENDED = 216
    ROUND_WAITS = 217


class TimerKind(IntEnum):
    """Kinds of timers that this room sets."""

    DRAW = 210
    EXPIRE = 211
    OPEN = 212


class RoundState(IntEnum):
    """As in the contract's `Round.State`."""

    WAITING = 1
    FILLED = 2
    IN_PROGRESS = 3
    FINISHED = 4
    EXPIRED = 5


UNDRAWN = (RoundState.FILLED, RoundState.IN_PROGRESS)


def next_tier(tier: str) -> str:
    """Returns the tier above."""
    return TIERS[TIERS.index(tier) + 1]


def tier_below(tier: str) -> str:
    """Returns the tier below."""
    return TIERS[TIERS.index(tier) - 1]


def queue_name(tier: str, size: str) -> str:
    """Names a queue, such as `BRONZE/small`."""
    return f"{tier}/{size}"


def split_queue(name: str) -> tuple[str, str]:
    """Returns tier and size of a queue's name."""
    tier, _, size = name.partition("/")
    return tier, size


QUEUE_NAMES = tuple(queue_name(tier, size) for tier in QUEUE_TIERS for size in SIZES)


def escrow_of(round_id: str) -> str:
    """Returns the address of the account that holds a round's stakes."""
    return f"queues/{round_id}/escrow"


@dataclass(slots=True, eq=False)
class Queue(Undoable):
    """A queue, and which of its rounds can be joined.

    Attributes:
        position: In the order of `QUEUE_NAMES`.
        economy: Name of the economy, which enters the secrets.
        draw_key_id: The key with which its next round opens.
        round_id: The round that waits; empty while none could be opened.
        open_tries: How often no server could open the next one, since the last that did.
        entries: Times that somebody joined and did not leave.
        recent_fills: Seconds that the last rounds took to fill, oldest first, spaces between.
    """

    name: str
    position: int
    economy: str
    draw_key_id: str
    round_id: str = ""
    open_tries: int = 0
    finished: int = 0
    expired: int = 0
    entries: int = 0
    recent_fills: str = ""

    @property
    def key(self) -> str:
        return self.name

    @property
    def tier(self) -> str:
        return split_queue(self.name)[0]

    @property
    def size(self) -> str:
        return split_queue(self.name)[1]


@dataclass(slots=True, eq=False)
class Round(Undoable):
    """One round, with the numbers of its opening.

    Attributes:
        number: Rounds of the economy, counted from 1.
        state: One of `RoundState`.
        stake: Minor units of the tier that each person stakes.
        reward: Minor units of the next tier.
        timeout_seconds: What it is given to fill, and again where it is extended.
        players: Who is in, in the order of joining, spaces between.
        timer_id: Of its expiry while it waits, then of its draw; 0 when it is over.
        draw_tries: How often no server could draw it.
    """

    round_id: str
    number: int
    queue: str
    state: int
    places: int
    stake: int
    reward: int
    timeout_seconds: int
    commitment: bytes
    draw_key_id: str
    create_time: datetime
    expire_time: datetime
    change_sequence: int
    timer_id: int
    extended: bool = False
    players: str = ""
    draw_tries: int = 0
    fill_time: datetime | None = None
    resolve_time: datetime | None = None
    resolve_sequence: int = 0
    secret: bytes = b""
    winner: str = ""
    winner_position: int = 0

    @property
    def key(self) -> str:
        return self.round_id

    @property
    def tier(self) -> str:
        return split_queue(self.queue)[0]

    @property
    def people(self) -> list[str]:
        """Who is in, in the order of joining."""
        return self.players.split()


@dataclass(slots=True, eq=False)
class Entry(Undoable):
    """A person in a round. Goes when the person leaves; never changes."""

    round_id: str
    person_id: str
    join_sequence: int
    join_time: datetime
    application_id: str
    nonce: bytes

    @property
    def key(self) -> tuple[str, str]:
        return self.round_id, self.person_id


@dataclass(slots=True, eq=False)
class Player(Undoable):
    """What a person has done in the queues of a tier.

    Attributes:
        entries: Times that the person joined and did not leave.
        won: Minor units of the next tier.
    """

    tier: str
    person_id: str
    entries: int = 0
    wins: int = 0
    won: int = 0

    @property
    def key(self) -> tuple[str, str]:
        return self.tier, self.person_id


@dataclass(slots=True, eq=False)
class WinCount(Undoable):
    """How many people have won so often in the queues of a tier; the last one counts all above.

    Attributes:
        reach_seconds: Of the row with no wins: how long all together took from the opening of
            their accounts to their first wins.
    """

    tier: str
    wins: int
    people: int = 0
    reach_seconds: int = 0

    @property
    def key(self) -> tuple[str, int]:
        return self.tier, self.wins


@dataclass(slots=True, frozen=True)
class Gathering:
    """Declared by `("round", id)` or `("person", id)`: all that ends with it is in the state.

    Its row there lists the ids of the rounds. Whoever decides by it takes it out of the state: it
    is true for one command.
    """


@dataclass(slots=True, frozen=True)
class OpenQueues:
    """Asks to open all queues that are not open, with the key that this server draws with."""

    request_id: bytes
    body_hash: bytes
    economy: str


@dataclass(slots=True, frozen=True)
class JoinQueue:
    """Asks to join a queue's round."""

    request_id: bytes
    body_hash: bytes
    queue: str
    person_id: str
    nonce: bytes


@dataclass(slots=True, frozen=True)
class LeaveQueue:
    """Asks to leave a queue's round."""

    request_id: bytes
    body_hash: bytes
    queue: str
    person_id: str


@dataclass(slots=True, frozen=True)
class ConvertDown:
    """Asks for tickets of the tier below."""

    request_id: bytes
    body_hash: bytes
    tier: str
    person_id: str


@dataclass(slots=True, frozen=True)
class DrawRound:
    """A filled round is to be drawn. Comes from a timer, as all below."""

    request_id: bytes
    round_id: str
    queue: str
    body_hash: bytes = NO_BODY


@dataclass(slots=True, frozen=True)
class ExpireRound:
    """A round's time is over."""

    request_id: bytes
    round_id: str
    queue: str
    body_hash: bytes = NO_BODY


@dataclass(slots=True, frozen=True)
class OpenRound:
    """A queue has no round, since no server could open one."""

    request_id: bytes
    queue: str
    body_hash: bytes = NO_BODY


@dataclass(slots=True, frozen=True)
class EndEntries:
    """Somebody who was merged or erased leaves all rounds that wait."""

    request_id: bytes
    person_id: str
    body_hash: bytes = NO_BODY
