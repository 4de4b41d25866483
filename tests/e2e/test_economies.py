"""Several economies in one deployment: made, suspended, limited, moved, and sharing nothing."""

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg
import grpc
import pytest
from google.protobuf.message import Message
from ticketonomics.ledger.v1 import ledger_service_pb2
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.ledger.v1.transaction_pb2 import Posting
from ticketonomics.spending.v1.limit_pb2 import PERIOD_DAY
from ticketonomics_client import Client, RefusedError
from ticketonomics_server.engine.tables import economies, metadata
from ticketonomics_server.rpc.permissions import PERMISSIONS

from tests.conftest import Server, new_id
from tests.contracts import METHODS, SERVICES
from tests.e2e.test_server_cli import Operator, free_port


@dataclass
class Guild:
    """A second economy in the server's deployment, with somebody rich in it."""

    client: Client
    person_id: str
    account: str
    application_id: str
    api_key_id: str
    transaction_id: str
    hold_id: str
    schedule_id: str
    payment_request_id: str
    round_id: str
    proposal_id: str
    pool_id: str


@pytest.fixture
def host(server: Server, tmp_path: Path) -> Operator:
    """Whoever owns the server's database."""
    return Operator().also(DATABASE_URL=server.database_url, DATA_FOLDER=str(tmp_path / "none"))


@pytest.fixture
def elsewhere(another_database_url: str, tmp_path: Path) -> Operator:
    """Whoever owns another deployment, which has no economy yet."""
    return Operator().also(
        DATABASE_URL=another_database_url,
        DATA_FOLDER=str(tmp_path / "elsewhere"),
        LISTEN=f"127.0.0.1:{free_port()}",
    )


@pytest.fixture
async def guild(server: Server, host: Operator, tmp_path: Path) -> AsyncIterator[Guild]:
    key = tmp_path / "guild.key"
    made = await host("economies", "create", "guild", "--file", str(key))
    assert made.code == 0, made.err
    async with Client(server.target, api_key=key.read_text().strip()) as client:
        await client.create_asset(Asset(code="RUNE", kind=Asset.KIND_TICKET, name="Rune"))
        person = (await client.get_or_create_person(provider="telegram", subject="guild-7")).person
        receipt = await client.mint(
            destination=person.account, asset="RUNE", amount=900, reason="guild only"
        )
        await client.open_account("orgs/bank")
        posting = Posting(source=person.account, destination="orgs/bank", asset="RUNE", amount=1)
        held = await client.create_hold([posting], memo="guild only")
        schedule = await client.create_schedule(
            [posting], first_time=datetime.now(UTC) + timedelta(days=1), memo="guild only"
        )
        asked = await client.request_payment(
            payee="orgs/bank", payer=person.account, asset="RUNE", amount=1, memo="guild only"
        )
        me = await client.who_am_i()
        await client.set_budget(
            me.application.application_id, asset="RUNE", amount=10**9, period=PERIOD_DAY
        )
        await client.acting_for(person.person_id).grant_allowance(
            person.person_id,
            application_id=me.application.application_id,
            asset="RUNE",
            amount=5,
            period=PERIOD_DAY,
        )
        await client.open_queues()
        for name in ("parliament.age", "parliament.active_days"):
            await client.set_parameter(name, 0)
        await client.create_asset(Asset(code="OAK", kind=Asset.KIND_MATERIAL, name="Oak"))
        for asset in ("OAK", "BRONZE"):
            await client.mint(
                destination=person.account, asset=asset, amount=50_000, reason="guild only"
            )
        player = client.acting_for(person.person_id)
        joined = await player.join_queue("BRONZE", "small", person.person_id)
        proposed = await player.create_proposal(title="guild only")
        pool = await client.create_pool(
            "oak-bronze",
            base_asset="OAK",
            quote_asset="BRONZE",
            account=person.account,
            base_amount=20_000,
            quote_amount=20_000,
        )
        keys = [key async for key in client.api_keys(me.application.application_id)]
        yield Guild(
            client,
            person.person_id,
            person.account,
            me.application.application_id,
            keys[0].api_key_id,
            receipt.transaction_id,
            held.hold_id,
            schedule.schedule_id,
            asked.payment_request_id,
            joined.round.round_id,
            proposed.proposal_id,
            pool.pool_id,
        )


async def rows_of(database_url: str, name: str) -> dict[str, list[str]]:
    """Everything that an economy has in the database, except when keys were last used."""
    connection = await asyncpg.connect(database_url)
    try:
        economy_id = await connection.fetchval(
            "SELECT economy_id FROM economies WHERE name = $1", name
        )
        return {
            table.name: sorted(
                str(tuple(row))
                for row in await connection.fetch(
                    f"SELECT * FROM {table.name} WHERE economy_id = $1", economy_id
                )
            )
            for table in metadata.sorted_tables
            if table is not economies and table.name != "api_key_uses"
        }
    finally:
        await connection.close()


async def followed(database_url: str) -> None:
    """Waits until the statistics stand for everything that has happened in all economies."""
    connection = await asyncpg.connect(database_url)
    behind = (
        "SELECT 1 FROM (SELECT economy_id, max(last_sequence) AS head FROM blocks GROUP BY 1) b"
        " LEFT JOIN statistics_cursors c USING (economy_id)"
        " WHERE c.last_sequence IS DISTINCT FROM b.head"
    )
    try:
        async with asyncio.timeout(20):
            while await connection.fetchval(behind):  # noqa: ASYNC110 - it is another process.
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


def fill(message: Message, values: dict[str, Any]) -> None:
    """Fills every field of a request with what another economy would call it."""
    for field in message.DESCRIPTOR.fields:
        if field.name in {"page_token", "minimum_sequence", "metadata", "after_sequence"}:
            continue
        value = values.get(field.name)
        if field.enum_type is not None and isinstance(value, str):
            # What is an address elsewhere is one of a few numbers here.
            value = 1
        if field.message_type is not None:
            if field.message_type.full_name.startswith("google.protobuf."):
                continue
            target = getattr(message, field.name)
            fill(target.add() if field.is_repeated else target, values)
        elif value is not None:
            if field.is_repeated:
                getattr(message, field.name).append(value)
            else:
                setattr(message, field.name, value)
        elif field.type == field.TYPE_INT64:
            if field.is_repeated:
                getattr(message, field.name).append(1)
            else:
                setattr(message, field.name, 1)


async def test_no_method_reaches_into_another_economy(
    server: Server, guild: Guild, no_errors_logged: list[str]
) -> None:
    """Every method, by the operator of `main`, with the ids of `guild`: nothing seen or changed."""
    await followed(server.database_url)
    before = await rows_of(server.database_url, "guild")
    values = {
        "account": guild.account,
        "accounts": guild.account,
        "source": guild.account,
        "destination": "orgs/thief",
        "address": guild.account,
        "asset": "RUNE",
        "code": "RUNE",
        "person_id": guild.person_id,
        "application_id": guild.application_id,
        "api_key_id": guild.api_key_id,
        "transaction_id": guild.transaction_id,
        "hold_id": guild.hold_id,
        "schedule_id": guild.schedule_id,
        "payment_request_id": guild.payment_request_id,
        "round_id": guild.round_id,
        "proposal_id": guild.proposal_id,
        "pool_id": guild.pool_id,
        "instrument": guild.pool_id,
        "tier": "BRONZE",
        "size": "small",
        "payer": guild.account,
        "payee": "orgs/bank",
        "period": PERIOD_DAY,
        "provider": "telegram",
        "subject": "guild-7",
        "name": "thief",
        "reason": "theft",
        "memo": "theft",
        "prefix": "users/",
    }
    secrets = {guild.person_id, guild.application_id, guild.api_key_id}
    secrets |= {guild.transaction_id, guild.hold_id}
    secrets |= {guild.schedule_id, guild.payment_request_id, guild.round_id, guild.proposal_id}
    # What the request itself says may come back, and what `main` makes of it is its own.
    tried = 0
    for service in SERVICES:
        for method in service.methods:
            name = f"/{service.full_name}/{method.name}"
            assert name in PERMISSIONS
            request = method.input_type._concrete_class()
            fill(request, values | {"request_id": new_id()})
            if "transaction_id" in request.DESCRIPTOR.fields_by_name and method.name not in {
                "GetTransaction"
            }:
                request.transaction_id = new_id()
            answer = await _call(server.channel, name, request, method)
            told = {one for one in secrets if one.encode() in answer}
            asked = {one for one in secrets if one.encode() in request.SerializeToString()}
            assert told <= asked, (name, told)
            assert b"guild only" not in answer, name
            tried += 1
    assert tried == len(METHODS)
    assert await rows_of(server.database_url, "guild") == before
    balance = await guild.client.balance(guild.account, "RUNE")
    assert balance.posted == 900
    no_errors_logged.clear()


async def _call(channel: grpc.aio.Channel, name: str, request: Message, method: Any) -> bytes:
    try:
        async with asyncio.timeout(10):
            if method.server_streaming:
                call = channel.unary_stream(name, type(request).SerializeToString)(request)
                first: bytes = await call.read()
                call.cancel()
                return first
            answer: bytes = await channel.unary_unary(name, type(request).SerializeToString)(
                request
            )
            return answer
    except grpc.aio.AioRpcError as error:
        assert error.code() is not grpc.StatusCode.INTERNAL, (name, error.details())
        return (error.details() or "").encode()


async def test_the_same_names_and_ids_mean_different_things(server: Server, guild: Guild) -> None:
    async with Client(server.target, api_key=server.operator_key) as main:
        await main.create_asset(Asset(code="RUNE", kind=Asset.KIND_TICKET, name="Another rune"))
        person = (await main.get_or_create_person(provider="telegram", subject="guild-7")).person
        assert person.person_id != guild.person_id
        again = await main.mint(
            destination=person.account,
            asset="RUNE",
            amount=5,
            reason="mine",
            transaction_id=guild.transaction_id,
        )
        assert not again.replayed
        assert (await main.supply("RUNE")).minted == 5
    assert (await guild.client.supply("RUNE")).minted == 900


async def test_a_suspended_economy_is_read_and_not_changed(
    server: Server, host: Operator, guild: Guild
) -> None:
    assert (await host("economies", "suspend", "guild")).code == 0
    async with asyncio.timeout(10):
        while True:
            try:
                await guild.client.mint(
                    destination=guild.account, asset="RUNE", amount=1, reason="late"
                )
            except RefusedError as refused:
                assert refused.reason_name == "ECONOMY_SUSPENDED"
                assert refused.metadata["economy"] == "guild"
                break
    assert (await guild.client.balance(guild.account, "RUNE")).posted >= 900
    listed = (await host("economies", "list", "--json")).json
    assert [row["name"] for row in listed if row["suspend_time"]] == ["guild"]
    async with Client(server.target, api_key=server.operator_key) as main:
        await main.open_account("orgs/free")
    assert (await host("economies", "resume", "guild")).code == 0
    async with asyncio.timeout(10):
        while True:
            try:
                await guild.client.open_account("orgs/again")
            except RefusedError as refused:
                assert refused.reason_name == "ECONOMY_SUSPENDED"
            else:
                break


async def test_an_economys_limit_is_for_all_its_applications(
    server: Server, host: Operator, guild: Guild
) -> None:
    assert (await host("economies", "limit", "guild", "1")).code == 0
    request = ledger_service_pb2.GetAssetRequest(code="RUNE")
    async with asyncio.timeout(15):
        while True:
            try:
                await guild.client.ledger.GetAsset(request, metadata=guild.client.metadata)
            except grpc.aio.AioRpcError as error:
                assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
                break
    async with Client(server.target, api_key=server.operator_key) as main:
        for _ in range(5):
            await main.who_am_i()


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    return tmp_path / "guild.zip"


async def test_an_economy_moves_to_another_deployment(
    host: Operator, guild: Guild, exported: Path, elsewhere: Operator
) -> None:
    sent = await host("economies", "export", "guild", str(exported))
    assert sent.code == 0, sent.err
    assert mode(exported) == 0o600
    assert (await host("economies", "export", "guild", str(exported))).code == 2, (
        "never over a file"
    )
    taken = await host("economies", "import", str(exported))
    assert taken.code == 2
    assert "there is an economy guild here already" in taken.err

    came = await elsewhere("economies", "import", str(exported))
    assert came.code == 0, came.err
    verified = (await elsewhere("verify", "--json")).json
    (report,) = [report for report in verified if report["economy"] == "guild"]
    assert report["violations"] == []
    async with elsewhere.serving():
        target = elsewhere.env["TICKETONOMICS_LISTEN"]
        key = guild.client.metadata[0][1].removeprefix("Bearer ")
        async with Client(target, api_key=key) as moved:
            assert (await moved.balance(guild.account, "RUNE")).posted == 900
            found = await moved.transaction(guild.transaction_id)
            assert found.memo == "guild only"
            replay = await moved.mint(
                destination=guild.account,
                asset="RUNE",
                amount=900,
                reason="guild only",
                transaction_id=guild.transaction_id,
            )
            assert replay.replayed
            await moved.mint(destination=guild.account, asset="RUNE", amount=1, reason="more")


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def tampered(exported: Path, name: str, change: Any, *, seal: bool) -> Path:
    """A copy of the file with one member changed, and maybe the manifest made to agree."""
    copy = exported.with_name(f"{name}-{seal}.zip")
    with zipfile.ZipFile(exported) as old, zipfile.ZipFile(copy, "w") as new:
        members = {member: old.read(member) for member in old.namelist()}
        members[name] = change(members[name])
        if seal:
            manifest = json.loads(members["manifest.json"])
            manifest["tables"][name]["sha256"] = sha256(members[name]).hexdigest()
            members["manifest.json"] = json.dumps(manifest).encode()
        for member, data in members.items():
            new.writestr(member, data)
    return copy


async def test_a_damaged_or_forged_file_leaves_nothing(
    host: Operator,
    guild: Guild,
    exported: Path,
    elsewhere: Operator,
    another_database_url: str,
) -> None:
    assert (await host("economies", "export", "guild", str(exported))).code == 0
    there = await asyncpg.connect(another_database_url)

    def rich(data: bytes) -> bytes:
        return data.replace(b"900", b"901")

    noise = exported.with_name("noise.zip")
    noise.write_bytes(b"PK but no archive")
    for file, told in (
        (tampered(exported, "balances", rich, seal=False), "not what was exported"),
        (tampered(exported, "balances", rich, seal=True), "not coherent"),
        (tampered(exported, "postings", rich, seal=True), "not coherent"),
        (tampered(exported, "blocks", lambda data: b"", seal=True), "not coherent"),
        (tampered(exported, "manifest.json", lambda _: b"{}", seal=False), "no exported economy"),
        (noise, "cannot be read"),
        (exported.with_name("absent.zip"), "cannot be read"),
    ):
        refused = await elsewhere("economies", "import", str(file))
        assert refused.code == 2, (told, refused.out)
        assert told in refused.err
        assert await there.fetchval("SELECT count(*) FROM economies") == 0
    await there.close()
    assert (await elsewhere("economies", "list", "--json")).json == []
    missing = exported.with_name("missing.zip")
    with zipfile.ZipFile(exported) as old, zipfile.ZipFile(missing, "w") as new:
        for member in old.namelist():
            if member != "requests":
                new.writestr(member, old.read(member))
    assert "missing or damaged" in (await elsewhere("economies", "import", str(missing))).err
