"""The real command, in a process of its own, against the real server."""

import asyncio
import itertools
import json
import os
import signal
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from ticketonomics.ledger.v1.asset_pb2 import Asset, TransferFee
from ticketonomics_client import Client

from tests.conftest import Server

COIN = Asset(
    code="COIN",
    kind=Asset.KIND_MATERIAL,
    name="Coin",
    decimals=2,
    supply_cap=100_000_000,
    transfer_fee=TransferFee(fee_bps=50),
)


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


class Shell:
    """Runs `ticketonomics` as an operator would, with the operator's key unless told otherwise."""

    def __init__(self, target: str, key: str) -> None:
        outer = {k: v for k, v in os.environ.items() if not k.startswith("TICKETONOMICS_")}
        self.env = {**outer, "TICKETONOMICS_TARGET": target}
        self.key = key

    async def start(self, *arguments: str, key: str | None = None) -> asyncio.subprocess.Process:
        key = self.key if key is None else key
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ticketonomics_client", *arguments),
            env={**self.env, "TICKETONOMICS_API_KEY": key} if key else self.env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def __call__(self, *arguments: str, key: str | None = None) -> Result:
        process = await self.start(*arguments, key=key)
        async with asyncio.timeout(60):
            out, err = await process.communicate()
        assert b"Traceback" not in err, err.decode()
        assert process.returncode is not None
        return Result(process.returncode, out.decode(), err.decode())


@dataclass
class Economy:
    """An asset with two decimals and half a per cent of fee, and two people, one of them rich."""

    ann: str
    bob: str


@pytest.fixture
def shell(server: Any) -> Shell:
    return Shell(server.target, server.operator_key)


@pytest.fixture
async def economy(server: Server) -> Economy:
    """Made with the SDK: quicker than a process for each command, which the first test tries."""
    async with Client(server.target, api_key=server.operator_key) as client:
        await client.create_asset(COIN)
        ann, bob = [
            (await client.get_or_create_person(provider="telegram", subject=subject)).person
            for subject in ("ann", "bob")
        ]
        await client.mint(destination=ann.account, asset="COIN", amount=123_450, reason="welcome")
    return Economy(ann.person_id, bob.person_id)


async def test_an_economy_is_made_with_commands(server: Server, shell: Shell) -> None:
    made = await shell(
        *("assets", "create", "COIN", "--kind", "material", "--name", "Coin"),
        *("--decimals", "2", "--cap", "1000000", "--fee-bps", "50", "--json"),
    )
    assert made.json["code"] == "COIN"
    person = (await shell("people", "get-or-create", "telegram", "ann", "--json")).json["person"]
    minted = await shell("mint", person["personId"], "1234.50", "COIN", "--reason", "welcome")
    assert minted.code == 0, minted.err
    async with Client(server.target) as anybody:
        created = await anybody.asset("COIN")
        created.ClearField("create_time")
        assert created == COIN
        assert (await anybody.balance(person["account"], "COIN")).posted == 123_450


async def test_a_transfer_moves_display_units_and_burns_its_fee(
    shell: Shell, economy: Economy
) -> None:
    moved = await shell("transfer", economy.ann, economy.bob, "100", "COIN", "--memo", "for tea")
    assert moved.code == 0, moved.err
    assert f"Moved 100 COIN from users/{economy.ann} to users/{economy.bob}." in moved.out
    ann = (await shell("balance", economy.ann, "--asset", "COIN", "--json")).json
    assert (ann["posted"], ann["available"], ann["held"]) == ("113400", "113400", "0")
    assert "100.00" in (await shell("balance", economy.bob)).out
    supply = (await shell("supply", "COIN", "--json")).json
    assert (supply["minted"], supply["burned"], supply["circulating"]) == (
        "123450",
        "50",
        "123400",
    )
    assert "1,234.00" in (await shell("supply")).out


async def test_history_and_blocks_tell_what_happened(shell: Shell, economy: Economy) -> None:
    await shell("transfer", economy.ann, economy.bob, "1.5", "COIN", "--memo", "for tea")
    newest, oldest = (await shell("history", economy.ann, "--json")).json
    assert newest["kind"] == "KIND_TRANSFER"
    assert newest["memo"] == "for tea"
    assert oldest["kind"] == "KIND_MINT"
    shown = (await shell("transaction", newest["transactionId"], "--json")).json
    assert shown == newest
    assert (await shell("transaction", newest["sequence"], "--json")).json == newest
    table = await shell("history", economy.ann, "--kind", "transfer")
    assert "for tea" in table.out
    assert "welcome" not in table.out
    blocks = (await shell("blocks", "--json")).json
    block = (await shell("block", "--json")).json
    assert blocks[0] == block
    assert block["lastSequence"] == newest["sequence"]
    assert all(
        upper["previousHash"] == lower["hash"] for upper, lower in itertools.pairwise(blocks)
    )


async def test_the_same_id_happens_once(shell: Shell, economy: Economy) -> None:
    first = (await shell("transfer", economy.ann, economy.bob, "1", "COIN", "--json")).json
    again = ("transfer", economy.ann, economy.bob, "1", "COIN", "--id", first["transactionId"])
    assert (await shell(*again, "--json")).json == {**first, "replayed": True}
    assert "It had happened before" in (await shell(*again)).out
    other = await shell(*again[:3], "2", *again[4:])
    assert other.code == 1
    assert "REQUEST_ID_REUSED" in other.err


async def test_refusals_are_explained(shell: Shell, economy: Economy) -> None:
    poor = await shell("transfer", economy.bob, economy.ann, "1", "COIN")
    assert poor.code == 1
    assert poor.out == ""
    assert "INSUFFICIENT_FUNDS" in poor.err
    assert "Hint:" in poor.err
    nobody = await shell("balance", "nobody", "--json")
    assert nobody.code == 1
    assert json.loads(nobody.err)["error"]["reason"] == "ACCOUNT_NOT_FOUND"
    fine = await shell("transfer", economy.ann, economy.bob, "0.001", "COIN")
    assert fine.code == 2
    assert "at most 2 decimals" in fine.err
    stranger = await shell("transfer", economy.ann, economy.bob, "1", "COIN", key="wrong")
    assert stranger.code == 1
    assert "CREDENTIALS_INVALID" in stranger.err


async def test_reading_needs_no_key_but_writing_does(shell: Shell, economy: Economy) -> None:
    assert "1,234.50" in (await shell("balance", economy.ann, key="")).out
    refused = await shell("transfer", economy.ann, economy.bob, "1", "COIN", key="")
    assert refused.code == 1
    assert "CREDENTIALS_MISSING" in refused.err
    elsewhere = await shell("assets", "--economy", "atlantis", key="")
    assert elsewhere.code == 1
    assert "ECONOMY_NOT_FOUND" in elsewhere.err


async def test_nothing_leaves_the_account_of_a_blocked_person(
    shell: Shell, economy: Economy
) -> None:
    payment = ("transfer", economy.ann, economy.bob, "1", "COIN")
    acting = (*payment, "--acting-for", economy.ann)
    assert (await shell(*acting)).code == 0
    blocked = await shell("people", "block", economy.ann, "--reason", "spam")
    assert blocked.out == f"{economy.ann} is blocked.\n"
    # The block knows at once; the server's door may remember for 2 s whom it let in before.
    refused = await shell(*acting, "--json")
    reason = json.loads(refused.err)["error"]["reason"]
    assert reason in {"PERSON_BLOCKED", "ACCOUNT_BLOCKED"}
    assert "ACCOUNT_BLOCKED" in (await shell(*payment)).err
    (left,) = (await shell("balance", economy.ann, "--json")).json
    assert left["posted"] == "123349", "1234.50 less one payment and its fee of 0.01, rounded up"
    assert (await shell("people", "unblock", economy.ann, "--reason", "sorry")).code == 0
    assert (await shell(*payment)).code == 0


async def test_an_application_gets_a_key_that_is_rotated_and_revoked(shell: Shell) -> None:
    created = await shell(
        "apps", "create", "--name", "Shop", "--scope", "ledger.transfer", "--json"
    )
    application_id = created.json["applicationId"]
    first = (await shell("keys", "create", application_id, "--json")).json
    me = (await shell("whoami", "--json", key=first["secret"])).json
    assert me["application"]["applicationId"] == application_id
    assert me["application"]["scopes"] == ["ledger.transfer"]
    assert "SCOPE_MISSING" in (await shell("people", key=first["secret"])).err
    second = await shell("keys", "rotate", first["apiKey"]["apiKeyId"])
    assert (await shell("whoami", key=second.out.strip())).code == 0
    listed = (await shell("keys", "list", application_id, "--json")).json
    assert len(listed) == 2
    assert not any("secret" in key for key in listed)
    newest = next(k["apiKeyId"] for k in listed if k["apiKeyId"] != first["apiKey"]["apiKeyId"])
    assert (await shell("keys", "revoke", newest)).out == f"Revoked {newest}.\n"


async def test_accounts_are_opened_paid_and_closed(shell: Shell, economy: Economy) -> None:
    treasury = "orgs/guild/treasury"
    assert (await shell("accounts", "open", treasury)).out == f"Opened {treasury}.\n"
    assert (await shell("transfer", economy.ann, treasury, "2", "COIN")).code == 0
    assert "ACCOUNT_NOT_EMPTY" in (await shell("accounts", "close", treasury)).err
    assert (await shell("burn", treasury, "2", "COIN", "--reason", "the end")).code == 0
    assert (await shell("accounts", "close", treasury)).code == 0
    listed = (await shell("accounts", "--prefix", "orgs/", "--json")).json
    assert [(item["address"], item["state"]) for item in listed] == [(treasury, "STATE_CLOSED")]
    await shell("assets", "set-fee", "COIN")
    coin = next(a for a in (await shell("assets", "--json")).json if a["code"] == "COIN")
    assert coin.get("transferFee", {}).get("feeBps", 0) == 0


async def test_the_past_can_be_asked_for(shell: Shell, economy: Economy) -> None:
    before = (await shell("block", "--json")).json["height"]
    await shell("transfer", economy.ann, economy.bob, "10", "COIN")
    past = await shell("balance", economy.ann, "--asset", "COIN", "--height", before, "--json")
    assert past.json["posted"] == "123450"


async def test_watch_follows_until_ctrl_c(shell: Shell, economy: Economy) -> None:
    process = await shell.start("watch", economy.bob, "--after", "0", "--json")
    assert process.stdout is not None
    lines = []
    async with asyncio.timeout(60):
        for amount in ("1", "2", "3"):
            await shell("transfer", economy.ann, economy.bob, amount, "COIN")
            lines.append(json.loads(await process.stdout.readline()))
        process.send_signal(signal.SIGINT)
        rest, err = await process.communicate()
    assert [line["postings"][0]["amount"] for line in lines] == ["100", "200", "300"]
    assert (process.returncode, rest, err) == (130, b"", b"")


async def test_status_and_methods_are_shown(shell: Shell, economy: Economy) -> None:
    status = (await shell("status", "--json")).json
    block = (await shell("block", "--json")).json
    assert (status["economy"], status["height"]) == ("main", block["height"])
    assert "Postgres" in (await shell("status")).out
    methods = (await shell("methods", "--json", key="")).json
    transfer = next(item for item in methods if item["name"].endswith("/Transfer"))
    assert transfer["scope"] == "ledger.transfer"
