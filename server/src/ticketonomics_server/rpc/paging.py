"""Page sizes and page tokens. A token is bound to its list and its filters."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

from google.protobuf.message import Message

from ticketonomics_server.engine.rejection import Reason, Rejection

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1_000
# Where lists that begin with the newest begin: behind every sequence number and height.
BEHIND_ALL = 2**63 - 1
_PAGING_FIELDS = ("page_size", "page_token", "minimum_sequence")


def page_size(request: Any) -> int:
    """Returns how many to list: 1–1,000; 0 means 100; more is cut to 1,000 (AIP-158)."""
    size: int = request.page_size
    if size < 0:
        raise Rejection(Reason.INVALID_FIELD, "page_size is negative", field="page_size")
    return min(size, MAX_PAGE_SIZE) or DEFAULT_PAGE_SIZE


def make_token(request: Message, *cursor: int | str) -> str:
    """Makes the token that continues this list behind a cursor."""
    text = json.dumps([_filters(request), *cursor], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def next_token(request: Message, rows: Sequence[Any], size: int, *cursor: str) -> str:
    """Makes the token of the next page from the one row more that was read; empty without one.

    Args:
        size: That of this page.
        cursor: Attributes of a row that the next page continues behind.
    """
    if len(rows) <= size:
        return ""
    return make_token(request, *(attrgetter(name)(rows[size - 1]) for name in cursor))


def read_token(request: Any, *types: type) -> tuple[Any, ...] | None:
    """Reads the cursor of a request's token; None where it has none.

    Args:
        types: Those of the cursor's parts.

    Raises:
        Rejection: INVALID_PAGE_TOKEN.
    """
    token: str = request.page_token
    if not token:
        return None
    try:
        padded = token + "=" * (-len(token) % 4)
        filters, *cursor = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        valid = filters == _filters(request) and [type(part) for part in cursor] == list(types)
    except (ValueError, TypeError, binascii.Error):
        valid, cursor = False, []
    if not valid or not all(-(2**63) <= part < 2**63 for part in cursor if isinstance(part, int)):
        raise Rejection(
            Reason.INVALID_PAGE_TOKEN,
            "this page token was not issued for this list and these filters",
            field="page_token",
        )
    return tuple(cursor)


def _filters(request: Message) -> str:
    """Tells a list and its filters from others, shortly."""
    filters = type(request)()
    filters.CopyFrom(request)
    for name in _PAGING_FIELDS:
        if name in filters.DESCRIPTOR.fields_by_name:
            filters.ClearField(name)
    body = filters.DESCRIPTOR.full_name.encode() + filters.SerializeToString(deterministic=True)
    return hashlib.sha256(body).hexdigest()[:12]
