"""Calls that move, create and destroy value."""

from collections.abc import Mapping, Sequence

from ticketonomics.ledger.v1.ledger_service_pb2 import (
    BurnRequest,
    CreateTransactionsRequest,
    CreateTransactionsResponse,
    MintRequest,
    TransferRequest,
)
from ticketonomics.ledger.v1.transaction_pb2 import Posting, TransactionInput

from ticketonomics_client.calling import Caller
from ticketonomics_client.coalescing import Coalescer
from ticketonomics_client.connection import Connection
from ticketonomics_client.errors import RefusedError, UnavailableError
from ticketonomics_client.identifiers import new_id
from ticketonomics_client.policies import policy_of
from ticketonomics_client.transactions import Receipt, TransactionDraft, outcome

_TRANSFER = policy_of(TransferRequest())


class MovementCalls(Caller):
    """Transfers, batches of transactions, minting and burning. Amounts are in minor units."""

    def __init__(
        self, connection: Connection, *, acting_for: str, timeout_seconds: float | None
    ) -> None:
        super().__init__(connection, acting_for=acting_for, timeout_seconds=timeout_seconds)
        self._coalescer = Coalescer(self._send)

    async def transfer(
        self,
        *,
        source: str,
        destination: str,
        asset: str,
        amount: int,
        memo: str = "",
        metadata: Mapping[str, str] | None = None,
        transaction_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Receipt:
        """Moves an amount of one asset between two accounts; a fee may come on top.

        Concurrent transfers travel together, so `asyncio.gather` over many is the fast way.

        Raises:
            RefusedError: The ledger said no, and nothing moved.
            UnavailableError: Nobody answered in time. The same call with the error's `request_id`
                as `transaction_id` is safe, and tells what became of it.
        """
        self.check_open()
        transaction = TransactionInput(
            transaction_id=transaction_id or new_id(),
            postings=(Posting(source=source, destination=destination, asset=asset, amount=amount),),
            memo=memo,
            metadata=metadata,
        )
        return await self._coalescer.submit(
            transaction, timeout_seconds=self._patience(_TRANSFER, timeout_seconds)
        )

    async def create_transactions(
        self, drafts: Sequence[TransactionDraft], *, timeout_seconds: float | None = None
    ) -> list[Receipt | RefusedError]:
        """Makes up to 8,192 transactions in one call, each accepted or refused on its own.

        Later ones see the effects of earlier ones. Repeating the call with the same drafts is safe.

        Returns:
            What became of each, in the order of the drafts.

        Raises:
            RefusedError: The call as a whole was refused.
            UnavailableError: Nobody answered in time; each may have happened or not.
        """
        request = CreateTransactionsRequest(transactions=[draft.to_proto() for draft in drafts])
        answer = await self.call(
            self.ledger.CreateTransactions, request, timeout_seconds=timeout_seconds
        )
        if len(answer.results) != len(drafts):
            raise UnavailableError("the answer does not fit the batch")
        return [
            outcome(draft.transaction_id, result)
            for draft, result in zip(drafts, answer.results, strict=True)
        ]

    async def mint(
        self,
        *,
        destination: str,
        asset: str,
        amount: int,
        reason: str,
        transaction_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Receipt:
        """Creates new supply of an asset in an account, for a reason of 1–256 characters."""
        request = MintRequest(
            transaction_id=transaction_id or new_id(),
            destination=destination,
            asset=asset,
            amount=amount,
            reason=reason,
        )
        answer = await self.call(self.ledger.Mint, request, timeout_seconds=timeout_seconds)
        return Receipt(request.transaction_id, answer.transaction.sequence, answer.replayed)

    async def burn(
        self,
        *,
        source: str,
        asset: str,
        amount: int,
        reason: str,
        transaction_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Receipt:
        """Destroys supply that an account holds, for a reason of 1–256 characters."""
        request = BurnRequest(
            transaction_id=transaction_id or new_id(),
            source=source,
            asset=asset,
            amount=amount,
            reason=reason,
        )
        answer = await self.call(self.ledger.Burn, request, timeout_seconds=timeout_seconds)
        return Receipt(request.transaction_id, answer.transaction.sequence, answer.replayed)

    async def drain(self) -> None:
        """Waits until every transfer that was begun is settled."""
        await self._coalescer.drain()

    async def _send(
        self, request: CreateTransactionsRequest, timeout_seconds: float
    ) -> CreateTransactionsResponse:
        return await self.attempt(
            self.ledger.CreateTransactions, request, timeout_seconds=timeout_seconds
        )
