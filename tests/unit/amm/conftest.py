"""Pools in memory: one command decided after the other, as a block would."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ticketonomics_server.amm.domain import AMM
from ticketonomics_server.amm.model import (
    AddLiquidity,
    CreatePool,
    Pool,
    RemoveLiquidity,
    Swap,
    Trade,
    trade_of,
)
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo
from ticketonomics_server.engine.domain import Keys, Registry
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.timers import ENGINE
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
from ticketonomics_server.parameters.domain import PARAMETERS
from ticketonomics_server.progression.domain import PROGRESSION
from ticketonomics_server.spending.domain import SPENDING

TIME = datetime(2030, 1, 1, tzinfo=UTC)
ANYBODY = Caller("game", frozenset({"ledger.debit_any"}))
POOL = "pools/iron-bronze"
SHARES = "LP-IRON-BRONZE"
ANN, BOB = "users/ann", "users/bob"


class Market:
    """Ann and Bob have what they are given of IRON and BRONZE, and may make pools of them."""

    def __init__(self) -> None:
        self.registry = Registry([ENGINE, LEDGER, SPENDING, PARAMETERS, PROGRESSION, AMM])
        self.state = State([table.row_type for table in self.registry.tables])
        self.sequence = 0
        self.now = TIME
        rows = self.state.rows
        for number, address in enumerate((MINT, SINK, ANN, BOB), start=1):
            rows[Account][address] = Account(number, address, AccountState.OPEN, TIME)
        for number, (code, decimals) in enumerate((("IRON", 0), ("BRONZE", 2)), start=1):
            rows[Asset][code] = Asset(number, code, 1, decimals, code, 0, 0, 0, 0, TIME)

    def give(self, address: str, code: str, amount: int) -> None:
        account, asset = self.state.rows[Account][address], self.state.rows[Asset][code]
        row = Balance(address, code, account.account_id, asset.asset_id, posted=amount)
        self.state.rows[Balance][row.key] = row

    def create(self, base: int = 10_000, quote: int = 1_000_000, **more: Any) -> Decision:
        fields = {"fee_bps": 30, "sink_bps": 2_000, "account": ANN} | more
        account = fields.pop("account")
        command = CreatePool(
            *self.ids(),
            "iron-bronze",
            "IRON",
            "BRONZE",
            account,
            base,
            quote,
            fields["fee_bps"],
            fields["sink_bps"],
        )
        return self.decide(command)

    def swap(self, asset_in: str, **more: Any) -> Swap:
        """A swap of Bob's."""
        fields: dict[str, Any] = {"account": BOB, "limit": 0, "deadline": None} | more
        exact_in = "amount_in" in fields
        amount = fields["amount_in"] if exact_in else fields["amount_out"]
        asset_out = fields.get("asset_out") or ("BRONZE" if asset_in == "IRON" else "IRON")
        return Swap(
            *self.ids(),
            fields.get("pool", "iron-bronze"),
            fields["account"],
            asset_in,
            asset_out,
            exact_in,
            amount,
            fields["limit"],
            fields["deadline"],
        )

    def add(self, base: int, quote: int, **more: Any) -> AddLiquidity:
        return AddLiquidity(
            *self.ids(),
            "iron-bronze",
            more.get("account", BOB),
            "IRON",
            "BRONZE",
            base,
            quote,
            more.get("minimum_base", 0),
            more.get("minimum_quote", 0),
            more.get("deadline"),
        )

    def remove(self, shares: int, **more: Any) -> RemoveLiquidity:
        return RemoveLiquidity(
            *self.ids(),
            "iron-bronze",
            more.get("account", BOB),
            "IRON",
            "BRONZE",
            shares,
            more.get("minimum_base", 0),
            more.get("minimum_quote", 0),
            more.get("deadline"),
        )

    # --- deciding -------------------------------------------------------------------------------

    def decide(self, command: Any, caller: Caller = ANYBODY) -> Any:
        """Decides with just the rows that the command declared."""
        handling = self.registry.commands[type(command)]
        keys = Keys(set)
        handling.declare(command, caller, keys)
        for row_type, names in keys.items():
            for name in names:
                self.state.rows[row_type].setdefault(name, None)
        self.state.begin_command()
        try:
            decision = handling.decide(
                self.state, command, Context(caller, self.now, self.sequence + 1, b"e" * 32)
            )
        except Exception:
            self.state.undo_command()
            raise
        if not isinstance(decision, NothingToDo):
            self.sequence += 1
        return decision

    def trade(self, asset_in: str, **more: Any) -> Trade:
        return trade_of(self.decide(self.swap(asset_in, **more)).value.postings)

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
                (row_type, row.key): row.snapshot()
                for row_type, rows in self.state.rows.items()
                for row in rows.values()
                if row is not None
            },
            {name: list(records) for name, records in self.state.appended.items() if records},
        )

    def ids(self) -> tuple[bytes, bytes]:
        self._number = getattr(self, "_number", 0) + 1
        return self._number.to_bytes(16, "big"), bytes(16)

    def later(self, seconds: float) -> datetime:
        return self.now + timedelta(seconds=seconds)

    # --- looking --------------------------------------------------------------------------------

    @property
    def pool(self) -> Pool:
        return self.state.rows[Pool]["iron-bronze"]

    def posted(self, address: str, code: str) -> int:
        row = self.state.rows[Balance].get((address, code))
        return row.posted if row else 0

    @property
    def reserves(self) -> tuple[int, int]:
        return self.posted(POOL, "IRON"), self.posted(POOL, "BRONZE")

    @property
    def supply(self) -> int:
        return -self.posted(MINT, SHARES) - self.posted(SINK, SHARES)

    @property
    def product(self) -> int:
        base, quote = self.reserves
        return base * quote

    def wealth(self, address: str) -> tuple[int, int, int]:
        return tuple(self.posted(address, code) for code in ("IRON", "BRONZE", SHARES))


def move(*postings: tuple[str, str, str, int]) -> tuple[Posting, ...]:
    return tuple(Posting(*posting) for posting in postings)


@pytest.fixture
def market() -> Market:
    """A pool of 10,000 IRON and 10,000.00 BRONZE, of Ann's."""
    made = Market()
    for address in (ANN, BOB):
        made.give(address, "IRON", 1_000_000)
        made.give(address, "BRONZE", 100_000_000)
    made.create()
    return made
