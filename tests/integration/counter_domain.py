"""A domain that the engine does not know: tallies, and alarms that add to them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from ticketonomics_server.engine.command import (
    Accepted,
    Caller,
    Context,
    Decision,
    NothingToDo,
    decide_event,
)
from ticketonomics_server.engine.domain import Domain, DueTimer, Handling, Keys
from ticketonomics_server.engine.model import (
    TIMER_SERIES,
    Counter,
    Timer,
    Undoable,
    set_timer,
)
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.storage.rows import BulkTable

# Postgres refuses what `decide` lets through.
FORBIDDEN = 666

CREATE = f"""
CREATE TABLE tallies (
    economy_id integer NOT NULL, name text NOT NULL, value bigint NOT NULL, note text NOT NULL,
    PRIMARY KEY (economy_id, name), CHECK (value >= 0), CHECK (value <> {FORBIDDEN})
)
"""

tallies = sa.Table(
    "tallies",
    sa.MetaData(),
    sa.Column("economy_id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger),
    sa.Column("note", sa.Text),
)


@dataclass(slots=True, eq=False)
class Tally(Undoable):
    name: str
    value: int
    note: str

    @property
    def key(self) -> str:
        return self.name


@dataclass(slots=True, frozen=True)
class Request:
    request_id: bytes
    body_hash: bytes


@dataclass(slots=True, frozen=True)
class Add(Request):
    """Adds to a tally, which begins at 0. Guards: INSUFFICIENT_FUNDS."""

    name: str
    amount: int
    note: str = ""


@dataclass(slots=True, frozen=True)
class Look(Request):
    """Tells a tally's value; changes nothing."""

    name: str


@dataclass(slots=True, frozen=True)
class Remove(Request):
    name: str


@dataclass(slots=True, frozen=True)
class Stumble(Request):
    """Adds twice and then fails, with the exception given: by a bug, or by a late refusal."""

    name: str
    error: Callable[[], Exception]


@dataclass(slots=True, frozen=True)
class Undeclarable(Request):
    """Fails while it declares its rows."""


@dataclass(slots=True, frozen=True)
class SetAlarm(Request):
    """Sets a timer that carries out what `plan` names."""

    plan: str
    seconds: float


def request(body: object = None) -> tuple[bytes, bytes]:
    """The first two fields of a command."""
    return uuid4().bytes, hashlib.sha256(repr(body).encode()).digest()[:16]


def add(name: str, amount: int = 1, note: str = "") -> Add:
    return Add(*request((name, amount, note)), name, amount, note)


def added(sequence: int, value: int) -> Accepted:
    """What an addition comes to."""
    return Accepted(sequence, value=value, kind=EntryKind.ADDED)


def decide_add(state: State, command: Add, context: Context) -> Decision:
    tally = state.find(Tally, command.name)
    value = (tally.value if tally else 0) + command.amount
    if value < 0:
        raise Rejection(Reason.INSUFFICIENT_FUNDS, f"{command.name} would be {value}")
    _put(state, command.name, value, command.note)
    return decide_event(
        command, context, EntryKind.ADDED, command.name, command.amount, value=value
    )


def decide_look(state: State, command: Look, context: Context) -> NothingToDo:
    tally = state.find(Tally, command.name)
    return NothingToDo(tally.value if tally else 0)


def decide_remove(state: State, command: Remove, context: Context) -> Decision:
    tally = state.find(Tally, command.name)
    if tally is None:
        raise Rejection(Reason.ACCOUNT_NOT_FOUND, f"there is no {command.name}")
    state.remove(tally)
    return decide_event(command, context, EntryKind.REMOVED, command.name)


def decide_stumble(state: State, command: Stumble, context: Context) -> Decision:
    for _ in range(2):
        tally = state.find(Tally, command.name)
        _put(state, command.name, (tally.value if tally else 0) + 1, "")
    raise command.error()


def decide_set_alarm(state: State, command: SetAlarm, context: Context) -> Decision:
    due = context.time + timedelta(seconds=command.seconds)
    timer_id = set_timer(state, due, TimerKind.ALARM, command.plan.encode())
    return decide_event(command, context, EntryKind.ALARM_SET, command.plan, value=timer_id)


def _put(state: State, name: str, value: int, note: str) -> None:
    tally = state.find(Tally, name)
    if tally is None:
        state.add(Tally(name, value, note))
        return
    state.change(tally)
    tally.value, tally.note = value, note


class EntryKind:
    ADDED = 900
    REMOVED = 901
    ALARM_SET = 902


class TimerKind:
    ALARM = 90
    UNKNOWN = 91


class BugError(Exception):
    """Not a refusal."""


def _late_refusal() -> Rejection:
    return Rejection(Reason.ACCOUNT_CLOSED, "thought better of it")


# What an alarm may carry out, by its payload.
PLANS: dict[str, Callable[[bytes], Any]] = {
    "add": lambda request_id: Add(request_id, bytes(16), "alarm", 1),
    "look": lambda request_id: Look(request_id, bytes(16), "alarm"),
    "refused": lambda request_id: Add(request_id, bytes(16), "alarm", -1_000),
    "late refusal": lambda request_id: Stumble(request_id, bytes(16), "alarm", _late_refusal),
    "bug": lambda request_id: Stumble(request_id, bytes(16), "alarm", BugError),
    "forbidden": lambda request_id: Add(request_id, bytes(16), "forbidden", FORBIDDEN),
}


def from_alarm(due: DueTimer) -> Any:
    return PLANS[due.payload.decode()](due.request_id)


def _declare_name(command: Any, caller: Caller, keys: Keys) -> None:
    keys[Tally].add(command.name)


def _declare_undeclarable(command: Undeclarable, caller: Caller, keys: Keys) -> None:
    raise BugError


def _declare_alarm(command: SetAlarm, caller: Caller, keys: Keys) -> None:
    keys[Counter].add(TIMER_SERIES)
    keys[Timer]


TALLIES = BulkTable(Tally, tallies, key=("name",))

COUNTING = Domain(
    name="counting",
    tables=(TALLIES,),
    commands={
        Add: Handling(_declare_name, decide_add),
        Look: Handling(_declare_name, decide_look),
        Remove: Handling(_declare_name, decide_remove),
        Stumble: Handling(_declare_name, decide_stumble),
        Undeclarable: Handling(_declare_undeclarable, decide_look),
        SetAlarm: Handling(_declare_alarm, decide_set_alarm),
    },
    timers={TimerKind.ALARM: from_alarm},
)
