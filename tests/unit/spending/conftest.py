from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo
from ticketonomics_server.engine.domain import Keys, Registry
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.timers import ENGINE
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
    CreateTransaction,
    EntryKind,
    Posting,
)
from ticketonomics_server.ledger.model_holds import CaptureHold, CreateHold, Hold, ReleaseHold
from ticketonomics_server.payments.domain import PAYMENTS
from ticketonomics_server.spending.domain import SPENDING
from ticketonomics_server.spending.limits import SPENDING_RECORDS
from ticketonomics_server.spending.model import (
    GrantAllowance,
    Period,
    RemoveBudget,
    RevokeAllowance,
    SetBudget,
    SpendingLimit,
)

# A Wednesday.
START = datetime(2030, 5, 15, 10, 30, tzinfo=UTC)
ANN, BOB, SHOP, TILL = "users/ann", "users/bob", "orgs/shop", "apps/game/till"

GAME = Caller("game", frozenset({"ledger.transfer"}))
GAME_FOR_ANN = Caller("game", frozenset({"ledger.transfer", "identity.act_for"}), "ann")
OTHER = Caller("other", frozenset({"ledger.transfer"}))
FRONT = frozenset({"ledger.transfer", "identity.act_for", "spending.consent"})
FRONT_FOR_ANN, FRONT_FOR_BOB = Caller("front", FRONT, "ann"), Caller("front", FRONT, "bob")
OFFICE = Caller("office", frozenset({"ledger.debit_any", "identity.applications"}))


class Square:
    """Ann, Bob and the game's till have 1,000 of A each, and of FEE, which costs 10 % to move."""

    def __init__(self) -> None:
        self.registry = Registry([ENGINE, LEDGER, IDENTITY, PAYMENTS, SPENDING])
        self.state = State([table.row_type for table in self.registry.tables])
        self.now = START
        self.sequence = 0
        rows = self.state.rows
        for number, address in enumerate((MINT, SINK, ANN, BOB, SHOP, TILL), start=1):
            rows[Account][address] = Account(number, address, AccountState.OPEN, START)
        for number, (code, fee_bps) in enumerate((("A", 0), ("FEE", 1_000)), start=1):
            rows[Asset][code] = Asset(number, code, 1, 0, code, 0, fee_bps, 0, 0, START)
            for address in (ANN, BOB, TILL):
                account_id = rows[Account][address].account_id
                rows[Balance][address, code] = Balance(
                    address, code, account_id, number, posted=1_000
                )
        for name in ("game", "other", "front", "office"):
            rows[Application][name] = Application(name, 1, name, "", 1_000, START)
        for name in ("ann", "bob"):
            rows[Person][name] = Person(name, 1, PersonState.ACTIVE, START)

    def decide(self, command: Any, caller: Caller) -> Decision | NothingToDo:
        """Decides with just the rows that the command declared."""
        handling = self.registry.commands[type(command)]
        keys = Keys(set)
        handling.declare(command, caller, keys)
        whole = self.state.rows
        # What comes with a hold is found by the hold's table.
        if not isinstance(command, CaptureHold | ReleaseHold):
            self.state.rows = {
                row_type: {key: rows.get(key) for key in keys.get(row_type, set())}
                for row_type, rows in whole.items()
            }
        self.state.begin_command()
        context = Context(caller, self.now, self.sequence + 1, b"e" * 32)
        try:
            decision = handling.decide(self.state, command, context)
        except Rejection:
            self.state.undo_command()
            raise
        finally:
            if self.state.rows is not whole:
                for row_type, rows in self.state.rows.items():
                    whole[row_type].update(rows)
                self.state.rows = whole
        if isinstance(decision, Decision):
            self.sequence += 1
        return decision

    def outcome(self, command: Any, caller: Caller) -> str:
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
            if hasattr(row, "snapshot")
        }, list(self.state.appended.get(SPENDING_RECORDS, ()))

    def ids(self) -> tuple[bytes, bytes]:
        self._count = getattr(self, "_count", 0) + 1
        return self._count.to_bytes(16, "big"), bytes(16)

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    # --- what is asked --------------------------------------------------------------------------

    def transfer(
        self, *postings: tuple[str, str, str, int], kind: EntryKind = EntryKind.TRANSFER
    ) -> CreateTransaction:
        return CreateTransaction(*self.ids(), kind, tuple(Posting(*p) for p in postings))

    def take(self, amount: int, caller: Caller = GAME, source: str = ANN, asset: str = "A") -> str:
        return self.outcome(self.transfer((source, SHOP, asset, amount)), caller)

    def grant(
        self,
        amount: int,
        period: Period = Period.DAY,
        *,
        application: str = "game",
        asset: str = "A",
        expire_time: datetime | None = None,
        caller: Caller = FRONT_FOR_ANN,
        person: str = "ann",
    ) -> str:
        command = GrantAllowance(
            *self.ids(), person, application, asset, amount, period, expire_time
        )
        return self.outcome(command, caller)

    def revoke(self, caller: Caller = FRONT_FOR_ANN, application: str = "game") -> str:
        return self.outcome(RevokeAllowance(*self.ids(), "ann", application, "A"), caller)

    def budget(self, amount: int, period: Period = Period.DAY, application: str = "game") -> str:
        return self.outcome(SetBudget(*self.ids(), application, "A", amount, period), OFFICE)

    def unbudget(self, application: str = "game") -> str:
        return self.outcome(RemoveBudget(*self.ids(), application, "A"), OFFICE)

    def hold(self, *amounts: int, caller: Caller = GAME, asset: str = "A") -> Hold:
        postings = tuple(Posting(ANN, SHOP, asset, amount) for amount in amounts)
        decision = self.decide(CreateHold(*self.ids(), postings), caller)
        assert isinstance(decision, Decision)
        return decision.value

    def capture(self, hold: Hold, *amounts: int, caller: Caller = GAME) -> str:
        return self.outcome(CaptureHold(*self.ids(), hold.hold_id, amounts), caller)

    def release(self, hold: Hold, caller: Caller = GAME) -> str:
        return self.outcome(ReleaseHold(*self.ids(), hold.hold_id), caller)

    # --- looking --------------------------------------------------------------------------------

    def limit(self, application: str = "game", person: str = "ann", asset: str = "A") -> Any:
        return self.state.rows[SpendingLimit][application, person, asset]

    def spent(self, application: str = "game", person: str = "ann", asset: str = "A") -> int:
        return int(self.limit(application, person, asset).spent_at(self.now))

    @property
    def records(self) -> list[tuple[Any, ...]]:
        """Sequence, kind, person and amount of each record."""
        found = self.state.appended.get(SPENDING_RECORDS, [])
        return [(r[0], r[1].name, r[3], r[5]) for r in found]


@pytest.fixture
def square() -> Square:
    return Square()
