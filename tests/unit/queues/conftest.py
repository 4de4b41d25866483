"""Tier queues in memory: one command decided after the other, by a clock of the test's own."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from ticketonomics_server.domains import make_domains
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo
from ticketonomics_server.engine.domain import DueTimer, Registry
from ticketonomics_server.engine.model import Timer
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.identity.model import Person, PersonState
from ticketonomics_server.identity.model_people import QUEUES_GONE_TIMER
from ticketonomics_server.ledger.model import MINT, SINK, Account, AccountState, Asset, Balance
from ticketonomics_server.ledger.tickets import TIERS
from ticketonomics_server.parameters.model import ParameterValue, format_setting
from ticketonomics_server.queues.draw_keys import DrawKeys
from ticketonomics_server.queues.model import (
    Gathering,
    JoinQueue,
    LeaveQueue,
    OpenQueues,
    Queue,
    Round,
    RoundState,
    TimerKind,
)

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
KEY = bytes(range(32))
OTHER_KEY = bytes(32)
APP = Caller("app", frozenset({"ledger.debit_any", "queues.play", "queues.manage"}))
ECONOMY = Caller("")
SMALL = "BRONZE/small"


class _Rows(dict[Any, Any]):
    """Everything is declared: what is not there is None."""

    def __missing__(self, key: Any) -> None:
        return None


class Hall:
    """Thirty people with 5 Bronze tickets each, and queues."""

    def __init__(self) -> None:

        self.draws = DrawKeys((KEY,))
        self.registry = Registry(make_domains(self.draws))
        self.state = State([table.row_type for table in self.registry.tables])
        self.state.rows = {row_type: _Rows() for row_type in self.state.rows}
        self.sequence, self.now = 0, START
        self._numbers = count(1)
        rows = self.state.rows
        for number, code in enumerate(TIERS, start=1):
            rows[Asset][code] = Asset(number, code, 1, 2, code, 0, 0, 0, 0, START)
        for address in (MINT, SINK):
            number = len(rows[Account]) + 1
            rows[Account][address] = Account(number, address, AccountState.OPEN, START)
        rows[Balance][MINT, "BRONZE"] = Balance(MINT, "BRONZE", 1, 1, posted=-30 * 500)
        self.people = [f"p{number:02d}" for number in range(30)]
        for number, person in enumerate(self.people, start=1_000):
            address = f"users/{person}"
            rows[Account][address] = Account(number, address, AccountState.OPEN, START)
            rows[Person][person] = Person(person, 1, PersonState.ACTIVE, START)
            rows[Balance][address, "BRONZE"] = Balance(address, "BRONZE", number, 1, posted=500)

    def set(self, name: str, *values: int) -> None:
        row = ParameterValue(name, format_setting(values), 1, START, "app")
        self.state.rows[ParameterValue][name] = row

    def decide(self, command: Any, caller: Caller = APP) -> Decision | NothingToDo:
        self.state.begin_command()
        context = Context(caller, self.now, self.sequence + 1, b"e" * 32)
        try:
            decision = self.registry.commands[type(command)].decide(self.state, command, context)
        except Exception:
            self.state.undo_command()
            raise
        if isinstance(decision, NothingToDo):
            self.state.undo_command()
        else:
            self.sequence += 1
        return decision

    def ids(self) -> tuple[bytes, bytes]:
        return next(self._numbers).to_bytes(16, "big"), bytes(16)

    def open(self) -> Decision | NothingToDo:
        return self.decide(OpenQueues(*self.ids(), "main"))

    def join(self, person: str, queue: str = SMALL, caller: Caller = APP) -> Round:
        found = self.state.rows[Queue][queue]
        round_id = found.round_id if found else ""
        self.decide(JoinQueue(*self.ids(), queue, person, b""), caller)
        return self.state.rows[Round][round_id]

    def leave(self, person: str, queue: str = SMALL, caller: Caller = APP) -> None:
        self.decide(LeaveQueue(*self.ids(), queue, person), caller)

    def fill(self) -> Round:
        for person in self.people[:20]:
            found = self.join(person)
        return found

    def fire(self, kind: int, payload: bytes | None = None) -> list[Decision | NothingToDo]:
        """Lets all timers of a kind happen, as the engine does."""
        timers = [
            timer
            for timer in self.state.rows[Timer].values()
            if timer is not None
            and timer.kind == kind
            and timer.due_time <= self.now
            and payload in (None, timer.payload)
        ]
        decisions = []
        for timer in timers:
            due = DueTimer(timer.timer_id, self.ids()[0], timer.kind, timer.payload)
            decisions.append(self.decide(self.registry.timers[kind](due), ECONOMY))
            self.state.remove(timer)
        return decisions

    def go(self, person: str, state: PersonState, into: str | None = None) -> None:
        """Ends a person as identity does, and what the person has in queues."""
        row = self.state.rows[Person][person]
        row.state, row.merged_into = state, into
        self.state.rows[Account][f"users/{person}"].state = AccountState.CLOSED
        waiting = tuple(
            found.round_id
            for found in self.state.rows[Round].values()
            if found.state == RoundState.WAITING and person in found.people
        )
        self.state.rows[Gathering]["person", person] = waiting
        due = DueTimer(0, self.ids()[0], QUEUES_GONE_TIMER, person.encode())
        self.decide(self.registry.timers[QUEUES_GONE_TIMER](due), ECONOMY)

    def has(self, address: str, code: str = "BRONZE") -> int:
        row = self.state.rows[Balance][address, code]
        return row.posted if row else 0

    def queue(self, name: str = SMALL) -> Queue:
        return self.state.rows[Queue][name]

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def hall() -> Hall:
    opened = Hall()
    opened.open()
    return opened


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(Rejection) as caught:
        call(*arguments)
    return caught.value.reason.value


__all__ = ["TimerKind", "refusal"]
