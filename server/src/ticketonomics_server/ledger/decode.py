"""Decodes contract messages into commands, refusing what is malformed."""

import hashlib
from collections.abc import Sequence
from itertools import chain
from typing import Any

from ticketonomics.ledger.v1 import asset_pb2
from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.transaction_pb2 import Posting as PostingMessage
from ticketonomics.ledger.v1.transaction_pb2 import TransactionImport, TransactionInput

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.model import Text
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.ledger.model import (
    MAX_POSTINGS,
    MINT,
    SINK,
    CloseAccount,
    CreateAsset,
    CreateTransaction,
    EntryKind,
    OpenAccount,
    Posting,
    SetTransferFee,
)
from ticketonomics_server.rpc.fields import (
    MAX_MEMO,
    MAX_NAME,
    body_hash,
    check_address,
    check_asset_code,
    check_memo,
    check_text,
    check_uuid,
    invalid,
)

MAX_TRANSACTIONS = 8_192
MAX_BATCH_POSTINGS = 32_768


def decode_transaction(caller: Caller, message: TransactionInput) -> CreateTransaction:
    """Decodes one transaction.

    Guards: INVALID_FIELD, POSTING_COUNT, AMOUNT_OUT_OF_RANGE, SAME_ACCOUNT, TEXT_TOO_LONG,
    TEXT_NOT_CLEAN.
    """
    transaction_id = check_uuid(message.transaction_id, "transaction_id")
    postings = message.postings
    check_count(len(postings))
    return _build(
        caller,
        transaction_id,
        EntryKind.TRANSFER,
        tuple([decode_posting(posting) for posting in postings]),
        check_memo(message.memo, message.metadata),
    )


def decode_transfer(caller: Caller, request: rpc.TransferRequest) -> CreateTransaction:
    """Decodes a transfer: the same transaction in a batch is the same request."""
    return _build(
        caller,
        check_uuid(request.transaction_id, "transaction_id"),
        EntryKind.TRANSFER,
        (decode_posting(request),),
        check_memo(request.memo, request.metadata),
    )


def _build(
    caller: Caller,
    transaction_id: bytes,
    kind: EntryKind,
    postings: tuple[Posting, ...],
    text: Text | None,
) -> CreateTransaction:
    # No part holds a NUL, so that two different bodies never join to the same.
    parts = [caller.application_id, caller.person_id, str(int(kind))]
    for source, destination, asset, amount in postings:
        parts += (source, destination, asset, str(amount))
    if text:
        parts += ("", text.memo, *chain.from_iterable(text.metadata))
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return CreateTransaction(transaction_id, digest[:16], kind, postings, text)


def check_count(count: int) -> None:
    """Refuses with POSTING_COUNT no postings, or too many."""
    if not 1 <= count <= MAX_POSTINGS:
        raise Rejection(
            Reason.POSTING_COUNT,
            f"1 to {MAX_POSTINGS} postings belong together, not {count}",
            field="postings",
        )


def decode_posting(message: PostingMessage | rpc.TransferRequest) -> Posting:
    """Decodes a posting. Guards: INVALID_FIELD, AMOUNT_OUT_OF_RANGE, SAME_ACCOUNT."""
    source = check_address(message.source, "source")
    destination = check_address(message.destination, "destination")
    asset = check_asset_code(message.asset, "asset")
    amount = check_amount(message.amount)
    if source == destination:
        raise Rejection(
            Reason.SAME_ACCOUNT,
            f"{source} is on both sides",
            field="destination",
            account=source,
        )
    return Posting(source, destination, asset, amount)


def check_amount(amount: int) -> int:
    """Returns an amount, or refuses one that is not positive."""
    if amount <= 0:
        raise Rejection(
            Reason.AMOUNT_OUT_OF_RANGE, f"amount is {amount}, not at least 1", field="amount"
        )
    return amount


def decode_batch(
    caller: Caller, request: rpc.CreateTransactionsRequest
) -> tuple[list[CreateTransaction | Rejection], int]:
    """Decodes a batch into commands, or refusals of malformed ones, and counts its postings.

    Guards: BATCH_SIZE.
    """
    weight = check_batch(request.transactions)
    return [_decode_or_refuse(caller, message) for message in request.transactions], weight


def check_batch(messages: Sequence[TransactionInput] | Sequence[TransactionImport]) -> int:
    """Counts the postings of a batch, or refuses with BATCH_SIZE one that is empty or too large."""
    if not 1 <= len(messages) <= MAX_TRANSACTIONS:
        raise _batch_size(f"1 to {MAX_TRANSACTIONS} transactions, not {len(messages)}")
    weight = sum([len(message.postings) for message in messages])
    if weight > MAX_BATCH_POSTINGS:
        raise _batch_size(f"at most {MAX_BATCH_POSTINGS} postings, not {weight}")
    return weight


def _decode_or_refuse(caller: Caller, message: TransactionInput) -> CreateTransaction | Rejection:
    try:
        return decode_transaction(caller, message)
    except Rejection as rejection:
        return rejection


def _batch_size(wanted: str) -> Rejection:
    return Rejection(Reason.BATCH_SIZE, f"a batch has {wanted}", field="transactions")


def decode_mint(caller: Caller, request: rpc.MintRequest) -> CreateTransaction:
    """Decodes the creation of supply."""
    destination = check_address(request.destination, "destination")
    return _decode_supply_change(caller, request, EntryKind.MINT, MINT, destination)


def decode_burn(caller: Caller, request: rpc.BurnRequest) -> CreateTransaction:
    """Decodes the destruction of supply."""
    source = check_address(request.source, "source")
    return _decode_supply_change(caller, request, EntryKind.BURN, source, SINK)


def _decode_supply_change(
    caller: Caller, request: Any, kind: EntryKind, source: str, destination: str
) -> CreateTransaction:
    transaction_id = check_uuid(request.transaction_id, "transaction_id")
    asset = check_asset_code(request.asset, "asset")
    amount = check_amount(request.amount)
    reason = check_text(request.reason, "reason", longest=MAX_MEMO, shortest=1)
    if source == destination:
        # The mint cannot be credited, nor the sink debited.
        raise Rejection(
            Reason.ACCOUNT_RESERVED, f"{source} is not moved by this method", account=source
        )
    posting = Posting(source, destination, asset, amount)
    return _build(caller, transaction_id, kind, (posting,), check_memo(reason, {}))


def decode_open_account(caller: Caller, request: rpc.OpenAccountRequest) -> OpenAccount:
    """Decodes the opening of an account."""
    return OpenAccount(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_address(request.address, "address"),
    )


def decode_close_account(caller: Caller, request: rpc.CloseAccountRequest) -> CloseAccount:
    """Decodes the closing of an account."""
    return CloseAccount(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_address(request.address, "address"),
    )


def decode_create_asset(caller: Caller, request: rpc.CreateAssetRequest) -> CreateAsset:
    """Decodes a new asset."""
    asset = request.asset
    request_id = check_uuid(request.request_id, "request_id")
    code = check_asset_code(asset.code, "asset.code")
    if asset.kind not in _KINDS:
        raise invalid("asset.kind", "is not a kind of asset")
    if not 0 <= asset.decimals <= 9:
        raise invalid("asset.decimals", "is not between 0 and 9")
    if asset.supply_cap < 0:
        raise invalid("asset.supply_cap", "is negative")
    return CreateAsset(
        request_id,
        body_hash(caller, request),
        code,
        asset.kind,
        asset.decimals,
        check_text(asset.name, "asset.name", longest=MAX_NAME, shortest=1),
        asset.supply_cap,
        *_decode_fee(asset.transfer_fee),
    )


_KINDS = frozenset(asset_pb2.Asset.Kind.values()) - {asset_pb2.Asset.KIND_UNSPECIFIED}


def decode_set_transfer_fee(caller: Caller, request: rpc.SetTransferFeeRequest) -> SetTransferFee:
    """Decodes a new transfer fee."""
    return SetTransferFee(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_asset_code(request.asset, "asset"),
        *_decode_fee(request.transfer_fee),
    )


def _decode_fee(fee: asset_pb2.TransferFee) -> tuple[int, int, int]:
    if not 0 <= fee.fee_bps <= 10_000:
        raise invalid("transfer_fee.fee_bps", "is not between 0 and 10,000")
    if fee.minimum < 0:
        raise invalid("transfer_fee.minimum", "is negative")
    if fee.maximum < 0 or 0 < fee.maximum < fee.minimum:
        raise invalid("transfer_fee.maximum", "is negative or below the minimum")
    return fee.fee_bps, fee.minimum, fee.maximum
