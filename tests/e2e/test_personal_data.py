"""People's links, merges, names, exports and erasures, over a real socket."""

import asyncio
import importlib
import json
import os
import pkgutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.ledger.v1.asset_pb2 import Asset, TransferFee
from ticketonomics.ledger.v1.transaction_pb2 import Transaction
from ticketonomics_client import Client, RefusedError
from ticketonomics_server.identity.scopes import Scope
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.migrations import versions
from ticketonomics_server.verification import Invariant, verify

from tests.conftest import Server, new_id, run_server


def operator(server: Server) -> Client:
    return Client(server.target, api_key=server.operator_key)


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with operator(server) as opened:
        await opened.create_asset(Asset(code="GOLD", kind=Asset.KIND_TICKET, name="Gold"))
        await opened.create_asset(Asset(code="WOOD", kind=Asset.KIND_TICKET, name="Wood"))
        yield opened


@asynccontextmanager
async def application(server: Server, client: Client, *scopes: str) -> AsyncIterator[Client]:
    made = await client.create_application(name="plugin", scopes=scopes)
    secret = (await client.create_api_key(made.application_id)).secret
    async with Client(server.target, api_key=secret) as opened:
        yield opened


async def person(client: Client, subject: str, name: str = "") -> str:
    answer = await client.get_or_create_person(
        provider="telegram", subject=subject, display_name=name
    )
    return answer.person.person_id


async def code_for(client: Client, person_id: str) -> str:
    return (await client.create_link_code(person_id)).code


async def refused(reason: str, call: Any) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        await call
    assert caught.value.reason_name == reason, caught.value
    return caught.value


async def until_refused(reason: str, call: Callable[[], Any]) -> None:
    """What a server knows about a caller may be 2 s old."""
    for _ in range(50):
        try:
            await call()
        except RefusedError as error:
            assert error.reason_name == reason, error
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it was never refused")


async def balances(client: Client, person_id: str) -> dict[str, int]:
    return {b.asset: b.posted async for b in client.balances(account=f"users/{person_id}")}


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


async def rich(client: Client, person_id: str, gold: int, wood: int = 0) -> None:
    for asset, amount in (("GOLD", gold), ("WOOD", wood)):
        if amount:
            await client.mint(
                destination=f"users/{person_id}", asset=asset, amount=amount, reason="gift"
            )


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


# --- export and erasure ---------------------------------------------------------------------------

SECRETS = ("s3cret-subject", "s3cret name", "s3cret rename", "s3cret memo", "s3cret pair")
SECRETS += ("s3cret minecraft", "s3cret block", "s3cret merged", "s3cret gift")


async def make_traces(client: Client) -> str:
    """Leaves every sort of text about a person, one of SECRETS each."""
    ada = await person(client, "s3cret-subject", "s3cret name")
    bob = await person(client, "s3cret merged")
    code = await code_for(client, ada)
    await client.redeem_link_code(code, provider="minecraft", subject="s3cret minecraft")
    await client.set_display_name(ada, "s3cret rename")
    await client.set_privacy(ada, Person.PRIVACY_PUBLIC)
    await client.block_person(ada, reason="s3cret block")
    await client.unblock_person(ada, reason="s3cret block")
    for one in (ada, bob):
        await client.mint(destination=f"users/{one}", asset="GOLD", amount=10, reason="s3cret gift")
    await client.acting_for(ada).transfer(
        source=f"users/{ada}",
        destination=f"users/{bob}",
        asset="GOLD",
        amount=1,
        memo="s3cret memo",
        metadata={"s3cret pair": "s3cret pair"},
    )
    await client.merge_people(bob, into=ada)
    code = await code_for(client, ada)
    await client.redeem_link_code(code, provider="discord", subject="s3cret minecraft")
    await client.unlink_identity(ada, provider="discord", subject="s3cret minecraft")
    return ada


async def scan(database_url: str, words: tuple[str, ...]) -> set[tuple[str, str]]:
    """Looks for words in every row of every table: as text, and within bytes."""
    plain = await asyncpg.connect(database_url)
    tables = await plain.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = set()
    for (table,) in tables:
        for (row,) in await plain.fetch(f'SELECT t::text FROM "{table}" t'):
            for word in words:
                if word in row or word.encode().hex() in row:
                    found.add((table, word))
    await plain.close()
    return found


async def test_the_export_has_every_trace(client: Client) -> None:
    ada = await make_traces(client)
    pages = [page async for page in client.export_personal_data(ada, page_size=3)]
    assert len(pages) > 2
    texts = [text for page in pages for text in page.texts]
    assert [t.sequence for t in texts] == sorted({t.sequence for t in texts})
    told = str(pages)
    assert not [word for word in SECRETS if word not in told]
    own = [p async for p in client.acting_for(ada).export_personal_data(ada)]
    assert [t for p in own for t in p.texts] == texts
    await refused("PERSON_NOT_FOUND", anext(client.export_personal_data("0" * 16)))


async def test_nothing_of_an_erased_person_is_in_the_database(
    server: Server, client: Client
) -> None:
    ada = await make_traces(client)
    there = {word for _, word in await scan(server.database_url, SECRETS)}
    assert there == set(SECRETS), "the scan finds what is there"
    error = await refused("ACCOUNT_NOT_EMPTY", client.erase_person(ada))
    assert error.metadata["asset"] == "GOLD"
    request_id = new_id()
    answer = await client.erase_person(ada, burn_balances=True, request_id=request_id)
    assert answer.person.state == Person.STATE_ERASED
    assert not answer.texts_left
    assert await scan(server.database_url, SECRETS) == set()
    assert (await client.erase_person(ada, burn_balances=True, request_id=request_id)).replayed
    assert (await client.erase_person(ada)).person == answer.person
    burned = await client.transaction(request_id)
    assert burned.kind == Transaction.KIND_ERASURE
    assert [(p.destination, p.amount) for p in burned.postings] == [("system/sink", 20)]
    page = await anext(client.export_personal_data(ada))
    assert not page.texts
    assert not page.name_change_times
    await until_refused("PERSON_ERASED", client.acting_for(ada).who_am_i)
    await refused("PERSON_ERASED", client.set_display_name(ada, "Ada"))
    await refused("PERSON_ERASED", client.block_person(ada, reason="x"))
    # The identities may come again, as somebody new.
    assert await person(client, "s3cret-subject") != ada


async def test_texts_from_before_get_the_same_owners(server: Server, client: Client) -> None:
    """What the migration says of old texts is what is said of new ones."""
    ada = await make_traces(client)
    await client.open_account("orgs/shop")
    await client.transfer(
        source=f"users/{ada}", destination="orgs/shop", asset="GOLD", amount=1, memo="by the shop"
    )
    await client.mint(destination="orgs/shop", asset="GOLD", amount=1, reason="nobody's")
    plain = await asyncpg.connect(server.database_url)
    query = (
        "SELECT t.sequence, owner FROM texts t LEFT JOIN entries e USING (economy_id, sequence)"
        " WHERE coalesce(e.kind, 20) <= 22 ORDER BY 1"
    )
    owners = await plain.fetch(query)
    assert len({row["owner"] for row in owners}) == 3, "two people and nobody"
    await plain.execute("UPDATE texts SET owner = NULL")
    (name,) = [m.name for m in pkgutil.iter_modules(versions.__path__) if "identity" in m.name]
    migration = importlib.import_module(f"{versions.__name__}.{name}")
    await plain.execute(migration._OWNERS_OF_TRANSACTIONS)
    await plain.execute(migration._OWNERS_OF_EVENTS)
    assert await plain.fetch(query) == owners
    await plain.close()


async def test_no_hash_is_left_from_which_a_name_could_be_guessed(
    server: Server, client: Client
) -> None:
    ada = await make_traces(client)
    plain = await asyncpg.connect(server.database_url)
    unguessable = "00000000-0000-0000-0000-000000000000"
    query = (
        "SELECT count(*) FROM requests JOIN texts USING (economy_id, sequence)"
        " WHERE owner = $1 AND body_hash <> $2"
    )
    assert await plain.fetchval(query, ada, unguessable) > 5
    await client.erase_person(ada, burn_balances=True)
    assert await plain.fetchval(query, ada, unguessable) == 0
    await plain.close()


async def test_many_texts_are_erased_block_by_block(server: Server, client: Client) -> None:
    ada = await person(client, "1")
    await rich(client, ada, 2_500)
    await client.open_account("orgs/shop")
    calls = client.acting_for(ada)
    await asyncio.gather(
        *(
            calls.transfer(
                source=f"users/{ada}",
                destination="orgs/shop",
                asset="GOLD",
                amount=1,
                memo=f"s3cret {n}",
            )
            for n in range(2_500)
        )
    )
    answer = await client.erase_person(ada)
    assert answer.texts_left
    for _ in range(200):
        if not await scan(server.database_url, ("s3cret",)):
            break
        await asyncio.sleep(0.1)
    assert await scan(server.database_url, ("s3cret",)) == set()


async def test_a_text_that_was_deleted_by_hand_is_told(
    server: Server, client: Client, incoherent: None
) -> None:
    ada = await make_traces(client)
    await client.erase_person(ada, burn_balances=True)
    bob = await person(client, "other", "Bob")
    database = Database(server.database_url)
    assert (await verify(database, 1)).coherent
    plain = await database.connect()
    await plain.execute(
        "UPDATE texts SET salt = NULL, memo = NULL, metadata = NULL WHERE owner = $1", bob
    )
    assert {v.invariant for v in (await verify(database, 1)).violations} == {
        Invariant.ERASURES_RECORDED
    }
    await plain.execute("UPDATE people SET state = 1 WHERE person_id = $1", ada)
    assert {v.invariant for v in (await verify(database, 1)).violations} == {
        Invariant.ERASURES_RECORDED,
        Invariant.PEOPLE_MATCH_JOURNAL,
    }
    await plain.close()
    await database.close()


async def test_postings_of_a_merge_that_were_changed_are_told(
    server: Server, client: Client, incoherent: None
) -> None:
    ada, bob = await person(client, "1"), await person(client, "2")
    await rich(client, bob, 5)
    await client.merge_people(bob, into=ada)
    database = Database(server.database_url)
    assert (await verify(database, 1)).coherent
    plain = await database.connect()
    await plain.execute("UPDATE postings SET amount = 4 WHERE kind = 24")
    found = {v.invariant for v in (await verify(database, 1)).violations}
    assert Invariant.MERKLE_ROOTS_MATCH in found
    await plain.close()
    await database.close()


# --- the command line -----------------------------------------------------------------------------


async def test_the_command_line_does_all_of_it(server: Server, client: Client) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TICKETONOMICS_")}
    environment |= {
        "TICKETONOMICS_TARGET": server.target,
        "TICKETONOMICS_API_KEY": server.operator_key,
    }

    async def shell(*arguments: str, code: int = 0) -> str:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "ticketonomics_client", "people", *arguments),
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert b"Traceback" not in err, err.decode()
        assert process.returncode == code, err.decode()
        return (out if code == 0 else err).decode()

    ada, bob = await person(client, "1"), await person(client, "2")
    code = (await shell("link-code", f"users/{ada}")).split()[0]
    assert len(code) == 11
    assert f"x:1 is {ada} now." in await shell("link", code, "x", "1")
    assert "people link-code" in await shell("link", code, "x", "2", code=1)
    assert "not" in await shell("unlink", ada, "x", "1")
    assert "called Ada." in await shell("rename", ada, "Ada")
    assert "is public." in await shell("privacy", ada, "public")
    assert json.loads(await shell("privacy", ada, "private", "--json"))["privacy"] == (
        "PRIVACY_PRIVATE"
    )
    # Without an answer to «for good?» nothing happens.
    await shell("merge", bob, ada, code=1)
    assert (await client.person(bob)).state == Person.STATE_ACTIVE
    assert f"part of {ada} now." in await shell("merge", bob, ada, "--yes")
    exported = json.loads(await shell("export", ada))
    assert exported["person"]["displayName"] == "Ada"
    assert len(exported["texts"]) == 5
    await shell("erase", ada, code=1)
    assert f"{ada} is erased." in await shell("erase", ada, "--yes")
    assert not json.loads(await shell("export", ada))["texts"]
