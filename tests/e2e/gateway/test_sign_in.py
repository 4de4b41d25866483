"""Signing in by Telegram: only what Telegram has signed, lately, and once."""

import pytest

from tests.e2e.gateway.stage import Browser, Stage, init_data

pytestmark = pytest.mark.asyncio(loop_scope="module")

TELEGRAM = "/api/v1/auth/telegram"
ME = "/api/v1/auth/me"


async def test_who_opens_the_mini_app_is_signed_in(stage: Stage, browser: Browser) -> None:
    await browser.sign_in(init_data(1, first_name="Ada"))
    assert browser.me["person"]["displayName"] == "Ada"
    again = (await browser.get(ME)).json()
    assert again["person"] == browser.me["person"]
    assert again["csrfToken"] == browser.me["csrfToken"]
