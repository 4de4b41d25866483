"""The service config at work: in the SDK, and in a plain gRPC channel."""

import asyncio
from typing import Any

import grpc
import pytest
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.ledger.v1.ledger_service_pb2 import (
    CreateTransactionsResponse,
    GetAssetRequest,
    GetAssetResponse,
)
from ticketonomics.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub
from ticketonomics_client import Client, UnavailableError, policies
from ticketonomics_client.policies import Policy, service_config

from tests.unit.client.conftest import FakeServer

ANSWER = GetAssetResponse(asset=Asset(code="X"))


async def test_a_client_without_a_time_takes_each_methods_own(server: FakeServer) -> None:
    server.answer("GetAsset", ANSWER)
    server.answer("CreateTransactions", CreateTransactionsResponse())
    async with Client(server.target) as client:
        await client.asset("X")
        await client.create_transactions([])
        await client.asset("X")
    times = [call.time_remaining for call in server.calls]
    assert times == pytest.approx([10, 30, 10], abs=1)


async def test_a_clients_own_time_goes_before(server: FakeServer) -> None:
    server.answer("GetAsset", ANSWER)
    async with Client(server.target, timeout_seconds=3) as client:
        await client.asset("X")
    assert server.calls[0].time_remaining == pytest.approx(3, abs=1)


async def test_what_may_not_be_retried_is_not(
    server: FakeServer, client: Client, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer("GetAsset", refused(grpc.StatusCode.UNAVAILABLE, "DRAINING"), ANSWER)
    key = "ticketonomics.ledger.v1.GetAssetRequest"
    monkeypatch.setitem(policies._policies(), key, Policy(retried=False))
    with pytest.raises(UnavailableError):
        await client.asset("X")
    assert len(server.calls) == 1


async def test_grpc_itself_retries_by_the_same_file(server: FakeServer, refused: Any) -> None:
    away = refused(grpc.StatusCode.UNAVAILABLE, "DRAINING")
    server.answer("GetAsset", away, away, ANSWER)
    options = [("grpc.service_config", service_config())]
    async with grpc.aio.insecure_channel(server.target, options=options) as channel:
        answer = await LedgerServiceStub(channel).GetAsset(GetAssetRequest(code="X"))
    assert answer == ANSWER
    assert len(server.calls) == 3


async def test_grpc_itself_keeps_the_time_by_the_same_file(server: FakeServer) -> None:
    server.keep_silent("GetAsset")
    shorter = service_config().replace('"timeout": "10s"', '"timeout": "0.5s"')
    options = [("grpc.service_config", shorter)]
    async with grpc.aio.insecure_channel(server.target, options=options) as channel:
        async with asyncio.timeout(5):
            with pytest.raises(grpc.aio.AioRpcError) as late:
                await LedgerServiceStub(channel).GetAsset(GetAssetRequest(code="X"))
    assert late.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
