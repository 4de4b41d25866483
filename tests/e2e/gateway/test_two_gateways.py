"""Gateways that share a Redis remember together what was used, and who has signed out."""

import httpx
import pytest
from pydantic import SecretStr
from ticketonomics_gateway import sign_in
from ticketonomics_gateway.memory import RedisMemory

from tests.e2e.gateway.redis_server import redis_running
from tests.e2e.gateway.stage import Stage, init_data

pytestmark = pytest.mark.asyncio(loop_scope="module")

ME = "/api/v1/auth/me"
TELEGRAM = "/api/v1/auth/telegram"


def reason(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["reason"]


async def test_what_one_remembers_all_do(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    data = init_data(601)
    async with (
        redis_running() as redis,
        stage.gateway(redis_url=SecretStr(redis.url)) as one,
        stage.gateway(redis_url=SecretStr(redis.url)) as another,
        stage.browser(one) as ada,
        stage.browser(another) as thief,
    ):
        await ada.sign_in(data)
        thief.http.cookies.update(ada.http.cookies)
        assert (await thief.get(ME)).json()["person"] == ada.me["person"]
        assert (await ada.post("/api/v1/auth/logout")).status_code == 200
        assert reason(await thief.get(ME)) == (401, "CREDENTIALS_EXPIRED")
        now = sign_in.time()
        monkeypatch.setattr(sign_in, "time", lambda: now + 301)
        again = await thief.post(TELEGRAM, {"initData": data})
        assert reason(again) == (401, "CREDENTIALS_EXPIRED")
        kept = {name.split(b":")[2]: seconds for name, (_, seconds) in redis.kept.items()}
    assert kept[b"used"] == 3_900, "as long as the data could be used again"
    assert 29 * 86_400 < kept[b"ended"] <= 30 * 86_400, "as long as the session could be renewed"


async def test_while_nobody_can_say_what_was_used_nobody_signs_in(stage: Stage) -> None:
    async with (
        stage.signed_in(602) as ada,
        stage.gateway(redis_url=SecretStr("redis://127.0.0.1:1/0")) as url,
        stage.browser(url) as browser,
    ):
        answer = await browser.post(TELEGRAM, {"initData": init_data(603)})
        assert reason(answer) == (503, "SERVER_UNAVAILABLE")
        browser.http.cookies.update(ada.http.cookies)
        assert reason(await browser.get(ME)) == (503, "SERVER_UNAVAILABLE")
        browser.http.cookies.clear()
        assert (await browser.get("/api/v1/assets")).status_code == 200, "without a cookie"


async def test_the_first_of_many_at_once_is_the_first_for_all() -> None:
    async with redis_running() as redis:
        memories = [RedisMemory(redis.url) for _ in range(3)]
        told = {await memory.put("a", number, 10) for number, memory in enumerate(memories)}
        assert told == {0}
        assert await memories[1].get("a") == 0
        assert await memories[2].get("b") is None
        for memory in memories:
            await memory.close()
