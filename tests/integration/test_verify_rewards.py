"""What `verify` says of rewards that were changed from outside, or paid beyond their budget."""

import hashlib
import hmac
from pathlib import Path

import asyncpg
import pytest
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.rewards.v1.reward_pb2 import AdNetwork
from ticketonomics_client import Client
from ticketonomics_server.rewards import decide as deciding
from ticketonomics_server.rewards import decide_ads, paying
from ticketonomics_server.storage.database import Database
from ticketonomics_server.verification import verify
from ticketonomics_server.verification.report import Invariant

from tests.conftest import run_server

SECRET = b"a secret of the network's own"
_A_PARTICIPANT = "reward_participants SET {} WHERE streak > 0"
CORRUPTIONS = {
    "more energy": "UPDATE reward_participants SET energy = energy + 1 WHERE energy > 0",
    "a longer streak": f"UPDATE {_A_PARTICIPANT.format('streak = streak + 1')}",
    "another day": f"UPDATE {_A_PARTICIPANT.format('claim_day = claim_day - 1')}",
    "a message less": "UPDATE reward_participants SET messages = 0 WHERE messages > 0",
    "a view less": "UPDATE reward_participants SET views = 0 WHERE views > 0",
    "taps carried": "UPDATE reward_participants SET carried = carried + 1 WHERE taps > 0",
    "a referral paid": "UPDATE reward_participants SET referral_state = 2 WHERE referrer_id <> ''",
    "a lost participant": "DELETE FROM reward_participants WHERE streak > 0",
    "a smaller tally": "UPDATE reward_tallies SET amount = amount - 1 WHERE series = '1'",
    "a lost tally": "DELETE FROM reward_tallies WHERE series LIKE 'ad/%'",
    "a past that was not": "INSERT INTO reward_past_tallies SELECT economy_id, series, 1, 1, 1"
    " FROM reward_tallies WHERE series = '1'",
    "a smaller reward": "UPDATE rewards SET amount = amount - 1 WHERE source = 1",
    "a lost reward": "DELETE FROM rewards WHERE source = 3",
    "a reward too many": "INSERT INTO rewards SELECT economy_id, sequence - 1, part, person_id,"
    " source, amount, time FROM rewards WHERE source = 3",
    "a reward of another time": "UPDATE rewards SET time = time - interval '1 day'",
    "a view forgotten": "DELETE FROM ad_views WHERE transaction_id = '1'",
    "a view of another entry": "UPDATE ad_views SET view_sequence = view_sequence - 1",
    "a stolen code": "UPDATE referral_codes SET person_id = 'somebody'",
    "another network": "UPDATE ad_networks SET person_parameter = 'other'",
    "a key that does not end": "UPDATE ad_network_keys SET expire_time = NULL"
    " WHERE expire_time IS NOT NULL",
    "a key lost": "DELETE FROM ad_network_keys WHERE slot = 0",
    "a flag lost": "DELETE FROM reward_flags WHERE state = 1",
    "a flag resolved": "UPDATE reward_flags SET state = 3 - state",
    "new people lost": "DELETE FROM reward_new_people",
}


async def live(server, client: Client) -> None:
    """Something of everything."""
    await client.create_asset(
        Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze", decimals=2)
    )
    await client.set_parameter("rewards.flag_cut_taps", 10)
    ids = []
    for name in ("ann", "bob", "cid", "dan"):
        found = await client.get_or_create_person(provider="t", subject=name)
        ids.append(found.person.person_id)
    ann, bob, cid, dan = ids
    await client.claim_daily(ann)
    await client.claim_daily(dan)
    await client.tap(505, ann)
    await client.tap(516, bob)
    await client.tap(7, cid)
    await client.report_activity(ann, channel="lobby", message="good morning")
    network = await client.create_ad_network(
        "unity",
        display_name="Unity",
        scheme=AdNetwork.SCHEME_HMAC_SHA256,
        key_id="1",
        material=SECRET,
    )
    for number in (1, 2):
        content = f"transaction_id={number}&custom_data={ann}:US".encode()
        signature = hmac.new(SECRET, content, hashlib.sha256).hexdigest()
        await client.complete_ad_view("unity", content, signature=signature)
    await client.update_ad_network(network, key_id="2", material=SECRET + b"!")
    await client.redeem_referral(await client.create_referral_code(ann), bob)
    flag = await anext(client.flags())
    await client.resolve_flag(flag.flag_id, note="fine")
    await client.tap(600, dan)
    await client.merge_people(cid, into=dan)


@pytest.mark.parametrize("corruption", ["none", *CORRUPTIONS])
async def test_a_corruption_of_rewards_is_told(
    database_url: str, database: Database, plain: asyncpg.Connection, tmp_path: Path,
    corruption: str,
) -> None:  # fmt: skip
    async with (
        run_server(database_url, tmp_path) as server,
        Client(server.target, api_key=server.operator_key) as client,
    ):
        await live(server, client)
    economy_id = await plain.fetchval("SELECT economy_id FROM economies")
    if corruption == "none":
        report = await verify(database, economy_id)
        assert report.violations == ()
        return
    done = await plain.execute(CORRUPTIONS[corruption])
    assert not done.endswith(" 0"), "nothing was damaged"
    report = await verify(database, economy_id)
    assert set(report.violation_counts) == {Invariant.REWARDS_WITHIN_BUDGETS}, report.violations


async def test_a_day_that_is_over_its_budget_is_told(
    database_url: str, database: Database, plain: asyncpg.Connection, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A server with a bug that forgets what was spent leaves entries that give it away."""
    for module in (paying, deciding, decide_ads):
        monkeypatch.setattr(module, "budget_left", lambda _s, _source, budget, _day: budget)
    async with (
        run_server(database_url, tmp_path) as server,
        Client(server.target, api_key=server.operator_key) as client,
    ):
        await live(server, client)
        await client.set_parameter("rewards.claim_budget", 299)
        found = await client.get_or_create_person(provider="t", subject="eve")
        await client.claim_daily(found.person.person_id)
    economy_id = await plain.fetchval("SELECT economy_id FROM economies")
    report = await verify(database, economy_id)
    (violation,) = report.violations
    assert violation.invariant == Invariant.REWARDS_WITHIN_BUDGETS
    assert "pays 100 for daily, and 99 was left of the day's 299" in violation.detail
