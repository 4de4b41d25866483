"""Signing in: only by what Telegram has signed, lately, and for whoever may act."""

import asyncio
from time import time

import httpx
import pytest
from ticketonomics_gateway import sign_in

from tests.conftest import new_id
from tests.e2e.gateway.stage import BOT_TOKEN, Browser, Stage, init_data

pytestmark = pytest.mark.asyncio(loop_scope="module")

TELEGRAM = "/api/v1/auth/telegram"
ME = "/api/v1/auth/me"
LOGOUT = "/api/v1/auth/logout"


def reason(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["reason"]


async def test_who_opens_the_mini_app_is_signed_in(stage: Stage, browser: Browser) -> None:
    await browser.sign_in(init_data(1, first_name="Ada"))
    assert browser.me["person"]["displayName"] == "Ada"
    assert browser.me["person"]["linkedIdentities"][0]["subject"] == "1"
    again = (await browser.get(ME)).json()
    assert again["person"] == browser.me["person"]
    assert again["csrfToken"] == browser.me["csrfToken"]


async def test_the_same_account_is_the_same_person_again(stage: Stage) -> None:
    async with stage.signed_in(2) as phone, stage.signed_in(2, first_name="Eve") as laptop:
        assert phone.person_id == laptop.person_id
        assert laptop.me["person"]["displayName"] == "Ada", "a name is given once"
        assert phone.me["csrfToken"] != laptop.me["csrfToken"]


async def test_many_at_once_are_one_person(stage: Stage) -> None:
    async with stage.browser() as browser:
        data = [init_data(3, query_id=str(n)) for n in range(8)]
        answers = await asyncio.gather(*(browser.post(TELEGRAM, {"initData": one}) for one in data))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["person"]["personId"] for answer in answers}) == 1


@pytest.mark.parametrize(
    "name", ["\u202eevil", "a\u0000b", "\ud83d", "x" * 200, "", "e\u0301", "   "]
)
async def test_any_name_that_telegram_allows_will_do(stage: Stage, name: str) -> None:
    async with stage.browser() as browser:
        await browser.sign_in(init_data(abs(hash(name)) % 10**9 + 10, first_name=name))
        assert len(browser.me["person"]["displayName"]) <= 32


@pytest.mark.parametrize(
    "data",
    [
        init_data(9)[:-1] + "x",
        init_data(9).replace("%22id%22%3A9", "%22id%22%3A1"),
        init_data(9, token="987654321:AAF-test_token_of_nobody_0123456789"),
        init_data(9) + "&query_id=x",
        init_data(9, auth_date=int(time()) + 3600),
        "hash=" + "0" * 64,
        "x",
    ],
)
async def test_forged_init_data_signs_nobody_in(stage: Stage, browser: Browser, data: str) -> None:
    answer = await browser.post(TELEGRAM, {"initData": data})
    assert reason(answer) == (401, "CREDENTIALS_INVALID")
    assert "set-cookie" not in answer.headers
    assert reason(await browser.get(ME)) == (401, "CREDENTIALS_MISSING")


async def test_old_init_data_has_expired(stage: Stage, browser: Browser) -> None:
    old = init_data(10, auth_date=int(time()) - 3601)
    assert reason(await browser.post(TELEGRAM, {"initData": old})) == (401, "CREDENTIALS_EXPIRED")


async def test_init_data_is_used_up_soon(
    stage: Stage, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page may be reloaded; who finds the same data in a log later gets nothing."""
    data = init_data(11)
    await browser.sign_in(data)
    await browser.sign_in(data)
    monkeypatch.setattr(sign_in, "time", lambda: time() + 301)
    for used in (data, "&".join(reversed(data.split("&"))), data.replace("%7B", "%7b")):
        answer = await browser.post(TELEGRAM, {"initData": used})
        assert reason(answer) == (401, "CREDENTIALS_EXPIRED")
    await browser.sign_in(init_data(11, query_id="another"))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "INVALID_FIELD")),
        ({"initData": ""}, (400, "INVALID_FIELD")),
        ({"initData": 7}, (400, "INVALID_FIELD")),
        ({"initData": ["x"]}, (400, "INVALID_FIELD")),
        ({"initData": "x", "personId": "y"}, (400, "INVALID_FIELD")),
        ([], (400, "INVALID_FIELD")),
        ("initData", (400, "INVALID_FIELD")),
        ({"initData": "x" * 20_000}, (413, "BODY_TOO_LARGE")),
    ],
)
async def test_bodies_are_strict(
    stage: Stage, browser: Browser, body: object, expected: tuple[int, str]
) -> None:
    assert reason(await browser.post(TELEGRAM, body)) == expected


async def test_a_form_of_another_site_signs_nobody_in(stage: Stage, browser: Browser) -> None:
    """Or somebody would go on as somebody else, without noticing."""
    body = {"initData": init_data(12)}
    answer = await browser.post(TELEGRAM, body, origin="https://evil.example")
    assert reason(answer) == (403, "ORIGIN_FOREIGN")
    answer = await browser.http.post(TELEGRAM, json=body, headers={"sec-fetch-site": "cross-site"})
    assert reason(answer) == (403, "ORIGIN_FOREIGN")
    answer = await browser.http.post(TELEGRAM, data=body)
    assert reason(answer) == (415, "MEDIA_TYPE_UNSUPPORTED")


async def test_a_cookie_is_for_the_gateway_alone(stage: Stage, browser: Browser) -> None:
    answer = await browser.post(TELEGRAM, {"initData": init_data(13)})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("ticketonomics=")
    assert cookie.endswith("; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax")
    assert answer.headers["cache-control"] == "no-store"


async def test_behind_a_proxy_that_ends_tls_the_cookie_is_secure(stage: Stage) -> None:
    async with (
        stage.gateway(trusted_proxies="127.0.0.1", session_same_site="none") as url,
        stage.browser(url) as browser,
    ):
        answer = await browser.post(
            TELEGRAM,
            {"initData": init_data(14)},
            origin="https://tickets.example",
            host="tickets.example",
            x_forwarded_proto="https",
            x_forwarded_for="203.0.113.7",
        )
        assert answer.status_code == 200, answer.text
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-ticketonomics=")
        assert cookie.endswith("; HttpOnly; SameSite=None; Secure; Partitioned")
        assert answer.headers["strict-transport-security"]


async def test_logging_out_ends_every_copy_of_the_cookie(stage: Stage) -> None:
    async with stage.signed_in(15) as browser, stage.browser() as thief:
        thief.http.cookies.update(browser.http.cookies)
        assert (await thief.get(ME)).status_code == 200
        assert (await browser.post(LOGOUT)).json() == {}
        assert not browser.http.cookies
        assert reason(await browser.get(ME)) == (401, "CREDENTIALS_MISSING")
        assert reason(await thief.get(ME)) == (401, "CREDENTIALS_EXPIRED")
        assert not thief.http.cookies, "a session that is over is forgotten"
        assert (await browser.post(LOGOUT)).status_code == 200, "once more does no harm"


async def test_a_cookie_that_was_changed_is_nobodys(stage: Stage) -> None:
    async with stage.signed_in(16) as browser:
        cookie = browser.http.cookies["ticketonomics"]
        browser.http.cookies.clear()
        for changed in (cookie[:-1], cookie + "x", "", cookie.partition(".")[0], "x" * 4000):
            answer = await browser.get(ME, headers={"cookie": f"ticketonomics={changed}"})
            assert reason(answer) == (401, "CREDENTIALS_MISSING")
            public = await browser.get(
                "/api/v1/assets", headers={"cookie": f"ticketonomics={changed}"}
            )
            assert public.status_code == 200, "what is public is there for everybody"


@pytest.mark.parametrize("ending", ["PERSON_BLOCKED", "PERSON_MERGED", "PERSON_ERASED"])
async def test_who_may_not_act_any_more_is_told_so_and_signed_out(
    stage: Stage, ending: str
) -> None:
    number = {"PERSON_BLOCKED": 21, "PERSON_MERGED": 22, "PERSON_ERASED": 23}[ending]
    async with stage.signed_in(number) as browser:
        match ending:
            case "PERSON_BLOCKED":
                await stage.operator.block_person(browser.person_id, reason="spam")
            case "PERSON_MERGED":
                other = await stage.operator.get_or_create_person(provider="t", subject="other")
                await stage.operator.merge_people(browser.person_id, into=other.person.person_id)
            case "PERSON_ERASED":
                await stage.operator.erase_person(browser.person_id)
        async with asyncio.timeout(10):
            while (answer := await browser.get(ME)).status_code == 200:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert reason(answer) == (403, ending)
        assert not browser.http.cookies
        claim = await browser.post("/api/v1/rewards/daily:claim")
        assert reason(claim) == (401, "CREDENTIALS_MISSING")


async def test_a_blocked_person_cannot_sign_in(stage: Stage) -> None:
    async with stage.signed_in(24) as browser:
        await stage.operator.block_person(browser.person_id, reason="spam")
    async with stage.browser() as browser, asyncio.timeout(10):
        while True:
            answer = await browser.post(TELEGRAM, {"initData": init_data(24)})
            if answer.status_code != 200:
                break
            await asyncio.sleep(0.1)
        assert reason(answer) == (403, "PERSON_BLOCKED")
        assert "set-cookie" not in answer.headers


async def test_a_referral_code_is_redeemed_on_the_way(stage: Stage) -> None:
    async with stage.signed_in(31) as old:
        made = await old.post(
            "/api/v1/rewards/referralCode", {"personId": old.person_id}, idempotency_key=new_id()
        )
        assert made.status_code == 200, made.text
        body = {"initData": init_data(32), "referralCode": "NOSUCHCODE"}
        async with stage.browser() as young:
            answer = (await young.post(TELEGRAM, body)).json()
            assert answer["referral"] == {
                "redeemed": False,
                "reason": "REFERRAL_CODE_NOT_FOUND",
            }, "and still signed in"
            assert (await young.get(ME)).status_code == 200
            body["referralCode"] = made.json()["code"]
            answer = (await young.post(TELEGRAM, body)).json()
            assert answer["referral"] == {"redeemed": True}


async def test_without_a_bot_nobody_signs_in(stage: Stage) -> None:
    async with stage.gateway(bot_token=None) as url, stage.browser(url) as browser:
        answer = await browser.post(TELEGRAM, {"initData": init_data(1)})
        assert reason(answer) == (404, "ROUTE_NOT_FOUND")


async def test_two_gateways_with_one_secret_share_sessions(stage: Stage) -> None:
    async with stage.gateway() as url, stage.signed_in(41) as browser, stage.browser(url) as other:
        other.http.cookies.update(browser.http.cookies)
        assert (await other.get(ME)).json()["person"] == browser.me["person"]


async def test_a_bots_token_is_in_no_answer(stage: Stage, browser: Browser) -> None:
    for path in ("/api/v1/app", ME, "/openapi.json"):
        assert BOT_TOKEN not in (await browser.get(path)).text
