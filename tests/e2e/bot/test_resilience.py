"""Webhooks, updates that come again, two instances, limits, and a server that goes away."""

import asyncio
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
from ticketonomics_client import Client

from tests.conftest import Server, run_server
from tests.e2e.bot.fake_api import Chat, fake_telegram
from tests.e2e.bot.running import Town, bot_key, running_bot, town

GROUP = Chat(-1004, "supergroup", "Club")


async def test_two_instances_share_what_is_asked_and_do_it_once(
    server: Server, tmp_path: Path, redis_url: str
) -> None:
    shared = {"chat_messages_per_second": "1000", "redis_url": redis_url}
    async with town(server, tmp_path, webhook=True, **shared) as here:
        telegram = here.telegram
        ann, bob = telegram.person(601, "Ann"), telegram.person(602, "Bob", username="bob_602")
        await here.give(601, 100_000)
        await bob.asks("/start")
        async with running_bot(
            telegram, server.target, here.key_file, webhook=True, **shared
        ) as other:
            both = [here.bot.webhook, other.webhook]

            # The same update to both, again and again: answered once.
            changes = telegram.changes
            claimed = await ann.says("/daily")
            for url in both * 2:
                assert await telegram.deliver(claimed, to=url) == 200
            assert telegram.changes == changes + 1
            daily = await here.has(601) - 100_000
            rewards = here.operator.reward_statistics()
            assert [day.amount async for day in rewards] == [daily]

            # What one was asked, the other one hears; both are told yes at the same time.
            telegram.webhooks = [here.bot.webhook]
            said = (await bob.says("hi", chat=GROUP))["message"]
            asked = await ann.asks("/pay 200", chat=GROUP, reply_to=said)
            press = await ann.presses(asked, "Confirm")
            again = {**press, "update_id": press["update_id"] + 1_000_000}
            answers = await asyncio.gather(
                telegram.deliver(again, to=both[1]), telegram.deliver(press, to=both[1])
            )
            assert answers == [200, 200]
            await telegram.shows("✅", chat_id=GROUP.id)
            assert await here.has(602) == 20_000
            await ann.asks("/start pay-p" + (await here.person(602)).person_id)
            telegram.webhooks = [other.webhook]
            assert "3.00" in (await ann.asks("3")).text
            assert await here.has(602) == 20_300

            # One dies; what it had asked is answered by the other.
            telegram.webhooks = [other.webhook]
            asked = await ann.asks("/pay 300", chat=GROUP, reply_to=said)
            await other.kill()
            telegram.webhooks = [here.bot.webhook]
            assert "✅" in (await ann.sees_after(asked, "Confirm")).text
            assert await here.has(602) == 50_300
        await _refuses_strangers(here, claimed)
        assert await here.bot.stop() == 0


async def _refuses_strangers(here: Town, update: dict[str, Any]) -> None:
    secret = {"X-Telegram-Bot-Api-Secret-Token": here.telegram.webhook["secret_token"]}
    wrong = {"X-Telegram-Bot-Api-Secret-Token": "guessed"}
    async with aiohttp.ClientSession() as session:
        for headers in ({}, wrong):
            async with session.post(here.bot.webhook, json=update, headers=headers) as answer:
                assert answer.status == 401
        # What nobody can read would be sent for ever.
        async with session.post(here.bot.webhook, data=b"{", headers=secret) as answer:
            assert answer.status == 200
        huge = b" " * (2 << 20)
        async with session.post(here.bot.webhook, data=huge, headers=secret) as answer:
            assert answer.status == 413


async def test_the_server_goes_and_comes_back_and_a_payment_happens_once(
    database_url: str, tmp_path: Path
) -> None:
    async with fake_telegram() as telegram:
        async with run_server(database_url, tmp_path) as server:
            target = server.target
            async with Client(target, api_key=server.operator_key) as operator:
                await operator.open_queues()
                key_file = await bot_key(operator, tmp_path)
                people = {}
                for number in (611, 612):
                    made = await operator.get_or_create_person(
                        provider="telegram", subject=str(number)
                    )
                    people[number] = made.person.account
                await operator.mint(
                    destination=people[611], asset="BRONZE", amount=1_000, reason="test"
                )
        async with running_bot(telegram, target, key_file, chat_messages_per_second="1000") as bot:
            ann, bob = telegram.person(611, "Ann"), telegram.person(612, "Bob")
            said = (await bob.says("hi", chat=GROUP))["message"]
            away = await ann.asks("/pay 3", chat=GROUP, reply_to=said)
            assert "does not answer" in away.text and "Try again" in away.buttons
            answer = await ann.press_answer(away, "Try again")
            assert "trying again" in answer["text"]
            async with run_server(database_url, tmp_path, port=int(target.rpartition(":")[2])):
                done = await telegram.shows("✅", chat_id=GROUP.id)
                assert done.message_id == away.message_id, "the same message tells how it went"
                async with Client(target, api_key=server.operator_key) as operator:
                    assert (await operator.balance(people[612], "BRONZE")).posted == 300
            bot.log.clear()


async def test_limits_are_kept_and_edits_overtake_each_other(
    server: Server, tmp_path: Path
) -> None:
    async with town(server, tmp_path) as here:
        telegram = here.telegram
        ann = telegram.person(621, "Ann")
        shown = await ann.asks("/tap")
        before = len(telegram.calls)
        started = time.monotonic()
        for _ in range(6):
            await telegram.answer_to(await ann.presses(shown, "×10"))
        await telegram.until(lambda: "60" in shown.text or shown.edits >= 2)
        edits = [c for c in telegram.calls[before:] if c.method == "editMessageText"]
        times = [call.at for call in edits]
        assert all(b - a > 0.95 for a, b in pairwise(times))
        assert len(edits) < 6 or time.monotonic() - started > 5

        telegram.refuse("sendMessage", 429, "Too Many Requests: retry after 1", retry_after=1)
        refused = time.monotonic()
        assert "Energy" in (await telegram.person(622, "Bob").asks("/tap")).text
        assert time.monotonic() - refused > 0.95
