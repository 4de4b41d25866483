"""Decodes contract messages into commands, refusing what is malformed."""

from typing import Any

from ticketonomics.parliament.v1 import parliament_service_pb2 as rpc
from ticketonomics.parliament.v1 import proposal_pb2

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.identity.decode import check_person_id
from ticketonomics_server.identity.identifiers import is_id
from ticketonomics_server.ledger.decode import check_amount
from ticketonomics_server.parameters.decide import find_parameter
from ticketonomics_server.parameters.decode import check_name, decode_value
from ticketonomics_server.parliament.decide import guard_person
from ticketonomics_server.parliament.model import (
    PROPOSAL_ID_LENGTH,
    CastVote,
    Choice,
    CreateProposal,
    Proposal,
    Type,
    VetoProposal,
    WithdrawProposal,
)
from ticketonomics_server.rpc.fields import (
    body_hash,
    check_address,
    check_text,
    check_time,
    check_uuid,
    invalid,
)

MAX_TITLE = 120
MAX_BODY = 4_000
MAX_REASON = 1_000


def decode_create_proposal(caller: Caller, request: rpc.CreateProposalRequest) -> CreateProposal:
    """Decodes a proposal.

    Guards: INVALID_FIELD, PERSON_ONLY, TEXT_TOO_LONG, TEXT_NOT_CLEAN, AMOUNT_OUT_OF_RANGE,
    PARAMETER_NOT_FOUND.
    """
    return CreateProposal(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        _check_person(caller, request.person_id),
        check_text(request.title, "title", longest=MAX_TITLE, shortest=1),
        check_text(request.body, "body", longest=MAX_BODY, lines=True),
        **_decode_action(request),
    )


def _decode_action(request: rpc.CreateProposalRequest) -> dict[str, Any]:
    action = request.WhichOneof("action")
    if action == "parameter_change":
        setting = request.parameter_change
        parameter = find_parameter(check_name(setting.name, f"{action}.name"))
        values = decode_value(parameter, setting.value, f"{action}.value")
        return {"type": Type.PARAMETER_CHANGE, "parameter": parameter.name, "values": values}
    if action == "policy_mint":
        return _decode_policy(Type.POLICY_MINT, action, request.policy_mint)
    if action == "policy_burn":
        return _decode_policy(Type.POLICY_BURN, action, request.policy_burn)
    if action == "event":
        if not request.event.HasField("event_time"):
            raise invalid("event.event_time", "is missing")
        event_time = check_time(request.event.event_time, "event.event_time")
        return {"type": Type.EVENT, "event_time": event_time}
    return {"type": Type.TEXT}


def _decode_policy(
    kind: Type, field: str, policy: proposal_pb2.PolicyMint | proposal_pb2.PolicyBurn
) -> dict[str, Any]:
    account = check_address(policy.account, f"{field}.account")
    return {"type": kind, "account": account, "amount": check_amount(policy.amount)}


def decode_withdraw_proposal(
    caller: Caller, request: rpc.WithdrawProposalRequest, found: Proposal
) -> WithdrawProposal:
    """Decodes the wish to take a proposal back, whose terms are as they were read."""
    return WithdrawProposal(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        found.terms,
        found.timer_id,
    )


def decode_veto_proposal(
    caller: Caller, request: rpc.VetoProposalRequest, found: Proposal
) -> VetoProposal:
    """Decodes a veto, of a proposal whose terms are as they were read.

    Guards: INVALID_FIELD, TEXT_TOO_LONG, TEXT_NOT_CLEAN.
    """
    return VetoProposal(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        found.terms,
        found.timer_id,
        check_text(request.reason, "reason", longest=MAX_REASON, shortest=1, lines=True),
        request.spam,
    )


def decode_cast_vote(caller: Caller, request: rpc.CastVoteRequest) -> CastVote:
    """Decodes a vote. Guards: INVALID_FIELD, PERSON_ONLY."""
    if int(request.choice) not in map(int, Choice):
        raise invalid("choice", "is neither yes, no nor abstain")
    return CastVote(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_proposal_id(request.proposal_id),
        _check_person(caller, request.person_id),
        Choice(request.choice),
    )


def _check_person(caller: Caller, person_id: str) -> str:
    person_id = check_person_id(person_id) if person_id else caller.person_id
    guard_person(caller, person_id)
    return person_id


def check_proposal_id(value: str) -> str:
    """Returns a proposal's id, or refuses what has not the form of one."""
    if not is_id(value, PROPOSAL_ID_LENGTH):
        raise invalid("proposal_id", f"is not {PROPOSAL_ID_LENGTH} of 0–9 and a–z")
    return value


def check_state(state: int) -> int:
    """Returns the filter of a list; 0 means all."""
    if state not in proposal_pb2.Proposal.State.values():
        raise invalid("state", "is no state of a proposal")
    return state


def check_type(kind: int) -> int:
    """Returns the filter of a list; 0 means all."""
    if kind not in proposal_pb2.Proposal.Type.values():
        raise invalid("type", "is no type of a proposal")
    return kind
