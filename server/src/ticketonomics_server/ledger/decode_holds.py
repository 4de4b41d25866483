"""Decodes what is asked of holds, refusing what is malformed."""

from ticketonomics.ledger.v1 import hold_pb2
from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.ledger.decode import check_count, decode_posting
from ticketonomics_server.ledger.model import MAX_POSTINGS
from ticketonomics_server.ledger.model_holds import CaptureHold, CreateHold, ReleaseHold
from ticketonomics_server.rpc.fields import (
    body_hash,
    check_memo,
    check_time,
    check_uuid,
    invalid,
)


def decode_create_hold(caller: Caller, request: rpc.CreateHoldRequest) -> CreateHold:
    """Decodes a new hold.

    Guards: INVALID_FIELD, POSTING_COUNT, AMOUNT_OUT_OF_RANGE, SAME_ACCOUNT, TEXT_TOO_LONG,
    TEXT_NOT_CLEAN.
    """
    hold_id = check_uuid(request.hold_id, "hold_id")
    check_count(len(request.postings))
    expire_time = None
    if request.HasField("expire_time"):
        expire_time = check_time(request.expire_time, "expire_time")
    return CreateHold(
        hold_id,
        body_hash(caller, request),
        tuple(decode_posting(posting) for posting in request.postings),
        expire_time,
        check_memo(request.memo, request.metadata),
    )


def decode_capture_hold(caller: Caller, request: rpc.CaptureHoldRequest) -> CaptureHold:
    """Decodes a capture. Guards: INVALID_FIELD, AMOUNT_OUT_OF_RANGE, TEXT_*."""
    request_id = check_uuid(request.request_id, "request_id")
    hold_id = check_uuid(request.hold_id, "hold_id")
    amounts = tuple(request.amounts)
    if len(amounts) > MAX_POSTINGS:
        raise invalid("amounts", f"has more than {MAX_POSTINGS}")
    if amounts and (min(amounts) < 0 or not any(amounts)):
        raise Rejection(
            Reason.AMOUNT_OUT_OF_RANGE,
            "an amount is negative, or all are 0: ReleaseHold moves nothing",
            field="amounts",
        )
    text = check_memo(request.memo, request.metadata)
    return CaptureHold(request_id, body_hash(caller, request), hold_id, amounts, text)


def decode_release_hold(caller: Caller, request: rpc.ReleaseHoldRequest) -> ReleaseHold:
    """Decodes a release."""
    return ReleaseHold(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_uuid(request.hold_id, "hold_id"),
    )


def check_state(state: int) -> int:
    """Returns a state to list, 0 for any, or refuses what is none."""
    if state not in hold_pb2.Hold.State.values():
        raise invalid("state", "is not a state of holds")
    return state
