"""People's links, merges and names, over a real socket."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.ledger.v1.asset_pb2 import Asset, TransferFee
from ticketonomics.ledger.v1.transaction_pb2 import Transaction
from ticketonomics_client import Client, RefusedError
from ticketonomics_server.identity.scopes import Scope

from tests.conftest import Server, new_id, run_server
from tests.e2e.people import application, balances, code_for, operator, person, rich
from tests.e2e.refusals import refused


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with operator(server) as opened:
        await opened.create_asset(Asset(code="GOLD", kind=Asset.KIND_TICKET, name="Gold"))
        await opened.create_asset(Asset(code="WOOD", kind=Asset.KIND_TICKET, name="Wood"))
        yield opened


# --- linking --------------------------------------------------------------------------------------


async def test_a_code_of_one_application_links_an_identity_of_another(
    server: Server, client: Client
) -> None:
    ada = await person(client, "1")
    async with application(server, client, Scope.IDENTITY_LINK) as plugin:
        before = datetime.now(UTC)
        made = await client.create_link_code(ada)
        left = made.expire_time.ToDatetime(UTC) - before
        assert timedelta(minutes=9) < left < timedelta(minutes=11)
        typed = made.code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
        linked = await plugin.redeem_link_code(typed, provider="minecraft", subject="m")
        assert linked.person_id == ada
        assert not linked.linked_identities, "the plugin may not see them"
        found = await client.look_up_person(provider="minecraft", subject="m")
        assert found.person_id == ada
        assert {i.provider for i in found.linked_identities} == {"telegram", "minecraft"}
        await refused(
            "LINK_CODE_INVALID",
            plugin.redeem_link_code(made.code, provider="minecraft", subject="other"),
        )


async def test_a_replay_gives_no_code_and_links_once(client: Client) -> None:
    ada, request_id = await person(client, "1"), new_id()
    code = (await client.create_link_code(ada, request_id=request_id)).code
    again = await client.create_link_code(ada, request_id=request_id)
    assert again.replayed
    assert not again.code
    for _ in range(2):
        linked = await client.redeem_link_code(
            code, provider="minecraft", subject="m", request_id=request_id[:-4] + "0000"
        )
        assert len(linked.linked_identities) == 2


async def test_an_identity_of_its_own_uses_no_code_up(client: Client) -> None:
    ada = await person(client, "1")
    code = await code_for(client, ada)
    assert (await client.redeem_link_code(code, provider="telegram", subject="1")).person_id == ada
    assert (await client.redeem_link_code(code, provider="x", subject="1")).person_id == ada


async def test_somebody_elses_identity_is_refused_and_merging_named(client: Client) -> None:
    ada, bob = await person(client, "1"), await person(client, "2")
    code = await code_for(client, ada)
    error = await refused(
        "IDENTITY_TAKEN", client.redeem_link_code(code, provider="telegram", subject="2")
    )
    assert "merge" in error.message
    assert bob not in str(error.metadata)


async def test_one_code_links_one_of_many_at_once(client: Client) -> None:
    ada = await person(client, "1")
    code = await code_for(client, ada)
    outcomes = await asyncio.gather(
        *(client.redeem_link_code(code, provider="x", subject=str(n)) for n in range(20)),
        return_exceptions=True,
    )
    linked = [outcome for outcome in outcomes if isinstance(outcome, Person)]
    assert len(linked) == 1
    reasons = {o.reason_name for o in outcomes if isinstance(o, RefusedError)}
    assert reasons == {"LINK_CODE_INVALID"}


async def test_an_old_code_is_over_and_forgotten(database_url: str, tmp_path: Path) -> None:
    async with run_server(database_url, tmp_path) as server, operator(server) as client:
        code = await code_for(client, await person(client, "1"))
    plain = await asyncpg.connect(database_url)
    for table, column in (("timers", "due_time"), ("link_codes", "expire_time")):
        await plain.execute(f"UPDATE {table} SET {column} = now() - interval '1 second'")
    async with run_server(database_url, tmp_path) as server, operator(server) as client:
        await refused(
            "LINK_CODE_INVALID", client.redeem_link_code(code, provider="minecraft", subject="m")
        )
        for _ in range(100):
            if not await plain.fetchval("SELECT count(*) FROM link_codes"):
                break
            await asyncio.sleep(0.1)
        assert not await plain.fetchval("SELECT count(*) FROM link_codes")
    await plain.close()


async def test_wrong_codes_are_limited_and_right_ones_are_not(
    server: Server, client: Client
) -> None:
    ada = await person(client, "1")
    for _ in range(5):
        await refused(
            "LINK_CODE_INVALID", client.redeem_link_code("nonsense", provider="x", subject="1")
        )
    code = await code_for(client, ada)
    async with Client(server.target, api_key=server.operator_key, timeout_seconds=1) as hasty:
        with pytest.raises(Exception) as caught:
            await hasty.redeem_link_code(code, provider="x", subject="1")
        assert getattr(caught.value, "reason_name", "") == "RATE_LIMITED", caught.value
    assert (await client.redeem_link_code(code, provider="x", subject="2")).person_id == ada
    for n in range(3, 13):
        await client.redeem_link_code(await code_for(client, ada), provider="x", subject=str(n))


async def test_the_last_identity_stays(client: Client) -> None:
    ada, bob = await person(client, "1"), await person(client, "2")
    await refused("LAST_IDENTITY", client.unlink_identity(ada, provider="telegram", subject="1"))
    await client.redeem_link_code(await code_for(client, ada), provider="x", subject="1")
    await refused(
        "IDENTITY_NOT_FOUND", client.unlink_identity(ada, provider="telegram", subject="2")
    )
    left = await client.unlink_identity(ada, provider="telegram", subject="1")
    assert [i.provider for i in left.linked_identities] == ["x"]
    assert await person(client, "1") not in {ada, bob}


async def test_a_person_or_who_manages_people_makes_codes(server: Server, client: Client) -> None:
    ada, bob = await person(client, "1"), await person(client, "2")
    async with application(server, client, Scope.IDENTITY_ACT_FOR) as bot:
        await refused("SCOPE_MISSING", bot.create_link_code(ada))
        assert (await bot.acting_for(ada).create_link_code(ada)).code
        for call in (
            bot.acting_for(ada).create_link_code(bob),
            bot.acting_for(ada).unlink_identity(bob, provider="telegram", subject="2"),
            bot.acting_for(ada).set_display_name(bob, "Bobby"),
            bot.acting_for(ada).set_privacy(bob, Person.PRIVACY_PUBLIC),
            anext(bot.acting_for(ada).export_personal_data(bob)),
        ):
            error = await refused("SCOPE_MISSING", call)
            assert error.metadata["scope"] == Scope.IDENTITY_PEOPLE


# --- merging --------------------------------------------------------------------------------------


async def test_a_merge_moves_everything_in_one_entry(client: Client) -> None:
    ada, bob = await person(client, "1", "Ada"), await person(client, "2", "Bob")
    await rich(client, ada, 10)
    await rich(client, bob, 5, 7)
    await client.set_transfer_fee("GOLD", TransferFee(fee_bps=1_000))
    request_id = new_id()
    stayed = await client.merge_people(bob, into=ada, request_id=request_id)
    assert stayed.person_id == ada
    assert stayed.display_name == "Ada"
    assert {i.subject for i in stayed.linked_identities} == {"1", "2"}
    assert await balances(client, ada) == {"GOLD": 15, "WOOD": 7}
    assert await balances(client, bob) == {"GOLD": 0, "WOOD": 0}
    moved = await client.transaction(request_id)
    assert moved.kind == Transaction.KIND_MERGE
    assert [(p.asset, p.amount) for p in moved.postings] == [("GOLD", 5), ("WOOD", 7)]
    gone = await client.person(bob)
    assert gone.state == Person.STATE_MERGED
    assert gone.merged_into == ada
    assert not gone.display_name
    assert (await client.look_up_person(provider="telegram", subject="2")).person_id == ada
    again = await client.merge_people(bob, into=ada, request_id=request_id)
    assert again == stayed
    # History goes on over the merge.
    kinds = [t.kind async for t in client.transactions(account=f"users/{ada}")]
    assert kinds == [Transaction.KIND_MERGE, Transaction.KIND_MINT]
    for call in (
        client.merge_people(bob, into=ada),
        client.merge_people(ada, into=bob),
        client.block_person(bob, reason="x"),
        client.unblock_person(bob, reason="x"),
        client.create_link_code(bob),
        client.erase_person(bob),
    ):
        assert (await refused("PERSON_MERGED", call)).metadata["merged_into"] == ada
    await refused("PERSON_MERGED", client.acting_for(bob).who_am_i())
    await refused(
        "ACCOUNT_CLOSED",
        client.mint(destination=f"users/{bob}", asset="GOLD", amount=1, reason="late"),
    )


async def test_people_without_balances_merge_too(client: Client) -> None:
    ada, bob = await person(client, "1"), await person(client, "2")
    assert (await client.merge_people(bob, into=ada)).person_id == ada
    assert await balances(client, ada) == {}


async def test_what_must_not_merge(client: Client) -> None:
    ada, bob = await person(client, "1"), await person(client, "2")
    await refused("SAME_PERSON", client.merge_people(ada, into=ada))
    await refused("PERSON_NOT_FOUND", client.merge_people("0" * 16, into=ada))
    await refused("PERSON_NOT_FOUND", client.merge_people(ada, into="0" * 16))
    await refused("INVALID_FIELD", client.merge_people("", into=ada))
    await client.block_person(bob, reason="spam")
    await refused("PERSON_BLOCKED", client.merge_people(bob, into=ada))
    await refused("PERSON_BLOCKED", client.merge_people(ada, into=bob))


async def test_people_merge_themselves_by_a_code(server: Server, client: Client) -> None:
    ada, bob = await person(client, "1"), await person(client, "2")
    await rich(client, bob, 5)
    scopes = (Scope.IDENTITY_LINK, Scope.IDENTITY_ACT_FOR)
    async with application(server, client, *scopes) as plugin:
        code = await code_for(client, ada)
        link = {"provider": "telegram", "subject": "2", "merge": True}
        error = await refused("SCOPE_MISSING", plugin.redeem_link_code(code, **link))
        assert error.metadata["scope"] == Scope.IDENTITY_MERGE
        await refused("SCOPE_MISSING", plugin.acting_for(ada).redeem_link_code(code, **link))
        merged = await plugin.acting_for(bob).redeem_link_code(code, **link)
        assert merged.person_id == ada
    assert await balances(client, ada) == {"GOLD": 5}
    assert (await client.person(bob)).merged_into == ada
    await refused("LINK_CODE_INVALID", client.redeem_link_code(code, provider="x", subject="9"))


async def test_a_merge_and_transfers_at_once_lose_nothing(client: Client) -> None:
    ada, bob = await person(client, "1"), await person(client, "2")
    await rich(client, bob, 100)
    transfers = [
        client.transfer(source=f"users/{bob}", destination=f"users/{ada}", asset="GOLD", amount=1)
        for _ in range(50)
    ]
    await asyncio.gather(
        *transfers[:25],
        client.merge_people(bob, into=ada),
        *transfers[25:],
        return_exceptions=True,
    )
    assert (await balances(client, ada))["GOLD"] == 100


# --- names ----------------------------------------------------------------------------------------


async def test_a_name_is_seen_by_whom_the_person_wants(server: Server, client: Client) -> None:
    ada = await person(client, "1")
    async with Client(server.target) as anybody:
        assert (await client.person(ada)).privacy == Person.PRIVACY_PRIVATE
        await client.set_display_name(ada, "Ada Lovelace")
        assert not (await anybody.person(ada)).display_name
        await client.acting_for(ada).set_privacy(ada, Person.PRIVACY_PUBLIC)
        seen = await anybody.person(ada)
        assert seen.display_name == "Ada Lovelace"
        assert not seen.linked_identities
        await client.set_privacy(ada, Person.PRIVACY_PRIVATE)
        assert not (await anybody.person(ada)).display_name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "INVALID_FIELD"),
        (" Ada", "INVALID_FIELD"),
        ("x" * 33, "TEXT_TOO_LONG"),
        ("A\x00da", "TEXT_NOT_CLEAN"),
        ("\u202eadA", "TEXT_NOT_CLEAN"),
    ],
)
async def test_names_are_checked(client: Client, name: str, reason: str) -> None:
    await refused(reason, client.set_display_name(await person(client, "1"), name))


async def test_a_name_changes_five_times_a_day(client: Client) -> None:
    ada = await person(client, "1")
    for n in range(5):
        await client.set_display_name(ada, f"Ada {n}")
    await client.set_display_name(ada, "Ada 4")
    error = await refused("NAME_CHANGED_TOO_OFTEN", client.set_display_name(ada, "Eve"))
    assert 86_000 < error.retry_delay_seconds <= 86_400
    page = await anext(client.export_personal_data(ada))
    assert len(page.name_change_times) == 5
    await refused("INVALID_FIELD", client.set_privacy(ada, Person.PRIVACY_UNSPECIFIED))
