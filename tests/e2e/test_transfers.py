"""Transfers over a real socket."""

from uuid import uuid4

import grpc
import pytest
from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.asset_pb2 import Asset


def new_id() -> str:
    return str(uuid4())


async def test_a_transfer_moves_and_its_replay_does_not(server) -> None:
    await server.ledger.CreateAsset(
        rpc.CreateAssetRequest(
            request_id=new_id(), asset=Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze")
        )
    )
    for address in ("orgs/a", "orgs/b"):
        await server.ledger.OpenAccount(
            rpc.OpenAccountRequest(request_id=new_id(), address=address)
        )
    await server.ledger.Mint(
        rpc.MintRequest(
            transaction_id=new_id(),
            destination="orgs/a",
            asset="BRONZE",
            amount=100,
            reason="start",
        )
    )
    request = rpc.TransferRequest(
        transaction_id=new_id(), source="orgs/a", destination="orgs/b", asset="BRONZE", amount=30
    )
    first = await server.ledger.Transfer(request)
    again = await server.ledger.Transfer(request)
    assert not first.replayed
    assert again.replayed
    assert again.transaction == first.transaction
    balance = await server.ledger.GetBalance(
        rpc.GetBalanceRequest(account="orgs/b", asset="BRONZE")
    )
    assert balance.balance.posted == 30
    request.amount = 31
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await server.ledger.Transfer(request)
    assert refused.value.code() is grpc.StatusCode.ALREADY_EXISTS
