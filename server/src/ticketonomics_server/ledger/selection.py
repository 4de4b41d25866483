"""Which part of the ledger a read asks for: by id, by moment, by times, filters and page."""

from collections.abc import Sequence
from typing import Any

from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.proofs.v1.proof_service_pb2 import GetReceiptRequest

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.ledger import queries
from ticketonomics_server.ledger.histories import list_history, list_journal
from ticketonomics_server.ledger.model import TRANSACTION_KINDS
from ticketonomics_server.rpc.fields import (
    check_address,
    check_asset_code,
    check_time,
    check_uuid,
    invalid,
)
from ticketonomics_server.storage.reading import Snapshot

# Entries that one page of a filtered list looks at, at most.
LIST_WINDOW = 10_000


def check_kinds(kinds: Sequence[int], field: str) -> None:
    """Refuses what is no kind of transaction, and the same kind twice."""
    if not {int(kind) for kind in kinds} <= _KINDS or len(set(kinds)) != len(kinds):
        raise invalid(field, "is not a kind of transaction, or names one twice")


_KINDS = {int(kind) for kind in TRANSACTION_KINDS}


async def requested_sequence(
    snapshot: Snapshot, request: rpc.GetTransactionRequest | GetReceiptRequest
) -> int:
    key = request.WhichOneof("key")
    if key == "sequence":
        if request.sequence < 1:
            raise invalid("sequence", "is not at least 1")
        return request.sequence
    if key is None:
        raise invalid("transaction_id", "or sequence is needed")
    request_id = check_uuid(request.transaction_id, "transaction_id")
    return await queries.find_sequence(snapshot, request_id) or 0


async def requested_moment(snapshot: Snapshot, request: Any) -> int | None:
    """The last entry that a past balance includes; None for now."""
    as_of = request.WhichOneof("as_of")
    if as_of == "height":
        if request.height < 1:
            raise invalid("height", "is not at least 1")
        row = await queries.find_block(snapshot, request.height)
        height_end: int = row.last_sequence
        return height_end
    if as_of == "time":
        at = await queries.last_sequence_at(snapshot, check_time(request.time, "time"))
        if not at:
            raise Rejection(Reason.BLOCK_NOT_FOUND, "there was no block yet at this time")
        return at
    return None


async def requested_range(
    snapshot: Snapshot,
    request: rpc.ListTransactionsRequest | rpc.GetStatementRequest,
    token: tuple[int] | None = None,
) -> tuple[int, int]:
    """The entries that a list's times and token leave: those strictly between the two numbers."""
    after, below = 0, snapshot.last_sequence + 1
    if request.HasField("start_time"):
        start = check_time(request.start_time, "start_time")
        after = await queries.last_sequence_at(snapshot, start, before=True)
    if request.HasField("end_time"):
        end = check_time(request.end_time, "end_time")
        below = await queries.last_sequence_at(snapshot, end, before=True) + 1
    if token:
        below = min(below, token[0])
    return after, below


async def list_sequences(
    snapshot: Snapshot,
    request: rpc.ListTransactionsRequest,
    after: int,
    below: int,
    size: int,
) -> tuple[list[int], int]:
    """Lists a page's entries, and below which entry the next page begins; 0 where there is none."""
    account = asset = None
    if request.account:
        check_address(request.account, "account")
        account = (await queries.find_account(snapshot, request.account)).account_id
    if request.asset:
        check_asset_code(request.asset, "asset")
        asset = (await queries.find_asset(snapshot, request.asset)).asset_id
    if account is not None:
        sequences = await list_history(
            snapshot, account_id=account, asset_id=asset, after=after, below=below, limit=size + 1
        )
        return sequences[:size], sequences[size - 1] if len(sequences) > size else 0
    sequences = await list_journal(
        snapshot, asset_id=asset, after=after, below=below, window=LIST_WINDOW
    )
    if len(sequences) > size:
        return sequences[:size], sequences[size - 1]
    rest = below - LIST_WINDOW
    return sequences, rest if rest > after + 1 else 0
