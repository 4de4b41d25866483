from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import TEXTS
from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.timers import ENGINE
from ticketonomics_server.identity.domain import IDENTITY
from ticketonomics_server.identity.model import (
    Handle,
    HandlesOf,
    IdentitiesOf,
    LinkedIdentity,
    TextsOf,
)
from ticketonomics_server.identity.scopes import ALL_SCOPES
from ticketonomics_server.ledger.domain import LEDGER
from ticketonomics_server.ledger.model import AllBalances, Balance
from ticketonomics_server.spending.domain import SPENDING

OPERATOR = Caller("operator00000000", ALL_SCOPES)


class Town:
    """An economy in memory: decides commands one by one, as a block would."""

    def __init__(self) -> None:
        tables = [*ENGINE.tables, *LEDGER.tables, *IDENTITY.tables, *SPENDING.tables]
        self.state = State(table.row_type for table in tables)
        self.time = datetime(2030, 1, 1, tzinfo=UTC)
        self.sequence = 100

    def decide(self, command: Any, caller: Caller = OPERATOR) -> Decision | NothingToDo:
        handling = IDENTITY.commands[type(command)]
        keys = Keys(set)
        handling.declare(command, caller, keys)
        for row_type, names in keys.items():
            for name in names:
                self.state.rows[row_type].setdefault(name, self._loaded(row_type, name))
        self.state.begin_command()
        context = Context(caller, self.time, self.sequence + 1, b"entropy of a block")
        try:
            decision = handling.decide(self.state, command, context)
        except Exception:
            self.state.undo_command()
            raise
        if isinstance(decision, Decision):
            self.sequence += 1
        return decision

    def _loaded(self, row_type: type, name: Any) -> Any:
        """What the database would give for a key that is not kept."""
        if row_type is IdentitiesOf:
            found = self.state.rows[LinkedIdentity].values()
            return {row.key for row in found if row is not None and row.person_id == name}
        if row_type is HandlesOf:
            kept = self.state.rows[Handle].values()
            return {row.key for row in kept if row is not None and row.person_id == name}
        if row_type is AllBalances:
            return {code for (account, code) in self.state.rows[Balance] if account == name}
        if row_type is TextsOf:
            return [record.sequence for record in self.texts if record.owner == name]
        return None

    def wait(self, **duration: float) -> None:
        self.time += timedelta(**duration)

    @property
    def texts(self) -> list[Any]:
        return self.state.appended.get(TEXTS, [])

    def written(self) -> list[Any]:
        """All that a block would write."""
        return [*self.state._added, *self.state._changed, *self.texts]


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def request_ids() -> Callable[[], dict[str, bytes]]:
    """Gives the two fields that every command begins with."""
    numbers = iter(range(1, 1_000))
    return lambda: {"request_id": next(numbers).to_bytes(16, "big"), "body_hash": bytes(16)}
