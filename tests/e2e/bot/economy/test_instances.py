"""Several instances with one Redis: one tells the news, and another goes on where it stopped."""

import asyncio
from pathlib import Path

from tests.conftest import Server
from tests.e2e.bot.running import Town, bot_key, running_bot, town


async def test_one_instance_tells_and_another_goes_on_where_it_stopped(
    server: Server, tmp_path: Path, redis_url: str
) -> None:
    shared = {"chat_messages_per_second": "1000", "redis_url": redis_url}
    async with town(server, tmp_path, webhook=True, **shared) as here:
        telegram = here.telegram
        key_file = await bot_key(here.operator, tmp_path, "ledger.private")
        reader = telegram.person(701, "Ann")
        ann, bob = await here.give(701, 1), await here.give(702, 100_000)
        await reader.asks("/start")

        async def pay(amount: int) -> None:
            await here.operator.transfer(
                source=f"users/{bob}", destination=f"users/{ann}", asset="BRONZE", amount=amount
            )

        async with running_bot(telegram, server.target, key_file, webhook=True, **shared):
            await pay(101)
            await telegram.shows("1.01", chat_id=701)
            await here.bot.stop()
            # Whoever is left has it now.
            await pay(102)
            await telegram.shows("1.02", chat_id=701)
        assert _told(here, 701) == ["1.01", "1.02"]


async def test_a_killed_instance_loses_nothing_that_it_had_taken_up(
    server: Server, tmp_path: Path, redis_url: str
) -> None:
    shared = {"chat_messages_per_second": "1000", "redis_url": redis_url}
    async with town(server, tmp_path, webhook=True, **shared) as here:
        telegram = here.telegram
        reader = telegram.person(711, "Ann")
        ann, bob = await here.give(711, 1), await here.give(712, 100_000)
        await reader.asks("/start")
        # Telegram does not take it, so it waits on its shelf when the process dies.
        telegram.refuse("sendMessage", 500, "Internal Server Error", times=1_000)

        async def pay(amount: int) -> None:
            await here.operator.transfer(
                source=f"users/{bob}", destination=f"users/{ann}", asset="BRONZE", amount=amount
            )

        await pay(321)
        async with asyncio.timeout(20):
            while telegram.refusals[0].times == 1_000:  # noqa: ASYNC110 - Refusals tell nobody.
                await asyncio.sleep(0.05)
        await here.bot.kill()
        telegram.refusals.clear()
        # And nobody is there when this happens.
        await pay(322)
        async with running_bot(telegram, server.target, here.key_file, webhook=True, **shared):
            await telegram.shows("3.21", chat_id=711)
            await telegram.shows("3.22", chat_id=711)
        assert sorted(_told(here, 711)) == ["3.21", "3.22"]


def _told(here: Town, chat_id: int) -> list[str]:
    """The amounts that a chat was told, in their order."""
    return [
        line.split("<b>")[2].split()[0]
        for call in here.telegram.called("sendMessage")
        if int(call.params["chat_id"]) == chat_id
        for line in call.params["text"].splitlines()
        if "has paid you" in line
    ]
