"""Signatures, against the vector that Standard Webhooks' libraries share, and the SDK's check."""

import base64
from datetime import UTC, datetime

import pytest
from ticketonomics.webhooks.v1.webhook_pb2 import Event
from ticketonomics_client import verify_webhook
from ticketonomics_server.webhooks.encode import encode_body, trial_event
from ticketonomics_server.webhooks.signing import signature_headers

SECRET = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def test_the_signature_is_that_of_the_standard() -> None:
    headers = signature_headers(
        [SECRET], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b'{"test": 2432232314}'
    )
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("held", [SECRET, b"b" * 32])
def test_the_sdk_accepts_either_of_two_secrets(held: bytes) -> None:
    event = trial_event("main", "0" * 16, "evt_1", NOW)
    body = encode_body(event)
    headers = signature_headers([b"b" * 32, SECRET], "evt_1", int(NOW.timestamp()), body)
    text = "whsec_" + base64.b64encode(held).decode()
    assert verify_webhook(headers, body, text, now=NOW) == event
    assert type(event) is Event
