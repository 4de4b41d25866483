"""Signatures as Standard Webhooks 1.0 has them, symmetric: HMAC-SHA256 of id, time and body."""

import base64
import hmac
from collections.abc import Sequence


def signature_headers(
    secrets: Sequence[bytes], event_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Makes the three headers of a delivery.

    Args:
        secrets: Those that are valid, newest first: each makes a signature.
        event_id: Without a full stop.
        timestamp: Of this attempt, in seconds since 1970.
    """
    signed = f"{event_id}.{timestamp}.".encode() + body
    signatures = [
        "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode("ascii")
        for secret in secrets
    ]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
