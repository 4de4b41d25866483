"""What pages are given before and beside the contracts, and the login of developers."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from ticketonomics_gateway.sessions import MIN_SECRET_LENGTH

from tests.conftest import new_id
from tests.e2e.gateway.following import following
from tests.e2e.gateway.stage import Browser, Stage, init_data

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEV = "/api/v1/auth/dev"
APP = "/api/v1/app"


def reason(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["reason"]


async def citizen(stage: Stage, subject: str, provider: str = "simulator") -> str:
    answer = await stage.operator.get_or_create_person(
        provider=provider, subject=subject, display_name=f"Citizen {subject}"
    )
    return answer.person.person_id


async def test_a_developer_is_whichever_citizen_she_likes(stage: Stage) -> None:
    ada, _ = await citizen(stage, "1"), await citizen(stage, "2")
    real = await citizen(stage, "3", provider="telegram")
    async with stage.gateway(dev_login=True) as url, stage.browser(url) as browser:
        assert (await browser.get(APP)).json()["devLogin"] is True
        listed = (await browser.get(DEV)).json()["citizens"]
        assert {"personId": ada, "displayName": "Citizen 1", "handle": ""} in listed
        assert real not in {one["personId"] for one in listed}, "nobody is anybody real"
        answer = await browser.post(DEV, {"personId": ada})
        assert answer.status_code == 200, answer.text
        browser.me = answer.json()
        claim = await browser.post("/api/v1/rewards/daily:claim", idempotency_key=new_id())
        assert claim.status_code == 200, claim.text
        for nobody in (real, "0000000000000000", "x"):
            assert reason(await browser.post(DEV, {"personId": nobody}))[0] in {400, 404}


async def test_without_its_setting_there_is_no_such_login(stage: Stage, browser: Browser) -> None:
    ada = await citizen(stage, "1")
    assert reason(await browser.get(DEV)) == (404, "ROUTE_NOT_FOUND")
    assert reason(await browser.post(DEV, {"personId": ada})) == (404, "ROUTE_NOT_FOUND")
    assert (await browser.get(APP)).json()["devLogin"] is False


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "tickets.example"},
        {"host": "tickets.example:8080", "origin": "http://tickets.example:8080"},
        {"x-forwarded-for": "203.0.113.7"},
        {"forwarded": "for=203.0.113.7"},
        {"x-real-ip": "203.0.113.7"},
    ],
)
async def test_it_is_there_for_this_machine_alone(stage: Stage, headers: dict[str, str]) -> None:
    """Neither through a proxy, nor for a page that has this machine's address for its name's."""
    ada = await citizen(stage, "1")
    async with stage.gateway(dev_login=True) as url, stage.browser(url) as browser:
        assert reason(await browser.get(DEV, headers=headers)) == (404, "ROUTE_NOT_FOUND")
        answer = await browser.http.post(DEV, json={"personId": ada}, headers=headers)
        assert reason(answer) == (404, "ROUTE_NOT_FOUND")
        foreign = {"origin": "https://evil.example"}
        answer = await browser.http.post(DEV, json={"personId": ada}, headers=foreign)
        assert reason(answer) == (403, "ORIGIN_FOREIGN")


async def test_it_is_never_there_where_others_can_listen(stage: Stage) -> None:
    for listen in ("0.0.0.0:8080", "192.0.2.1:8080", "[::]:8080"):
        with pytest.raises(ValidationError, match="loopback"):
            stage.settings(dev_login=True, listen=listen, insecure=True)


async def test_maintenance_is_told(stage: Stage, browser: Browser) -> None:
    await stage.operator.set_parameter("faces.maintenance", True)
    async with asyncio.timeout(10):
        while not (await browser.get(APP)).json()["maintenance"]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await stage.operator.set_parameter("faces.maintenance", False)


async def test_the_web_app_is_served_with_its_headers(stage: Stage, browser: Browser) -> None:
    answer = await browser.get("/market")
    assert answer.status_code == 503
    assert "scripts/web" in answer.text
    dist = stage.folder / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>Tickets</title>")
    (dist / "assets/app-12345678.js").write_text("1")
    page = await browser.get("/market")
    assert page.text == "<!doctype html><title>Tickets</title>"
    assert "script-src 'self' https://telegram.org" in page.headers["content-security-policy"]
    script = await browser.get("/assets/app-12345678.js")
    assert "immutable" in script.headers["cache-control"]
    assert reason(await browser.get("/api/v1/nothing")) == (404, "ROUTE_NOT_FOUND")
    assert reason(await browser.get("/assets/gone.js")) == (404, "ROUTE_NOT_FOUND")
    answer = await browser.get("/api/v1/assets")
    assert answer.headers["x-content-type-options"] == "nosniff"
    refused = await browser.get("/api/v1/people")
    assert refused.headers["x-content-type-options"] == "nosniff"


async def test_the_document_tells_of_sessions(stage: Stage, browser: Browser) -> None:
    paths = (await browser.get("/openapi.json")).json()["paths"]
    for path in ("auth/telegram", "auth/me", "auth/logout", "app"):
        assert f"/api/v1/{path}" in paths
    body = paths["/api/v1/auth/telegram"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"]["required"] == ["initData"]
    assert {"get", "post"} <= set(paths["/api/v1/rewards/callbacks/{network_id}"])


@pytest.mark.parametrize(
    "settings",
    [
        {"session_secret": "x" * (MIN_SECRET_LENGTH - 1)},
        {"bot_token": "no token"},
        {"people_key_file": Path("/nowhere/people.key")},
    ],
)
async def test_a_gateway_that_cannot_be_does_not_start(
    stage: Stage, settings: dict[str, Any]
) -> None:
    with pytest.raises((OSError, ValueError)):
        async with stage.gateway(**settings):
            pass


async def test_when_the_server_is_away_whatever_is_asked_is_calmly_refused(
    stage: Stage,
) -> None:
    async with (
        stage.signed_in(501) as ada,
        stage.gateway(server="127.0.0.1:1") as away,
        stage.browser(away) as browser,
    ):
        browser.http.cookies.update(ada.http.cookies)
        for path in ("/api/v1/auth/me", "/api/v1/assets", APP):
            answer = await browser.get(path)
            assert reason(answer) == (503, "SERVER_UNAVAILABLE")
            assert int(answer.headers["retry-after"]) > 0
        answer = await browser.post("/api/v1/auth/telegram", {"initData": init_data(502)})
        assert reason(answer) == (503, "SERVER_UNAVAILABLE")
        async with following(browser.http, "/api/v1/prices:watch") as page:
            assert page.answer.status_code == 503
