"""Times as files have them."""

import re
from datetime import UTC, datetime, tzinfo

from ticketonomics_client.importing.rows import RowError

_SECONDS = re.compile(r"[0-9]{9,10}")
_MILLISECONDS = re.compile(r"[0-9]{12,13}")


def parse_time(text: str, zone: tzinfo | None) -> datetime:
    """Reads ISO 8601, or seconds or milliseconds since 1970.

    Args:
        zone: What a time without one is in; None refuses it.

    Raises:
        RowError: It is no time, or could mean many.
    """
    if _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC)
    if _MILLISECONDS.fullmatch(text):
        seconds, milliseconds = divmod(int(text), 1_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1_000)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise RowError(
            f"{text!r} is no time such as 2024-05-31T12:00:00Z, 2024-05-31 or 1717156800"
        ) from None
    if found.tzinfo is None:
        if zone is None:
            raise RowError(f"{text!r} has no time zone: add one, such as Z, or say it with --zone")
        found = found.replace(tzinfo=zone)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise RowError(f"{text!r} is out of the calendar") from None
