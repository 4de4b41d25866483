"""Calls that take over what happened before, elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from ticketonomics.ledger.v1.ledger_service_pb2 import ImportTransactionsRequest
from ticketonomics.ledger.v1.transaction_pb2 import Posting, TransactionImport

from ticketonomics_client.calling import Caller
from ticketonomics_client.errors import RefusedError, UnavailableError
from ticketonomics_client.identifiers import new_id
from ticketonomics_client.times import timestamp
from ticketonomics_client.transactions import Receipt, outcome

# Never changes: who imports the same thing next year must get the same id.
_NAMESPACE = UUID("7d3f2c52-3d5e-5a77-9d0c-1f6c2b7c5f0e")


def import_id(*parts: str) -> str:
    """Makes a request id of what names a thing where it comes from: always the same id.

    Args:
        parts: Such as a name of the import and the origin's own reference.
    """
    # Each part with its length, so that no two lists of parts read the same.
    return str(uuid5(_NAMESPACE, "".join(f"{len(part)}:{part}" for part in parts)))


@dataclass(slots=True, frozen=True, kw_only=True)
class TransactionImportDraft:
    """A transaction of elsewhere that is to be taken over.

    Attributes:
        postings: 1–256 movements that happen together or not at all; an opening balance comes from
            `system/mint`.
        effective_time: When it happened; None for the time at which the ledger takes it.
        reference: What its origin calls it, at most 64 characters; public for ever.
        memo: Free text, at most 256 characters.
        metadata: At most 16 pairs.
        transaction_id: Its request id, best made by `import_id`; a new UUID when not given.
    """

    postings: Sequence[Posting]
    effective_time: datetime | None = None
    reference: str = ""
    memo: str = ""
    metadata: Mapping[str, str] | None = None
    transaction_id: str = field(default_factory=new_id)

    def to_proto(self) -> TransactionImport:
        """Encodes the draft as the contract has it; raises ValueError for a time without a zone."""
        return TransactionImport(
            transaction_id=self.transaction_id,
            postings=self.postings,
            effective_time=timestamp(self.effective_time),
            reference=self.reference,
            memo=self.memo,
            metadata=self.metadata,
        )


class ImportCalls(Caller):
    """Opening balances and past transactions, marked as imported for ever."""

    async def import_transactions(
        self, drafts: Sequence[TransactionImportDraft], *, timeout_seconds: float | None = None
    ) -> list[Receipt | RefusedError]:
        """Takes over up to 8,192 transactions in one call, each accepted or refused on its own.

        Later ones see the effects of earlier ones. Repeating the call with the same drafts is safe.
        Amounts are in minor units, and no fees are charged.

        Returns:
            What became of each, in the order of the drafts.

        Raises:
            RefusedError: The call as a whole was refused.
            UnavailableError: Nobody answered in time; each may have happened or not.
        """
        request = ImportTransactionsRequest(transactions=[draft.to_proto() for draft in drafts])
        answer = await self.call(
            self.ledger.ImportTransactions, request, timeout_seconds=timeout_seconds
        )
        if len(answer.results) != len(drafts):
            raise UnavailableError("the answer does not fit the batch")
        return [
            outcome(draft.transaction_id, result)
            for draft, result in zip(drafts, answer.results, strict=True)
        ]
