"""Decodes contract messages into commands, refusing what is malformed."""

from ticketonomics.queues.v1 import queue_service_pb2 as rpc
from ticketonomics.queues.v1.round_pb2 import Round

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.identity.decode import check_person_id
from ticketonomics_server.identity.identifiers import is_id
from ticketonomics_server.ledger.tickets import TIERS
from ticketonomics_server.queues.drawing import MOST_NONCE_BYTES
from ticketonomics_server.queues.model import (
    QUEUE_TIERS,
    ROUND_ID_LENGTH,
    SIZES,
    ConvertDown,
    JoinQueue,
    LeaveQueue,
    OpenQueues,
    queue_name,
)
from ticketonomics_server.rpc.fields import body_hash, check_uuid, invalid


def decode_open_queues(caller: Caller, request: rpc.OpenQueuesRequest, economy: str) -> OpenQueues:
    """Decodes the opening of all queues."""
    return OpenQueues(
        check_uuid(request.request_id, "request_id"), body_hash(caller, request), economy
    )


def decode_join(caller: Caller, request: rpc.JoinQueueRequest) -> JoinQueue:
    """Decodes who joins what. Guards: INVALID_FIELD."""
    if len(request.nonce) > MOST_NONCE_BYTES:
        raise invalid("nonce", f"has more than {MOST_NONCE_BYTES} bytes")
    return JoinQueue(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_queue(request.tier, request.size),
        check_person_id(request.person_id),
        request.nonce,
    )


def decode_leave(caller: Caller, request: rpc.LeaveQueueRequest) -> LeaveQueue:
    """Decodes who leaves what. Guards: INVALID_FIELD."""
    return LeaveQueue(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_queue(request.tier, request.size),
        check_person_id(request.person_id),
    )


def decode_convert_down(caller: Caller, request: rpc.ConvertDownRequest) -> ConvertDown:
    """Decodes whose ticket is converted. Guards: INVALID_FIELD."""
    tier = request.tier.upper()
    if tier not in TIERS[1:]:
        raise invalid("tier", f"is not one of {', '.join(TIERS[1:])}")
    return ConvertDown(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        tier,
        check_person_id(request.person_id),
    )


def check_queue(tier: str, size: str) -> str:
    """Returns the name of a queue."""
    return queue_name(check_tier(tier), check_size(size))


def check_tier(tier: str) -> str:
    """Returns a tier that has queues, as its asset is spelled."""
    if tier.upper() not in QUEUE_TIERS:
        raise invalid("tier", f"is not one of {', '.join(QUEUE_TIERS)}")
    return tier.upper()


def check_size(size: str) -> str:
    """Returns a size of queues."""
    if size.lower() not in SIZES:
        raise invalid("size", f"is not one of {', '.join(SIZES)}")
    return size.lower()


def check_round_id(value: str) -> str:
    """Returns the id of a round."""
    if not is_id(value, ROUND_ID_LENGTH):
        raise invalid("round_id", f"is not {ROUND_ID_LENGTH} of 0–9 and a–z")
    return value


def check_state(state: int) -> int:
    """Returns the filter of a list of rounds; 0 means all."""
    if state not in Round.State.values():
        raise invalid("state", "is no state of a round")
    return state


def check_board(tier: str) -> str:
    """Returns the tier whose queues lead to the board's tier; by default to the highest."""
    board = tier.upper() or TIERS[-1]
    if board not in TIERS[1:]:
        raise invalid("tier", f"is not one of {', '.join(TIERS[1:])}")
    return TIERS[TIERS.index(board) - 1]


__all__ = [
    "check_board",
    "check_person_id",
    "check_queue",
    "check_round_id",
    "check_size",
    "check_state",
    "check_tier",
    "decode_convert_down",
    "decode_join",
    "decode_leave",
    "decode_open_queues",
]
