"""Payments in memory: one command decided after the other, by a clock of the test's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo
from ticketonomics_server.engine.domain import DueTimer, Keys, Registry
from ticketonomics_server.engine.model import TEXTS, KeptText, TextRecord, Timer
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.timers import ENGINE, FireTimer
from ticketonomics_server.identity.domain import IDENTITY
from ticketonomics_server.identity.model import Application, Person, PersonState
from ticketonomics_server.ledger.domain import LEDGER
from ticketonomics_server.ledger.model import (
    MINT,
    SINK,
    Account,
    AccountState,
    Asset,
    Balance,
    Posting,
)
from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.payments.domain import PAYMENTS
from ticketonomics_server.payments.model import (
    AcceptPaymentRequest,
    CreateSchedule,
    OpenRequests,
    OpenSchedules,
    PaymentRequest,
    PaymentsOf,
    RequestPayment,
    RequestState,
    Schedule,
    unpack_postings,
)
from ticketonomics_server.payments.recurrence import Frequency
from ticketonomics_server.spending.domain import SPENDING

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
SCOPES = frozenset({"ledger.transfer", "identity.act_for", "spending.consent"})
ANN = Caller("app", SCOPES, "ann")
BOB = Caller("app", SCOPES, "bob")


class Desk:
    """Ann has 100 BRONZE, Bob has none."""

    def __init__(self) -> None:
        self.registry = Registry([ENGINE, LEDGER, IDENTITY, PAYMENTS, SPENDING])
        self.state = State([table.row_type for table in self.registry.tables])
        self.sequence = 0
        self.now = START
        rows = self.state.rows
        for number, address in enumerate((MINT, SINK, "users/ann", "users/bob"), start=1):
            rows[Account][address] = Account(number, address, AccountState.OPEN, START)
        rows[Asset]["BRONZE"] = Asset(1, "BRONZE", 1, 0, "Bronze", 0, 0, 0, 0, START)
        rows[Balance]["users/ann", "BRONZE"] = Balance("users/ann", "BRONZE", 3, 1, posted=100)
        rows[Application]["app"] = Application(
            "app", 1, "app", " ".join(sorted(SCOPES)), 1_000, START
        )
        for person in ("ann", "bob"):
            rows[Person][person] = Person(person, 1, PersonState.ACTIVE, START)

    def decide(self, command: Any, caller: Caller = ANN) -> Decision | NothingToDo:
        """Decides with just the rows that the command declared."""
        handling = self.registry.commands[type(command)]
        keys = Keys(set)
        handling.declare(command, caller, keys)
        self._load_payments(keys)
        whole = self.state.rows
        narrow = {
            row_type: _Declared(rows, keys.get(row_type, set())) for row_type, rows in whole.items()
        }
        self.state.rows = narrow
        self.state.begin_command()
        try:
            decision = handling.decide(
                self.state, command, Context(caller, self.now, self.sequence + 1, b"e" * 32)
            )
        except Exception:
            self.state.undo_command()
            raise
        finally:
            self.state.rows = whole
        if isinstance(decision, NothingToDo):
            self.state.rows = whole
            self.state.undo_command()
        else:
            self.sequence += 1
        for record in self.texts:
            kept = KeptText(record.sequence, record.owner, record.text.memo)
            whole[KeptText].setdefault(record.sequence, kept)
        return decision

    def _load_payments(self, keys: Keys) -> None:
        """Does what the table of open payments does for the accounts that are declared."""
        rows = self.state.rows
        for account in keys.get(PaymentsOf, set()):
            schedules = [
                row
                for row in rows[Schedule].values()
                if account in [p.source for p in unpack_postings(row.postings)] and not row.ended
            ]
            requests = [
                row
                for row in rows[PaymentRequest].values()
                if account in (row.payer, row.payee) and row.state == RequestState.OPEN
            ]
            rows[PaymentsOf][account] = (
                [row.schedule_id for row in schedules],
                [row.payment_request_id for row in requests],
            )
            keys[Schedule].update(row.schedule_id for row in schedules)
            keys[PaymentRequest].update(row.payment_request_id for row in requests)
            keys[Timer].update(row.timer_id for row in (*schedules, *requests))
            keys[OpenRequests].update((row.payee, row.payer) for row in requests)
            keys[OpenSchedules].update(rows[OpenSchedules])

    @property
    def texts(self) -> list[TextRecord]:
        return self.state.appended.get(TEXTS, [])

    def outcome(self, command: Any, caller: Caller = ANN) -> str:
        """OK, or the reason of the refusal; a refusal changes nothing."""
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

    def fire(self, late: timedelta = timedelta(0)) -> Decision:
        """Goes to the time of the earliest timer, or later, and lets it happen."""
        timer = min(self.timers, key=lambda found: found.due_time)
        self.now = max(self.now, timer.due_time + late)
        request_id = timer.timer_id.to_bytes(16, "big")
        command = self.registry.timers[timer.kind](
            DueTimer(timer.timer_id, request_id, timer.kind, timer.payload)
        )
        handling = self.registry.commands[type(command)]
        decision = self.decide(FireTimer(timer.timer_id, command, handling), Caller(""))
        assert isinstance(decision, Decision)
        return decision

    @property
    def timers(self) -> list[Timer]:
        return [timer for timer in self.state.rows[Timer].values() if timer]

    def ids(self) -> tuple[bytes, bytes]:
        return (self.sequence + 1_000_000).to_bytes(16, "big"), bytes(16)

    def posted(self, address: str) -> int:
        row = self.state.rows[Balance].get((address, "BRONZE"))
        return row.posted if row else 0

    # --- schedules ------------------------------------------------------------------------------

    def creation(self, amount: int = 10, **changes: Any) -> CreateSchedule:
        fields: dict[str, Any] = {
            "postings": (Posting("users/ann", "users/bob", "BRONZE", amount),),
            "memo": "tea",
            "first_time": START + timedelta(hours=1),
            "frequency": Frequency.DAILY,
            "every": 1,
            "time_zone": "UTC",
            "end_time": None,
            "run_limit": 0,
            "retry_attempts": 3,
            "retry_seconds": 3_600,
            "stop_after_failures": 0,
            **changes,
        }
        return CreateSchedule(*self.ids(), **fields)

    def schedule(self, amount: int = 10, **changes: Any) -> Schedule:
        decision = self.decide(self.creation(amount, **changes))
        found = self.state.rows[Schedule][decision.value]
        assert found is not None
        return found

    # --- requests to pay ------------------------------------------------------------------------

    def request(self, **changes: Any) -> RequestPayment:
        fields: dict[str, Any] = {
            "payee": "users/bob",
            "payer": "users/ann",
            "asset": "BRONZE",
            "amount": 10,
            "memo": "tea",
            "expire_time": None,
            **changes,
        }
        return RequestPayment(*self.ids(), **fields)

    def ask(self, **changes: Any) -> PaymentRequest:
        decision = self.decide(self.request(**changes), BOB)
        found = self.state.rows[PaymentRequest][decision.value]
        assert found is not None
        return found

    def answer(self, kind: type[AcceptPaymentRequest], asked: PaymentRequest) -> Any:
        return kind(
            *self.ids(),
            asked.payment_request_id,
            asked.payee,
            asked.payer,
            asked.asset,
            asked.amount,
            asked.timer_id,
            asked.create_sequence,
        )


class _Declared(dict[Any, Any]):
    """A table of which only the declared rows, and new ones, can be found."""

    def __init__(self, rows: dict[Any, Any], keys: set[Any]) -> None:
        super().__init__((key, rows.get(key)) for key in keys)
        self._rows = rows

    def __setitem__(self, key: Any, row: Any) -> None:
        super().__setitem__(key, row)
        self._rows[key] = row


TRANSFER = LedgerKind.TRANSFER


@pytest.fixture
def desk() -> Desk:
    return Desk()
