"""What a receiver accepts, and what it is told about everything else."""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ticketonomics_client import WebhookVerificationError, verify_webhook

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
NOW = datetime(2030, 1, 1, tzinfo=UTC)
BODY = b'{"id":"evt_1","type":"ledger.transaction","sequence":"7","new":{"field":1}}'


def sign(body: bytes, event_id: str = "evt_1", at: datetime = NOW, key: bytes = KEY) -> str:
    signed = f"{event_id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def headers(**changes: str) -> dict[str, str]:
    usual = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": sign(BODY),
    }
    return usual | {name.replace("_", "-"): value for name, value in changes.items()}


def verify(given: dict[str, str], body: bytes = BODY, **more: Any) -> Any:
    return verify_webhook(given, body, SECRET, now=NOW, **more)


@pytest.mark.parametrize(
    "given",
    [
        headers(),
        {name.title(): value for name, value in headers().items()},
        {name.upper(): value for name, value in headers().items()},
        headers(webhook_signature=f"v1,AAAA v2,x v1a,y {sign(BODY)}"),
        headers(webhook_signature=f"{sign(BODY, key=b'old')} {sign(BODY)}"),
        {**headers(), "content-type": "application/json"},
    ],
)
def test_what_is_signed_is_accepted(given: dict[str, str]) -> None:
    event = verify(given)
    assert (event.id, event.sequence) == ("evt_1", 7)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (headers(webhook_id=""), "webhook-id is missing"),
        (headers(webhook_timestamp=""), "webhook-timestamp is missing"),
        (headers(webhook_signature=""), "webhook-signature is missing"),
        ({}, "missing"),
        (headers(webhook_id="evt_2"), "no signature fits"),
        (headers(webhook_signature=sign(BODY, key=b"other")), "no signature fits"),
        (headers(webhook_signature=sign(BODY).replace("v1,", "v1a,")), "no signature fits"),
        (headers(webhook_signature=sign(BODY)[3:]), "no signature fits"),
        (headers(webhook_signature=sign(BODY)[:-4]), "no signature fits"),
        (headers(webhook_signature="v1,"), "no signature fits"),
        (headers(webhook_signature="v1,ä"), "no signature fits"),
        (headers(webhook_timestamp="soon"), "no time"),
        (headers(webhook_timestamp="-1"), "no time"),
        (headers(webhook_timestamp="9" * 30), "no time"),
        (headers(webhook_timestamp="²"), "no time"),
        (headers(webhook_timestamp=str(int(NOW.timestamp()) + 1)), "no signature fits"),
    ],
)
def test_everything_else_is_refused_with_a_reason(given: dict[str, str], why: str) -> None:
    with pytest.raises(WebhookVerificationError, match=why):
        verify(given)


@pytest.mark.parametrize("seconds", [-310, 310, -(10**6), 10**6])
def test_what_is_old_or_of_the_future_is_refused(seconds: int) -> None:
    at = NOW + timedelta(seconds=seconds)
    given = headers(webhook_timestamp=str(int(at.timestamp())), webhook_signature=sign(BODY, at=at))
    with pytest.raises(WebhookVerificationError, match="away from"):
        verify(given)
    verify(given, tolerance=timedelta(days=30))
    fresh = NOW + timedelta(seconds=295 if seconds > 0 else -295)
    verify(
        headers(
            webhook_timestamp=str(int(fresh.timestamp())), webhook_signature=sign(BODY, at=fresh)
        )
    )


@pytest.mark.parametrize("bit", range(0, len(BODY) * 8, 37))
def test_every_flipped_bit_of_the_body_is_found(bit: int) -> None:
    changed = bytearray(BODY)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(WebhookVerificationError, match="no signature fits"):
        verify(headers(), bytes(changed))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no event"),
        (b"[]", "another event"),
        (b"\xff", "no event"),
        (b'{"sequence": "many"}', "no event"),
        (b'{"id": "evt_2"}', "another event"),
    ],
)
def test_a_signed_body_must_be_the_event_of_its_header(body: bytes, why: str) -> None:
    with pytest.raises(WebhookVerificationError, match=why):
        verify(headers(webhook_signature=sign(body)), body)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_ä", "whsec_***", SECRET[6:], "tkt_x"])
def test_a_malformed_secret_is_the_callers_own_mistake(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_") as caught:
        verify_webhook(headers(), BODY, secret, now=NOW)
    assert not secret or secret == "whsec_" or secret not in str(caught.value)
