"""Rewards in memory: one command decided after the other, by a clock of the test's own."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo
from ticketonomics_server.engine.domain import DueTimer, Keys, Registry
from ticketonomics_server.engine.model import Timer
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.timers import ECONOMY, ENGINE, FireTimer
from ticketonomics_server.identity.domain import IDENTITY
from ticketonomics_server.identity.model import Person, PersonState
from ticketonomics_server.ledger.domain import LEDGER
from ticketonomics_server.ledger.model import (
    MINT,
    SINK,
    Account,
    AccountState,
    Asset,
    Balance,
)
from ticketonomics_server.parameters.domain import PARAMETERS
from ticketonomics_server.parameters.model import Parameter, ParameterValue
from ticketonomics_server.progression.domain import PROGRESSION
from ticketonomics_server.progression.model import Progress
from ticketonomics_server.rewards.commands import (
    ClaimDaily,
    CompleteAdView,
    ReportActivity,
    Tap,
)
from ticketonomics_server.rewards.domain import REWARDS
from ticketonomics_server.rewards.model import (
    AdNetwork,
    AdNetworkKey,
    Flag,
    NetworkState,
    Paid,
    Participant,
    Region,
    RewardsOf,
    Scheme,
    Tally,
)
from ticketonomics_server.spending.domain import SPENDING

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
GAME = Caller("game", frozenset({"rewards.claim", "rewards.report"}))
NO_BODY = bytes(16)
_numbers = count(1)


class Desk:
    """Ann, Bob and Cid came one after the other; `unity` is a network with one key."""

    def __init__(self) -> None:
        self.registry = Registry(
            [ENGINE, LEDGER, IDENTITY, SPENDING, PARAMETERS, PROGRESSION, REWARDS]
        )
        self.state = State([table.row_type for table in self.registry.tables])
        self.now = START
        self.sequence = 10
        self.rows: Any = self.state.rows
        for number, address in enumerate((MINT, SINK), start=1):
            self._account(number, address)
        self.rows[Asset]["BRONZE"] = Asset(1, "BRONZE", 1, 2, "Bronze", 0, 0, 0, 0, START)
        for number, name in enumerate(("ann", "bob", "cid"), start=1):
            self.rows[Person][name] = Person(name, number, PersonState.ACTIVE, START)
            self._account(number + 2, f"users/{name}")
        self.rows[AdNetwork]["unity"] = AdNetwork(
            *("unity", 4, "Unity", Scheme.HMAC_SHA256, NetworkState.ACTIVE, Region.OTHER),
            *("transaction_id", "custom_data", "country", START),
        )
        self.rows[AdNetworkKey]["unity", 0] = AdNetworkKey("unity", 0, "1", 4, b"sealed", START)

    def _account(self, number: int, address: str) -> None:
        self.rows[Account][address] = Account(number, address, AccountState.OPEN, START)

    def decide(self, command: Any, caller: Caller = GAME) -> Decision | NothingToDo:
        """Decides with just the rows that the command declared."""
        handling = self.registry.commands[type(command)]
        keys = Keys(set)
        handling.declare(command, caller, keys)
        self._load_the_gone(keys)
        whole = self.state.rows
        self.state.rows = {
            row_type: _Declared(rows, keys.get(row_type, set())) for row_type, rows in whole.items()
        }
        self.state.begin_command()
        context = Context(caller, self.now, self.sequence + 1, b"e" * 32)
        try:
            decision = handling.decide(self.state, command, context)
        except Exception:
            self.state.undo_command()
            raise
        finally:
            self.state.rows = whole
        if isinstance(decision, NothingToDo):
            self.state.undo_command()
        else:
            self.sequence += 1
        return decision

    def _load_the_gone(self, keys: Keys) -> None:
        """Does what the table of those who are gone does."""
        for person_id in keys.get(RewardsOf, set()):
            target = self.rows[Person][person_id].merged_into or ""
            self.rows[RewardsOf][person_id] = target
            keys[Participant].update({person_id, target} - {""})

    def refusal(self, command: Any, caller: Caller = GAME) -> str:
        """The reason of the refusal, which changes nothing; OK if there is none."""
        before = self.image()
        try:
            self.decide(command, caller)
        except Rejection as rejection:
            assert self.image() == before, "a refusal left something behind"
            return str(rejection.reason)
        return "OK"

    def image(self) -> Any:
        return {
            (row_type, key): row.snapshot()
            for row_type, rows in self.state.rows.items()
            for key, row in rows.items()
            if row is not None and hasattr(row, "snapshot")
        }

    def set(self, parameter: Parameter, *values: int) -> None:
        setting = ",".join(map(str, values))
        self.rows[ParameterValue][parameter.name] = ParameterValue(
            parameter.name, setting, 1, self.now, "test"
        )

    # --- what people do -----------------------------------------------------------------------

    def paid(self, command: Any, caller: Caller = GAME) -> Paid:
        """What a command pays; of a transaction, what the room tells of it."""
        value = self.decide(command, caller).value
        return getattr(value, "details", value)

    def claim(self, who: str = "ann") -> ClaimDaily:
        return ClaimDaily(self._id(), NO_BODY, who)

    def tap(self, times: int, who: str = "ann") -> Tap:
        return Tap(self._id(), NO_BODY, who, times)

    def write(self, message: bytes, length: int = 20, who: str = "ann") -> ReportActivity:
        return ReportActivity(self._id(), NO_BODY, who, "lobby", message.ljust(8), length)

    def view(self, transaction: str, who: str = "ann", **more: Any) -> CompleteAdView:
        usual = {"network_id": "unity", "slot": 0, "key_sequence": 4, "region": Region.EU}
        return CompleteAdView(
            self._id(), NO_BODY, transaction_id=transaction, person_id=who, **{**usual, **more}
        )

    def _id(self) -> bytes:
        return next(_numbers).to_bytes(16, "big")

    # --- what there is ------------------------------------------------------------------------

    def has(self, who: str) -> int:
        balance = self.rows[Balance].get((f"users/{who}", "BRONZE"))
        return balance.posted if balance else 0

    def person(self, who: str = "ann") -> Participant:
        return self.rows[Participant][who]

    def tally(self, series: str) -> tuple[int, int, int]:
        row = self.rows[Tally][series]
        return row.day, row.count, row.amount

    def progress(self, who: str = "ann") -> Progress:
        return self.rows[Progress][who]

    @property
    def flags(self) -> list[Flag]:
        return list(self.rows[Flag].values())

    @property
    def timers(self) -> list[Timer]:
        return [timer for timer in self.rows[Timer].values() if timer is not None]

    def run_timers(self) -> None:
        """Lets happen what is due, until nothing is."""
        for _ in range(50):
            due = [timer for timer in self.timers if timer.due_time <= self.now]
            if not due:
                return
            for timer in due:
                what = DueTimer(timer.timer_id, self._id(), timer.kind, timer.payload)
                command = self.registry.timers[timer.kind](what)
                handling = self.registry.commands[type(command)]
                fired = FireTimer(timer.timer_id, command, handling)
                self.decide(fired, ECONOMY)
        raise AssertionError("timers go on for ever")


class _Declared(dict[Any, Any]):
    """Rows of one type, of which only declared ones, and those that were added, are seen."""

    def __init__(self, rows: dict[Any, Any], declared: set[Any]) -> None:
        super().__init__()
        self._rows, self._declared = rows, declared

    def __getitem__(self, key: Any) -> Any:
        if key in self._rows and (key in self._declared or key in self._added()):
            return self._rows[key]
        if key not in self._declared:
            raise KeyError(f"{key} was not declared")
        return None

    def _added(self) -> set[Any]:
        return self.__dict__.setdefault("added", set())

    def __setitem__(self, key: Any, value: Any) -> None:
        self._added().add(key)
        self._rows[key] = value

    def get(self, key: Any, default: Any = None) -> Any:
        return self._rows.get(key, default)

    def setdefault(self, key: Any, default: Any = None) -> Any:
        self._added().add(key)
        return self._rows.setdefault(key, default)

    def pop(self, key: Any, default: Any = None) -> Any:
        return self._rows.pop(key, default)


@pytest.fixture
def desk() -> Desk:
    return Desk()
