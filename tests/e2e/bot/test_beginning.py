"""A bot that cannot start says why and ends."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.bot.fake_api import fake_telegram

PROGRAM = Path(sys.executable).parent / "ticketonomics-bot"


def _run(**settings: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("TICKETONOMICS")
    }
    environment.pop("TELEGRAM_BOT_TOKEN", None)
    environment |= {f"TICKETONOMICS_BOT_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [PROGRAM, "run"], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_missing_or_wrong_setting_is_named() -> None:
    ended = _run(receive="pigeons")
    assert ended.returncode == 2
    assert "TICKETONOMICS_BOT_RECEIVE" in ended.stderr and "Traceback" not in ended.stderr
    assert "TICKETONOMICS_BOT_KEY_FILE" in ended.stderr


@pytest.mark.parametrize(
    ("token", "written", "why"),
    [("42:unknown", "tkt_key", "does not know this token"), ("42:x", "", "is empty")],
)
async def test_what_it_cannot_use_is_said(
    tmp_path: Path, token: str, written: str, why: str
) -> None:

    key = tmp_path / "key"
    key.write_text(written)
    async with fake_telegram() as telegram:
        ended = await asyncio.to_thread(
            _run, token=token, key_file=str(key), api_url=telegram.url, target="127.0.0.1:1"
        )
    assert ended.returncode == 1, ended.stderr
    assert why in ended.stderr and "Traceback" not in ended.stderr
    assert token not in ended.stderr
