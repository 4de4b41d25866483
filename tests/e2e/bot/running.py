"""The real bot, as a process of its own, against a fake Telegram and a real server."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics_client import Client

from tests.conftest import Server
from tests.e2e.bot.fake_api import TOKEN, FakeTelegram, fake_telegram

SCOPES = (
    *("ledger.transfer", "identity.people", "identity.link", "identity.act_for"),
    *("spending.consent", "rewards.claim", "rewards.report", "queues.play"),
    *("amm.swap", "parliament.take_part"),
)
SECRET = "a-secret-token-of-tests"
WEBHOOK_PATH = "/telegram"
PATIENCE_SECONDS = 30
# Its libraries take seconds to load, and many more on a busy machine.
START_SECONDS = 120


@dataclass
class Bot:
    """A bot's process."""

    process: asyncio.subprocess.Process
    log: list[str]
    webhook: str = ""

    async def stop(self) -> int:
        """Asks it to end, and waits until it has."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), PATIENCE_SECONDS)

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()

    def faults(self) -> list[str]:
        return [line for line in self.log if "error" in line.split("]")[0] or "Traceback" in line]


async def bot_key(operator: Client, folder: Path, *scopes: str) -> Path:
    """Makes the bot's application, and a file with its key."""
    made = await operator.create_application(
        name="bot", scopes=[*SCOPES, *scopes], rate_limit_rps=10_000
    )
    path = folder / "bot.key"
    path.write_text((await operator.create_api_key(made.application_id)).secret)
    return path


@asynccontextmanager
async def running_bot(
    telegram: FakeTelegram, target: str, key_file: Path, *, webhook: bool = False, **settings: str
) -> AsyncIterator[Bot]:
    """Starts the bot, and waits until it receives.

    Args:
        telegram: What it takes for Telegram.
        target: The server.
        key_file: Its key.
        webhook: Whether updates are sent to it; otherwise it polls.
        settings: More settings, by their names in small letters.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("TICKETONOMICS")
    }
    environment |= {
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TICKETONOMICS_BOT_API_URL": telegram.url,
        "TICKETONOMICS_BOT_TARGET": target,
        "TICKETONOMICS_BOT_KEY_FILE": str(key_file),
    }
    address = ""
    if webhook:
        port = _free_port()
        address = f"http://127.0.0.1:{port}{WEBHOOK_PATH}"
        environment |= {
            "TICKETONOMICS_BOT_RECEIVE": "webhook",
            "TICKETONOMICS_BOT_WEBHOOK_URL": f"https://bot.example.org{WEBHOOK_PATH}",
            "TICKETONOMICS_BOT_WEBHOOK_SECRET": SECRET,
            "TICKETONOMICS_BOT_WEBHOOK_LISTEN": f"127.0.0.1:{port}",
        }
    environment |= {f"TICKETONOMICS_BOT_{n.upper()}": value for n, value in settings.items()}
    polled, hooks = telegram.polled, len(telegram.called("setWebhook"))

    def hooked() -> bool:
        return len(telegram.called("setWebhook")) > hooks

    def polls() -> bool:
        return telegram.polled > polled

    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "ticketonomics-bot"),
        "run",
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    bot = Bot(process, [], address)
    reading = asyncio.create_task(_read(bot))
    try:
        if webhook:
            await _started(bot, telegram.until(hooked, seconds=START_SECONDS))
            telegram.webhooks.append(address)
        else:
            await _started(bot, telegram.until(polls, seconds=START_SECONDS))
        yield bot
    finally:
        if webhook and address in telegram.webhooks:
            telegram.webhooks.remove(address)
        await bot.stop()
        await reading
    assert not bot.faults(), "\n".join(bot.log)


async def _started(bot: Bot, receiving: object) -> None:
    """Waits for the first call, unless the process ends before."""
    waiting = asyncio.ensure_future(receiving)  # type: ignore[call-overload]
    ended = asyncio.create_task(bot.process.wait())
    await asyncio.wait({waiting, ended}, return_when=asyncio.FIRST_COMPLETED)
    ended.cancel()
    if not waiting.done():
        waiting.cancel()
        raise AssertionError("the bot ended:\n" + "\n".join(bot.log))
    await waiting


async def _read(bot: Bot) -> None:
    assert bot.process.stderr is not None
    async for line in bot.process.stderr:
        bot.log.append(line.decode().rstrip())


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


@dataclass
class Town:
    """A server, its operator, a fake Telegram, and the bot between."""

    server: Server
    operator: Client
    telegram: FakeTelegram
    bot: Bot
    key_file: Path

    async def give(self, telegram_id: int, amount: int, asset: str = "BRONZE") -> str:
        """Gives somebody tickets, and returns the person's id."""
        answer = await self.operator.get_or_create_person(
            provider="telegram", subject=str(telegram_id)
        )
        await self.operator.mint(
            destination=answer.person.account, asset=asset, amount=amount, reason="test"
        )
        return answer.person.person_id

    async def until_has(self, telegram_id: int, least: int) -> None:
        """Waits until somebody has something."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.has(telegram_id) < least:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    async def person(self, telegram_id: int) -> Person:
        return await self.operator.look_up_person(provider="telegram", subject=str(telegram_id))

    async def has(self, telegram_id: int, asset: str = "BRONZE") -> int:
        person = await self.person(telegram_id)
        return (await self.operator.balance(person.account, asset)).posted


@asynccontextmanager
async def town(
    server: Server, folder: Path, *, webhook: bool = False, **settings: str
) -> AsyncIterator[Town]:
    """Brings all of it together."""
    async with (
        Client(server.target, api_key=server.operator_key) as operator,
        fake_telegram() as telegram,
    ):
        # The tiers come with their queues.
        await operator.open_queues()
        key_file = await bot_key(operator, folder)
        async with running_bot(
            telegram, server.target, key_file, webhook=webhook, **settings
        ) as bot:
            yield Town(server, operator, telegram, bot, key_file)
