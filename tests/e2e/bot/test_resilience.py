"""Webhooks, updates that come again, two instances, limits, and a server that goes away."""

import asyncio
import time
from itertools import pairwise
from pathlib import Path

import aiohttp
from ticketonomics_client import Client

from tests.conftest import Server, run_server
from tests.e2e.bot.fake_api import Chat, fake_telegram
from tests.e2e.bot.running import bot_key, running_bot, town

GROUP = Chat(-1004, "supergroup", "Club")


async def test_two_instances_take_turns_behind_a_webhook(server: Server, tmp_path: Path) -> None:
    fast = {"chat_messages_per_second": "1000"}
    async with town(server, tmp_path, webhook=True, **fast) as here:
        ann, bob = here.telegram.person(601, "Ann"), here.telegram.person(602, "Bob")
        await here.give(601, 10_000)
        async with running_bot(
            here.telegram, server.target, here.key_file, webhook=True, **fast
        ) as other:
            said = (await bob.says("hi", chat=GROUP))["message"]
            both = [here.bot.webhook, other.webhook]
            update = await ann.says("/pay 7", chat=GROUP, reply_to=said)
            answers = [await here.telegram.deliver(update, to=url) for url in both * 2]
            assert answers == [200] * 4
            claimed = await ann.says("/daily")
            await asyncio.gather(*(here.telegram.deliver(claimed, to=url) for url in both * 2))
        assert await here.has(602) == 700
        daily = await here.has(601) - 9_300
        rewards = here.operator.reward_statistics()
        assert [day.amount async for day in rewards] == [daily]
        async with aiohttp.ClientSession() as session:
            wrong = {"X-Telegram-Bot-Api-Secret-Token": "guessed"}
            async with session.post(here.bot.webhook, json=update, headers=wrong) as answer:
                assert answer.status == 401
            right = {"X-Telegram-Bot-Api-Secret-Token": here.telegram.webhook["secret_token"]}
            async with session.post(here.bot.webhook, data=b"{", headers=right) as answer:
                assert answer.status == 200, "what nobody can read is not sent for ever"
        assert await here.bot.stop() == 0


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
