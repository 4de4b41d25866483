"""Handles while everything happens at once, and after thirty days."""

import asyncio
import random
from pathlib import Path

import asyncpg
import pytest
from ticketonomics_client import Client, RefusedError

from tests.conftest import run_server
from tests.e2e.people import operator, person
from tests.e2e.refusals import refused

PATIENCE_SECONDS = 30
HANDLES = ("ada", "bob", "cid", "dan")
EXPECTED = {
    *("HANDLE_TAKEN", "HANDLE_CHANGED_TOO_OFTEN"),
    *("PERSON_MERGED", "PERSON_ERASED", "SAME_PERSON"),
}


async def test_handles_are_ones_own_while_people_merge_and_go(
    database_url: str, tmp_path: Path
) -> None:
    """The check after each test replays it all."""
    chance = random.Random(7)
    async with run_server(database_url, tmp_path) as server, operator(server) as client:
        people = [await person(client, str(number)) for number in range(16)]

        async def act() -> None:
            who, other = chance.sample(people, k=2)
            deed = chance.random()
            try:
                if deed < 0.8:
                    await client.set_handle(who, chance.choice((*HANDLES, "")))
                elif deed < 0.95:
                    await client.merge_people(who, into=other)
                else:
                    await client.erase_person(who)
            except RefusedError as error:
                assert error.reason_name in EXPECTED, error

        for _ in range(12):
            await asyncio.gather(*(act() for _ in range(10)))
        found = await client.people_by_id(people)
        owned = [p.handle for p in found if p.handle]
        assert len(owned) == len(set(owned))
        for shown in found:
            if shown.handle:
                led = await client.person_by_handle(shown.handle)
                assert led.person_id == shown.person_id


async def until_taken(client: Client, person_id: str, handle: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                await client.set_handle(person_id, handle)
            except RefusedError as error:
                assert error.reason_name == "HANDLE_TAKEN", error
                await asyncio.sleep(0.05)
            else:
                return


@pytest.mark.usefixtures("incoherent")
async def test_a_handle_is_free_again_after_thirty_days(database_url: str, tmp_path: Path) -> None:
    async with run_server(database_url, tmp_path) as server, operator(server) as client:
        ada, bob = await person(client, "1"), await person(client, "2")
        await client.set_handle(ada, "ada")
        await client.set_handle(ada, "lovelace")
        await refused("HANDLE_TAKEN", client.set_handle(bob, "ada"))
    connection = await asyncpg.connect(database_url)
    month = "interval '30 days'"
    await connection.execute(f"UPDATE handles SET release_time = release_time - {month}")
    # Kind 63: that of handles.
    moved = f"UPDATE timers SET due_time = due_time - {month} WHERE kind = 63"
    assert await connection.execute(moved) == "UPDATE 1"
    await connection.close()
    async with run_server(database_url, tmp_path) as server, operator(server) as client:
        await until_taken(client, bob, "ada")
        assert (await client.person_by_handle("ada")).person_id == bob
        # What leads to somebody is not freed by anything.
        assert (await client.person(ada)).handle == "lovelace"
        await refused("HANDLE_TAKEN", client.set_handle(bob, "lovelace"))
