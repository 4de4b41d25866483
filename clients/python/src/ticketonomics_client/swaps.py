"""Swaps of a batch: as callers ask for them, and what they get."""

from dataclasses import dataclass, field
from datetime import datetime

from ticketonomics.amm.v1.swap_pb2 import SwapInput, SwapResult

from ticketonomics_client.errors import RefusedError
from ticketonomics_client.identifiers import new_id
from ticketonomics_client.times import timestamp


@dataclass(slots=True, frozen=True, kw_only=True)
class SwapDraft:
    """A swap to be made in a batch. Amounts are in minor units.

    Attributes:
        pool_id: Which pool.
        account: Who gives and receives.
        asset_in: Code of what is given.
        asset_out: Code of what is received.
        amount_in: Exactly so much is given; or None, and `amount_out` is set.
        amount_out: At least so much is received; or None, and `amount_in` is set.
        limit_amount: Least received or most given; 0 for no limit.
        deadline_time: After it the swap does not happen any more, with a time zone.
        transaction_id: Its request id; a new UUID when not given.
    """

    pool_id: str
    account: str
    asset_in: str
    asset_out: str
    amount_in: int | None = None
    amount_out: int | None = None
    limit_amount: int = 0
    deadline_time: datetime | None = None
    transaction_id: str = field(default_factory=new_id)

    def to_proto(self) -> SwapInput:
        """Encodes the draft as the contract has it."""
        return SwapInput(
            transaction_id=self.transaction_id,
            pool_id=self.pool_id,
            account=self.account,
            asset_in=self.asset_in,
            asset_out=self.asset_out,
            amount_in=self.amount_in,
            amount_out=self.amount_out,
            limit_amount=self.limit_amount,
            deadline_time=timestamp(self.deadline_time),
        )


@dataclass(slots=True, frozen=True)
class SwapReceipt:
    """An accepted swap of a batch. Amounts are in minor units.

    Attributes:
        transaction_id: The id that it was sent with.
        sequence: Its place in the economy's total order.
        replayed: Whether it had been accepted before, so that this is its first outcome told again.
        amount_in: What was given, the fee included.
        amount_out: What was received.
        burned_amount: Part of the fee that was burned; a part of `amount_in`.
    """

    transaction_id: str
    sequence: int
    replayed: bool
    amount_in: int
    amount_out: int
    burned_amount: int


def swap_outcome(transaction_id: str, result: SwapResult) -> SwapReceipt | RefusedError:
    """Decodes what became of one swap of a batch."""
    if result.HasField("refusal"):
        return RefusedError.from_refusal(result.refusal, request_id=transaction_id)
    return SwapReceipt(
        transaction_id,
        result.sequence,
        result.replayed,
        result.amount_in,
        result.amount_out,
        result.burned_amount,
    )
