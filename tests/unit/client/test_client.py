"""The client against a real gRPC server over a socket, whose answers are scripted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from ticketonomics.errors.v1.reason_pb2 import Reason
from ticketonomics.identity.v1.identity_service_pb2 import (
    CreateApiKeyResponse,
    GetOrCreatePersonResponse,
    RotateApiKeyResponse,
)
from ticketonomics.ledger.v1.account_pb2 import Balance
from ticketonomics.ledger.v1.ledger_service_pb2 import (
    CreateTransactionsResponse,
    GetBalanceResponse,
    ListBalancesResponse,
    MintResponse,
    OpenAccountResponse,
)
from ticketonomics.ledger.v1.transaction_pb2 import Transaction, TransactionResult
from ticketonomics_client import (
    Client,
    ClosedError,
    Posting,
    Receipt,
    RefusedError,
    TransactionDraft,
    UnavailableError,
    new_id,
)
from ticketonomics_client.policies import Policy

MOVE = {"source": "users/a", "destination": "users/b", "asset": "BRONZE", "amount": 1}


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Policy, "pause_ceiling_seconds", lambda *_: 0.001)


async def test_a_key_is_sent_and_names_the_economy(server: Any, client: Client) -> None:
    await client.transfer(**MOVE)
    metadata = server.calls[0].metadata
    assert metadata["authorization"] == "Bearer secret"
    assert "ticketonomics-economy" not in metadata
    assert "ticketonomics-acting-for" not in metadata


async def test_without_a_key_the_economy_is_named(server: Any) -> None:
    server.answer("GetBalance", GetBalanceResponse())
    async with Client(server.target, economy="guild") as client:
        await client.balance("users/a", "BRONZE")
    metadata = server.calls[0].metadata
    assert metadata["ticketonomics-economy"] == "guild"
    assert "authorization" not in metadata


async def test_acting_for_a_person_is_said_and_batched_apart(server: Any, client: Client) -> None:
    ann, bob = client.acting_for("ann"), client.acting_for("bob")
    calls = [who.transfer(**MOVE) for who in (client, ann, bob) for _ in range(3)]
    await asyncio.gather(*calls)
    sent = {
        call.metadata.get("ticketonomics-acting-for", ""): len(call.request.transactions)
        for call in server.calls
    }
    assert sent == {"": 3, "ann": 3, "bob": 3}


async def test_the_same_person_is_the_same_principal(client: Client) -> None:
    ann = client.acting_for("ann")
    assert client.acting_for("ann") is ann
    assert client.acting_for("bob") is not ann


async def test_concurrent_transfers_share_a_call(server: Any, client: Client) -> None:
    receipts = await asyncio.gather(*(client.transfer(**MOVE) for _ in range(500)))
    assert [receipt.sequence for receipt in receipts] == list(range(1, 501))
    assert len(server.calls) == 1
    ids = [item.transaction_id for item in server.calls[0].request.transactions]
    assert [receipt.transaction_id for receipt in receipts] == ids
    assert ids == sorted(ids), "version 7 ids are in order of time"


async def test_a_transfer_carries_everything(server: Any, client: Client) -> None:
    chosen = new_id()
    receipt = await client.transfer(
        **MOVE, memo="for tea", metadata={"order": "7"}, transaction_id=chosen
    )
    assert receipt == Receipt(chosen, 1, False)
    (sent,) = server.calls[0].request.transactions
    assert sent.postings[0] == Posting(**MOVE)
    assert (sent.memo, dict(sent.metadata)) == ("for tea", {"order": "7"})


async def test_an_impossible_amount_hurts_its_caller_only(server: Any, client: Client) -> None:
    outcomes = await asyncio.gather(
        client.transfer(**MOVE),
        client.transfer(**{**MOVE, "amount": 2**63}),
        client.transfer(**{**MOVE, "source": "users/\ud800"}),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], Receipt)
    assert isinstance(outcomes[1], ValueError)
    assert isinstance(outcomes[2], ValueError)


async def test_a_refusal_arrives_with_all_its_details(
    server: Any, client: Client, refused: Any
) -> None:
    server.answer(
        "Mint",
        refused(
            grpc.StatusCode.FAILED_PRECONDITION,
            "SUPPLY_CAP_EXCEEDED",
            "the cap is 10",
            {"asset": "GOLD", "last_sequence": "41"},
        ),
    )
    with pytest.raises(RefusedError) as raised:
        await client.mint(destination="users/a", asset="GOLD", amount=11, reason="tap")
    error = raised.value
    assert error.reason == Reason.REASON_SUPPLY_CAP_EXCEEDED
    assert error.message == "the cap is 10"
    assert error.metadata["asset"] == "GOLD"
    assert error.last_sequence == 41
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    assert error.request_id == server.calls[0].request.transaction_id
    assert len(server.calls) == 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (grpc.StatusCode.UNAVAILABLE, "DRAINING"),
        (grpc.StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE"),
        (grpc.StatusCode.UNAVAILABLE, ""),
        (grpc.StatusCode.ABORTED, "CONTENTION"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_PASSED"),
        (grpc.StatusCode.UNKNOWN, ""),
    ],
)
async def test_a_passing_failure_is_tried_again_with_the_same_id(
    server: Any, client: Client, refused: Any, code: grpc.StatusCode, reason: str
) -> None:
    failure = refused(code, reason, retry_delay_seconds=0.001)
    server.answer(
        "Mint", failure, failure, MintResponse(transaction=Transaction(sequence=9), replayed=True)
    )
    receipt = await client.mint(destination="users/a", asset="GOLD", amount=1, reason="tap")
    ids = {request.transaction_id for request in server.requests("Mint")}
    assert len(server.calls) == 3
    assert ids == {receipt.transaction_id}
    assert (receipt.sequence, receipt.replayed) == (9, True)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (grpc.StatusCode.INTERNAL, "INTERNAL"),
        (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED"),
        (grpc.StatusCode.PERMISSION_DENIED, "SCOPE_MISSING"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "SOME_LATER_BUDGET"),
    ],
)
async def test_a_lasting_refusal_is_not_tried_again(
    server: Any, client: Client, refused: Any, code: grpc.StatusCode, reason: str
) -> None:
    server.answer("OpenAccount", refused(code, reason))
    with pytest.raises(RefusedError, match=reason):
        await client.open_account("orgs/guild")
    assert len(server.calls) == 1


async def test_the_servers_delay_is_waited_out(server: Any, client: Client, refused: Any) -> None:
    server.answer(
        "OpenAccount",
        refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED", retry_delay_seconds=0.2),
        OpenAccountResponse(),
    )
    loop = asyncio.get_running_loop()
    started = loop.time()
    await client.open_account("orgs/guild")
    assert loop.time() - started >= 0.2


async def test_a_delay_beyond_the_deadline_is_not_waited_out(
    server: Any, client: Client, refused: Any
) -> None:
    server.answer(
        "OpenAccount",
        refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED", retry_delay_seconds=0.9),
    )
    async with Client(server.target, api_key="secret", timeout_seconds=0.5) as hasty:
        with pytest.raises(RefusedError, match="RATE_LIMITED"):
            await hasty.open_account("orgs/guild")
    assert len(server.calls) == 1


async def test_a_refusal_after_an_unanswered_attempt_leaves_a_change_unknown(
    server: Any, client: Client, refused: Any
) -> None:
    server.answer(
        "OpenAccount",
        refused(grpc.StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE"),
        refused(grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_INVALID"),
    )
    with pytest.raises(UnavailableError, match="CREDENTIALS_INVALID") as raised:
        await client.open_account("orgs/guild")
    assert raised.value.request_id == server.calls[0].request.request_id
    assert len(server.calls) == 2


async def test_attempts_share_one_deadline(server: Any, refused: Any) -> None:
    server.answer("OpenAccount", refused(grpc.StatusCode.UNAVAILABLE, "DRAINING"))
    async with Client(server.target, api_key="secret", timeout_seconds=0.3) as client:
        with pytest.raises(UnavailableError) as raised:
            await client.open_account("orgs/guild")
    assert raised.value.reason == Reason.REASON_DRAINING
    remaining = [call.time_remaining for call in server.calls]
    assert len(remaining) > 1
    # gRPC rounds what it sends, so neighbours may swap; the trend may not.
    assert remaining[-1] < remaining[0] <= 0.35


async def test_a_silent_server_ends_a_call_at_its_deadline(server: Any) -> None:
    server.keep_silent("OpenAccount")
    server.keep_silent("CreateTransactions")
    async with Client(server.target, api_key="secret", timeout_seconds=0.2) as client:
        with pytest.raises(UnavailableError) as raised:
            await client.open_account("orgs/guild")
        assert raised.value.request_id == server.calls[0].request.request_id
        with pytest.raises(UnavailableError) as raised:
            await client.transfer(**MOVE)
        assert raised.value.request_id


async def test_nobody_listening_is_unavailable() -> None:
    async with Client("127.0.0.1:1", api_key="secret", timeout_seconds=0.2) as client:
        with pytest.raises(UnavailableError):
            await client.balance("users/a", "BRONZE")


async def test_calls_in_flight_outlive_a_restart_of_the_server(server: Any, client: Client) -> None:
    await client.transfer(**MOVE)
    server.keep_silent("CreateTransactions")
    begun = asyncio.gather(*(client.transfer(**MOVE) for _ in range(3)))
    while len(server.calls) < 2:
        server.called.clear()
        await server.called.wait()
    await server.stop()
    server.answer(
        "CreateTransactions",
        CreateTransactionsResponse(results=[TransactionResult(sequence=n) for n in (5, 6, 7)]),
    )
    await server.start()
    assert [receipt.sequence for receipt in await begun] == [5, 6, 7]
    first, *repeats = server.requests("CreateTransactions")[1:]
    assert repeats
    assert all(repeat == first for repeat in repeats)


async def test_a_batch_of_drafts_is_answered_in_order(server: Any, client: Client) -> None:
    drafts = [TransactionDraft(postings=[Posting(**MOVE), Posting(**MOVE)]) for _ in range(3)]
    outcomes = await client.create_transactions(drafts)
    assert outcomes == [
        Receipt(draft.transaction_id, number, False) for number, draft in enumerate(drafts, 1)
    ]
    assert len(server.calls) == 1


async def test_lists_follow_their_pages(server: Any, client: Client) -> None:
    pages = [
        ListBalancesResponse(balances=[Balance(posted=1)], next_page_token="second"),
        # A page may be empty and still have a next one.
        ListBalancesResponse(next_page_token="third"),
        ListBalancesResponse(balances=[Balance(posted=2), Balance(posted=3)]),
    ]
    server.answer("ListBalances", *pages)
    got = [balance.posted async for balance in client.balances(account="users/a", page_size=1)]
    assert got == [1, 2, 3]
    tokens = [request.page_token for request in server.requests("ListBalances")]
    assert tokens == ["", "second", "third"]
    assert {request.account for request in server.requests("ListBalances")} == {"users/a"}


async def test_a_past_balance_is_asked_for_by_height_or_time(server: Any, client: Client) -> None:
    server.answer("GetBalance", GetBalanceResponse(balance=Balance(posted=5)))
    await client.balance("users/a", "BRONZE", height=0)
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    await client.balance("users/a", "BRONZE", time=moment, minimum_sequence=4)
    by_height, by_time = server.requests("GetBalance")
    assert by_height.WhichOneof("as_of") == "height"
    assert by_time.time.ToDatetime(UTC) == moment
    assert by_time.minimum_sequence == 4
    with pytest.raises(ValueError, match="not by both"):
        await client.balance("users/a", "BRONZE", height=1, time=moment)
    with pytest.raises(ValueError, match="time zone"):
        await client.balance("users/a", "BRONZE", time=datetime(2026, 1, 2))


async def test_people_and_keys_carry_request_ids(server: Any, client: Client) -> None:
    server.answer("GetOrCreatePerson", GetOrCreatePersonResponse(created=True))
    server.answer("CreateApiKey", CreateApiKeyResponse(secret="s1"))
    server.answer("RotateApiKey", RotateApiKeyResponse(secret="s2"))
    answer = await client.get_or_create_person(provider="telegram", subject="42")
    assert answer.created
    assert (await client.create_api_key("app")).secret == "s1"
    assert (await client.rotate_api_key("key", overlap=timedelta(hours=1))).secret == "s2"
    assert all(call.request.request_id for call in server.calls)
    assert server.requests("RotateApiKey")[0].policy.overlap.seconds == 3600


async def test_closing_waits_for_transfers_that_were_begun(server: Any) -> None:
    client = Client(server.target, api_key="secret")
    begun = [asyncio.ensure_future(client.transfer(**MOVE)) for _ in range(3)]
    await asyncio.sleep(0)
    await client.close()
    assert [(await task).sequence for task in begun] == [1, 2, 3]


async def test_closing_does_not_wait_for_callers_that_have_gone(server: Any) -> None:
    server.keep_silent("CreateTransactions")
    client = Client(server.target, api_key="secret", timeout_seconds=60)
    begun = asyncio.ensure_future(client.transfer(**MOVE))
    await server.called.wait()
    begun.cancel()
    async with asyncio.timeout(5):
        await client.close()


async def test_a_closed_client_says_so(server: Any) -> None:
    server.keep_silent("GetSupply")
    client = Client(server.target, api_key="secret")
    waiting = asyncio.ensure_future(client.supply("BRONZE"))
    await server.called.wait()
    await client.close()
    with pytest.raises(ClosedError):
        await waiting
    with pytest.raises(ClosedError):
        await client.transfer(**MOVE)
    with pytest.raises(ClosedError):
        await client.supply("BRONZE")


async def test_a_cancelled_call_is_cancelled(server: Any, client: Client) -> None:
    server.keep_silent("GetSupply")
    waiting = asyncio.ensure_future(client.supply("BRONZE"))
    await server.called.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
