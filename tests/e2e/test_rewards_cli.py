"""Rewards on the command line: what people see, and what programs read."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics_client import Client
from ticketonomics_client.cli import app
from typer.testing import CliRunner, Result

from tests.conftest import Server


@pytest.fixture
async def ann(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TICKETONOMICS_TARGET", server.target)
    monkeypatch.setenv("TICKETONOMICS_API_KEY", server.operator_key)
    async with Client(server.target, api_key=server.operator_key) as client:
        await client.create_asset(
            Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze", decimals=2)
        )
        found = await client.get_or_create_person(provider="telegram", subject="1")
        return found.person.person_id


async def call(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, list(words))


async def document(*words: str) -> Any:
    result = await call(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


async def test_what_a_player_does(ann: str) -> None:
    claimed = await call("rewards", "claim", ann)
    assert claimed.output == "Claimed 1.00 BRONZE, on day 1 of the streak.\n"
    again = await call("rewards", "claim", "--acting-for", ann)
    assert again.exit_code == 1
    assert "the next one is due" in again.output
    tapped = await call("rewards", "tap", "600", ann)
    assert tapped.output.startswith("500 of 600 taps counted: 0.50 BRONZE.")
    reported = await call("rewards", "report", ann, "good morning")
    assert reported.output == "It counted: 0.16 BRONZE.\n"
    reported = await call("rewards", "report", ann, "good morning")
    assert reported.output == "It did not count: too soon.\n"
    shown = (await call("rewards", "cooldowns", ann)).output
    assert "Streak" in shown
    assert "of 500, full at" in shown
    listed = (await call("rewards", "list", ann, "--source", "tap")).output
    assert "500 taps" in listed
    assert "streak" not in listed
    assert "1.00" in (await call("rewards", "stats")).output
    found = await document("rewards", "cooldowns", ann)
    assert found["cooldowns"][0]["source"] == "SOURCE_DAILY"
    code = (await document("rewards", "code", ann))["code"]
    assert (await call("rewards", "code", ann)).output.strip() == code
    refused = await call("rewards", "redeem", code, ann)
    assert (refused.exit_code, "rule SELF" in refused.output) == (1, True)


async def test_what_an_operator_does(ann: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret of the network's own\n")
    key = ("--key-file", str(secret), "--key-id")
    made = await call("ads", "add", "unity", "--name", "Unity", "--scheme", "hmac", *key, "1")
    assert made.output == "Callbacks of unity count from now on.\n"
    rotated = await call("ads", "rotate", "unity", *key, "2", "--overlap-hours", "1")
    assert rotated.exit_code == 0, rotated.output
    assert (await call("ads", "pause", "unity")).output == "unity is paused.\n"
    (network,) = await document("ads", "networks")
    assert [key["keyId"] for key in network["keys"]] == ["2", "1"]
    assert network["state"] == "STATE_PAUSED"
    assert (await call("ads", "resume", "unity")).output == "unity is active.\n"
    assert "Unity" in (await call("ads", "networks")).output
    assert await document("ads", "views") == []
    assert await document("rewards", "flags") == []
    missing = await call("ads", "pause", "nobody")
    assert missing.exit_code != 0
    unknown = await call("rewards", "resolve", "0" * 16)
    assert (unknown.exit_code, "no flag" in unknown.output) == (1, True)
