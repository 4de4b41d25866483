"""Decodes what concerns people's links, names and data, refusing what is malformed."""

from ticketonomics.identity.v1 import identity_service_pb2 as rpc

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity.decode import check_id, check_person_id, decode_identity
from ticketonomics_server.identity.identifiers import PERSON_ID_LENGTH
from ticketonomics_server.identity.link_code import NewCode, hash_code, read_code
from ticketonomics_server.identity.model import Privacy
from ticketonomics_server.identity.model_people import (
    CreateLinkCode,
    ErasePerson,
    MergePeople,
    RedeemLinkCode,
    SetDisplayName,
    SetPrivacy,
    UnlinkIdentity,
)
from ticketonomics_server.rpc.fields import body_hash, check_text, check_uuid, invalid

MAX_DISPLAY_NAME = 32
# Nobody's code: what a malformed one is looked up by.
_NO_CODE = b""


def decode_create_link_code(
    caller: Caller, request: rpc.CreateLinkCodeRequest, code: NewCode
) -> CreateLinkCode:
    """Decodes the wish for a code. Guards: INVALID_FIELD."""
    return CreateLinkCode(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person_id(request.person_id),
        code.hash,
    )


def decode_redeem_link_code(caller: Caller, request: rpc.RedeemLinkCodeRequest) -> RedeemLinkCode:
    """Decodes the use of a code. Guards: INVALID_FIELD, TEXT_TOO_LONG, TEXT_NOT_CLEAN.

    A text that cannot be a code is a wrong code: its hash is that of none.
    """
    code = read_code(request.code)
    return RedeemLinkCode(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        hash_code(code) if code else _NO_CODE,
        *decode_identity(request),
        request.merge,
    )


def decode_unlink_identity(caller: Caller, request: rpc.UnlinkIdentityRequest) -> UnlinkIdentity:
    """Decodes the end of a link. Guards: INVALID_FIELD, TEXT_TOO_LONG, TEXT_NOT_CLEAN."""
    return UnlinkIdentity(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person_id(request.person_id),
        *decode_identity(request),
    )


def decode_merge_people(caller: Caller, request: rpc.MergePeopleRequest) -> MergePeople:
    """Decodes a merge. Guards: INVALID_FIELD, SAME_PERSON."""
    command = MergePeople(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_id(request.source_person_id, "source_person_id", PERSON_ID_LENGTH),
        check_id(request.target_person_id, "target_person_id", PERSON_ID_LENGTH),
    )
    if command.source_id == command.target_id:
        raise Rejection(
            Reason.SAME_PERSON, "a person cannot be merged into itself", field="target_person_id"
        )
    return command


def decode_set_display_name(caller: Caller, request: rpc.SetDisplayNameRequest) -> SetDisplayName:
    """Decodes a new name. Guards: INVALID_FIELD, TEXT_TOO_LONG, TEXT_NOT_CLEAN."""
    name = check_text(request.display_name, "display_name", longest=MAX_DISPLAY_NAME, shortest=1)
    if name != name.strip():
        raise invalid("display_name", "begins or ends with a space")
    return SetDisplayName(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person_id(request.person_id),
        name,
    )


def decode_set_privacy(caller: Caller, request: rpc.SetPrivacyRequest) -> SetPrivacy:
    """Decodes who sees a name. Guards: INVALID_FIELD."""
    if int(request.privacy) not in list(Privacy):
        raise invalid("privacy", "is neither public nor private")
    return SetPrivacy(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person_id(request.person_id),
        Privacy(request.privacy),
    )


def decode_erase_person(caller: Caller, request: rpc.ErasePersonRequest) -> ErasePerson:
    """Decodes an erasure. Guards: INVALID_FIELD."""
    return ErasePerson(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person_id(request.person_id),
        request.burn_balances,
    )
