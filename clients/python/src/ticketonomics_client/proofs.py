"""Calls for proofs. `ticketonomics_client.receipts` verifies what they return."""

from collections.abc import AsyncIterator

from ticketonomics.proofs.v1.head_pb2 import SignedHead, SigningKey
from ticketonomics.proofs.v1.proof_service_pb2 import (
    GetConsistencyProofRequest,
    GetConsistencyProofResponse,
    GetReceiptRequest,
    GetSignedHeadRequest,
    ListSigningKeysRequest,
)
from ticketonomics.proofs.v1.receipt_pb2 import Receipt

from ticketonomics_client.calling import Caller


class ProofCalls(Caller):
    """Signed heads, receipts, and the keys that heads are signed with."""

    async def signed_head(self, tree_size: int = 0, *, minimum_sequence: int = 0) -> SignedHead:
        """Reads the signed head of the block log.

        Args:
            tree_size: How many blocks it holds; 0 means the newest.
            minimum_sequence: Least sequence number that the answer must have seen.
        """
        request = GetSignedHeadRequest(tree_size=tree_size, minimum_sequence=minimum_sequence)
        return (await self.call(self.proofs.GetSignedHead, request)).signed_head

    async def receipt(
        self, key: str | int, *, tree_size: int = 0, minimum_sequence: int = 0
    ) -> Receipt:
        """Reads the receipt of a transaction by its id (str), or of an entry by its number (int).

        Args:
            tree_size: Size of the log whose head it leads to; 0 means the newest.
            minimum_sequence: Least sequence number that the answer must have seen.
        """
        request = GetReceiptRequest(tree_size=tree_size, minimum_sequence=minimum_sequence)
        if isinstance(key, str):
            request.transaction_id = key
        else:
            request.sequence = key
        return (await self.call(self.proofs.GetReceipt, request)).receipt

    async def consistency_proof(
        self, first_size: int, second_size: int = 0
    ) -> GetConsistencyProofResponse:
        """Reads the proof that the log of one size begins with that of a smaller one.

        Args:
            first_size: The smaller size, at least 1.
            second_size: The greater size; 0 means the newest.
        """
        request = GetConsistencyProofRequest(first_size=first_size, second_size=second_size)
        return await self.call(self.proofs.GetConsistencyProof, request)

    async def signing_keys(self, *, page_size: int = 0) -> AsyncIterator[SigningKey]:
        """Yields the public keys that heads are and were signed with, newest first."""
        request = ListSigningKeysRequest(page_size=page_size)
        async for page in self.pages(self.proofs.ListSigningKeys, request):
            for key in page.signing_keys:
                yield key
