"""Moments of the contracts as Python has them."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp


def moment(stamp: Timestamp) -> datetime:
    """Returns it in UTC."""
    return stamp.ToDatetime(tzinfo=UTC)
