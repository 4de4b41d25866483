"""Decodes what is to be imported, refusing what is malformed."""

import re

from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.transaction_pb2 import TransactionImport

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.ledger.decode import check_batch, check_count, decode_posting
from ticketonomics_server.ledger.model_imports import ImportTransaction
from ticketonomics_server.rpc.fields import (
    body_hash,
    check_memo,
    check_time,
    check_uuid,
    invalid,
)

# No names, no sentences, no addresses of mail: it can never be erased.
_REFERENCE = re.compile(r"[A-Za-z0-9_.:/#+=-]{0,64}")


def decode_import(caller: Caller, message: TransactionImport) -> ImportTransaction:
    """Decodes one transaction of elsewhere.

    Guards: INVALID_FIELD, POSTING_COUNT, AMOUNT_OUT_OF_RANGE, SAME_ACCOUNT, TEXT_TOO_LONG,
    TEXT_NOT_CLEAN.
    """
    transaction_id = check_uuid(message.transaction_id, "transaction_id")
    check_count(len(message.postings))
    postings = tuple(decode_posting(posting) for posting in message.postings)
    effective_time = None
    if message.HasField("effective_time"):
        effective_time = check_time(message.effective_time, "effective_time")
    if _REFERENCE.fullmatch(message.reference) is None:
        raise invalid("reference", "is not at most 64 of a–z, A–Z, 0–9 and _.:/#+=-")
    return ImportTransaction(
        transaction_id,
        body_hash(caller, message),
        postings,
        effective_time,
        message.reference,
        check_memo(message.memo, message.metadata),
    )


def decode_imports(
    caller: Caller, request: rpc.ImportTransactionsRequest
) -> tuple[list[ImportTransaction | Rejection], int]:
    """Decodes a batch into commands, or refusals of malformed ones, and counts its postings.

    Guards: BATCH_SIZE.
    """
    weight = check_batch(request.transactions)
    return [_decode_or_refuse(caller, message) for message in request.transactions], weight


def _decode_or_refuse(caller: Caller, message: TransactionImport) -> ImportTransaction | Rejection:
    try:
        return decode_import(caller, message)
    except Rejection as rejection:
        return rejection
