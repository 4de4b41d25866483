"""Decodes contract messages into commands, refusing what is malformed."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from ticketonomics.identity.v1 import identity_service_pb2 as rpc
from ticketonomics.identity.v1.person_pb2 import Person

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.identity.identifiers import (
    API_KEY_ID_LENGTH,
    APPLICATION_ID_LENGTH,
    PERSON_ID_LENGTH,
    is_id,
)
from ticketonomics_server.identity.model import (
    BlockPerson,
    CreateApiKey,
    CreateApplication,
    GetOrCreatePerson,
    RevokeApiKey,
    RotateApiKey,
    UnblockPerson,
    UpdateApplication,
)
from ticketonomics_server.identity.scopes import ALL_SCOPES
from ticketonomics_server.identity.secret import NewSecret
from ticketonomics_server.rpc.fields import (
    MAX_MEMO,
    MAX_NAME,
    body_hash,
    check_text,
    check_time,
    check_uuid,
    invalid,
)

MAX_SUBJECT = 128
MAX_SCOPES = 32
DEFAULT_RATE_LIMIT_RPS = 1_000
MAX_RATE_LIMIT_RPS = 1_000_000
MAX_OVERLAP = timedelta(days=30)

_PROVIDER = re.compile(r"[a-z0-9_]{1,32}")


def decode_get_or_create_person(
    caller: Caller, request: rpc.GetOrCreatePersonRequest
) -> GetOrCreatePerson:
    """Decodes the wish for a person. Guards: INVALID_FIELD, TEXT_TOO_LONG, TEXT_NOT_CLEAN."""
    return GetOrCreatePerson(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        *decode_identity(request),
        check_text(request.display_name, "display_name", longest=MAX_NAME),
    )


def decode_identity(
    request: rpc.GetOrCreatePersonRequest
    | rpc.LookUpPersonRequest
    | rpc.RedeemLinkCodeRequest
    | rpc.UnlinkIdentityRequest,
) -> tuple[str, str]:
    """Decodes provider and subject of a linked identity."""
    if not _PROVIDER.fullmatch(request.provider):
        raise invalid("provider", "is not 1–32 of a–z, 0–9 and _")
    return request.provider, check_text(request.subject, "subject", longest=MAX_SUBJECT, shortest=1)


def decode_block_person(caller: Caller, request: rpc.BlockPersonRequest) -> BlockPerson:
    """Decodes a block. Guards: INVALID_FIELD, TEXT_TOO_LONG, TEXT_NOT_CLEAN."""
    return BlockPerson(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person_id(request.person_id),
        check_text(request.reason, "reason", longest=MAX_MEMO, shortest=1),
    )


def decode_unblock_person(caller: Caller, request: rpc.UnblockPersonRequest) -> UnblockPerson:
    """Decodes the end of a block. Guards: INVALID_FIELD, TEXT_TOO_LONG, TEXT_NOT_CLEAN."""
    return UnblockPerson(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person_id(request.person_id),
        check_text(request.reason, "reason", longest=MAX_MEMO, shortest=1),
    )


def decode_state(state: int) -> int:
    """Decodes the filter of a list of people; 0 means all."""
    if state not in Person.State.values():
        raise invalid("state", "is no state of a person")
    return state


def decode_create_application(
    caller: Caller, request: rpc.CreateApplicationRequest
) -> CreateApplication:
    """Decodes a new application. Guards: INVALID_FIELD, TEXT_TOO_LONG, TEXT_NOT_CLEAN."""
    return CreateApplication(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        *_decode_terms(request),
    )


def decode_update_application(
    caller: Caller, request: rpc.UpdateApplicationRequest
) -> UpdateApplication:
    """Decodes new terms. Guards: INVALID_FIELD, TEXT_TOO_LONG, TEXT_NOT_CLEAN."""
    return UpdateApplication(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_application_id(request.application_id),
        *_decode_terms(request),
    )


def _decode_terms(
    request: rpc.CreateApplicationRequest | rpc.UpdateApplicationRequest,
) -> tuple[str, frozenset[str], int]:
    scopes = _check_scopes(request.scopes)
    rate_limit_rps = request.rate_limit_rps or DEFAULT_RATE_LIMIT_RPS
    if not 1 <= rate_limit_rps <= MAX_RATE_LIMIT_RPS:
        raise invalid("rate_limit_rps", f"is not between 1 and {MAX_RATE_LIMIT_RPS}")
    name = check_text(request.name, "name", longest=MAX_NAME, shortest=1)
    return name, scopes, rate_limit_rps


def _check_scopes(scopes: Sequence[str]) -> frozenset[str]:
    if len(scopes) > MAX_SCOPES:
        raise invalid("scopes", f"has more than {MAX_SCOPES} names")
    unknown = frozenset(scopes) - ALL_SCOPES
    if unknown:
        raise invalid("scopes", f"has {min(unknown)!r}, which is no scope")
    return frozenset(scopes)


def decode_create_api_key(
    caller: Caller, request: rpc.CreateApiKeyRequest, secret: NewSecret
) -> CreateApiKey:
    """Decodes the wish for a key. Guards: INVALID_FIELD."""
    return CreateApiKey(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_application_id(request.application_id),
        _decode_expire_time(request),
        secret.api_key_id,
        secret.hash,
    )


def _decode_expire_time(request: rpc.CreateApiKeyRequest) -> datetime | None:
    if not request.HasField("expire_time"):
        return None
    return check_time(request.expire_time, "expire_time")


def decode_rotate_api_key(
    caller: Caller, request: rpc.RotateApiKeyRequest, secret: NewSecret
) -> RotateApiKey:
    """Decodes a rotation. Guards: INVALID_FIELD."""
    return RotateApiKey(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_api_key_id(request.api_key_id),
        _decode_overlap(request.policy.overlap),
        secret.api_key_id,
        secret.hash,
    )


def _decode_overlap(duration: Duration) -> timedelta:
    # Seconds first: more of them than these would not fit into a timedelta.
    if 0 <= duration.seconds <= MAX_OVERLAP.total_seconds() and 0 <= duration.nanos < 10**9:
        overlap = duration.ToTimedelta()
        if overlap <= MAX_OVERLAP:
            return overlap
    raise invalid("policy.overlap", "is not between 0 and 30 days")


def decode_revoke_api_key(caller: Caller, request: rpc.RevokeApiKeyRequest) -> RevokeApiKey:
    """Decodes the end of a key. Guards: INVALID_FIELD."""
    return RevokeApiKey(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_api_key_id(request.api_key_id),
    )


def check_person_id(value: str) -> str:
    """Returns a person's id, or refuses what has not the form of one."""
    return check_id(value, "person_id", PERSON_ID_LENGTH)


def check_application_id(value: str) -> str:
    """Returns an application's id, or refuses what has not the form of one."""
    return check_id(value, "application_id", APPLICATION_ID_LENGTH)


def check_api_key_id(value: str) -> str:
    """Returns a key's id, or refuses what has not the form of one."""
    return check_id(value, "api_key_id", API_KEY_ID_LENGTH)


def check_id(value: str, field: str, length: int) -> str:
    """Returns an id of this length, or refuses what has not the form of one."""
    if not is_id(value, length):
        raise invalid(field, f"is not {length} of 0–9 and a–z")
    return value
