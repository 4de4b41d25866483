"""The engine's own rows: what any domain's `decide` may use."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from ticketonomics_server.engine.canonical import text_commitment
from ticketonomics_server.engine.command import Context
from ticketonomics_server.engine.state import State


@cache
def _values(row_type: Any) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*(field.name for field in fields(row_type)))


class Undoable:
    """Gives a dataclass row of at least two fields `snapshot` and `restore` over all of them."""

    __slots__ = ()

    def snapshot(self) -> tuple[Any, ...]:
        row_type: Any = type(self)
        return _values(row_type)(self)

    def restore(self, snapshot: tuple[Any, ...]) -> None:
        row: Any = self
        for field, value in zip(fields(row), snapshot, strict=True):
            setattr(self, field.name, value)


@dataclass(slots=True, eq=False)
class Counter(Undoable):
    """The last number given out of a series."""

    name: str
    value: int

    @property
    def key(self) -> str:
        return self.name


def next_number(state: State, series: str) -> int:
    """Gives out the next number of a series, from 1. `declare` must name (Counter, series)."""
    counter = state.find(Counter, series)
    if counter is None:
        state.add(Counter(series, 1))
        return 1
    state.change(counter)
    counter.value += 1
    return counter.value


TIMER_SERIES = "timers"


@dataclass(slots=True, eq=False)
class Timer(Undoable):
    """Something that is to happen at a time: the block that is first made then makes it happen.

    Attributes:
        kind: Which domain's command it becomes; see `Domain.timers`.
        payload: For that domain.
        failures: How often a bug kept it from happening.
    """

    timer_id: int
    due_time: datetime
    kind: int
    payload: bytes
    failures: int = 0

    @property
    def key(self) -> int:
        return self.timer_id


def set_timer(state: State, due_time: datetime, kind: int, payload: bytes) -> int:
    """Sets a timer and returns its id. `declare` must name (Counter, TIMER_SERIES)."""
    timer_id = next_number(state, TIMER_SERIES)
    state.rows[Timer][timer_id] = None
    state.add(Timer(timer_id, due_time, kind, payload))
    return timer_id


@dataclass(slots=True, frozen=True)
class Text:
    """Free text that comes with a command; it can be erased from the ledger later.

    Attributes:
        owner: The person whose data it is, where that was decided when it first came.
    """

    memo: str = ""
    metadata: tuple[tuple[str, str], ...] = ()
    owner: str | None = None

    def __bool__(self) -> bool:
        return bool(self.memo or self.metadata)


@dataclass(slots=True, frozen=True)
class TextRecord:
    """A text as it is stored beside its entry. The owner is the person whose data it is, if any."""

    sequence: int
    commitment: bytes
    salt: bytes
    text: Text
    owner: str = ""


@dataclass(slots=True, eq=False)
class KeptText(Undoable):
    """The text of an entry of an earlier block, for whoever repeats it. Declared by the entry.

    Decisions only read it: `attach_text` and `erase_text` are how texts come and go.

    Attributes:
        memo: Empty once it is erased.
    """

    sequence: int
    owner: str
    memo: str

    @property
    def key(self) -> int:
        return self.sequence


TEXTS = "texts"
ERASED_TEXTS = "erased_texts"


def attach_text(
    state: State, text: Text | None, context: Context, *, owner: str | None = None
) -> bytes:
    """Stores the text beside the entry being decided and returns its commitment for the leaf.

    Args:
        owner: The person whose data it is, and with whom it is erased; by default the person who is
            acted for, if any.

    Returns:
        32 bytes, or none where there is no text.
    """
    if not text:
        return b""
    salt = context.entropy(b"text", 16)
    commitment = text_commitment(salt, text.memo, dict(text.metadata))
    if owner is None:
        owner = context.caller.person_id
    state.append(TEXTS, TextRecord(context.sequence, commitment, salt, text, owner))
    return commitment


def repeat_text(state: State, sequence: int, *metadata: tuple[str, str]) -> Text:
    """Makes a text with the memo of an earlier entry, of the same person, unless it is erased.

    `declare` must name (KeptText, sequence).
    """
    kept = state.find(KeptText, sequence)
    if kept is None or not kept.memo:
        return Text("", metadata)
    return Text(kept.memo, metadata, kept.owner)


def erase_text(state: State, sequence: int) -> None:
    """Erases the text of an entry of an earlier block, with its salt and the hash of its request.

    The commitment stays. The entry that is being decided must name the sequence number: `verify`
    asks who erased what is gone.
    """
    state.append(ERASED_TEXTS, sequence)
    kept: KeptText | None = state.rows[KeptText].get(sequence)
    if kept is not None:
        state.change(kept)
        kept.memo = ""
