"""`ProofService`: signed heads, receipts, consistency, and the keys that heads are signed with."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from ticketonomics.proofs.v1 import proof_service_pb2 as rpc
from ticketonomics.proofs.v1.proof_service_pb2_grpc import ProofServiceServicer

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity.scopes import Scope
from ticketonomics_server.ledger import selection
from ticketonomics_server.ledger.encode import may_read_text
from ticketonomics_server.ledger.queries import read_transactions
from ticketonomics_server.proofs import encode, queries
from ticketonomics_server.proofs.following import LogFollower
from ticketonomics_server.proofs.proving import Prover, no_entry
from ticketonomics_server.proofs.signing import Signer
from ticketonomics_server.rpc.call import Context, current_call
from ticketonomics_server.rpc.fields import invalid
from ticketonomics_server.rpc.paging import next_token, page_size, read_token
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import Snapshot, reading, translated_failures

_ANY_NUMBER = 2**31 - 1

Answer = TypeVar("Answer")


class ProofServicer(ProofServiceServicer):
    """Proofs that the ledger is what it was."""

    def __init__(self, database: Database, signer: Signer, follower: LogFollower) -> None:
        self._database = database
        self._follower = follower
        self._prover = Prover(signer)

    async def GetSignedHead(
        self, request: rpc.GetSignedHeadRequest, context: Context
    ) -> rpc.GetSignedHeadResponse:
        size = _check_size(request.tree_size, "tree_size")
        economy = current_call().economy

        async def prove(snapshot: Snapshot) -> rpc.GetSignedHeadResponse:
            signed = await self._prover.prove_head(snapshot, economy, size)
            return rpc.GetSignedHeadResponse(
                signed_head=encode.encode_head(signed), last_sequence=snapshot.last_sequence
            )

        return await self._prove(request, prove)

    async def GetReceipt(
        self, request: rpc.GetReceiptRequest, context: Context
    ) -> rpc.GetReceiptResponse:
        size = _check_size(request.tree_size, "tree_size")
        call = current_call()

        async def prove(snapshot: Snapshot) -> rpc.GetReceiptResponse:
            sequence = await selection.requested_sequence(snapshot, request)
            found = await read_transactions(snapshot, [sequence])
            transaction = found[0] if found else None
            if transaction is None and not _may_read_all(call.caller):
                raise no_entry(request.transaction_id or request.sequence)
            proof = await self._prover.prove_entry(snapshot, call.economy, sequence, size)
            with_text = transaction is not None and may_read_text(call.caller, transaction.posted)
            salt = await queries.find_salt(snapshot, sequence) if with_text else None
            return rpc.GetReceiptResponse(
                receipt=encode.encode_receipt(proof, transaction, salt, with_text=with_text),
                last_sequence=snapshot.last_sequence,
            )

        return await self._prove(request, prove)

    async def GetConsistencyProof(
        self, request: rpc.GetConsistencyProofRequest, context: Context
    ) -> rpc.GetConsistencyProofResponse:
        first, second = request.first_size, _check_size(request.second_size, "second_size")
        if first < 1:
            raise invalid("first_size", "is not at least 1")
        economy = current_call().economy

        async def prove(snapshot: Snapshot) -> rpc.GetConsistencyProofResponse:
            path, signed = await self._prover.prove_consistency(snapshot, economy, first, second)
            return rpc.GetConsistencyProofResponse(
                first_size=first,
                path=path,
                signed_head=encode.encode_head(signed),
                last_sequence=snapshot.last_sequence,
            )

        return await self._prove(request, prove)

    async def ListSigningKeys(
        self, request: rpc.ListSigningKeysRequest, context: Context
    ) -> rpc.ListSigningKeysResponse:
        size = page_size(request)
        (below,) = read_token(request, int) or (_ANY_NUMBER,)
        async with reading(self._database, current_call().economy_id) as snapshot:
            rows = await queries.list_keys(snapshot, below=below, limit=size + 1)
        return rpc.ListSigningKeysResponse(
            signing_keys=[encode.encode_key(row) for row in rows[:size]],
            next_page_token=next_token(request, rows, size, "number"),
            last_sequence=snapshot.last_sequence,
        )

    async def _prove(self, request: Any, prove: Callable[[Snapshot], Awaitable[Answer]]) -> Answer:
        """Proves in a snapshot; where the log is behind, builds it and tries once more."""
        call = current_call()
        try:
            async with reading(
                self._database, call.economy_id, request.minimum_sequence
            ) as snapshot:
                return await prove(snapshot)
        except Rejection as rejection:
            if rejection.reason is not Reason.LOG_BEHIND:
                raise
        with translated_failures():
            await self._follower.catch_up(call.economy_id, call.economy)
        async with reading(self._database, call.economy_id, request.minimum_sequence) as snapshot:
            return await prove(snapshot)


def _check_size(size: int, field: str) -> int:
    if size < 0:
        raise invalid(field, "is negative")
    return size


def _may_read_all(caller: Caller) -> bool:
    return Scope.LEDGER_PRIVATE in caller.scopes and not caller.person_id
