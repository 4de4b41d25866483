"""Checks of request fields, before anything is queued: a malformed one is refused by its name."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from ticketonomics_server.engine.block import to_micros
from ticketonomics_server.engine.command import ENGINE_VARIANT, Caller
from ticketonomics_server.engine.model import Text
from ticketonomics_server.engine.rejection import Reason, Rejection

MAX_MEMO = 256
MAX_PAIRS = 16
MAX_NAME = 64

_ADDRESS = re.compile(r"[a-z0-9_.-]{1,64}(/[a-z0-9_.-]{1,64}){1,5}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ASSET_CODE = re.compile(r"[A-Z][A-Z0-9_-]{0,23}")


def invalid(field: str, message: str) -> Rejection:
    """Builds the refusal of a malformed field."""
    return Rejection(Reason.INVALID_FIELD, f"{field} {message}", field=field)


def check_uuid(value: str, field: str) -> bytes:
    """Returns the 16 bytes of a UUID in its usual form."""
    try:
        found = bytes.fromhex(value.replace("-", ""))
    except ValueError:
        found = b""
    dashed = len(value) == 36 and value[8] == value[13] == value[18] == value[23] == "-"
    if len(found) != 16 or not dashed or found[8] >= ENGINE_VARIANT:
        raise invalid(field, "is not a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057")
    return found


def format_uuid(value: bytes) -> str:
    """Returns a UUID in its usual form."""
    digits = value.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


# The same text always comes back as the same object: whatever looks it up later finds it by
# identity, in memory that is warm, and the many copies that requests bring are let go at once.


@lru_cache(maxsize=100_000)
def _address(value: str) -> str | None:
    return value if len(value) <= 128 and _ADDRESS.fullmatch(value) else None


def check_address(value: str, field: str) -> str:
    """Returns an address, or refuses what has not the form of one."""
    found = _address(value)
    if found is None:
        raise invalid(field, "is not an address such as users/7k3m9q2x4t6v8w1z")
    return found


@lru_cache(maxsize=10_000)
def _asset_code(value: str) -> str | None:
    return value if _ASSET_CODE.fullmatch(value) else None


def check_asset_code(value: str, field: str) -> str:
    """Returns an asset's code, or refuses what has not the form of one."""
    found = _asset_code(value)
    if found is None:
        raise invalid(field, "is not an asset's code such as BRONZE")
    return found


def check_text(
    value: str, field: str, *, longest: int, shortest: int = 0, lines: bool = False
) -> str:
    """Returns a text, or refuses one that is too long, too short or not clean.

    Args:
        lines: Whether it may have several lines.
    """
    if len(value) > longest:
        raise Rejection(
            Reason.TEXT_TOO_LONG, f"{field} has more than {longest} characters", field=field
        )
    if len(value) < shortest:
        raise invalid(field, "is empty")
    if value and not is_clean(value.replace("\n", " ") if lines else value):
        raise Rejection(
            Reason.TEXT_NOT_CLEAN,
            f"{field} holds a control character or is not in Unicode form C",
            field=field,
        )
    return value


# They turn the direction of what follows, so that a name can look like another.
_BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_clean(value: str) -> bool:
    """Tells whether a text is in form C and holds nothing that controls how it is shown.

    That is control, surrogate, private and unassigned characters, and those that turn direction.
    """
    if value.isascii():
        return value.isprintable()
    return unicodedata.is_normalized("NFC", value) and not any(
        unicodedata.category(character) in {"Cc", "Cs", "Cn", "Co"} or character in _BIDIRECTIONAL
        for character in value
    )


def check_memo(memo: str, metadata: Mapping[str, str]) -> Text | None:
    """Returns the free text of a transaction; None where there is none."""
    if not memo and not metadata:
        return None
    check_text(memo, "memo", longest=MAX_MEMO, lines=True)
    if len(metadata) > MAX_PAIRS:
        raise invalid("metadata", f"has more than {MAX_PAIRS} pairs")
    for name, value in metadata.items():
        check_text(name, "metadata", longest=MAX_NAME, shortest=1)
        check_text(value, "metadata", longest=MAX_MEMO, lines=True)
    return Text(memo, tuple(sorted(metadata.items())))


def check_time(value: Timestamp, field: str) -> datetime:
    """Returns a time, or refuses one that the calendar has not."""
    try:
        return value.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise invalid(field, "is not a time between the years 1 and 9999") from error


def check_date(value: str, field: str) -> date:
    """Returns a day, or refuses what is not written as one."""
    try:
        if _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise invalid(field, "is not a day such as 2026-11-21")


def set_time(target: Timestamp, time: datetime) -> None:
    """Sets a timestamp exactly, to the microsecond."""
    target.seconds, micros = divmod(to_micros(time), 1_000_000)
    target.nanos = micros * 1_000


def body_hash(caller: Caller, body: Message) -> bytes:
    """Hashes who asks and what for, in 16 bytes: a request id stands for this and nothing else."""
    who = _body_prefix(caller.application_id, caller.person_id, body.DESCRIPTOR.full_name)
    return hashlib.sha256(who + body.SerializeToString(deterministic=True)).digest()[:16]


@lru_cache(maxsize=10_000)
def _body_prefix(application_id: str, person_id: str, body_name: str) -> bytes:
    return f"{application_id}/{person_id}/{body_name}\0".encode()
