"""What each method needs, method by method: no key, a lesser key, a dead key, a key for another."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import symbol_database
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from grpc_status import rpc_status
from ticketonomics_client import Client
from ticketonomics_server.identity.scopes import ALL_SCOPES, Scope
from ticketonomics_server.rpc.permissions import PERMISSIONS

from tests.conftest import Server, run_server
from tests.contracts import METHODS
from tests.e2e.refusals import refused

OURS = sorted(name for name in PERMISSIONS if name.startswith("/ticketonomics."))
MISSING, INVALID, EXPIRED, SCOPE = (
    "CREDENTIALS_MISSING",
    "CREDENTIALS_INVALID",
    "CREDENTIALS_EXPIRED",
    "SCOPE_MISSING",
)
AT_THE_DOOR = {MISSING, INVALID, EXPIRED, SCOPE, "PERSON_NOT_FOUND", "PERSON_BLOCKED"}


@pytest.fixture
async def server(database_url: str, tmp_path: Path) -> AsyncIterator[Server]:
    """A server that lets this many calls without a good key through."""
    async with run_server(database_url, tmp_path, anonymous_rate_limit_rps=100_000) as running:
        yield running


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(server.target, api_key=server.operator_key) as opened:
        yield opened


@dataclass
class Answer:
    """How the door answered: the reason, and the scope that it asked for."""

    reason: str
    scope: str = ""


async def knock(channel: grpc.aio.Channel, name: str) -> Answer:
    """Calls a method with an empty request, and reads one message where it streams."""
    call = _callable(channel, name)
    try:
        await call()
    except grpc.aio.AioRpcError as error:
        status = rpc_status.from_call(error)
        info = error_details_pb2.ErrorInfo()
        assert status is not None, (name, error)
        assert status.details[0].Unpack(info), (name, error)
        return Answer(info.reason, info.metadata.get("scope", ""))
    return Answer("")


def _callable(channel: grpc.aio.Channel, name: str) -> Callable[[], Any]:
    service, _, method = name.removeprefix("/").partition("/")
    found = next(
        found
        for found in METHODS
        if (found.containing_service.full_name, found.name) == (service, method)
    )
    request: Message = symbol_database.Default().GetSymbol(found.input_type.full_name)()
    answer = symbol_database.Default().GetSymbol(found.output_type.full_name)
    if not found.server_streaming:
        unary = channel.unary_unary(
            name, type(request).SerializeToString, answer.FromString, _registered_method=True
        )
        return lambda: unary(request)

    async def first() -> None:
        stream = channel.unary_stream(
            name, type(request).SerializeToString, answer.FromString, _registered_method=True
        )(request)
        await stream.read()
        stream.cancel()

    return first


async def make_secret(client: Client, *scopes: str) -> tuple[str, str]:
    """Makes an application with a key; returns the secret and the key's id."""
    application = await client.create_application(
        name="knocker", scopes=scopes, rate_limit_rps=1_000_000
    )
    made = await client.create_api_key(application.application_id)
    return made.secret, made.api_key.api_key_id


async def answers(server: Server, secret: str, acting_for: str = "") -> dict[str, Answer]:
    async with server.connect(secret, acting_for) as channel:
        return {name: await knock(channel, name) for name in OURS}


async def test_without_a_key_only_public_methods_answer(server: Server) -> None:
    for name in OURS:
        answer = await knock(server.anonymous, name)
        if PERMISSIONS[name].public:
            assert answer.reason not in AT_THE_DOOR, (name, answer)
        else:
            assert answer.reason == MISSING, name


async def test_a_key_without_scopes_opens_what_needs_none(server: Server, client: Client) -> None:
    secret, _ = await make_secret(client)
    for name, answer in (await answers(server, secret)).items():
        if scope := PERMISSIONS[name].scope:
            assert answer == Answer(SCOPE, scope), name
        else:
            assert answer.reason not in AT_THE_DOOR, (name, answer)


async def test_every_other_scope_is_not_enough(server: Server, client: Client) -> None:
    for scope in sorted({permission.scope for permission in PERMISSIONS.values()} - {""}):
        secret, _ = await make_secret(client, *(ALL_SCOPES - {scope}))
        for name, answer in (await answers(server, secret)).items():
            if PERMISSIONS[name].scope == scope:
                assert answer == Answer(SCOPE, scope), name
            else:
                assert answer.reason not in AT_THE_DOOR, (name, scope, answer)


async def test_the_one_scope_is_enough(server: Server, client: Client) -> None:
    for scope in sorted({permission.scope for permission in PERMISSIONS.values()} - {""}):
        secret, _ = await make_secret(client, scope)
        async with server.connect(secret) as channel:
            for name in OURS:
                if PERMISSIONS[name].scope == scope:
                    assert (await knock(channel, name)).reason not in AT_THE_DOOR, name


async def test_a_revoked_key_opens_nothing(server: Server, client: Client) -> None:
    secret, api_key_id = await make_secret(client, *ALL_SCOPES)
    await client.revoke_api_key(api_key_id)
    found = await answers(server, secret)
    assert {answer.reason for answer in found.values()} == {INVALID}


async def test_an_expired_key_opens_nothing(server: Server, client: Client) -> None:
    secret, api_key_id = await make_secret(client, *ALL_SCOPES)
    # Without an overlap the old key ends with the rotation.
    await client.rotate_api_key(api_key_id)
    found = await answers(server, secret)
    assert {answer.reason for answer in found.values()} == {EXPIRED}


@pytest.mark.parametrize(
    "secret", ["nonsense", "tkt_", "tkt_" + "0" * 12 + "_" + "0" * 52, "", "Ünïcode".encode().hex()]
)
async def test_an_unknown_key_opens_nothing_not_even_public_reads(
    server: Server, secret: str
) -> None:
    found = await answers(server, secret)
    assert {answer.reason for answer in found.values()} == {INVALID}


async def test_who_acts_for_a_person_needs_the_scope_and_a_person(
    server: Server, client: Client
) -> None:
    person = (await client.get_or_create_person(provider="telegram", subject="1")).person
    without, _ = await make_secret(client, *(ALL_SCOPES - {Scope.IDENTITY_ACT_FOR}))
    found = await answers(server, without, person.person_id)
    assert {(a.reason, a.scope) for a in found.values()} == {(SCOPE, Scope.IDENTITY_ACT_FOR)}
    allowed, _ = await make_secret(client, *ALL_SCOPES)
    nobody = await answers(server, allowed, "0" * 16)
    assert {answer.reason for answer in nobody.values()} == {"PERSON_NOT_FOUND"}
    await client.block_person(person.person_id, reason="test")
    blocked = await answers(server, allowed, person.person_id)
    assert {answer.reason for answer in blocked.values()} == {"PERSON_BLOCKED"}


async def test_health_and_reflection_are_open_to_anybody(server: Server) -> None:
    check = server.anonymous.unary_unary(
        "/grpc.health.v1.Health/Check",
        health_pb2.HealthCheckRequest.SerializeToString,
        health_pb2.HealthCheckResponse.FromString,
        _registered_method=True,
    )
    assert (await check(health_pb2.HealthCheckRequest())).status == 1
    request = reflection_pb2.ServerReflectionRequest(list_services="*")
    for version in ("v1alpha", "v1"):
        stream = server.anonymous.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            reflection_pb2.ServerReflectionRequest.SerializeToString,
            reflection_pb2.ServerReflectionResponse.FromString,
            _registered_method=True,
        )
        try:
            listed = await stream(iter([request])).read()
        except grpc.aio.AioRpcError as error:
            # This grpcio may not speak the newer version yet; the door let the call through. It may
            # be over before our message is sent, which gRPC then calls an internal error.
            refusals = {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED}
            assert error.code() not in refusals, error
            assert version == "v1"
            continue
        names = {service.name for service in listed.list_services_response.service}
        assert "ticketonomics.ledger.v1.LedgerService" in names


async def test_the_server_lists_its_methods_as_the_map_has_them(server: Server) -> None:
    async with Client(server.target) as anybody:
        found = {
            item.name: (item.public, item.scope, item.personal) async for item in anybody.methods()
        }
        paged = [item.name async for item in anybody.methods(page_size=7)]
    assert found == {name: (p.public, p.scope, p.personal) for name, p in PERMISSIONS.items()}
    assert paged == sorted(PERMISSIONS)


# --- what depends on the request ------------------------------------------------------------------


@dataclass
class Shop:
    """An application with one scope fewer than it would like."""

    client: Client
    application_id: str
    api_key_id: str


async def open_shop(server: Server, client: Client, *scopes: str) -> Shop:
    application = await client.create_application(name="shop", scopes=scopes)
    made = await client.create_api_key(application.application_id)
    opened = Client(server.target, api_key=made.secret)
    return Shop(opened, application.application_id, made.api_key.api_key_id)


async def test_an_application_manages_its_own_accounts_and_no_others(
    server: Server, client: Client
) -> None:
    shop = await open_shop(server, client)
    async with shop.client as calls:
        own = f"apps/{shop.application_id}/till"
        await calls.open_account(own)
        for address in ("orgs/guild/till", "apps/0000000000000000/till", "apps/shop/till"):
            await refused("NOT_ACCOUNT_OWNER", calls.open_account(address))
        for address in ("users/0000000000000000", "system/mine"):
            await refused("ACCOUNT_RESERVED", calls.open_account(address))
        await client.open_account("orgs/guild/till")
        await refused("NOT_ACCOUNT_OWNER", calls.close_account("orgs/guild/till"))
        await calls.close_account(own)


async def test_an_application_sees_and_ends_its_own_keys_only(
    server: Server, client: Client
) -> None:
    shop = await open_shop(server, client)
    other = await open_shop(server, client)
    async with shop.client as calls:
        assert (await calls.application(shop.application_id)).name == "shop"
        assert [k.api_key_id async for k in calls.api_keys(shop.application_id)] == [
            shop.api_key_id
        ]
        for call in (
            calls.application(other.application_id),
            anext(calls.api_keys(other.application_id)),
            calls.rotate_api_key(other.api_key_id),
            calls.revoke_api_key(other.api_key_id),
            calls.create_api_key(shop.application_id),
        ):
            error = await refused(SCOPE, call)
            assert error.metadata["scope"] == Scope.IDENTITY_APPLICATIONS
        # An unknown application is not told apart from another's.
        await refused(SCOPE, calls.application("0" * 16))
        await calls.revoke_api_key(shop.api_key_id)


async def test_nobody_grants_more_than_it_has(server: Server, client: Client) -> None:
    shop = await open_shop(server, client, Scope.IDENTITY_APPLICATIONS)
    strong = await open_shop(server, client, Scope.LEDGER_MINT)
    async with shop.client as calls:
        made = await calls.create_application(name="till", scopes=[Scope.IDENTITY_APPLICATIONS])
        for call in (
            calls.create_application(name="bank", scopes=[Scope.LEDGER_MINT]),
            calls.update_application(made.application_id, name="bank", scopes=[Scope.LEDGER_MINT]),
            calls.create_api_key(strong.application_id),
            calls.rotate_api_key(strong.api_key_id),
        ):
            assert (await refused(SCOPE, call)).metadata["scope"] == Scope.LEDGER_MINT
