"""Times as the contracts have them."""

from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp


def timestamp(time: datetime | None) -> Timestamp | None:
    """Encodes a time; None stays unset.

    Raises:
        ValueError: The time has no zone, so that it could mean many instants.
    """
    if time is None:
        return None
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} has no time zone; add one, such as datetime.UTC")
    encoded = Timestamp()
    encoded.FromDatetime(time)
    return encoded
