"""Callbacks of ad networks over a real socket: who is believed, and what counts once."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from ticketonomics.rewards.v1.reward_pb2 import (
    REGION_EM,
    REGION_EU,
    REGION_OTHER,
    REGION_US,
    SOURCE_AD,
    AdNetwork,
)
from ticketonomics_client import Client, Reward, new_id

from tests.conftest import run_server
from tests.e2e.refusals import refused
from tests.e2e.rewarding import DAY, Community, community, of_source

HMAC, ECDSA = AdNetwork.SCHEME_HMAC_SHA256, AdNetwork.SCHEME_ECDSA_P256
SECRET = b"a secret of the network's own"


@pytest.fixture
async def here(database_url: str, tmp_path: Path) -> AsyncIterator[Community]:
    async with community(database_url, tmp_path) as made:
        yield made


class Admob:
    """Signs as AdMob does: signature and key at the end of the query."""

    def __init__(self, key_id: str = "3335741209") -> None:
        self.key_id = key_id
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.public_key = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def query(self, **parameters: str) -> bytes:
        content = urlencode(
            {"ad_network": "5450213213286189855", "ad_unit": "2747237135", **parameters}
        ).encode()
        signature = self._key.sign(content, ec.ECDSA(hashes.SHA256()))
        encoded = base64.urlsafe_b64encode(signature).rstrip(b"=")
        return content + b"&signature=" + encoded + b"&key_id=" + self.key_id.encode()


def signed(content: bytes, secret: bytes = SECRET) -> str:
    return hmac.new(secret, content, hashlib.sha256).hexdigest()


async def make_admob(here: Community) -> Admob:
    admob = Admob()
    await here.operator.create_ad_network(
        "admob",
        display_name="AdMob",
        scheme=ECDSA,
        key_id=admob.key_id,
        material=admob.public_key,
        default_region=REGION_EU,
    )
    return admob


async def make_unity(here: Community, **more: Any) -> AdNetwork:
    return await here.operator.create_ad_network(
        "unity", display_name="Unity", scheme=HMAC, key_id="1", material=SECRET, **more
    )


async def watch(here: Community, number: int, person_id: str, **more: str) -> Reward:
    content = urlencode({"transaction_id": str(number), "custom_data": person_id, **more}).encode()
    return await here.operator.complete_ad_view("unity", content, signature=signed(content))


async def test_a_view_that_admob_signed_pays_the_person_in_its_custom_data(
    here: Community,
) -> None:
    admob, ann = await make_admob(here), await here.person("ann")
    query = admob.query(transaction_id="18fa792de1bca816", custom_data=ann, user_id="somebody")
    reward = await here.operator.complete_ad_view("admob", query)
    assert (reward.person_id, reward.amount, reward.source) == (ann, 100, SOURCE_AD)
    assert (reward.ad.network_id, reward.ad.transaction_id) == ("admob", "18fa792de1bca816")
    assert reward.ad.region == REGION_EU
    assert await here.bronze(ann) == 100
    (listed,) = [found async for found in here.operator.rewards(ann)]
    assert listed == reward
    assert await here.fetch("SELECT sum(watched_ads) FROM progress") == 1


async def test_what_is_not_signed_is_not_believed(here: Community) -> None:
    admob, ann, bob = await make_admob(here), await here.person("ann"), await here.person("bob")
    query = admob.query(transaction_id="1", custom_data=ann)
    content, _, end = query.partition(b"&signature=")
    forged = {
        "another person": content.replace(ann.encode(), bob.encode()) + b"&signature=" + end,
        "something more": content + b"&country=US&signature=" + end,
        "another key": query.replace(admob.key_id.encode(), b"1"),
        "somebody else": Admob().query(transaction_id="1", custom_data=ann),
        "no DER": content + b"&signature=AAAA&key_id=" + admob.key_id.encode(),
    }
    for why, callback in forged.items():
        error = await refused(
            "AD_SIGNATURE_INVALID", here.operator.complete_ad_view("admob", callback)
        )
        assert error.metadata["ad_network"] == "admob", why
    await refused("INVALID_FIELD", here.operator.complete_ad_view("admob", content))
    await refused("INVALID_FIELD", here.operator.complete_ad_view("admob", b""))
    await refused("INVALID_FIELD", here.operator.complete_ad_view("admob", b"a" * 9_000))
    await refused("AD_NETWORK_NOT_FOUND", here.operator.complete_ad_view("other", query))
    assert await here.supply() == 0
    assert (await here.operator.complete_ad_view("admob", query)).amount == 100


async def test_what_is_signed_and_makes_no_sense_is_refused(here: Community) -> None:
    await make_unity(here)
    ann = await here.person("ann")
    for content, field in (
        (f"transaction_id=1&custom_data={ann}&custom_data={ann}".encode(), "content"),
        (f"transaction_id=1&transaction_id=2&custom_data={ann}".encode(), "content"),
        (f"transaction_id=&custom_data={ann}".encode(), "transaction_id"),
        (f"transaction_id=a b&custom_data={ann}".encode(), "transaction_id"),
        (b"transaction_id=1&custom_data=nobody", "custom_data"),
        (b"transaction_id=1", "custom_data"),
        (b"\xff=1", "content"),
        (b"{not json", "content"),
        (b'{"transaction_id": "1", "transaction_id": "2"}', "content"),
    ):
        error = await refused(
            "INVALID_FIELD",
            here.operator.complete_ad_view("unity", content, signature=signed(content)),
        )
        assert error.metadata["field"] == field, content
    await refused("PERSON_NOT_FOUND", watch(here, 1, "0" * 16))
    await here.operator.block_person(ann, reason="test")
    await refused("PERSON_BLOCKED", watch(here, 1, ann))


async def test_a_transaction_counts_once_for_ever_and_of_each_network(here: Community) -> None:
    admob, ann, bob = await make_admob(here), await here.person("ann"), await here.person("bob")
    await make_unity(here)
    query, request_id = admob.query(transaction_id="7", custom_data=ann), new_id()
    first = await here.operator.complete_ad_view("admob", query, request_id=request_id)
    again = await here.operator.complete_ad_view("admob", query, request_id=request_id)
    assert again == first
    error = await refused("AD_VIEW_REPLAYED", here.operator.complete_ad_view("admob", query))
    assert error.metadata["transaction"] == "7"
    another = admob.query(transaction_id="7", custom_data=bob)
    await refused("AD_VIEW_REPLAYED", here.operator.complete_ad_view("admob", another))
    # The other network's key has not signed it; and that network's own view 7 is another one.
    await refused("AD_SIGNATURE_INVALID", here.operator.complete_ad_view("unity", query))
    assert (await watch(here, 7, bob)).amount == 100
    await here.move(400 * DAY)
    await refused("AD_VIEW_REPLAYED", here.operator.complete_ad_view("admob", query))
    assert await here.supply() == 200


async def test_bodies_in_json_and_names_of_the_networks_own(here: Community) -> None:
    await make_unity(
        here,
        transaction_parameter="oid",
        person_parameter="sid",
        country_parameter="cc",
        default_region=REGION_EM,
    )
    ann = await here.person("ann")
    body = json.dumps({"oid": 12, "sid": f"users/{ann}", "cc": "us", "more": {"oid": 1}}).encode()
    encoded = base64.b64encode(hmac.new(SECRET, body, hashlib.sha256).digest()).decode()
    reward = await here.operator.complete_ad_view("unity", body, signature=encoded)
    assert (reward.ad.transaction_id, reward.ad.region) == ("12", REGION_US)


async def test_views_beyond_limit_pause_and_budget_count_and_are_not_paid(
    here: Community,
) -> None:
    await make_unity(here)
    await here.operator.set_parameter("rewards.ad_limit", 2)
    ann, bob = await here.person("ann"), await here.person("bob")
    assert (await watch(here, 1, ann, country="DE")).amount == 100
    await here.tell(here.now + timedelta(seconds=29))
    assert (await watch(here, 2, ann, country="DE")).amount == 0
    waiting = of_source(await here.operator.cooldowns(ann), SOURCE_AD)
    assert waiting.next_time.ToDatetime().second == 30
    await here.tell(here.now + timedelta(seconds=1))
    assert (await watch(here, 3, ann, country="US")).amount == 100
    await here.tell(here.now + timedelta(seconds=30))
    over = await watch(here, 4, ann, country="IN")
    assert (over.amount, over.sequence > 0) == (0, True)
    await refused("AD_VIEW_REPLAYED", watch(here, 4, ann, country="IN"))
    assert of_source(await here.operator.cooldowns(ann), SOURCE_AD).left_today == 0
    await here.operator.set_parameter("rewards.ad_budget", 250)
    assert (await watch(here, 5, bob, country="JP")).amount == 0
    assert await here.supply() == 200
    await here.move(DAY)
    assert (await watch(here, 6, ann, country="DE")).amount == 100
    counts = [count async for count in here.operator.ad_view_counts(page_size=2)]
    assert [(c.date[-2:], c.network_id, c.region, c.view_count, c.amount) for c in counts] == [
        ("02", "unity", REGION_EU, 1, 100),
        ("01", "unity", REGION_US, 1, 100),
        ("01", "unity", REGION_EU, 2, 100),
        ("01", "unity", REGION_EM, 1, 0),
        ("01", "unity", REGION_OTHER, 1, 0),
    ]
    assert await here.paid(SOURCE_AD) == [("2030-01-02", 1, 100), ("2030-01-01", 2, 200)]


async def test_keys_rotate_with_an_overlap(here: Community) -> None:
    admob, ann = await make_admob(here), await here.person("ann")
    (network,) = [found async for found in here.operator.ad_networks()]
    newer = Admob("2")
    updated = await here.operator.update_ad_network(
        network, key_id="2", material=newer.public_key, overlap=timedelta(hours=1)
    )
    assert [key.key_id for key in updated.keys] == ["2", admob.key_id]
    assert updated.keys[1].expire_time.ToDatetime().hour == 10
    old = admob.query(transaction_id="1", custom_data=ann)
    assert (await here.operator.complete_ad_view("admob", old)).amount == 100
    await here.move(timedelta(hours=1))
    old = admob.query(transaction_id="2", custom_data=ann)
    await refused("AD_SIGNATURE_INVALID", here.operator.complete_ad_view("admob", old))
    new = newer.query(transaction_id="2", custom_data=ann)
    assert (await here.operator.complete_ad_view("admob", new)).amount == 100
    # A key with the id of an earlier one takes its place at once.
    newest = Admob("2")
    updated = await here.operator.update_ad_network(updated, key_id="2", material=newest.public_key)
    assert [key.key_id for key in updated.keys] == ["2"]
    await refused(
        "AD_SIGNATURE_INVALID",
        here.operator.complete_ad_view("admob", newer.query(transaction_id="3", custom_data=ann)),
    )
    await here.move(timedelta(minutes=1))
    query = newest.query(transaction_id="3", custom_data=ann)
    assert (await here.operator.complete_ad_view("admob", query)).amount == 100


async def test_a_paused_network_is_refused_until_it_goes_on(here: Community) -> None:
    network, ann = await make_unity(here), await here.person("ann")
    network.state = AdNetwork.STATE_PAUSED
    await here.operator.update_ad_network(network)
    await refused("AD_NETWORK_PAUSED", watch(here, 1, ann))
    network.state = AdNetwork.STATE_ACTIVE
    assert (await here.operator.update_ad_network(network)).state == AdNetwork.STATE_ACTIVE
    assert (await watch(here, 1, ann)).amount == 100


async def test_secrets_are_told_to_nobody(here: Community) -> None:
    network = await make_unity(here)
    assert network.keys[0].public_key == b""
    (listed,) = [found async for found in here.operator.ad_networks()]
    assert listed == network
    everything = await here.fetch(
        "SELECT string_agg(t::text, '') FROM (SELECT k::text FROM ad_network_keys k UNION ALL"
        " SELECT encode(event, 'escape') FROM entries) t"
    )
    assert SECRET.decode() not in everything
    assert SECRET.hex() not in everything


async def test_a_server_without_the_sealing_key_says_so(database_url: str, tmp_path: Path) -> None:
    async with community(database_url, tmp_path / "first") as here:
        await make_unity(here)
        ann = await here.person("ann")
        (tmp_path / "second").mkdir(mode=0o700)
        for name in here.server.data_folder.iterdir():
            if name.is_file() and name.name != "webhooks.key":
                (tmp_path / "second" / name.name).write_bytes(name.read_bytes())
                (tmp_path / "second" / name.name).chmod(0o600)
        async with (
            run_server(database_url, tmp_path / "second") as second,
            Client(second.target, api_key=here.server.operator_key, timeout_seconds=1) as other,
        ):
            content = f"transaction_id=1&custom_data={ann}".encode()
            with pytest.raises(Exception, match="the network's secret is encrypted with"):
                await other.complete_ad_view("unity", content, signature=signed(content))
        assert (await watch(here, 1, ann)).amount == 100


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("network_id", {"network_id": "Ad Mob"}),
        ("display_name", {"display_name": ""}),
        ("scheme", {"scheme": AdNetwork.SCHEME_UNSPECIFIED}),
        ("key", {"key_id": ""}),
        ("key", {"material": b"short"}),
        ("key", {"scheme": ECDSA}),
        ("person_parameter", {"person_parameter": "transaction_id"}),
        ("country_parameter", {"country_parameter": "a&b"}),
    ],
)
async def test_bad_networks_are_refused(here: Community, field: str, changes: Any) -> None:
    usual = {
        "network_id": "unity",
        "display_name": "Unity",
        "scheme": HMAC,
        "key_id": "1",
        "material": SECRET,
    }
    chosen = {**usual, **changes}
    error = await refused(
        "INVALID_FIELD", here.operator.create_ad_network(chosen.pop("network_id"), **chosen)
    )
    assert error.metadata["field"] == field
    await make_unity(here)
    await refused("AD_NETWORK_EXISTS", make_unity(here))
