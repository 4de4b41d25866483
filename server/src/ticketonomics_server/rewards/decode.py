"""Decodes requests about rewards into commands, or refuses the malformed field by its name."""

import re
from datetime import timedelta
from typing import Any, TypeVar

from google.protobuf.duration_pb2 import Duration
from ticketonomics.rewards.v1 import rewards_service_pb2 as rpc

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.identity.identifiers import PERSON_ID_LENGTH, is_id
from ticketonomics_server.progression.model import number_of
from ticketonomics_server.rewards.callbacks import View, read_public_key
from ticketonomics_server.rewards.commands import (
    ClaimDaily,
    CompleteAdView,
    CreateAdNetwork,
    CreateReferralCode,
    NetworkTerms,
    NewKey,
    RedeemReferral,
    ReportActivity,
    ResolveFlag,
    Tap,
    UpdateAdNetwork,
)
from ticketonomics_server.rewards.model import (
    CODE_LENGTH,
    FLAG_ID_LENGTH,
    HASH_BYTES,
    MAX_TAPS,
    AdNetworkKey,
    Flag,
    NetworkState,
    Region,
    Scheme,
)
from ticketonomics_server.rpc.fields import body_hash, check_date, check_text, check_uuid, invalid

MAX_LENGTH = 1_000_000
MAX_OVERLAP = timedelta(days=30)
USUAL_OVERLAP = timedelta(days=1)
LAST_DAY = 2**31 - 1
_NETWORK_ID = re.compile(r"[a-z0-9_-]{1,32}")
_KEY_ID = re.compile(r"[\x21-\x7e]{1,64}")
_PARAMETER = re.compile(r"[A-Za-z0-9_.-]{1,64}")
P = TypeVar("P", ClaimDaily, CreateReferralCode)


def check_person(caller: Caller, person_id: str) -> str:
    """Returns whom a request is about: the one who is named, else the one who is acted for."""
    chosen = person_id or caller.person_id
    if not is_id(chosen, PERSON_ID_LENGTH):
        raise invalid("person_id", f"is not {PERSON_ID_LENGTH} of 0–9 and a–z")
    return chosen


def decode_of_person(
    kind: type[P], caller: Caller, request: rpc.ClaimDailyRequest | rpc.CreateReferralCodeRequest
) -> P:
    """Decodes what says nothing but whom it is about."""
    return kind(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person(caller, request.person_id),
    )


def decode_tap(caller: Caller, request: rpc.TapRequest) -> Tap:
    """Decodes taps."""
    if not 1 <= request.count <= MAX_TAPS:
        raise invalid("count", f"is not between 1 and {MAX_TAPS:,}")
    return Tap(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person(caller, request.person_id),
        request.count,
    )


def decode_report_activity(caller: Caller, request: rpc.ReportActivityRequest) -> ReportActivity:
    """Decodes a message, of which a few bytes of its hash are kept."""
    request_id = check_uuid(request.request_id, "request_id")
    person_id = check_person(caller, request.person_id)
    channel = check_text(request.channel, "channel", longest=64, shortest=1)
    if len(request.message_hash) != 32:
        raise invalid("message_hash", "has not 32 bytes")
    if not 0 <= request.message_length <= MAX_LENGTH:
        raise invalid("message_length", f"is not between 0 and {MAX_LENGTH:,}")
    return ReportActivity(
        request_id,
        body_hash(caller, request),
        person_id,
        channel,
        request.message_hash[:HASH_BYTES],
        request.message_length,
    )


def decode_complete_ad_view(
    caller: Caller, request: rpc.CompleteAdViewRequest, key: AdNetworkKey, view: View
) -> CompleteAdView:
    """Makes the command of a callback that was verified and read."""
    return CompleteAdView(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        key.network_id,
        key.slot,
        key.create_sequence,
        view.transaction_id,
        view.person_id,
        view.region,
    )


def check_code(value: str) -> str:
    """Returns a referral code, or refuses what has not the form of one."""
    code = value.strip().lower()
    if not is_id(code, CODE_LENGTH):
        raise invalid("code", f"is not {CODE_LENGTH} of 0–9 and a–z")
    return code


def decode_redeem_referral(
    caller: Caller, request: rpc.RedeemReferralRequest, referrer_id: str
) -> RedeemReferral:
    """Decodes a code; whose it is was read beforehand."""
    return RedeemReferral(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_person(caller, request.person_id),
        check_code(request.code),
        referrer_id,
    )


# --- networks -----------------------------------------------------------------------------------


def check_network_id(value: str) -> str:
    """Returns the id of a network, or refuses what has not the form of one."""
    if not _NETWORK_ID.fullmatch(value):
        raise invalid("network_id", "is not 1–32 of a–z, 0–9, _ and -")
    return value


def decode_create_ad_network(
    caller: Caller, request: rpc.CreateAdNetworkRequest
) -> CreateAdNetwork:
    """Decodes a new network. Its secret, if it is one, is not encrypted yet."""
    request_id = check_uuid(request.request_id, "request_id")
    network_id = check_network_id(request.network_id)
    if int(request.scheme) not in tuple(map(int, Scheme)):
        raise invalid("scheme", "is neither ECDSA_P256 nor HMAC_SHA256")
    scheme = Scheme(request.scheme)
    terms = _terms(request, NetworkState.ACTIVE)
    if not request.HasField("key"):
        raise invalid("key", "is missing")
    return CreateAdNetwork(
        request_id,
        body_hash(caller, request),
        network_id,
        scheme,
        terms,
        _new_key(request.key, scheme),
    )


def decode_update_ad_network(
    caller: Caller, request: rpc.UpdateAdNetworkRequest, scheme: Scheme
) -> UpdateAdNetwork:
    """Decodes new terms; how the network signs never changes, and was read beforehand."""
    state = NetworkState.PAUSED if request.paused else NetworkState.ACTIVE
    overlap = _overlap(request.overlap) if request.HasField("overlap") else USUAL_OVERLAP
    return UpdateAdNetwork(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        check_network_id(request.network_id),
        _terms(request, state),
        _new_key(request.key, scheme) if request.HasField("key") else None,
        overlap,
    )


def _terms(
    request: rpc.CreateAdNetworkRequest | rpc.UpdateAdNetworkRequest, state: NetworkState
) -> NetworkTerms:
    name = check_text(request.display_name, "display_name", longest=64, shortest=1)
    region = request.default_region or Region.OTHER
    if int(region) not in tuple(map(int, Region)):
        raise invalid("default_region", "is no region")
    usual = {
        "transaction_parameter": "transaction_id",
        "person_parameter": "custom_data",
        "country_parameter": "country",
    }
    chosen = {field: getattr(request, field) or default for field, default in usual.items()}
    for field, value in chosen.items():
        if not _PARAMETER.fullmatch(value):
            raise invalid(field, "is not 1–64 of letters, digits, _ . and -")
    if len(set(chosen.values())) != len(chosen):
        raise invalid("person_parameter", "has the name of another parameter")
    return NetworkTerms(name, state, Region(region), *chosen.values())


def _new_key(key: Any, scheme: Scheme) -> NewKey:
    if not _KEY_ID.fullmatch(key.key_id):
        raise invalid("key", "has no key_id of 1–64 characters of ASCII without spaces")
    if len(key.material) > 4_096:
        raise invalid("key", "has more than 4,096 bytes of material")
    if scheme == Scheme.ECDSA_P256:
        return NewKey(key.key_id, read_public_key(key.material))
    if not 16 <= len(key.material) <= 256:
        raise invalid("key", "has no secret of 16–256 bytes")
    return NewKey(key.key_id, key.material)


def _overlap(value: Duration) -> timedelta:
    overlap = timedelta(0)
    try:
        overlap = value.ToTimedelta()
        valid = timedelta(0) <= overlap <= MAX_OVERLAP
    except (ValueError, OverflowError):
        valid = False
    if not valid:
        raise invalid("overlap", f"is not between 0 and {MAX_OVERLAP.days} days")
    return overlap


# --- flags and lists ----------------------------------------------------------------------------


def decode_resolve_flag(caller: Caller, request: rpc.ResolveFlagRequest, flag: Flag) -> ResolveFlag:
    """Decodes what came of a flag; whom it is about never changes, and was read beforehand."""
    return ResolveFlag(
        check_uuid(request.request_id, "request_id"),
        body_hash(caller, request),
        flag.flag_id,
        flag.rule,
        flag.subject,
        check_text(request.note, "note", longest=256, lines=True),
    )


def check_flag_id(value: str) -> str:
    """Returns the id of a flag, or refuses what has not the form of one."""
    if not is_id(value, FLAG_ID_LENGTH):
        raise invalid("flag_id", f"is not {FLAG_ID_LENGTH} of 0–9 and a–z")
    return value


def check_days(first_date: str, last_date: str) -> tuple[int, int]:
    """Returns the first and the last day of a list."""
    first = number_of(check_date(first_date, "first_date")) if first_date else 0
    last = number_of(check_date(last_date, "last_date")) if last_date else LAST_DAY
    return first, last


def check_behind(cursor: tuple[int, str] | None) -> tuple[int, str]:
    """Returns the day and the series that a list continues behind."""
    day, series = cursor or (LAST_DAY, "")
    if not 0 <= day <= LAST_DAY:
        raise invalid("page_token", "is of no day")
    return day, series


def check_choice(value: int, enumeration: Any, field: str) -> int:
    """Returns a filter of a list; 0 means all."""
    if value not in enumeration.values():
        raise invalid(field, "is none of its values")
    return value
