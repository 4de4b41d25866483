"""What a refusal carries over the wire: one case of every status, decoded as a client would."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import grpc
import pytest
from google.rpc import error_details_pb2 as rich
from grpc_status import rpc_status
from ticketonomics.identity.v1 import identity_service_pb2 as identity
from ticketonomics.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from ticketonomics.ledger.v1 import ledger_service_pb2 as ledger
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub
from ticketonomics_client import Client, Posting, TransactionDraft
from ticketonomics_server.engine import maker, queue, session
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.ledger import queries
from ticketonomics_server.rpc.errors import STATUS_OF_REASON, to_status

from tests.conftest import Server, new_id

CODE = grpc.StatusCode
# The operator's application and key, an asset, two accounts and what one of them has.
LAST = "6"
KINDS = (
    rich.ErrorInfo,
    rich.BadRequest,
    rich.ResourceInfo,
    rich.PreconditionFailure,
    rich.QuotaFailure,
    rich.RetryInfo,
)


@dataclass
class Refusal:
    """A decoded refusal: its status, its message, and each detail by its type."""

    code: grpc.StatusCode
    message: str
    details: dict[type, Any] = field(default_factory=dict)

    @property
    def info(self) -> rich.ErrorInfo:
        return self.details[rich.ErrorInfo]

    @property
    def retry_seconds(self) -> float:
        return self.details[rich.RetryInfo].retry_delay.ToTimedelta().total_seconds()


async def refused(call: Awaitable[Any], reason: str, code: grpc.StatusCode) -> Refusal:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    status = rpc_status.from_call(caught.value)
    assert status is not None, caught.value
    refusal = Refusal(caught.value.code(), status.message)
    for packed in status.details:
        kind = next(kind for kind in KINDS if packed.Is(kind.DESCRIPTOR))
        refusal.details[kind] = kind()
        packed.Unpack(refusal.details[kind])
    assert (refusal.info.reason, refusal.code) == (reason, code), refusal
    assert refusal.info.domain == "ticketonomics"
    assert caught.value.details() == refusal.message != ""
    return refusal


@pytest.fixture
async def world(server: Server) -> AsyncIterator[Client]:
    """An asset and two open accounts, one with 100."""
    async with Client(server.target, api_key=server.operator_key) as client:
        await client.create_asset(Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze"))
        for address in ("orgs/a", "orgs/b"):
            await client.open_account(address)
        await client.mint(destination="orgs/a", asset="BRONZE", amount=100, reason="start")
        yield client


def transfer(**fields: Any) -> ledger.TransferRequest:
    usual = {"source": "orgs/a", "destination": "orgs/b", "asset": "BRONZE", "amount": 1}
    return ledger.TransferRequest(**{"transaction_id": new_id(), **usual, **fields})


async def test_a_malformed_field_is_named(server: Server, world: Client) -> None:
    refusal = await refused(
        server.ledger.Transfer(transfer(amount=0)), "AMOUNT_OUT_OF_RANGE", CODE.INVALID_ARGUMENT
    )
    (violation,) = refusal.details[rich.BadRequest].field_violations
    assert violation.field == "amount" == refusal.info.metadata["field"]
    assert violation.description == refusal.message
    assert refusal.info.metadata["last_sequence"] == LAST


async def test_what_is_missing_is_named(server: Server, world: Client) -> None:
    cases: list[tuple[Awaitable[Any], str, str, str]] = [
        (
            server.ledger.GetAccount(ledger.GetAccountRequest(address="orgs/c")),
            *("ACCOUNT_NOT_FOUND", "account", "orgs/c"),
        ),
        (
            server.ledger.Transfer(transfer(destination="orgs/c")),
            *("ACCOUNT_NOT_FOUND", "account", "orgs/c"),
        ),
        (
            server.ledger.GetSupply(ledger.GetSupplyRequest(asset="GOLD")),
            *("ASSET_NOT_FOUND", "asset", "GOLD"),
        ),
        (
            server.ledger.GetTransaction(ledger.GetTransactionRequest(sequence=1)),
            *("TRANSACTION_NOT_FOUND", "transaction", "1"),
        ),
        (
            server.ledger.GetBlock(ledger.GetBlockRequest(height=999)),
            *("BLOCK_NOT_FOUND", "block", "999"),
        ),
        (
            server.identity.GetPerson(identity.GetPersonRequest(person_id="0" * 16)),
            *("PERSON_NOT_FOUND", "person", "0" * 16),
        ),
        (
            server.identity.GetApplication(identity.GetApplicationRequest(application_id="0" * 16)),
            *("APPLICATION_NOT_FOUND", "application", "0" * 16),
        ),
        (
            server.identity.RevokeApiKey(
                identity.RevokeApiKeyRequest(request_id=new_id(), api_key_id="0" * 12)
            ),
            *("API_KEY_NOT_FOUND", "api_key", "0" * 12),
        ),
    ]
    for call, reason, kind, name in cases:
        refusal = await refused(call, reason, CODE.NOT_FOUND)
        resource = refusal.details[rich.ResourceInfo]
        assert (resource.resource_type, resource.resource_name) == (kind, name)
        assert refusal.info.metadata[kind] == name


async def test_an_unknown_economy_is_named(server: Server) -> None:
    call = LedgerServiceStub(server.anonymous).ListAssets(
        ledger.ListAssetsRequest(), metadata=(("ticketonomics-economy", "atlantis"),)
    )
    refusal = await refused(call, "ECONOMY_NOT_FOUND", CODE.NOT_FOUND)
    assert refusal.details[rich.ResourceInfo].resource_name == "atlantis"


async def test_a_reused_id_tells_its_entry(server: Server, world: Client) -> None:
    request = transfer()
    first = await server.ledger.Transfer(request)
    request.amount = 2
    refusal = await refused(
        server.ledger.Transfer(request), "REQUEST_ID_REUSED", CODE.ALREADY_EXISTS
    )
    assert refusal.info.metadata["sequence"] == str(first.transaction.sequence)
    await refused(
        server.ledger.OpenAccount(ledger.OpenAccountRequest(request_id=new_id(), address="orgs/a")),
        *("ACCOUNT_EXISTS", CODE.ALREADY_EXISTS),
    )
    asset = Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze")
    await refused(
        server.ledger.CreateAsset(ledger.CreateAssetRequest(request_id=new_id(), asset=asset)),
        *("ASSET_EXISTS", CODE.ALREADY_EXISTS),
    )


async def test_what_stands_in_the_way_is_told(server: Server, world: Client) -> None:
    refusal = await refused(
        server.ledger.Transfer(transfer(amount=101)),
        *("INSUFFICIENT_FUNDS", CODE.FAILED_PRECONDITION),
    )
    (violation,) = refusal.details[rich.PreconditionFailure].violations
    assert (violation.type, violation.subject) == ("INSUFFICIENT_FUNDS", "orgs/a")
    facts = {"account": "orgs/a", "asset": "BRONZE", "available": "100", "required": "101"}
    assert dict(refusal.info.metadata) == {**facts, "last_sequence": LAST}


async def test_who_may_not_is_told_why(server: Server, world: Client) -> None:
    await refused(
        IdentityServiceStub(server.anonymous).WhoAmI(identity.WhoAmIRequest()),
        *("CREDENTIALS_MISSING", CODE.UNAUTHENTICATED),
    )
    async with server.connect("nonsense") as channel:
        await refused(
            IdentityServiceStub(channel).WhoAmI(identity.WhoAmIRequest()),
            *("CREDENTIALS_INVALID", CODE.UNAUTHENTICATED),
        )
    application = await world.create_application(name="shop", scopes=["ledger.transfer"])
    secret = (await world.create_api_key(application.application_id)).secret
    async with server.connect(secret) as channel:
        stub = LedgerServiceStub(channel)
        refusal = await refused(
            stub.Mint(ledger.MintRequest()), "SCOPE_MISSING", CODE.PERMISSION_DENIED
        )
        assert refusal.info.metadata["scope"] == "ledger.mint"
        refusal = await refused(
            stub.Transfer(transfer()), "NOT_ACCOUNT_OWNER", CODE.PERMISSION_DENIED
        )
        assert refusal.info.metadata["account"] == "orgs/a"


async def test_who_calls_too_often_is_told_when_to_come_back(server: Server, world: Client) -> None:
    application = await world.create_application(name="shop", scopes=[], rate_limit_rps=1)
    secret = (await world.create_api_key(application.application_id)).secret
    async with server.connect(secret) as channel:
        stub = IdentityServiceStub(channel)
        await stub.WhoAmI(identity.WhoAmIRequest())
        refusal = await refused(
            stub.WhoAmI(identity.WhoAmIRequest()), "RATE_LIMITED", CODE.RESOURCE_EXHAUSTED
        )
    assert 0 < refusal.retry_seconds <= 1
    (violation,) = refusal.details[rich.QuotaFailure].violations
    assert violation.subject == application.application_id
    assert refusal.info.metadata["rate_limit_rps"] == "1"


async def test_a_full_queue_says_when_to_come_back(
    server: Server, world: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(queue, "QUEUED_BLOCKS", 0)
        refusal = await refused(
            server.ledger.Transfer(transfer()), "QUEUE_FULL", CODE.RESOURCE_EXHAUSTED
        )
    assert refusal.retry_seconds == pytest.approx(0.2)
    assert not (await server.ledger.Transfer(transfer())).replayed


async def test_lasting_contention_is_told_and_changes_nothing(
    server: Server, world: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await asyncpg.connect(server.database_url)
    request = transfer()
    with monkeypatch.context() as patch:
        # The server's sessions end when they have queued this long for the economy's lock.
        patch.setitem(session.SESSION_SETTINGS, "lock_timeout", "50")
        patch.setattr(maker, "PATIENCE_SECONDS", 0.2)
        await other.execute(f"SELECT pg_advisory_lock({session.LOCK_CLASS}, 1)")
        # The session that is open already has the usual patience: end it.
        await other.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = $1 AND datname = current_database()",
            session.SESSION_SETTINGS["application_name"],
        )
        refusal = await refused(server.ledger.Transfer(request), "CONTENTION", CODE.ABORTED)
    assert refusal.retry_seconds > 0
    await other.close()
    assert not (await server.ledger.Transfer(request)).replayed


async def test_a_sequence_that_is_not_there_yet_is_unavailable(
    server: Server, world: Client
) -> None:
    request = ledger.GetBalanceRequest(account="orgs/a", asset="BRONZE", minimum_sequence=10_000)
    refusal = await refused(
        server.ledger.GetBalance(request), "SEQUENCE_NOT_REACHED", CODE.UNAVAILABLE
    )
    assert refusal.retry_seconds > 0
    assert refusal.info.metadata["last_sequence"] == LAST


async def test_a_deadline_that_passed_starts_nothing(server: Server, world: Client) -> None:
    other = await asyncpg.connect(server.database_url)
    await other.execute(f"SELECT pg_advisory_lock({session.LOCK_CLASS}, 1)")
    started = asyncio.create_task(_send(server.ledger.Transfer(transfer())))
    while not await other.fetchval(  # noqa: ASYNC110 - Postgres tells nobody who waits.
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    ):
        await asyncio.sleep(0.01)
    late = transfer()
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await server.ledger.Transfer(late, timeout=0.05)
    assert caught.value.code() is CODE.DEADLINE_EXCEEDED
    await other.close()
    await started
    assert not (await server.ledger.Transfer(late)).replayed, "it was not started"


async def _send(call: Any) -> Any:
    return await call


async def test_a_fault_tells_its_incident_and_nothing_else(
    server: Server,
    world: Client,
    monkeypatch: pytest.MonkeyPatch,
    no_errors_logged: list[str],
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("password 12345")

    monkeypatch.setattr(queries, "find_asset", fail)
    refusal = await refused(
        server.ledger.GetSupply(ledger.GetSupplyRequest(asset="BRONZE")), "INTERNAL", CODE.INTERNAL
    )
    (logged,) = no_errors_logged
    no_errors_logged.clear()
    assert "password" in logged
    assert "password" not in str(refusal)
    assert refusal.info.metadata["incident"] in refusal.message


async def test_a_refusal_within_a_batch_carries_the_same(server: Server, world: Client) -> None:
    posting = Posting(source="orgs/a", destination="orgs/b", asset="BRONZE", amount=101)
    (error,) = await world.create_transactions([TransactionDraft(postings=[posting])])
    alone = await refused(
        server.ledger.Transfer(transfer(amount=101)),
        *("INSUFFICIENT_FUNDS", CODE.FAILED_PRECONDITION),
    )
    assert error.reason_name == alone.info.reason
    assert error.message == alone.message
    assert {**error.metadata, "last_sequence": LAST} == dict(alone.info.metadata)


async def test_every_answer_carries_the_last_sequence(server: Server, world: Client) -> None:
    last = (await server.ledger.Transfer(transfer())).last_sequence
    read = await server.ledger.ListAssets(ledger.ListAssetsRequest())
    assert read.last_sequence == last
    for request in (transfer(amount=-1), transfer(amount=1_000), transfer(asset="nothing")):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await server.ledger.Transfer(request)
        info = rich.ErrorInfo()
        rpc_status.from_call(caught.value).details[0].Unpack(info)
        assert info.metadata["last_sequence"] == str(last)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_status_with_fitting_details(reason: Reason) -> None:
    """No server needed: the table itself, for the reasons that no test can bring about."""
    status = to_status(Rejection(reason, "because", retry_seconds=0.25, field="x", account="a/b"))
    code = STATUS_OF_REASON[reason]
    assert (status.code, status.message) == (code.value[0], "because")
    names = {packed.TypeName().rpartition(".")[2] for packed in status.details}
    fitting = {
        CODE.INVALID_ARGUMENT: "BadRequest",
        CODE.NOT_FOUND: "ResourceInfo",
        CODE.FAILED_PRECONDITION: "PreconditionFailure",
    }.get(code)
    assert names >= {"ErrorInfo", "RetryInfo"} | ({fitting} if fitting else set())
