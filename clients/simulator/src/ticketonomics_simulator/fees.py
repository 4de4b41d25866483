"""What a transfer costs, so that people know before they pay whether they can."""

from dataclasses import dataclass
from typing import Self

from ticketonomics.ledger.v1.asset_pb2 import TransferFee


@dataclass(slots=True, frozen=True)
class Fee:
    """A transfer fee, as the ledger reckons it: on every posting, on top of the amount."""

    bps: int = 0
    minimum: int = 0
    maximum: int = 0

    @classmethod
    def from_proto(cls, fee: TransferFee) -> Self:
        """Reads the fee of an asset; an unset one is none."""
        return cls(bps=fee.fee_bps, minimum=fee.minimum, maximum=fee.maximum)

    def on(self, amount: int) -> int:
        """Returns the fee on an amount, in minor units."""
        fee = max(self.minimum, -(-amount * self.bps // 10_000))
        return min(fee, self.maximum) if self.maximum else fee
