"""Decodes what concerns people's links, names and data, refusing what is malformed."""

import re
from collections.abc import Iterable, Sequence

from ticketonomics.identity.v1 import identity_service_pb2 as rpc
from ticketonomics.identity.v1.preferences_pb2 import Notification

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
    SetHandle,
    SetPreferences,
    SetPrivacy,
    UnlinkIdentity,
)
from ticketonomics_server.rpc.fields import body_hash, check_text, check_uuid, invalid

MAX_DISPLAY_NAME = 32
MOST_PEOPLE = 100
MAX_LANGUAGE = 35
_HANDLE = re.compile(r"[a-z][a-z0-9_]{2,31}")
# A well-formed tag of RFC 5646, section 2.1, without those that are grandfathered.
_LANGUAGE = re.compile(
    r"""
    ( [a-z]{2,3} (-[a-z]{3}){0,3} | [a-z]{4,8} )  # language
    (-[a-z]{4})?                                  # script
    (-([a-z]{2}|[0-9]{3}))?                       # region
    (-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*          # variants
    (-[0-9a-wyz](-[a-z0-9]{2,8})+)*               # extensions
    (-x(-[a-z0-9]{1,8})+)?                        # private use
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
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


def decode_set_handle(caller: Caller, request: rpc.SetHandleRequest) -> SetHandle:
    """Decodes a new handle, or the wish for none. Guards: INVALID_FIELD."""
    return SetHandle(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person_id(request.person_id),
        check_handle(request.handle) if request.handle else "",
    )


def check_handle(handle: str) -> str:
    """Returns a handle, or refuses what has not the form of one."""
    if not _HANDLE.fullmatch(handle):
        raise invalid("handle", "is not 3–32 of a–z, 0–9 and _, beginning with a letter")
    return handle


def decode_set_preferences(caller: Caller, request: rpc.SetPreferencesRequest) -> SetPreferences:
    """Decodes what a person wishes. Guards: INVALID_FIELD."""
    language = request.language
    if language and (len(language) > MAX_LANGUAGE or not _LANGUAGE.fullmatch(language)):
        raise invalid("language", "is not a BCP 47 tag such as pt-BR, or has over 35 characters")
    return SetPreferences(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person_id(request.person_id),
        language,
        _check_muted(request.muted_notifications),
    )


def _check_muted(muted: Iterable[int]) -> str:
    numbers = sorted(set(map(int, muted)))
    for number in numbers:
        if not number or number not in Notification.values():
            raise invalid("muted_notifications", f"has {number}, which is none")
    return " ".join(map(str, numbers))


def check_people(person_ids: Sequence[str]) -> list[str]:
    """Returns the ids of 1–100 people. Guards: BATCH_SIZE, INVALID_FIELD."""
    if not 1 <= len(person_ids) <= MOST_PEOPLE:
        raise Rejection(
            Reason.BATCH_SIZE,
            f"{len(person_ids)} people are not 1–{MOST_PEOPLE}",
            count=len(person_ids),
        )
    return [check_id(person_id, "person_ids", PERSON_ID_LENGTH) for person_id in person_ids]


def decode_erase_person(caller: Caller, request: rpc.ErasePersonRequest) -> ErasePerson:
    """Decodes an erasure. Guards: INVALID_FIELD."""
    return ErasePerson(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person_id(request.person_id),
        request.burn_balances,
    )
