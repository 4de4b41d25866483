"""Exports and erasures of people's data, over a real socket."""

import asyncio
import importlib
import json
import os
import pkgutil
import sys
from collections.abc import AsyncIterator

import asyncpg
import pytest
from ticketonomics.identity.v1.identity_service_pb2 import ExportPersonalDataResponse
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.ledger.v1.transaction_pb2 import Transaction
from ticketonomics_client import Client, Proposal
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.migrations import versions
from ticketonomics_server.verification import Invariant, verify

from tests.conftest import Server, new_id
from tests.e2e.parliament import ABSTAIN, NO, YES, gather, until
from tests.e2e.people import code_for, operator, person, rich, until_refused
from tests.e2e.refusals import refused


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with operator(server) as opened:
        await opened.create_asset(Asset(code="GOLD", kind=Asset.KIND_TICKET, name="Gold"))
        await opened.create_asset(Asset(code="WOOD", kind=Asset.KIND_TICKET, name="Wood"))
        yield opened


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


# --- what other rooms keep ------------------------------------------------------------------------


async def test_votes_and_rewards_are_exported_with_those_of_who_became_one(server: Server) -> None:
    async with gather(server, people=3, discussion_period=1, voting_period=3_600) as house:
        ann, bob, cid = house.ids
        for person_id in (ann, bob):
            await house.operator.claim_daily(person_id)
        code = await house.operator.create_referral_code(ann)
        made = await house.person(2).create_proposal("More for all")
        opened = await house.reached(made, Proposal.STATE_VOTING)
        await house.set(discussion_period=3_600, open_proposals=9)
        await house.vote(opened, YES, NO)
        await house.operator.merge_people(bob, into=cid)
        await house.person(2).cast_vote(opened.proposal_id, ABSTAIN)
        await house.operator.merge_people(cid, into=ann)

        async def look() -> list[ExportPersonalDataResponse]:
            """All pages, once what the others had in rewards has come along, too."""
            exported = house.operator.export_personal_data(ann, page_size=1)
            found = [page async for page in exported]
            return found if found[0].participation.earned_amount == 200 else []

        pages = await until(look)
        voted = [(b.person_id, b.choice) for page in pages for b in page.ballots]
        # Two of the three are one with the first: theirs were taken back.
        assert voted == [(ann, YES)]
        told = [text.sequence for page in pages for text in page.texts]
        assert told == sorted(told)
        for page in pages:
            assert page.participation.referral_code == code
            assert page.participation.streak_days == 1
            assert page.participation.claim_date
            assert not page.participation.HasField("referral")
        (page,) = [page async for page in house.operator.export_personal_data(cid, page_size=99)]
        assert not page.HasField("participation")


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
    assert f"{ada} is @ada." in await shell("handle", ada, "@Ada")
    assert ada in await shell("by-handle", "ada")
    assert "nobody" in (await shell("by-handle", "bob", code=1))
    assert "without a handle." in await shell("handle", ada)
    await shell("prefer", ada, "--mute", "everything", code=2)
    wished = await shell("prefer", ada, "--language", "ru", "--mute", "queue_result")
    assert wished == await shell("preferences", ada)
    assert "queue_result" in wished
    assert "ru" in wished
    several = json.loads(await shell("show", ada, bob, "--json"))
    assert [shown["personId"] for shown in several] == [ada, bob]
    exported = json.loads(await shell("export", ada))
    assert exported["person"]["displayName"] == "Ada"
    assert len(exported["texts"]) == 7
    assert exported["preferences"] == {"language": "ru", "muted": ["NOTIFICATION_QUEUE_RESULT"]}
    await shell("erase", ada, code=1)
    assert f"{ada} is erased." in await shell("erase", ada, "--yes")
    assert not json.loads(await shell("export", ada))["texts"]
