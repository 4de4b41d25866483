"""Checks what a webhook has sent, as Standard Webhooks 1.0 has it, without calling anybody."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from google.protobuf.json_format import Parse, ParseError
from ticketonomics.webhooks.v1.webhook_pb2 import Event

TOLERANCE = timedelta(minutes=5)
_PREFIX = "whsec_"


class WebhookVerificationError(Exception):
    """What was received is not what the server has sent just now; answer 400 and ignore it."""


def verify_webhook(
    headers: Mapping[str, str],
    body: bytes,
    secret: str,
    *,
    tolerance: timedelta = TOLERANCE,
    now: datetime | None = None,
) -> Event:
    """Checks signature and time of a request that was received, and returns its event.

    The same event may come more than once: remember the ids (`event.id`) of those that are done.

    Args:
        headers: Of the request; their names in capitals or not.
        body: The request's bytes, exactly as they came.
        secret: As CreateWebhook told it, `whsec_…`. While it is being rotated, either one will do.
        tolerance: How old, or how far in the future, the request may be.
        now: The time; by default this machine's clock.

    Raises:
        WebhookVerificationError: A header is missing, the request is too old, no signature is of
            this secret and body, or the body is no event.
        ValueError: The secret is none.
    """
    key = _key(secret)
    found = {name.lower(): value for name, value in headers.items()}
    event_id, timestamp, signatures = (
        _header(found, name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    _check_time(timestamp, tolerance, now or datetime.now(UTC))
    expected = hmac.digest(key, f"{event_id}.{timestamp}.".encode() + body, "sha256")
    # All are compared: how long it takes says nothing about which one fits.
    matches = [hmac.compare_digest(expected, given) for given in _signatures(signatures)]
    if not any(matches):
        raise WebhookVerificationError(
            "no signature fits: is it the secret of this webhook, and the body exactly as it came?"
        )
    try:
        event = Parse(body, Event(), ignore_unknown_fields=True)
    except (ParseError, UnicodeDecodeError) as error:
        raise WebhookVerificationError(f"the body is no event: {error}") from error
    if event.id != event_id:
        raise WebhookVerificationError("the body is of another event than its header")
    return event


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"the secret is not {_PREFIX} and base64") from error
    if not secret.startswith(_PREFIX) or not key:
        raise ValueError(f"the secret is not {_PREFIX} and base64")
    return key


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "")
    if not value:
        raise WebhookVerificationError(f"the header {name} is missing")
    return value


def _check_time(timestamp: str, tolerance: timedelta, now: datetime) -> None:
    try:
        if not (timestamp.isascii() and timestamp.isdigit()):
            raise ValueError
        sent = datetime.fromtimestamp(int(timestamp), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise WebhookVerificationError("the header webhook-timestamp is no time") from error
    # The header has whole seconds.
    if not -tolerance - timedelta(seconds=1) <= now - sent <= tolerance + timedelta(seconds=1):
        raise WebhookVerificationError(
            f"the request is of {sent:%Y-%m-%d %H:%M:%SZ}, more than {tolerance} away from"
            f" {now:%Y-%m-%d %H:%M:%SZ}"
        )


def _signatures(header: str) -> list[bytes]:
    """Reads the symmetric signatures; those of other kinds are left out."""
    found = []
    for part in header.split(" "):
        version, _, encoded = part.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(encoded, validate=True))
            except (binascii.Error, ValueError):
                continue
    return found
