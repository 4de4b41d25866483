"""Each limit of a transaction, and of what a transaction is made of."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from ticketonomics.ledger.v1 import ledger_service_pb2 as ledger
from ticketonomics.ledger.v1.asset_pb2 import Asset, TransferFee
from ticketonomics.ledger.v1.transaction_pb2 import TransactionInput
from ticketonomics_client import Client, Posting, Receipt, RefusedError, TransactionDraft

from tests.conftest import Server, new_id
from tests.e2e.worlds import (
    CLOSED,
    FULL,
    MAX,
    NOBODY,
    POOR,
    RICH,
    World,
    draft,
    make_world,
    posting,
)


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(server.target, api_key=server.operator_key) as opened:
        yield opened


@pytest.fixture
async def world(client: Client) -> World:
    return await make_world(client)


@dataclass
class Case:
    """A transaction, why it is refused (empty: it is accepted), and the fact that it tells."""

    name: str
    reason: str
    postings: list[Posting] = field(default_factory=list)
    fact: tuple[str, str] = ("", "")
    memo: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    transaction_id: str = ""


def cases(world: World) -> list[Case]:
    """Every limit of a transaction. The accepted ones move BRONZE away from the rich."""
    return [
        Case("the overdraft", "INSUFFICIENT_FUNDS", [posting(amount=1_001)], ("required", "1001")),
        Case("an account that never had any", "INSUFFICIENT_FUNDS",
             [posting(source=POOR, destination=RICH, asset="VAST")], ("available", "0")),
        Case("the fee on top", "INSUFFICIENT_FUNDS",
             [posting(asset="TAXED", amount=999)], ("required", "1009")),
        Case("all that there is, its fee not", "INSUFFICIENT_FUNDS",
             [posting(asset="TAXED", amount=1_000)], ("required", "1010")),
        Case("the largest amount", "INSUFFICIENT_FUNDS", [posting(amount=MAX)], ("available", "")),
        Case("the largest amount and its fee", "INSUFFICIENT_FUNDS",
             [posting(asset="TAXED", amount=MAX)], ("asset", "TAXED")),
        Case("two that are too much together", "INSUFFICIENT_FUNDS",
             [posting(amount=600), posting(amount=600)], ("required", "1200")),
        Case("sums beyond an int64", "INSUFFICIENT_FUNDS",
             [posting(amount=MAX)] * 200, ("account", RICH)),
        Case("nothing leaves who has nothing", "INSUFFICIENT_FUNDS",
             [posting(source=POOR, destination=FULL, asset="VAST")], ("account", POOR)),
        Case("an unknown source", "ACCOUNT_NOT_FOUND", [posting(source="orgs/none")],
             ("account", "orgs/none")),
        Case("an unknown destination", "ACCOUNT_NOT_FOUND", [posting(destination="orgs/none")],
             ("account", "orgs/none")),
        Case("an unknown person", "ACCOUNT_NOT_FOUND",
             [posting(destination=NOBODY)], ("account", NOBODY)),
        Case("an unknown asset", "ASSET_NOT_FOUND", [posting(asset="GOLD")], ("asset", "GOLD")),
        Case("the same account", "SAME_ACCOUNT", [posting(destination=RICH)],
             ("field", "destination")),
        Case("nothing", "AMOUNT_OUT_OF_RANGE", [posting(amount=0)], ("field", "amount")),
        Case("less than nothing", "AMOUNT_OUT_OF_RANGE", [posting(amount=-1)], ("field", "amount")),
        Case("the least int64", "AMOUNT_OUT_OF_RANGE", [posting(amount=-(2**63))],
             ("field", "amount")),
        Case("no source", "INVALID_FIELD", [posting(source="")], ("field", "source")),
        Case("no address", "INVALID_FIELD", [posting(source="orgs")], ("field", "source")),
        Case("a capital", "INVALID_FIELD", [posting(destination="orgs/Poor")],
             ("field", "destination")),
        Case("an address that goes up", "INVALID_FIELD", [posting(destination="orgs//poor")],
             ("field", "destination")),
        Case("an address too long", "INVALID_FIELD", [posting(destination="orgs/" + "x" * 65)],
             ("field", "destination")),
        Case("an address of 130", "INVALID_FIELD", [posting(destination="/".join(["x" * 43] * 3))],
             ("field", "destination")),
        Case("a line after the address", "INVALID_FIELD", [posting(destination=POOR + "\n")],
             ("field", "destination")),
        Case("a small code", "INVALID_FIELD", [posting(asset="bronze")], ("field", "asset")),
        Case("a long code", "INVALID_FIELD", [posting(asset="B" * 25)], ("field", "asset")),
        Case("no postings", "POSTING_COUNT", [], ("field", "postings")),
        Case("257 postings", "POSTING_COUNT", [posting()] * 257, ("field", "postings")),
        Case("256 postings", "", [posting()] * 256),
        Case("a memo of 257", "TEXT_TOO_LONG", [posting()], ("field", "memo"), memo="ä" * 257),
        Case("a memo of 256", "", [posting()], memo="ä" * 256),
        Case("a memo with NUL", "TEXT_NOT_CLEAN", [posting()], ("field", "memo"), memo="a\0b"),
        Case("a bell", "TEXT_NOT_CLEAN", [posting()], ("field", "memo"), memo="a\x07b"),
        Case("a memo not in form C", "TEXT_NOT_CLEAN", [posting()], ("field", "memo"),
             memo="e\u0301"),
        Case("two lines", "", [posting()], memo="one\ntwo"),
        Case("17 pairs", "INVALID_FIELD", [posting()], ("field", "metadata"),
             metadata={f"k{n}": "" for n in range(17)}),
        Case("16 pairs", "", [posting()], metadata={f"k{n}": "v" * 256 for n in range(16)}),
        Case("a nameless pair", "INVALID_FIELD", [posting()], ("field", "metadata"),
             metadata={"": "v"}),
        Case("a long name", "TEXT_TOO_LONG", [posting()], ("field", "metadata"),
             metadata={"k" * 65: "v"}),
        Case("a long value", "TEXT_TOO_LONG", [posting()], ("field", "metadata"),
             metadata={"k": "v" * 257}),
        Case("NUL in a value", "TEXT_NOT_CLEAN", [posting()], ("field", "metadata"),
             metadata={"k": "\0"}),
        Case("a closed destination", "ACCOUNT_CLOSED", [posting(destination=CLOSED)],
             ("account", CLOSED)),
        Case("a closed source", "ACCOUNT_CLOSED", [posting(source=CLOSED)], ("account", CLOSED)),
        Case("a blocked source", "ACCOUNT_BLOCKED", [posting(source=world.blocked)],
             ("account", world.blocked)),
        Case("a blocked destination", "", [posting(destination=world.blocked)]),
        Case("from the mint", "ACCOUNT_RESERVED", [posting(source="system/mint")],
             ("account", "system/mint")),
        Case("to the sink", "ACCOUNT_RESERVED", [posting(destination="system/sink")],
             ("account", "system/sink")),
        Case("a reused id", "REQUEST_ID_REUSED", [posting(amount=2)], ("sequence", ""),
             transaction_id=world.used.transaction_id),
        Case("no id", "INVALID_FIELD", [posting()], ("field", "transaction_id"),
             transaction_id=" "),
        Case("an id without dashes", "INVALID_FIELD", [posting()], ("field", "transaction_id"),
             transaction_id=uuid4().hex),
        Case("an id in braces", "INVALID_FIELD", [posting()], ("field", "transaction_id"),
             transaction_id="{" + str(uuid4()) + "}"),
        Case("an id in other digits", "INVALID_FIELD", [posting()], ("field", "transaction_id"),
             transaction_id=str(uuid4())[:-1] + "٣"),
    ]  # fmt: skip


def _input(case: Case) -> TransactionInput:
    return TransactionInput(
        transaction_id=case.transaction_id or new_id(),
        postings=case.postings,
        memo=case.memo,
        metadata=case.metadata,
    )


def _check(case: Case, outcome: Receipt | RefusedError) -> None:
    reason = outcome.reason_name if isinstance(outcome, RefusedError) else ""
    assert reason == case.reason, (case.name, outcome)
    name, value = case.fact
    if isinstance(outcome, RefusedError) and name:
        assert name in outcome.metadata, (case.name, outcome.metadata)
        assert not value or outcome.metadata[name] == value, (case.name, outcome.metadata)


async def _alone(client: Client, message: TransactionInput) -> Receipt | RefusedError:
    (moved,) = message.postings
    request = ledger.TransferRequest(
        transaction_id=message.transaction_id,
        source=moved.source,
        destination=moved.destination,
        asset=moved.asset,
        amount=moved.amount,
        memo=message.memo,
        metadata=dict(message.metadata),
    )
    try:
        answer = await client.call(client.ledger.Transfer, request)
    except RefusedError as error:
        return error
    return Receipt(message.transaction_id, answer.transaction.sequence, answer.replayed)


async def test_every_limit_of_a_transaction_holds_in_a_batch(world: World) -> None:
    table = cases(world)
    outcomes = await world.client.create_transactions([draft(_input(case)) for case in table])
    for case, outcome in zip(table, outcomes, strict=True):
        _check(case, outcome)


async def test_every_limit_of_a_transaction_holds_alone(world: World) -> None:
    for case in cases(world):
        if len(case.postings) == 1:
            _check(case, await _alone(world.client, _input(case)))


async def test_refusals_leave_nothing_behind(world: World) -> None:
    before = [balance async for balance in world.client.balances()]
    last = (await world.client.block()).last_sequence
    refused = [case for case in cases(world) if case.reason]
    outcomes = await world.client.create_transactions([draft(_input(case)) for case in refused])
    assert all(isinstance(outcome, RefusedError) for outcome in outcomes)
    assert [balance async for balance in world.client.balances()] == before
    assert (await world.client.block()).last_sequence == last


async def test_the_refused_id_may_be_tried_again(world: World) -> None:
    message = _input(Case("too much", "", [posting(source=POOR, destination=RICH, amount=500)]))
    refused = await _alone(world.client, message)
    assert isinstance(refused, RefusedError)
    await _alone(world.client, _input(Case("top up", "", [posting(amount=500)])))
    assert isinstance(await _alone(world.client, message), Receipt)
    again = await _alone(world.client, message)
    assert isinstance(again, Receipt)
    assert again.replayed


async def test_no_balance_and_no_supply_leaves_an_int64(world: World) -> None:
    client = world.client
    # All that can ever be minted of an asset is there: its supply is an int64 too.
    with pytest.raises(RefusedError) as caught:
        await client.mint(destination=POOR, asset="VAST", amount=1, reason="one too many")
    assert caught.value.reason_name == "BALANCE_OVERFLOW"
    assert caught.value.metadata["account"] == "system/mint"
    await client.transfer(source=RICH, destination=FULL, asset="VAST", amount=1)
    assert (await client.balance(FULL, "VAST")).posted == MAX
    assert (await client.balance("system/mint", "VAST")).posted == -MAX
    supply = await client.supply("VAST")
    assert (supply.minted, supply.circulating) == (MAX, MAX)
    # Burning makes no room: what was ever minted is counted.
    await client.burn(source=FULL, asset="VAST", amount=MAX, reason="all of it")
    with pytest.raises(RefusedError) as caught:
        await client.mint(destination=POOR, asset="VAST", amount=1, reason="again")
    assert caught.value.reason_name == "BALANCE_OVERFLOW"
    supply = await client.supply("VAST")
    assert (supply.minted, supply.burned, supply.circulating) == (MAX, MAX, 0)


async def test_a_capped_supply_is_never_exceeded(world: World) -> None:
    client = world.client
    with pytest.raises(RefusedError) as caught:
        await client.mint(destination=RICH, asset="CAPPED", amount=1, reason="one too many")
    assert caught.value.reason_name == "SUPPLY_CAP_EXCEEDED"
    assert caught.value.metadata["supply_cap"] == "1000"
    await client.burn(source=RICH, asset="CAPPED", amount=10, reason="room")
    outcomes = await asyncio.gather(
        *(
            client.mint(destination=RICH, asset="CAPPED", amount=1, reason="race")
            for _ in range(20)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, Receipt) for outcome in outcomes) == 10
    assert (await client.supply("CAPPED")).circulating == 1_000


@pytest.mark.parametrize("method", ["mint", "burn"])
async def test_minting_and_burning_have_the_same_limits(world: World, method: str) -> None:
    side = {"mint": "destination", "burn": "source"}[method]
    system = {"mint": "system/mint", "burn": "system/sink"}[method]
    table: list[tuple[str, dict[str, Any]]] = [
        ("AMOUNT_OUT_OF_RANGE", {"amount": 0}),
        ("AMOUNT_OUT_OF_RANGE", {"amount": -1}),
        ("TEXT_TOO_LONG", {"reason": "x" * 257}),
        ("INVALID_FIELD", {"reason": ""}),
        ("TEXT_NOT_CLEAN", {"reason": "a\0"}),
        ("INVALID_FIELD", {side: "nowhere"}),
        ("INVALID_FIELD", {"asset": "bronze"}),
        ("INVALID_FIELD", {"transaction_id": "1"}),
        ("ASSET_NOT_FOUND", {"asset": "GOLD"}),
        ("ACCOUNT_NOT_FOUND", {side: "orgs/none"}),
        ("ACCOUNT_CLOSED", {side: CLOSED}),
        ("ACCOUNT_RESERVED", {side: system}),
        ("ACCOUNT_RESERVED", {side: {"mint": "system/sink", "burn": "system/mint"}[method]}),
        ("REQUEST_ID_REUSED", {"transaction_id": world.used.transaction_id}),
    ]
    table += {
        "mint": [("SUPPLY_CAP_EXCEEDED", {"asset": "CAPPED"})],
        "burn": [
            ("INSUFFICIENT_FUNDS", {"amount": 10_000}),
            ("ACCOUNT_BLOCKED", {"source": world.blocked}),
        ],
    }[method]
    usual = {side: RICH, "asset": "BRONZE", "amount": 1, "reason": "test"}
    for reason, fields in table:
        with pytest.raises(RefusedError) as caught:
            await getattr(world.client, method)(**{**usual, **fields})
        assert caught.value.reason_name == reason, (fields, caught.value)


async def test_batches_have_limits_of_their_own(world: World) -> None:
    full = [TransactionDraft(postings=[posting(amount=MAX)]) for _ in range(8_192)]
    assert len(await world.client.create_transactions(full)) == 8_192
    for batch in (
        [],
        [*full, full[0]],
        [TransactionDraft(postings=[posting()] * 256)] * 128 + [full[0]],
    ):
        with pytest.raises(RefusedError) as caught:
            await world.client.create_transactions(batch)
        assert caught.value.reason_name == "BATCH_SIZE"
        assert caught.value.metadata["field"] == "transactions"


async def test_one_id_twice_in_a_batch_happens_once(world: World) -> None:
    one = TransactionDraft(postings=[posting(amount=5)])
    other = TransactionDraft(postings=[posting(amount=6)], transaction_id=one.transaction_id)
    before = (await world.client.balance(POOR, "BRONZE")).posted
    first, replay, reused = await world.client.create_transactions([one, one, other])
    assert isinstance(first, Receipt)
    assert isinstance(replay, Receipt)
    assert (replay.sequence, replay.replayed) == (first.sequence, True)
    assert isinstance(reused, RefusedError)
    assert reused.reason_name == "REQUEST_ID_REUSED"
    assert (await world.client.balance(POOR, "BRONZE")).posted == before + 5


async def test_guards_look_at_the_net(world: World) -> None:
    through = [
        posting(source=POOR, destination=FULL, amount=700),
        posting(source=RICH, destination=POOR, amount=700),
    ]
    (outcome,) = await world.client.create_transactions([TransactionDraft(postings=through)])
    assert isinstance(outcome, Receipt), outcome
    assert (await world.client.balance(FULL, "BRONZE")).posted == 700


async def test_a_new_fee_holds_from_the_next_entry_on(world: World) -> None:
    client = world.client
    for fee, charged in (
        (TransferFee(fee_bps=1), 1),
        (TransferFee(fee_bps=10_000), 100),
        (TransferFee(fee_bps=10_000, maximum=7), 7),
        (TransferFee(minimum=3), 3),
        (None, 0),
    ):
        changed = await client.set_transfer_fee("BRONZE", fee)
        assert changed == await client.asset("BRONZE")
        assert changed.transfer_fee == (fee or TransferFee())
        before = await client.balance(RICH, "BRONZE")
        burned = (await client.supply("BRONZE")).burned
        await client.transfer(source=RICH, destination=POOR, asset="BRONZE", amount=100)
        after = await client.balance(RICH, "BRONZE")
        assert before.posted - after.posted == 100 + charged
        assert (await client.supply("BRONZE")).burned == burned + charged
    for fee in (
        TransferFee(fee_bps=-1),
        TransferFee(fee_bps=10_001),
        TransferFee(minimum=-1),
        TransferFee(maximum=-1),
        TransferFee(minimum=5, maximum=4),
    ):
        with pytest.raises(RefusedError) as caught:
            await client.set_transfer_fee("BRONZE", fee)
        assert caught.value.reason_name == "INVALID_FIELD"
    with pytest.raises(RefusedError) as caught:
        await client.set_transfer_fee("GOLD", None)
    assert caught.value.reason_name == "ASSET_NOT_FOUND"


async def test_an_asset_has_limits(world: World) -> None:
    usual = {"code": "NEW", "kind": Asset.KIND_SHARE, "name": "New"}
    for reason, fields in (
        ("INVALID_FIELD", {"code": ""}),
        ("INVALID_FIELD", {"code": "1NEW"}),
        ("INVALID_FIELD", {"kind": Asset.KIND_UNSPECIFIED}),
        ("INVALID_FIELD", {"kind": 6}),
        ("INVALID_FIELD", {"decimals": -1}),
        ("INVALID_FIELD", {"decimals": 10}),
        ("INVALID_FIELD", {"name": ""}),
        ("TEXT_TOO_LONG", {"name": "x" * 65}),
        ("TEXT_NOT_CLEAN", {"name": "a\n"}),
        ("INVALID_FIELD", {"supply_cap": -1}),
        ("ASSET_EXISTS", {"code": "BRONZE"}),
    ):
        with pytest.raises(RefusedError) as caught:
            await world.client.create_asset(Asset(**{**usual, **fields}))
        assert caught.value.reason_name == reason, fields
    widest = Asset(code="W" * 24, kind=Asset.KIND_SHARE, name="x" * 64, decimals=9, supply_cap=MAX)
    made = await world.client.create_asset(widest)
    assert (made.code, made.decimals, made.supply_cap) == ("W" * 24, 9, MAX)


async def test_an_account_closes_once_and_empty(world: World) -> None:
    client = world.client
    for reason, call in (
        ("ACCOUNT_NOT_EMPTY", client.close_account(RICH)),
        ("ACCOUNT_CLOSED", client.close_account(CLOSED)),
        ("ACCOUNT_NOT_FOUND", client.close_account("orgs/none")),
        ("ACCOUNT_RESERVED", client.close_account("system/mint")),
        ("ACCOUNT_RESERVED", client.close_account(world.blocked)),
        ("ACCOUNT_EXISTS", client.open_account(CLOSED)),
        ("ACCOUNT_EXISTS", client.open_account(RICH)),
    ):
        with pytest.raises(RefusedError) as caught:
            await call
        assert caught.value.reason_name == reason


async def test_who_may_debit(server: Server, world: World) -> None:
    client = world.client
    ann = (await client.get_or_create_person(provider="telegram", subject="ann")).person
    bob = (await client.get_or_create_person(provider="telegram", subject="bob")).person
    for account in (ann.account, bob.account):
        await client.mint(destination=account, asset="BRONZE", amount=10, reason="start")
    app = await client.create_application(
        name="game",
        scopes=["ledger.transfer", "ledger.burn", "identity.act_for", "spending.consent"],
    )
    secret = (await client.create_api_key(app.application_id)).secret
    async with Client(server.target, api_key=secret) as game:
        till = f"apps/{app.application_id}/till"
        await game.open_account(till)
        as_ann = game.acting_for(ann.person_id)
        await as_ann.transfer(source=ann.account, destination=till, asset="BRONZE", amount=1)
        await game.transfer(source=till, destination=bob.account, asset="BRONZE", amount=1)
        for calls, source in (
            (game, ann.account),
            (game, RICH),
            (game, f"apps/{app.application_id[:-1]}/till"),
            (as_ann, bob.account),
            (as_ann, till),
            (as_ann, RICH),
        ):
            for reason, call in (
                (
                    {"NOT_ACCOUNT_OWNER", "ACCOUNT_NOT_FOUND"},
                    calls.transfer(source=source, destination=POOR, asset="BRONZE", amount=1),
                ),
                (
                    {"NOT_ACCOUNT_OWNER", "ACCOUNT_NOT_FOUND"},
                    calls.burn(source=source, asset="BRONZE", amount=1, reason="test"),
                ),
            ):
                with pytest.raises(RefusedError) as caught:
                    await call
                assert caught.value.reason_name in reason, source
    assert (await client.balance(ann.account, "BRONZE")).posted == 9
