"""Accounts and assets that sit at their limits."""

from dataclasses import dataclass
from typing import Any

from ticketonomics.ledger.v1.asset_pb2 import Asset, TransferFee
from ticketonomics.ledger.v1.transaction_pb2 import TransactionInput
from ticketonomics_client import Client, Posting, TransactionDraft

MAX = 2**63 - 1
NOBODY = "users/0000000000000000"
RICH, POOR, FULL, CLOSED = "orgs/rich", "orgs/poor", "orgs/full", "orgs/closed"


@dataclass
class World:
    """Accounts and assets that sit at their limits."""

    client: Client
    blocked: str
    used: TransactionInput


async def make_world(client: Client) -> World:
    for code, fields in {
        "BRONZE": {},
        "TAXED": {"transfer_fee": TransferFee(fee_bps=100, minimum=2, maximum=50)},
        "CAPPED": {"supply_cap": 1_000},
        "VAST": {},
    }.items():
        await client.create_asset(Asset(code=code, kind=Asset.KIND_MATERIAL, name=code, **fields))
    for address in (RICH, POOR, FULL, CLOSED):
        await client.open_account(address)
    for code in ("BRONZE", "TAXED", "CAPPED"):
        await client.mint(destination=RICH, asset=code, amount=1_000, reason="start")
    await client.mint(destination=FULL, asset="VAST", amount=MAX - 1, reason="start")
    await client.mint(destination=RICH, asset="VAST", amount=1, reason="start")
    person = (await client.get_or_create_person(provider="telegram", subject="1")).person
    await client.mint(destination=person.account, asset="BRONZE", amount=9, reason="start")
    await client.block_person(person.person_id, reason="test")
    await client.close_account(CLOSED)
    used = TransactionDraft(postings=[posting()]).to_proto()
    await client.create_transactions([draft(used)])
    return World(client, person.account, used)


def posting(**fields: Any) -> Posting:
    usual = {"source": RICH, "destination": POOR, "asset": "BRONZE", "amount": 1}
    return Posting(**{**usual, **fields})


def draft(message: TransactionInput) -> TransactionDraft:
    return TransactionDraft(
        postings=list(message.postings),
        memo=message.memo,
        metadata=dict(message.metadata),
        transaction_id=message.transaction_id,
    )
