"""`ticketonomics webhooks`, against the real server and a real receiver."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Server, run_server
from tests.e2e.receiver import QUICK, receiving, until
from tests.e2e.test_cli import Economy, Shell, economy, shell

__all__ = ["economy", "shell"]


@pytest.fixture
async def server(database_url: str, tmp_path: Path) -> AsyncIterator[Server]:
    async with run_server(database_url, tmp_path, **{**QUICK, "webhook_attempts": 1}) as running:
        yield running


async def test_webhooks_from_their_beginning_to_their_end(shell: Shell, economy: Economy) -> None:
    async with receiving() as receiver:
        made = await shell(
            *("webhooks", "create", receiver.url, "--account", economy.bob),
            *("--asset", "COIN", "--kind", "transfer", "--kind", "capture"),
        )
        assert made.code == 0, made.err
        secret, identifier = made.out.strip(), made.err.split()[1].rstrip(".")
        assert secret.startswith("whsec_")
        (listed,) = (await shell("webhooks", "--json")).json
        assert listed["webhookId"] == identifier
        assert listed["filter"] == {
            "accounts": [f"users/{economy.bob}"],
            "asset": "COIN",
            "kinds": ["KIND_TRANSFER", "KIND_CAPTURE"],
        }
        assert identifier in (await shell("webhooks")).out
        assert "Delivered in " in (await shell("webhooks", "test", identifier)).out
        assert receiver.received[0].check(secret).type == "webhook.test"
        await shell("transfer", economy.ann, economy.bob, "1", "COIN")
        await receiver.wait(2)
        sequence = receiver.sequences[1]

        receiver.fail(500, 500)
        failed = await shell("webhooks", "test", identifier)
        assert failed.code == 1
        assert "Failed: HTTP status 500." in failed.out
        await shell("transfer", economy.ann, economy.bob, "2", "COIN")

        async def dead() -> bool:
            return bool((await shell("webhooks", "dead-letters", identifier, "--json")).json)

        await until(dead)
        assert "HTTP status 500" in (await shell("webhooks", "dead-letters", identifier)).out
        shown = (await shell("webhooks", "show", identifier)).out
        assert re.search(r"^Dead letters +1$", shown, re.M), shown
        assert "Because" in shown
        assert "Retrying: 1." in (await shell("webhooks", "retry", identifier)).out
        await receiver.wait(5)
        assert (await shell("webhooks", "retry", identifier, "7", "--json")).code == 1

        replayed = await shell("webhooks", "replay", identifier, "--after", str(sequence - 1))
        assert f"begins again behind entry {sequence - 1:,}" in replayed.out
        await until(lambda: receiver.sequences.count(sequence) == 2)
        rotated = await shell("webhooks", "rotate", identifier, "--overlap-hours", "0")
        assert rotated.out.strip() not in {"", secret}
        updated = await shell("webhooks", "update", identifier, receiver.url + "/new", "--json")
        assert updated.json["filter"] == {"accounts": [], "asset": "", "kinds": []}
        assert "is paused" in (await shell("webhooks", "pause", identifier)).out
        assert "is active" in (await shell("webhooks", "resume", identifier)).out
        assert "Deleted" in (await shell("webhooks", "delete", identifier)).out
        gone = await shell("webhooks", "show", identifier)
        assert gone.code == 1
        assert "WEBHOOK_NOT_FOUND" in gone.err
        assert "`ticketonomics webhooks` lists them" in gone.err
        malformed = await shell("webhooks", "create", "example.org")
        assert malformed.code == 1
        assert "does not begin with https://" in malformed.err
