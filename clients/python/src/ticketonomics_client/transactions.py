"""Transactions as callers ask for them, and what they get."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ticketonomics.ledger.v1.transaction_pb2 import Posting, TransactionInput, TransactionResult

from ticketonomics_client.errors import RefusedError
from ticketonomics_client.identifiers import new_id


@dataclass(slots=True, frozen=True)
class Receipt:
    """An accepted transaction.

    Attributes:
        transaction_id: The id that it was sent with.
        sequence: Its place in the economy's total order. As `minimum_sequence` of a read it makes
            sure that the read has seen it.
        replayed: Whether it had been accepted before, so that this is its first outcome told again.
    """

    transaction_id: str
    sequence: int
    replayed: bool


@dataclass(slots=True, frozen=True, kw_only=True)
class TransactionDraft:
    """A transaction to be made.

    Attributes:
        postings: 1–256 movements that happen together or not at all.
        memo: Free text, at most 256 characters.
        metadata: At most 16 pairs.
        transaction_id: Its request id; a new UUID when not given.
    """

    postings: Sequence[Posting]
    memo: str = ""
    metadata: Mapping[str, str] | None = None
    transaction_id: str = field(default_factory=new_id)

    def to_proto(self) -> TransactionInput:
        """Encodes the draft as the contract has it."""
        return TransactionInput(
            transaction_id=self.transaction_id,
            postings=self.postings,
            memo=self.memo,
            metadata=self.metadata,
        )


def outcome(transaction_id: str, result: TransactionResult) -> Receipt | RefusedError:
    """Decodes what became of one transaction of a batch."""
    if result.HasField("refusal"):
        return RefusedError.from_refusal(result.refusal, request_id=transaction_id)
    return Receipt(transaction_id, result.sequence, result.replayed)
