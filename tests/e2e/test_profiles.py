"""Handles, preferences and names for lists, over a socket."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
from ticketonomics.identity.v1.identity_service_pb2 import (
    BatchGetPeopleRequest,
    GetPersonByHandleRequest,
    SetHandleRequest,
    SetPreferencesRequest,
)
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.identity.v1.preferences_pb2 import (
    NOTIFICATION_BROADCAST,
    NOTIFICATION_PAYMENT_RECEIVED,
)
from ticketonomics.parameters.v1.parameter_pb2 import Parameter
from ticketonomics_client import Client, RefusedError, sync
from ticketonomics_server.storage.database import Database
from ticketonomics_server.verification import Invariant, verify

from tests.conftest import Server
from tests.e2e.people import application, operator, person
from tests.e2e.refusals import refused


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with operator(server) as opened:
        yield opened


async def test_a_handle_is_found_by_anybody_and_names_the_person(
    server: Server, client: Client
) -> None:
    ada, bob = await person(client, "1", "Ada"), await person(client, "2")
    async with application(server, client, "identity.act_for") as plugin:
        made = await plugin.acting_for(ada).set_handle(ada, "@Ada_L")
        assert made.handle == "ada_l"
        await refused("SCOPE_MISSING", plugin.acting_for(bob).set_handle(ada, "bob"))
        await refused("SCOPE_MISSING", plugin.set_handle(ada, "bob"))
    async with Client(server.target) as anybody:
        found = await anybody.person_by_handle("@ADA_L")
        # The handle is public; the name and the identities are not.
        assert (found.person_id, found.handle) == (ada, "ada_l")
        assert (found.display_name, list(found.linked_identities)) == ("", [])
        assert (await anybody.person(ada)).handle == "ada_l"
        error = await refused("HANDLE_NOT_FOUND", anybody.person_by_handle("nobody_here"))
        assert error.metadata["handle"] == "nobody_here"
    error = await refused("HANDLE_TAKEN", client.set_handle(bob, "ada_l"))
    assert error.metadata["handle"] == "ada_l"
    await client.set_handle(ada, "")
    await refused("HANDLE_NOT_FOUND", client.person_by_handle("ada_l"))
    await refused("HANDLE_TAKEN", client.set_handle(bob, "ada_l"))
    assert (await client.set_handle(ada, "ada_l")).handle == "ada_l"


@pytest.mark.parametrize(
    "handle",
    ["ab", "a" * 33, "1ada", "_ada", "ada-l", "Ada", "@ada", "ada ", "адa", "ada\n", "a b"],
)
async def test_what_is_no_handle_is_refused_by_its_field(server: Server, handle: str) -> None:
    request = SetHandleRequest(
        request_id="01890a5d-ac96-774b-bcce-b302099a8057", person_id="0" * 16, handle=handle
    )
    async with operator(server) as client:
        error = await refused("INVALID_FIELD", client.call(client.identity.SetHandle, request))
        assert error.metadata["field"] == "handle"
        read = GetPersonByHandleRequest(handle=handle)
        await refused("INVALID_FIELD", client.call(client.identity.GetPersonByHandle, read))


async def test_a_repeat_changes_nothing_and_three_changes_are_a_days(client: Client) -> None:
    ada = await person(client, "1")
    request_id = "01890a5d-ac96-774b-bcce-b302099a8057"
    for _ in range(2):
        assert (await client.set_handle(ada, "one", request_id=request_id)).handle == "one"
    await client.set_handle(ada, "two")
    await client.set_handle(ada, "three")
    error = await refused("HANDLE_CHANGED_TOO_OFTEN", client.set_handle(ada, "four"))
    assert timedelta(hours=23).total_seconds() < error.retry_delay_seconds <= 86_400
    # The repeat of a request tells of the person as it is now.
    assert (await client.set_handle(ada, "one", request_id=request_id)).handle == "three"


async def test_one_of_many_gets_a_handle(client: Client) -> None:
    people = await asyncio.gather(*(person(client, str(number)) for number in range(40)))

    async def take(person_id: str) -> str:
        try:
            await client.set_handle(person_id, "champion")
        except RefusedError as error:
            assert error.reason_name == "HANDLE_TAKEN", error
            return ""
        return person_id

    winners = [winner for winner in await asyncio.gather(*map(take, people)) if winner]
    assert len(winners) == 1
    assert (await client.person_by_handle("champion")).person_id == winners[0]
    shown = await client.people_by_id(people)
    assert [found.person_id for found in shown if found.handle] == winners


async def test_handles_follow_people_who_merge_and_go_when_they_are_erased(client: Client) -> None:
    ada, bob, cid = [await person(client, subject) for subject in "123"]
    await client.set_handle(bob, "robert")
    await client.set_handle(bob, "bob")
    assert (await client.merge_people(bob, into=ada)).handle == "bob"
    assert (await client.person_by_handle("bob")).person_id == ada
    assert (await client.person(bob)).handle == ""
    await client.set_preferences(ada, language="ru", muted=[NOTIFICATION_BROADCAST])
    (page,) = [page async for page in client.export_personal_data(ada)]
    assert (page.person.handle, page.preferences.language) == ("bob", "ru")
    assert list(page.former_handles) == ["robert"]
    assert [
        dict(text.metadata).get("handle") for text in page.texts if "handle" in text.metadata
    ] == [
        "robert",
        "bob",
    ]
    erased = (await client.erase_person(ada)).person
    assert (erased.handle, erased.state) == ("", Person.STATE_ERASED)
    await refused("HANDLE_NOT_FOUND", client.person_by_handle("bob"))
    for handle in ("bob", "robert"):
        await refused("HANDLE_TAKEN", client.set_handle(cid, handle))
    (page,) = [page async for page in client.export_personal_data(ada)]
    assert (page.preferences.language, list(page.former_handles)) == ("", [])
    assert not page.texts


async def test_preferences_are_private_and_set_whole(server: Server, client: Client) -> None:
    ada, bob = await person(client, "1"), await person(client, "2")
    async with application(server, client, "identity.act_for") as plugin:
        acting = plugin.acting_for(ada)
        assert (await acting.preferences(ada)).language == ""
        muted = [NOTIFICATION_BROADCAST, NOTIFICATION_PAYMENT_RECEIVED, NOTIFICATION_BROADCAST]
        wished = await acting.set_preferences(ada, language="sr-Latn-RS", muted=muted)
        assert wished.language == "sr-Latn-RS"
        assert list(wished.muted) == [NOTIFICATION_PAYMENT_RECEIVED, NOTIFICATION_BROADCAST]
        assert await client.preferences(ada) == wished
        for other in (plugin.acting_for(bob), plugin):
            await refused("SCOPE_MISSING", other.preferences(ada))
            await refused("SCOPE_MISSING", other.set_preferences(ada))
        assert list((await acting.set_preferences(ada, language="ru")).muted) == []
    async with Client(server.target) as anybody:
        await refused("CREDENTIALS_MISSING", anybody.preferences(ada))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        *(
            ({"language": language}, "language")
            for language in ("r", "русский", "ru_RU", "ru-", "a-b", "x" * 36, "en-" + "a" * 9)
        ),
        ({"muted_notifications": [0]}, "muted_notifications"),
        ({"muted_notifications": [1, 99]}, "muted_notifications"),
    ],
)
async def test_what_is_no_wish_is_refused_by_its_field(
    client: Client, fields: dict[str, object], field: str
) -> None:
    request = SetPreferencesRequest(
        request_id="01890a5d-ac96-774b-bcce-b302099a8057",
        person_id="0" * 16,
        **fields,  # type: ignore[arg-type]
    )
    error = await refused("INVALID_FIELD", client.call(client.identity.SetPreferences, request))
    assert error.metadata["field"] == field


async def test_many_people_are_read_at_once_as_the_caller_may_see_them(
    server: Server, client: Client
) -> None:
    ada, bob = await person(client, "1", "Ada"), await person(client, "2", "Bob")
    await client.set_privacy(bob, Person.PRIVACY_PUBLIC)
    async with Client(server.target) as anybody:
        found = await anybody.people_by_id([bob, ada, bob])
        assert [(p.person_id, p.display_name) for p in found] == [
            (bob, "Bob"),
            (ada, ""),
            (bob, "Bob"),
        ]
        assert not any(p.linked_identities for p in found)
        error = await refused("PERSON_NOT_FOUND", anybody.people_by_id([ada, "0" * 16]))
        assert error.metadata["person"] == "0" * 16
        for ids in ([], [ada] * 101):
            await refused("BATCH_SIZE", anybody.people_by_id(ids))
        await refused("INVALID_FIELD", anybody.people_by_id([ada, "no id"]))
    answer = await server.identity.BatchGetPeople(BatchGetPeopleRequest(person_ids=[ada]))
    assert answer.last_sequence > 0
    async with application(server, client, "identity.act_for") as plugin:
        found = await plugin.acting_for(ada).people_by_id([ada, bob])
        assert [p.display_name for p in found] == ["Ada", "Bob"]
        assert [len(p.linked_identities) for p in found] == [1, 0]


async def test_the_client_without_asyncio_has_it_all(server: Server, client: Client) -> None:
    ada = await person(client, "1")

    def work() -> None:
        with sync.Client(server.target, api_key=server.operator_key) as plain:
            plain.set_handle(ada, "ada")
            assert plain.person_by_handle("ada").person_id == ada
            assert [p.handle for p in plain.people_by_id([ada])] == ["ada"]
            assert plain.set_preferences(ada, language="ru") == plain.preferences(ada)

    await asyncio.to_thread(work)


async def test_maintenance_is_the_operators_to_declare(server: Server, client: Client) -> None:
    async with Client(server.target) as anybody:
        found = await anybody.parameter("faces.maintenance")
        assert (found.type, found.owner) == (Parameter.TYPE_BOOLEAN, Parameter.OWNER_OPERATOR)
        assert not found.value.boolean
    await client.set_parameter("faces.maintenance", True)
    async with Client(server.target) as anybody:
        assert (await anybody.parameter("faces.maintenance")).value.boolean


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE handles SET person_id = '{bob}' WHERE handle = 'ada'",
        "UPDATE handles SET handle = 'eve' WHERE handle = 'ada'",
        "UPDATE handles SET release_time = now() WHERE handle = 'ada'",
        "UPDATE people SET handle = 'eve' WHERE person_id = '{ada}'",
        "UPDATE people SET handle = 'ada' WHERE person_id = '{bob}'",
        "DELETE FROM handles WHERE handle = 'lovelace'",
        "UPDATE people SET language = 'en' WHERE person_id = '{ada}'",
        "UPDATE people SET muted = '1' WHERE person_id = '{bob}'",
    ],
)
@pytest.mark.usefixtures("incoherent")
async def test_verify_finds_what_no_entry_says(server: Server, client: Client, damage: str) -> None:
    ada, bob = await person(client, "1"), await person(client, "2")
    await client.set_handle(ada, "lovelace")
    await client.set_handle(ada, "ada")
    await client.set_preferences(ada, language="ru", muted=[NOTIFICATION_BROADCAST])
    database = Database(server.database_url)
    assert (await verify(database, 1)).coherent
    connection = await asyncpg.connect(server.database_url)
    done = await connection.execute(damage.format(ada=ada, bob=bob))
    assert done.endswith(" 1"), done
    await connection.close()
    report = await verify(database, 1)
    await database.close()
    assert set(report.violation_counts) == {Invariant.PROFILES_MATCH_JOURNAL}
