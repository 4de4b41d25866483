"""People, applications and keys over a real socket."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2, status_pb2
from ticketonomics.identity.v1 import identity_service_pb2 as rpc
from ticketonomics.identity.v1.application_pb2 import RotationPolicy
from ticketonomics.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.ledger.v1 import ledger_service_pb2 as ledger
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub


def new_id() -> str:
    return str(uuid4())


@asynccontextmanager
async def refused(reason: str):
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        yield caught
    info = reason_of(caught.value)
    assert info.reason == reason, (info, caught.value.details())


def reason_of(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo:
    status = status_pb2.Status()
    status.ParseFromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    info = error_details_pb2.ErrorInfo()
    for detail in status.details:
        if detail.Unpack(info):
            return info
    raise AssertionError(status)


async def person(server, subject="4711", **fields) -> rpc.GetOrCreatePersonResponse:
    fields = {"request_id": new_id(), "provider": "telegram", "display_name": "Ada", **fields}
    return await server.identity.GetOrCreatePerson(
        rpc.GetOrCreatePersonRequest(subject=subject, **fields)
    )


async def application(server, *scopes, **fields):
    fields = {"request_id": new_id(), "name": "bot", **fields}
    answer = await server.identity.CreateApplication(
        rpc.CreateApplicationRequest(scopes=scopes, **fields)
    )
    return answer.application


async def make_key(server, application_id, **fields) -> rpc.CreateApiKeyResponse:
    fields = {"request_id": new_id(), **fields}
    return await server.identity.CreateApiKey(
        rpc.CreateApiKeyRequest(application_id=application_id, **fields)
    )


@asynccontextmanager
async def calling(server, *scopes, acting_for=""):
    app = await application(server, *scopes)
    secret = (await make_key(server, app.application_id)).secret
    async with server.connect(secret, acting_for) as channel:
        yield channel, app


async def until_refused(call, reason: str, seconds: float = 2.5) -> float:
    loop = asyncio.get_running_loop()
    began = loop.time()
    while loop.time() - began < seconds:
        try:
            await call()
        except grpc.aio.AioRpcError as error:
            assert reason_of(error).reason == reason
            return loop.time() - began
        await asyncio.sleep(0.02)
    raise AssertionError("it was never refused")


async def test_a_person_is_created_once_and_found_again(server):
    request_id = new_id()
    first = await person(server, request_id=request_id)
    replay = await person(server, request_id=request_id)
    again = await person(server, display_name="Other")
    assert first.created
    assert replay.created
    assert not again.created
    assert replay.person == first.person == again.person
    assert first.person.display_name == "Ada"
    assert first.person.state == Person.STATE_ACTIVE
    assert [(i.provider, i.subject) for i in first.person.linked_identities] == [
        ("telegram", "4711")
    ]
    account = await server.ledger.GetAccount(ledger.GetAccountRequest(address=first.person.account))
    assert account.account.open_time == first.person.create_time
    found = await server.identity.LookUpPerson(
        rpc.LookUpPersonRequest(provider="telegram", subject="4711")
    )
    assert found.person == first.person
    async with refused("PERSON_NOT_FOUND"):
        await server.identity.LookUpPerson(
            rpc.LookUpPersonRequest(provider="telegram", subject="0")
        )
    async with refused("REQUEST_ID_REUSED"):
        await person(server, subject="1", request_id=request_id)


async def test_many_who_ask_at_once_get_one_person(server):
    answers = await asyncio.gather(*(person(server) for _ in range(50)))
    assert len({a.person.person_id for a in answers}) == 1
    assert sum(a.created for a in answers) == 1


async def test_private_fields_are_private(server):
    ada = (await person(server)).person
    request = rpc.GetPersonRequest(person_id=ada.person_id)
    public = (await IdentityServiceStub(server.anonymous).GetPerson(request)).person
    assert public.person_id == ada.person_id
    assert public.display_name == ""
    assert not public.linked_identities
    assert (await server.identity.GetPerson(request)).person == ada


async def test_people_are_listed_in_pages(server):
    made = [(await person(server, subject=str(n))).person for n in range(1, 8)]
    await asyncio.gather(*(person(server, subject=str(n)) for n in range(8, 30)))
    await server.identity.BlockPerson(
        rpc.BlockPersonRequest(request_id=new_id(), person_id=made[2].person_id, reason="spam")
    )
    listed, token = [], ""
    while True:
        page = await server.identity.ListPeople(
            rpc.ListPeopleRequest(page_size=3, page_token=token)
        )
        listed += page.people
        token = page.next_page_token
        if not token:
            break
    assert [p.person_id for p in listed[:7]] == [p.person_id for p in made]
    assert len({p.person_id for p in listed}) == 29
    blocked = await server.identity.ListPeople(rpc.ListPeopleRequest(state=Person.STATE_BLOCKED))
    assert [p.person_id for p in blocked.people] == [made[2].person_id]


async def test_a_blocked_person_is_out_and_comes_back(server):
    await server.ledger.CreateAsset(
        ledger.CreateAssetRequest(
            request_id=new_id(), asset=Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze")
        )
    )
    ada, bob = (await person(server)).person, (await person(server, subject="2")).person
    await server.ledger.Mint(
        ledger.MintRequest(
            transaction_id=new_id(), destination=ada.account, asset="BRONZE", amount=9, reason="x"
        )
    )

    async with calling(
        server, "identity.act_for", "spending.consent", "ledger.transfer", acting_for=ada.person_id
    ) as (
        channel,
        _,
    ):
        stub = LedgerServiceStub(channel)

        def transfer(source=ada, destination=bob.account):
            return stub.Transfer(
                ledger.TransferRequest(
                    transaction_id=new_id(),
                    source=source.account,
                    destination=destination,
                    asset="BRONZE",
                    amount=1,
                )
            )

        await transfer()
        me = await IdentityServiceStub(channel).WhoAmI(rpc.WhoAmIRequest())
        assert me.person == ada
        assert me.economy == "main"
        async with refused("NOT_ACCOUNT_OWNER"):
            await transfer(source=bob, destination=ada.account)
        async with refused("ACCOUNT_NOT_FOUND"):
            await transfer(destination="users/mistyped00000000")
        request_id = new_id()
        request = rpc.BlockPersonRequest(
            request_id=request_id, person_id=ada.person_id, reason="spam"
        )
        answer = await server.identity.BlockPerson(request)
        assert answer.person.state == Person.STATE_BLOCKED
        assert not answer.replayed
        assert (await server.identity.BlockPerson(request)).replayed
        assert not (
            await server.identity.BlockPerson(
                rpc.BlockPersonRequest(request_id=new_id(), person_id=ada.person_id, reason="again")
            )
        ).replayed
        # At once by the account, and within 2 s by the caller.
        async with refused("ACCOUNT_BLOCKED"):
            await server.ledger.Transfer(
                ledger.TransferRequest(
                    transaction_id=new_id(),
                    source=ada.account,
                    destination=bob.account,
                    asset="BRONZE",
                    amount=1,
                )
            )
        await until_refused(
            lambda: IdentityServiceStub(channel).WhoAmI(rpc.WhoAmIRequest()), "PERSON_BLOCKED"
        )
        answer = await server.identity.UnblockPerson(
            rpc.UnblockPersonRequest(request_id=new_id(), person_id=ada.person_id, reason="ok")
        )
        assert answer.person.state == Person.STATE_ACTIVE
        await asyncio.sleep(2.0)
        await transfer()


async def test_applications(server):
    request_id = new_id()
    app = await application(server, "ledger.mint", "ledger.burn", request_id=request_id)
    assert app.rate_limit_rps == 1000
    assert list(app.scopes) == ["ledger.burn", "ledger.mint"]
    request = rpc.UpdateApplicationRequest(
        request_id=new_id(),
        application_id=app.application_id,
        name="robot",
        scopes=["ledger.transfer"],
        rate_limit_rps=5,
    )
    updated = await server.identity.UpdateApplication(request)
    assert updated.application.name == "robot"
    assert list(updated.application.scopes) == ["ledger.transfer"]
    assert (await server.identity.UpdateApplication(request)).replayed
    replay = await server.identity.CreateApplication(
        rpc.CreateApplicationRequest(
            request_id=request_id, name="bot", scopes=["ledger.mint", "ledger.burn"]
        )
    )
    assert replay.replayed
    assert replay.application == updated.application
    got = await server.identity.GetApplication(
        rpc.GetApplicationRequest(application_id=app.application_id)
    )
    assert got.application == updated.application
    for _ in range(4):
        await application(server)
    listed, token = [], ""
    while True:
        page = await server.identity.ListApplications(
            rpc.ListApplicationsRequest(page_size=2, page_token=token)
        )
        listed += page.applications
        token = page.next_page_token
        if not token:
            break
    assert [a.name for a in listed] == ["operator", "robot", "bot", "bot", "bot", "bot"]
    async with refused("APPLICATION_NOT_FOUND"):
        await server.identity.GetApplication(rpc.GetApplicationRequest(application_id="0" * 16))


async def test_nobody_grants_what_it_lacks(server):
    mighty = await application(server, "ledger.mint")
    key = (await make_key(server, mighty.application_id)).api_key
    async with calling(server, "identity.applications") as (channel, _):
        stub = IdentityServiceStub(channel)
        async with refused("SCOPE_MISSING"):
            await stub.CreateApplication(
                rpc.CreateApplicationRequest(request_id=new_id(), name="x", scopes=["ledger.mint"])
            )
        async with refused("SCOPE_MISSING"):
            await stub.CreateApiKey(
                rpc.CreateApiKeyRequest(request_id=new_id(), application_id=mighty.application_id)
            )
        async with refused("SCOPE_MISSING"):
            await stub.RotateApiKey(
                rpc.RotateApiKeyRequest(request_id=new_id(), api_key_id=key.api_key_id)
            )
    async with calling(server) as (channel, own):
        stub = IdentityServiceStub(channel)
        me = await stub.GetApplication(rpc.GetApplicationRequest(application_id=own.application_id))
        assert me.application == own
        async with refused("SCOPE_MISSING"):
            await stub.GetApplication(
                rpc.GetApplicationRequest(application_id=mighty.application_id)
            )
        async with refused("SCOPE_MISSING"):
            await stub.ListApiKeys(rpc.ListApiKeysRequest(application_id=mighty.application_id))
        async with refused("SCOPE_MISSING"):
            await stub.RevokeApiKey(
                rpc.RevokeApiKeyRequest(request_id=new_id(), api_key_id=key.api_key_id)
            )
        async with refused("SCOPE_MISSING"):
            await stub.ListPeople(rpc.ListPeopleRequest())


async def test_keys_live_rotate_and_end(server):
    app = await application(server, "ledger.transfer")
    request = rpc.CreateApiKeyRequest(request_id=new_id(), application_id=app.application_id)
    made = await server.identity.CreateApiKey(request)
    replay = await server.identity.CreateApiKey(request)
    assert made.secret.startswith(f"tkt_{made.api_key.api_key_id}_")
    assert replay.replayed
    assert replay.secret == ""
    assert replay.api_key == made.api_key

    async with server.connect(made.secret) as channel:
        old = IdentityServiceStub(channel)
        me = await old.WhoAmI(rpc.WhoAmIRequest())
        assert me.application == app
        assert not me.HasField("person")
        # Its own key, without any scope for it, over its own connection.
        request = rpc.RotateApiKeyRequest(
            request_id=new_id(),
            api_key_id=made.api_key.api_key_id,
            policy=RotationPolicy(overlap=Duration(seconds=3)),
        )
        rotated = await old.RotateApiKey(request)
        replay = await old.RotateApiKey(request)
        assert replay.replayed
        assert replay.api_key == rotated.api_key
        assert replay.secret == ""
        async with server.connect(rotated.secret) as new_channel:
            new = IdentityServiceStub(new_channel)
            await new.WhoAmI(rpc.WhoAmIRequest())
            await old.WhoAmI(rpc.WhoAmIRequest())
            spent = await until_refused(
                lambda: old.WhoAmI(rpc.WhoAmIRequest()), "CREDENTIALS_EXPIRED", 5.0
            )
            assert spent > 2.5
            await server.identity.RevokeApiKey(
                rpc.RevokeApiKeyRequest(request_id=new_id(), api_key_id=rotated.api_key.api_key_id)
            )
            await until_refused(lambda: new.WhoAmI(rpc.WhoAmIRequest()), "CREDENTIALS_INVALID", 2.0)
    async with refused("API_KEY_INACTIVE"):
        await server.identity.RotateApiKey(
            rpc.RotateApiKeyRequest(request_id=new_id(), api_key_id=made.api_key.api_key_id)
        )
    keys = await server.identity.ListApiKeys(
        rpc.ListApiKeysRequest(application_id=app.application_id)
    )
    assert [k.api_key_id for k in keys.api_keys] == [
        made.api_key.api_key_id,
        rotated.api_key.api_key_id,
    ]
    assert keys.api_keys[0].HasField("expire_time")
    assert keys.api_keys[1].HasField("revoke_time")


async def test_a_key_may_expire_by_itself(server):
    app = await application(server)
    past, soon = Timestamp(), Timestamp()
    past.FromDatetime(datetime.now(UTC) - timedelta(seconds=1))
    soon.FromDatetime(datetime.now(UTC) + timedelta(seconds=1))
    async with refused("INVALID_FIELD"):
        await make_key(server, app.application_id, expire_time=past)
    secret = (await make_key(server, app.application_id, expire_time=soon)).secret
    async with server.connect(secret) as channel:
        stub = IdentityServiceStub(channel)
        await stub.WhoAmI(rpc.WhoAmIRequest())
        await until_refused(lambda: stub.WhoAmI(rpc.WhoAmIRequest()), "CREDENTIALS_EXPIRED", 1.2)


async def test_scopes_change_within_two_seconds(server):
    async with calling(server, "identity.people") as (channel, app):
        stub = IdentityServiceStub(channel)
        await stub.ListPeople(rpc.ListPeopleRequest())
        await server.identity.UpdateApplication(
            rpc.UpdateApplicationRequest(
                request_id=new_id(), application_id=app.application_id, name="bot"
            )
        )
        await until_refused(lambda: stub.ListPeople(rpc.ListPeopleRequest()), "SCOPE_MISSING", 2.0)


async def test_bad_credentials(server):
    for key, reason in [
        ("nonsense", "CREDENTIALS_INVALID"),
        ("tkt_0123456789ab_" + "0" * 52, "CREDENTIALS_INVALID"),
    ]:
        async with server.connect(key) as channel, refused(reason):
            await IdentityServiceStub(channel).WhoAmI(rpc.WhoAmIRequest())
    async with refused("CREDENTIALS_MISSING"):
        await IdentityServiceStub(server.anonymous).WhoAmI(rpc.WhoAmIRequest())
    async with (
        server.connect(server.operator_key, "x" * 16) as channel,
        refused("PERSON_NOT_FOUND"),
    ):
        await IdentityServiceStub(channel).WhoAmI(rpc.WhoAmIRequest())
    async with (
        server.connect(server.operator_key, "x" * 5000) as channel,
        refused("PERSON_NOT_FOUND"),
    ):
        await IdentityServiceStub(channel).WhoAmI(rpc.WhoAmIRequest())


async def test_the_last_use_is_told(server):
    me = (await server.identity.WhoAmI(rpc.WhoAmIRequest())).application
    request = rpc.ListApiKeysRequest(application_id=me.application_id)
    for _ in range(150):
        (key,) = (await server.identity.ListApiKeys(request)).api_keys
        if key.HasField("last_use_time"):
            break
        await asyncio.sleep(0.1)
    used = key.last_use_time.ToDatetime(UTC)
    assert abs(datetime.now(UTC) - used) < timedelta(seconds=30)


async def test_secrets_and_subjects_are_where_they_belong(server):
    await person(server, subject="subject-4711")
    made = await make_key(server, (await application(server)).application_id)
    connection = await asyncpg.connect(server.database_url)
    tables = await connection.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    holding = set()
    for (table,) in tables:
        for row in await connection.fetch(f'SELECT t::text AS row FROM "{table}" t'):
            assert made.secret not in row["row"]
            text = row["row"]
            if "subject-4711" in text or b"subject-4711".hex() in text:
                holding.add(table)
    await connection.close()
    assert holding == {"linked_identities", "texts"}
