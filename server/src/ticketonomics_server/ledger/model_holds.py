"""Holds: amounts set aside until they are captured, released, or expire."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from ticketonomics_server.engine.model import Text, Undoable
from ticketonomics_server.ledger.model import Posting

# Kind of the timers that end holds.
HOLD_TIMER = 40
LONGEST = timedelta(days=400)
USUAL = timedelta(days=7)


class HoldState(IntEnum):
    """As in the contract's `Hold.State`."""

    OPEN = 1
    CAPTURED = 2
    RELEASED = 3
    EXPIRED = 4


def hold_name(hold_id: bytes) -> str:
    """Returns a hold's id as contracts have it."""
    digits = hold_id.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


class HeldPosting(NamedTuple):
    """What one posting has set aside: its amount, and the most that it may cost in fees."""

    source: str
    destination: str
    asset: str
    amount: int
    fee: int


@dataclass(slots=True, eq=False)
class Hold(Undoable):
    """A reservation.

    Attributes:
        hold_id: The caller's request id.
        create_sequence: The entry that created it.
        allowed: Whether it was set aside by people's allowances.
        timer_id: The timer that ends it.
        end_sequence: The entry that ended it; 0 while it is open.
        postings: Never change.
    """

    hold_id: bytes
    create_sequence: int
    state: HoldState
    application_id: str
    person_id: str
    allowed: bool
    create_time: datetime
    expire_time: datetime
    timer_id: int
    end_time: datetime | None = None
    end_sequence: int = 0
    postings: tuple[HeldPosting, ...] = ()

    @property
    def key(self) -> bytes:
        return self.hold_id

    @property
    def reserved(self) -> dict[tuple[str, str], int]:
        """What it has set aside of each balance, by account and asset."""
        amounts: dict[tuple[str, str], int] = {}
        for source, _, asset, amount, fee in self.postings:
            amounts[source, asset] = amounts.get((source, asset), 0) + amount + fee
        return amounts


@dataclass(slots=True, frozen=True)
class CreateHold:
    """Asks to set amounts aside; the request id is the hold's."""

    request_id: bytes
    body_hash: bytes
    postings: tuple[Posting, ...]
    expire_time: datetime | None = None
    text: Text | None = None


@dataclass(slots=True, frozen=True)
class CaptureHold:
    """Asks to move what is held; `amounts` by posting, none for the whole."""

    request_id: bytes
    body_hash: bytes
    hold_id: bytes
    amounts: tuple[int, ...] = ()
    text: Text | None = None


@dataclass(slots=True, frozen=True)
class ReleaseHold:
    """Asks to end a hold without moving anything."""

    request_id: bytes
    body_hash: bytes
    hold_id: bytes


@dataclass(slots=True, frozen=True)
class ExpireHold:
    """Ends a hold whose time is over; made by its timer."""

    request_id: bytes
    body_hash: bytes
    hold_id: bytes
