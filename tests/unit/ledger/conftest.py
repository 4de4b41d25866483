from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from ticketonomics_server.engine.command import Caller, Context, Decision
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.model import Counter, Timer
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger.decide import CHECKPOINTS, POSTINGS
from ticketonomics_server.ledger.domain import LEDGER
from ticketonomics_server.ledger.model import (
    MINT,
    SINK,
    Account,
    AccountState,
    AllBalances,
    Asset,
    Balance,
    CreateTransaction,
    EntryKind,
    Posting,
)
from ticketonomics_server.spending.domain import SPENDING

TIME = datetime(2030, 1, 1, tzinfo=UTC)
ANYBODY = Caller("game", frozenset({"ledger.debit_any", "ledger.accounts"}))


class Books:
    """A ledger in memory, which decides one command after the other as a block would."""

    def __init__(self) -> None:
        tables = (*LEDGER.tables, *SPENDING.tables)
        self.state = State([Counter, Timer, *(table.row_type for table in tables)])
        self.sequence = 0
        self._numbers = iter(range(1, 1_000_000))
        for address in (MINT, SINK):
            self.account(address)
        self.state.rows[Counter]["accounts"] = Counter("accounts", 2)

    # --- what is there beforehand ---------------------------------------------------------------

    def account(self, address: str, state: AccountState = AccountState.OPEN) -> Account:
        rows = self.state.rows[Account]
        rows[address] = Account(len(rows) + 1, address, state, TIME)
        return rows[address]

    def asset(self, code: str, *, cap: int = 0, fee: tuple[int, int, int] = (0, 0, 0)) -> Asset:
        rows = self.state.rows[Asset]
        rows[code] = Asset(len(rows) + 1, code, 1, 0, code, cap, *fee, TIME)
        return rows[code]

    def balance(self, address: str, code: str, posted: int, held: int = 0) -> Balance:
        account, asset = self.state.rows[Account][address], self.state.rows[Asset][code]
        row = Balance(address, code, account.account_id, asset.asset_id, posted, held)
        self.state.rows[Balance][row.key] = row
        return row

    # --- deciding -------------------------------------------------------------------------------

    def decide(self, command: Any, caller: Caller = ANYBODY) -> Decision:
        """Decides with just the rows that the command declared."""
        handling = LEDGER.commands[type(command)]
        keys = Keys(set)
        handling.declare(command, caller, keys)
        for row_type, names in keys.items():
            for name in names:
                if name not in self.state.rows[row_type]:
                    self.state.rows[row_type][name] = self._load(row_type, name)
        self.state.begin_command()
        try:
            decision = handling.decide(
                self.state, command, Context(caller, TIME, self.sequence + 1, b"e" * 32)
            )
        except Exception:
            self.state.undo_command()
            raise
        self.sequence += 1
        return decision

    def _load(self, row_type: type, name: Any) -> Any:
        if row_type is AllBalances:
            return {row.asset for row in self.balances if row.account == name}
        return None

    def outcome(self, command: Any, caller: Caller = ANYBODY) -> str:
        """OK, or the reason of the refusal; a refusal changes nothing."""
        before = self.image()
        try:
            self.decide(command, caller)
        except Rejection as rejection:
            assert self.image() == before, "a refusal left something behind"
            return str(rejection.reason)
        return "OK"

    def image(self) -> Any:
        return (
            {
                row.key: row.snapshot()
                for row_type, rows in self.state.rows.items()
                for row in rows.values()
                if row is not None and row_type is not AllBalances
            },
            {name: list(records) for name, records in self.state.appended.items() if records},
        )

    def ids(self) -> tuple[bytes, bytes]:
        return next(self._numbers).to_bytes(16, "big"), bytes(16)

    def transaction(
        self,
        *postings: tuple[str, str, str, int],
        kind: EntryKind = EntryKind.TRANSFER,
        **more: Any,
    ) -> CreateTransaction:
        return CreateTransaction(
            *self.ids(), kind, tuple(Posting(*posting) for posting in postings), **more
        )

    # --- looking --------------------------------------------------------------------------------

    def posted(self, address: str, code: str) -> int:
        row = self.state.rows[Balance].get((address, code))
        return row.posted if row else 0

    @property
    def balances(self) -> Iterable[Balance]:
        return [row for row in self.state.rows[Balance].values() if row]

    @property
    def postings(self) -> list[tuple[Any, ...]]:
        return self.state.appended.get(POSTINGS, [])

    @property
    def checkpoints(self) -> list[tuple[Any, ...]]:
        return self.state.appended.get(CHECKPOINTS, [])


@pytest.fixture
def books() -> Books:
    return Books()
