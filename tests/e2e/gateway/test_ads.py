"""Callbacks of ad networks: passed on byte by byte, paid once, answered as networks expect."""

import base64
import hashlib
import hmac
import json
from urllib.parse import quote, urlencode

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from ticketonomics.rewards.v1.reward_pb2 import AdNetwork

from tests.e2e.gateway.stage import Browser, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

CALLBACKS = "/api/v1/rewards/callbacks"
SECRET = b"a secret of the network's own"


def reason(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["reason"]


async def bronze(stage: Stage, person_id: str) -> int:
    return (await stage.operator.balance(f"users/{person_id}", "BRONZE")).posted


async def person(stage: Stage, subject: str) -> str:
    answer = await stage.operator.get_or_create_person(provider="telegram", subject=subject)
    return answer.person.person_id


async def test_a_query_that_a_network_has_signed_pays_once(stage: Stage, browser: Browser) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    await stage.operator.create_ad_network(
        "admob",
        display_name="AdMob",
        scheme=AdNetwork.SCHEME_ECDSA_P256,
        key_id="3335741209",
        material=key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    )
    ann = await person(stage, "ads-1")
    # Written in ways that a framework would not write again: what was signed is what came.
    content = f"ad_unit=2%37&custom_data={ann}%3aUS&empty=&transaction_id=a%2Db&x=%C3%A9+e".encode()
    signature = base64.urlsafe_b64encode(key.sign(content, ec.ECDSA(hashes.SHA256())))
    query = f"{content.decode()}&signature={signature.rstrip(b'=').decode()}&key_id=3335741209"

    forged = query.replace("custom_data=", "custom_data=x")
    assert reason(await browser.get(f"{CALLBACKS}/admob?{forged}")) == (403, "AD_SIGNATURE_INVALID")
    assert await bronze(stage, ann) == 0

    first = await browser.get(f"{CALLBACKS}/admob?{query}")
    assert (first.status_code, first.json()) == (200, {"replayed": False})
    assert await bronze(stage, ann) == 100
    again = await browser.get(f"{CALLBACKS}/admob?{query}")
    assert (again.status_code, again.json()) == (200, {"replayed": True})
    assert await bronze(stage, ann) == 100


async def test_a_body_that_a_network_has_signed_pays_whatever_its_form(
    stage: Stage, browser: Browser
) -> None:
    await stage.operator.create_ad_network(
        "unity",
        display_name="Unity",
        scheme=AdNetwork.SCHEME_HMAC_SHA256,
        key_id="1",
        material=SECRET,
    )
    bodies = {
        "application/json": lambda who: json.dumps(
            {"transaction_id": "j", "custom_data": who}, indent=3
        ),
        "application/x-www-form-urlencoded": lambda who: urlencode(
            {"transaction_id": "f", "custom_data": who}
        ),
        "text/plain": lambda who: f"transaction_id=t&custom_data={quote(who)}",
    }
    for number, (kind, make) in enumerate(bodies.items()):
        ann = await person(stage, f"ads-2-{number}")
        body = make(ann).encode()
        signature = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        headers = {"content-type": kind, "x-signature": f"sha256={signature}", "x-key-id": "1"}
        path = f"{CALLBACKS}/unity"
        spoilt = await browser.http.post(path, content=body + b" ", headers=headers)
        assert reason(spoilt) == (403, "AD_SIGNATURE_INVALID")
        answer = await browser.http.post(path, content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        assert await bronze(stage, ann) == 100


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("nobody?transaction_id=1&signature=00", (404, "AD_NETWORK_NOT_FOUND")),
        ("unity?transaction_id=1&signature=00", (403, "AD_SIGNATURE_INVALID")),
        ("unity", (400, "INVALID_FIELD")),
        ("unity?" + "x" * 9000, (400, "INVALID_FIELD")),
        ("UNITY%00?x=1", (400, "INVALID_FIELD")),
    ],
)
async def test_what_is_no_callback_is_refused_for_good(
    stage: Stage, browser: Browser, path: str, expected: tuple[int, str]
) -> None:
    assert reason(await browser.get(f"{CALLBACKS}/{path}")) == expected


async def test_a_body_that_is_too_large_is_refused(stage: Stage, browser: Browser) -> None:
    answer = await browser.http.post(f"{CALLBACKS}/unity", content=b"x" * 9000)
    assert reason(answer) == (413, "BODY_TOO_LARGE")


async def test_what_the_gateway_cannot_pass_on_now_is_to_come_again(stage: Stage) -> None:
    """The network is not told that it was wrong when it is us who are."""
    useless = stage.folder / "useless.key"
    useless.write_text((stage.folder / "sign-in.key").read_text())
    async with stage.gateway(people_key_file=useless) as url, stage.browser(url) as browser:
        answer = await browser.get(f"{CALLBACKS}/unity?x=1")
        assert reason(answer) == (503, "SERVER_UNAVAILABLE")
        assert int(answer.headers["retry-after"]) > 0
    async with (
        stage.gateway(server="127.0.0.1:1") as url,
        stage.browser(url) as browser,
    ):
        answer = await browser.get(f"{CALLBACKS}/unity?x=1")
        assert reason(answer) == (503, "SERVER_UNAVAILABLE")


async def test_a_session_gives_nobody_a_view(stage: Stage) -> None:
    async with stage.signed_in(401) as eve:
        body = {"networkId": "unity", "content": "eA=="}
        answer = await eve.post("/api/v1/rewards/adViews", body)
        assert reason(answer) == (403, "SCOPE_MISSING")
