"""A small ledger in memory, in place of the SDK, that records what it is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from ticketonomics.ledger.v1.account_pb2 import Account, Balance
from ticketonomics.ledger.v1.asset_pb2 import Supply
from ticketonomics.ledger.v1.block_pb2 import Block
from ticketonomics.prices.v1.candle_pb2 import Candle
from ticketonomics.statistics.v1.statistics_pb2 import ParliamentFigures, QueueFigures, TopShare
from ticketonomics.statistics.v1.statistics_service_pb2 import (
    GetParticipationResponse,
    GetWealthDistributionResponse,
)
from ticketonomics_client import Receipt, RefusedError, TransactionDraft
from ticketonomics_simulator.fees import Fee
from ticketonomics_simulator.tickets import ASSET

Movement = tuple[str, str, int]


@dataclass(frozen=True)
class Recorded:
    """One accepted or refused transaction: for whom, what, and why."""

    acting_for: str
    movements: tuple[Movement, ...]
    memo: str


@dataclass
class StandIn:
    """Balances, fees and refusals as the ledger has them; ownership as well."""

    fee: Fee = field(default_factory=lambda: Fee(bps=100))
    balances_now: Counter[str] = field(default_factory=Counter)
    asked: list[Recorded] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    minted: int = 0
    burned: int = 0
    # Raised by the next transfers, one each.
    failures: list[Exception] = field(default_factory=list)
    transaction_ids: list[str | None] = field(default_factory=list)

    def acting_for(self, person_id: str) -> Payer:
        return Payer(self, person_id)

    async def transfer(self, **request: object) -> Receipt:
        return await Payer(self, "").transfer(**request)

    async def create_transactions(
        self, drafts: Sequence[TransactionDraft]
    ) -> list[Receipt | RefusedError]:
        return await Payer(self, "").create_transactions(drafts)

    async def mint(self, *, destination: str, amount: int, **_: object) -> Receipt:
        self.balances_now[destination] += amount
        self.minted += amount
        return self.receipt()

    async def open_account(self, address: str, *, request_id: str | None = None) -> Account:
        if address in self.opened:
            raise RefusedError("is there", reason_name="ACCOUNT_EXISTS")
        self.opened.append(address)
        return Account(address=address)

    async def supply(self, asset: str) -> Supply:
        return Supply(minted=self.minted, burned=self.burned, circulating=self.minted - self.burned)

    async def wealth_distribution(self) -> GetWealthDistributionResponse:
        top = TopShare(people_bps=1_000, wealth_ppm=425_000)
        return GetWealthDistributionResponse(holder_count=30, gini_ppm=512_000, top_shares=[top])

    async def participation(self) -> GetParticipationResponse:
        queues = QueueFigures(finished_rounds=7)
        parliament = ParliamentFigures(ended_votes=3, turnout_bps=4_550)
        return GetParticipationResponse(queues=queues, parliament=parliament)

    async def block(self) -> Block:
        return Block(height=len(self.asked), last_sequence=len(self.asked))

    async def candles(self, instrument: str, *_: object, **__: object) -> AsyncIterator[Candle]:
        for close in ("2.5", "3", "2"):
            yield Candle(instrument=instrument, close=close)

    async def balances(
        self, *, asset: str = "", page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Balance]:
        for account, amount in self.balances_now.items():
            yield Balance(account=account, asset=ASSET, posted=amount, available=amount)

    def move(self, acting_for: str, movements: tuple[Movement, ...], memo: str) -> Receipt:
        self.asked.append(Recorded(acting_for, movements, memo))
        net: Counter[str] = Counter()
        fees = 0
        for source, destination, amount in movements:
            assert amount > 0
            assert source != destination
            if source.startswith("users/"):
                assert source == f"users/{acting_for}", "a person's money moves by the person only"
            if not destination.startswith("users/"):
                assert destination in self.opened
            net[source] -= amount + self.fee.on(amount)
            net[destination] += amount
            fees += self.fee.on(amount)
        if any(self.balances_now[account] + change < 0 for account, change in net.items()):
            raise RefusedError("too little", reason_name="INSUFFICIENT_FUNDS")
        for account, change in net.items():
            self.balances_now[account] += change
        self.burned += fees
        return self.receipt()

    def receipt(self) -> Receipt:
        return Receipt("", len(self.asked), False)


@dataclass
class Payer:
    ledger: StandIn
    person_id: str

    async def transfer(
        self,
        *,
        source: str,
        destination: str,
        asset: str,
        amount: int,
        memo: str = "",
        transaction_id: str | None = None,
    ) -> Receipt:
        assert asset == ASSET
        self.ledger.transaction_ids.append(transaction_id)
        if self.ledger.failures:
            raise self.ledger.failures.pop(0)
        return self.ledger.move(self.person_id, ((source, destination, amount),), memo)

    async def create_transactions(
        self, drafts: Sequence[TransactionDraft]
    ) -> list[Receipt | RefusedError]:
        outcomes: list[Receipt | RefusedError] = []
        for draft in drafts:
            movements = tuple((p.source, p.destination, p.amount) for p in draft.postings)
            try:
                outcomes.append(self.ledger.move(self.person_id, movements, draft.memo))
            except RefusedError as error:
                outcomes.append(error)
        return outcomes
