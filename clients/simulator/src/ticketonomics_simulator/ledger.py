"""The part of the SDK that the simulation itself uses, so that tests can stand in for it."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from ticketonomics.ledger.v1.account_pb2 import Account, Balance
from ticketonomics.ledger.v1.asset_pb2 import Supply
from ticketonomics.ledger.v1.block_pb2 import Block
from ticketonomics.prices.v1.candle_pb2 import Candle
from ticketonomics.statistics.v1.statistics_service_pb2 import (
    GetParticipationResponse,
    GetWealthDistributionResponse,
)
from ticketonomics_client import Receipt, RefusedError, TransactionDraft


class Payer(Protocol):
    """Somebody who pays: a person, or the application."""

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
        """Moves an amount between two accounts."""
        ...

    async def create_transactions(
        self, drafts: Sequence[TransactionDraft]
    ) -> list[Receipt | RefusedError]:
        """Makes transactions of several postings."""
        ...


class Ledger(Payer, Protocol):
    """What `ticketonomics_client.Client` offers to the simulation."""

    def acting_for(self, person_id: str) -> Payer:
        """Returns the same calls on behalf of a person."""
        ...

    async def mint(
        self,
        *,
        destination: str,
        asset: str,
        amount: int,
        reason: str,
        transaction_id: str | None = None,
    ) -> Receipt:
        """Creates new supply."""
        ...

    async def open_account(self, address: str, *, request_id: str | None = None) -> Account:
        """Opens an account."""
        ...

    async def supply(self, asset: str) -> Supply:
        """Reads how much of an asset there is."""
        ...

    async def block(self) -> Block:
        """Reads the newest block."""
        ...

    async def wealth_distribution(self) -> GetWealthDistributionResponse:
        """Reads how wealth is spread."""
        ...

    async def participation(self) -> GetParticipationResponse:
        """Reads how queues are played and how the Parliament works."""
        ...

    def candles(
        self,
        instrument: str,
        interval: Candle.Interval,
        *,
        start_time: datetime | None = None,
        fill_gaps: bool = False,
    ) -> AsyncIterator[Candle]:
        """Yields an instrument's candles, newest first."""
        ...

    def balances(
        self, *, asset: str = "", page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Balance]:
        """Yields balances of an asset."""
        ...
