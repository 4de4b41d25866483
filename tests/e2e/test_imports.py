"""Importing past transactions over a socket: marked for ever, free of fees, each on its own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.transaction_pb2 import TransactionImport
from ticketonomics_client import (
    Asset,
    Client,
    Posting,
    Receipt,
    RefusedError,
    Transaction,
    TransactionDraft,
    TransactionImportDraft,
    TransferFee,
    import_id,
)
from ticketonomics_client.receipts import (
    ProofError,
    read_receipt,
    verify_receipt,
    write_receipt,
)

from tests.conftest import Server, new_id

PAST = datetime(2019, 5, 4, 3, 2, 1, 987_654, tzinfo=UTC)


@dataclass
class Town:
    """A treasury and Ann, an asset with a fee and one with a cap."""

    server: Server
    client: Client
    ann: str
    person_id: str


@pytest.fixture
async def town(server: Server) -> AsyncIterator[Town]:
    async with Client(server.target, api_key=server.operator_key) as client:
        fee = TransferFee(fee_bps=1_000, minimum=3)
        await client.create_asset(
            Asset(code="COIN", kind=Asset.KIND_TICKET, name="Coin", transfer_fee=fee)
        )
        await client.create_asset(
            Asset(code="GEM", kind=Asset.KIND_MATERIAL, name="Gem", supply_cap=100)
        )
        await client.open_account("orgs/bank")
        person = (await client.get_or_create_person(provider="telegram", subject="1")).person
        yield Town(server, client, person.account, person.person_id)


def moved(source: str, destination: str, amount: int, asset: str = "COIN") -> Posting:
    return Posting(source=source, destination=destination, asset=asset, amount=amount)


def draft(*postings: Posting, **more: Any) -> TransactionImportDraft:
    return TransactionImportDraft(postings=postings, effective_time=PAST, **more)


async def one(client: Client, wanted: TransactionImportDraft) -> Receipt | RefusedError:
    (outcome,) = await client.import_transactions([wanted])
    return outcome


async def accepted(client: Client, wanted: TransactionImportDraft) -> Receipt:
    outcome = await one(client, wanted)
    assert isinstance(outcome, Receipt), outcome
    return outcome


async def refused(client: Client, wanted: TransactionImportDraft) -> str:
    outcome = await one(client, wanted)
    assert isinstance(outcome, RefusedError), outcome
    return outcome.reason_name


async def test_an_import_is_told_everywhere_with_its_past(town: Town) -> None:
    opening = draft(moved("system/mint", town.ann, 100), reference="sheet1/1", memo="old saving")
    made = await accepted(town.client, opening)
    spent = await accepted(
        town.client,
        draft(moved(town.ann, "orgs/bank", 40), reference="bot/77", metadata={"shop": "tea"}),
    )
    assert [made.replayed, spent.sequence] == [False, made.sequence + 1]
    found = await town.client.transaction(spent.transaction_id)
    assert found.kind == Transaction.KIND_IMPORTED
    assert found.effective_time.ToDatetime(UTC) == PAST
    assert found.reference == "bot/77"
    assert dict(found.metadata) == {"shop": "tea"}
    assert found.commit_time.ToDatetime(UTC) > PAST
    assert [p.amount for p in found.postings] == [40], "an import pays no fee"
    assert (await town.client.balance(town.ann, "COIN")).posted == 60
    assert (await town.client.supply("COIN")).burned == 0
    listed = [t async for t in town.client.transactions(kind=Transaction.KIND_IMPORTED)]
    assert [t.reference for t in listed] == ["bot/77", "sheet1/1"]
    assert listed[0] == found
    lines = (await town.client.statement(town.ann, "COIN")).lines
    assert [(line.change, line.reference) for line in lines] == [(100, "sheet1/1"), (-40, "bot/77")]
    assert {line.effective_time.ToDatetime(UTC) for line in lines} == {PAST}
    stream = town.client.watch_transactions(
        kinds=[Transaction.KIND_IMPORTED], after_sequence=made.sequence
    )
    async with asyncio.timeout(10):
        assert await anext(stream) == found
    await stream.aclose()
    # What is no import has neither.
    paid = await town.client.transfer(
        source=town.ann, destination="orgs/bank", asset="COIN", amount=1
    )
    plain = await town.client.transaction(paid.sequence)
    assert not plain.HasField("effective_time")
    assert not plain.reference


async def test_the_past_goes_by_when_the_ledger_knew(town: Town) -> None:
    """A balance as of a time, and a period, go by the blocks: there was nothing in 2019."""
    before = (await town.client.block()).block_time.ToDatetime(UTC)
    await accepted(town.client, draft(moved("system/mint", town.ann, 100)))
    assert (await town.client.balance(town.ann, "COIN")).posted == 100
    assert (await town.client.balance(town.ann, "COIN", time=before)).posted == 0
    with pytest.raises(RefusedError, match="BLOCK_NOT_FOUND"):
        await town.client.balance(town.ann, "COIN", time=PAST)
    old = await town.client.statement(
        town.ann, "COIN", start_time=PAST - timedelta(days=1), end_time=PAST + timedelta(days=1)
    )
    assert (old.opening, old.closing, list(old.lines)) == (0, 0, [])


async def test_a_batch_is_decided_in_order_and_each_on_its_own(town: Town) -> None:
    batch = [
        draft(moved(town.ann, "orgs/bank", 1)),
        draft(moved("system/mint", town.ann, 10)),
        draft(moved(town.ann, "orgs/bank", 11)),
        draft(moved(town.ann, "orgs/bank", 10)),
        draft(moved("system/mint", "orgs/bank", 101, "GEM")),
        draft(moved("system/mint", "orgs/bank", 100, "GEM")),
        TransactionImportDraft(postings=[]),
        draft(moved("orgs/bank", "orgs/bank", 1)),
        draft(moved("orgs/bank", town.ann, 0)),
        draft(moved("orgs/bank", town.ann, 1), reference="für Ann"),
        draft(moved("orgs/bank", town.ann, 1), reference="x" * 65),
        draft(moved("orgs/bank", town.ann, 1), reference="ann@example.org"),
        draft(moved("orgs/bank", town.ann, 1), memo="x" * 257),
        draft(moved("orgs/bank", town.ann, 1), memo="a\0b"),
        draft(moved("orgs/bank", town.ann, 1), transaction_id="7"),
        TransactionImportDraft(
            postings=[moved("orgs/bank", town.ann, 1)],
            effective_time=datetime.now(UTC) + timedelta(hours=1),
        ),
    ]
    outcomes = await town.client.import_transactions(batch)
    told = ["OK" if isinstance(o, Receipt) else o.reason_name for o in outcomes]
    assert told == [
        *("INSUFFICIENT_FUNDS", "OK", "INSUFFICIENT_FUNDS", "OK"),
        *("SUPPLY_CAP_EXCEEDED", "OK", "POSTING_COUNT", "SAME_ACCOUNT", "AMOUNT_OUT_OF_RANGE"),
        *("INVALID_FIELD", "INVALID_FIELD", "INVALID_FIELD", "TEXT_TOO_LONG", "TEXT_NOT_CLEAN"),
        *("INVALID_FIELD", "INVALID_FIELD"),
    ]
    again = await town.client.import_transactions(batch)
    told_again = ["OK" if isinstance(o, Receipt) else o.reason_name for o in again]
    assert [o.replayed for o in again if isinstance(o, Receipt)] == [True] * 3
    # Funds are there for nobody else, and what was in is replayed.
    assert told_again == told
    assert (await town.client.balance("orgs/bank", "COIN")).posted == 10


async def test_an_id_stands_for_one_import(town: Town) -> None:
    transaction_id = import_id("bot", "42")
    assert transaction_id == import_id("bot", "42")
    assert transaction_id != import_id("bot4", "2")
    first = draft(moved("system/mint", town.ann, 5), transaction_id=transaction_id)
    await accepted(town.client, first)
    assert (await accepted(town.client, first)).replayed
    for other in (
        draft(moved("system/mint", town.ann, 6), transaction_id=transaction_id),
        draft(moved("system/mint", town.ann, 5), transaction_id=transaction_id, reference="x"),
        TransactionImportDraft(
            postings=first.postings,
            effective_time=PAST + timedelta(microseconds=1),
            transaction_id=transaction_id,
        ),
    ):
        assert await refused(town.client, other) == "REQUEST_ID_REUSED"
    as_transfer = TransactionDraft(postings=first.postings, transaction_id=transaction_id)
    (outcome,) = await town.client.create_transactions([as_transfer])
    assert isinstance(outcome, RefusedError)
    assert outcome.reason_name == "REQUEST_ID_REUSED"
    assert (await town.client.balance(town.ann, "COIN")).posted == 5


async def test_bad_batches_and_times_are_refused(town: Town) -> None:
    for request in (
        rpc.ImportTransactionsRequest(),
        rpc.ImportTransactionsRequest(transactions=[TransactionImport()] * 8_193),
    ):
        with pytest.raises(RefusedError, match="BATCH_SIZE"):
            await town.client.call(town.client.ledger.ImportTransactions, request)
    posting = moved("system/mint", town.ann, 1)
    for seconds in (-(2**62), 2**62):
        message = TransactionImport(transaction_id=new_id(), postings=[posting])
        message.effective_time.seconds = seconds
        request = rpc.ImportTransactionsRequest(transactions=[message])
        answer = await town.client.call(town.client.ledger.ImportTransactions, request)
        assert answer.results[0].refusal.metadata["field"] == "effective_time"
    with pytest.raises(ValueError, match="time zone"):
        await town.client.import_transactions(
            [TransactionImportDraft(postings=[posting], effective_time=datetime(2020, 1, 1))]
        )
    ancient = TransactionImportDraft(
        postings=[posting], effective_time=datetime(1, 1, 1, tzinfo=UTC)
    )
    made = await accepted(town.client, ancient)
    found = await town.client.transaction(made.sequence)
    assert found.effective_time.ToDatetime(UTC) == datetime(1, 1, 1, tzinfo=UTC)


async def test_what_an_importer_may(town: Town) -> None:
    async def importer(*scopes: str) -> tuple[Client, str]:
        application = await town.client.create_application(name="mover", scopes=scopes)
        made = await town.client.create_api_key(application.application_id)
        return Client(town.server.target, api_key=made.secret), application.application_id

    await accepted(town.client, draft(moved("system/mint", town.ann, 100)))
    some, application_id = await importer("ledger.import", "identity.act_for")
    async with some as client:
        assert await refused(client, draft(moved("system/mint", town.ann, 1))) == "SCOPE_MISSING"
        assert await refused(client, draft(moved(town.ann, "system/sink", 1))) == "SCOPE_MISSING"
        assert await refused(client, draft(moved(town.ann, "orgs/bank", 1))) == "NOT_ACCOUNT_OWNER"
        acting = client.acting_for(town.person_id)
        assert await refused(acting, draft(moved(town.ann, "orgs/bank", 1))) == "NOT_ACCOUNT_OWNER"
        till = f"apps/{application_id}/till"
        await client.open_account(till)
        await accepted(town.client, draft(moved(town.ann, till, 10)))
        await accepted(client, draft(moved(till, "orgs/bank", 10)))
    minting, _ = await importer("ledger.import", "ledger.mint")
    async with minting as client:
        await accepted(client, draft(moved("system/mint", town.ann, 1)))
    transferring, _ = await importer("ledger.transfer", "ledger.mint", "ledger.debit_any")
    async with transferring as client:
        with pytest.raises(RefusedError, match="SCOPE_MISSING") as told:
            await one(client, draft(moved(town.ann, "orgs/bank", 1)))
        assert told.value.metadata["scope"] == "ledger.import"
    await town.client.block_person(town.person_id, reason="test")
    assert await refused(town.client, draft(moved(town.ann, "orgs/bank", 1))) == "ACCOUNT_BLOCKED"
    await accepted(town.client, draft(moved("system/mint", town.ann, 1)))


async def test_a_receipt_proves_when_it_happened_and_what_it_was_called(town: Town) -> None:
    made = await accepted(
        town.client,
        draft(moved("system/mint", town.ann, 100), reference="sheet1/1", memo="old saving"),
    )
    await town.client.open_account("orgs/later")
    public_key = (await anext(town.client.signing_keys())).public_key
    receipt = await town.client.receipt(made.transaction_id)
    verified = verify_receipt(read_receipt(write_receipt(receipt)), public_key)
    assert verified.entry.kind == Transaction.KIND_IMPORTED
    micros = (PAST - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert verified.entry.fields == (micros, "sheet1/1")
    assert verified.text_proven

    def forged(change: Any) -> None:
        copy = type(receipt)()
        copy.CopyFrom(receipt)
        change(copy.transaction)
        with pytest.raises(ProofError) as error:
            verify_receipt(copy, public_key)
        assert error.value.check == "transaction"

    def later(transaction: Transaction) -> None:
        transaction.effective_time.seconds += 1

    forged(later)
    forged(lambda t: t.effective_time.Clear())
    forged(lambda t: t.ClearField("effective_time"))
    forged(lambda t: setattr(t.effective_time, "nanos", t.effective_time.nanos + 1))
    forged(lambda t: setattr(t, "reference", "sheet1/2"))
    forged(lambda t: setattr(t, "reference", ""))
    forged(lambda t: setattr(t, "hold_id", new_id()))
    forged(lambda t: setattr(t, "kind", Transaction.KIND_MINT))


async def test_a_receipt_of_a_transfer_cannot_be_made_to_look_imported(town: Town) -> None:
    await accepted(town.client, draft(moved("system/mint", town.ann, 100)))
    paid = await town.client.transfer(
        source=town.ann, destination="orgs/bank", asset="COIN", amount=1
    )
    public_key = (await anext(town.client.signing_keys())).public_key
    receipt = await town.client.receipt(paid.transaction_id)
    verify_receipt(receipt, public_key)
    receipt.transaction.reference = "sheet1/1"
    with pytest.raises(ProofError, match="reference"):
        verify_receipt(receipt, public_key)
    receipt.transaction.reference = ""
    receipt.transaction.effective_time.FromDatetime(PAST)
    with pytest.raises(ProofError, match="effective time"):
        verify_receipt(receipt, public_key)


async def test_the_receipt_of_a_capture_proves_which_hold_it_was(town: Town) -> None:
    await accepted(town.client, draft(moved("system/mint", town.ann, 100)))
    hold = await town.client.create_hold([moved(town.ann, "orgs/bank", 10)])
    done = await town.client.capture_hold(hold.hold_id)
    public_key = (await anext(town.client.signing_keys())).public_key
    receipt = await town.client.receipt(done.transaction.transaction_id)
    verify_receipt(receipt, public_key)
    assert receipt.transaction.hold_id == hold.hold_id
    receipt.transaction.hold_id = new_id()
    with pytest.raises(ProofError, match="hold"):
        verify_receipt(receipt, public_key)


async def test_a_large_batch_over_many_blocks_keeps_its_order(town: Town) -> None:
    await accepted(town.client, draft(moved("system/mint", town.ann, 5_000)))
    batch = [
        draft(moved(town.ann, "orgs/bank", 1), reference=f"n{number}") for number in range(3_000)
    ]
    outcomes = await town.client.import_transactions(batch, timeout_seconds=60)
    sequences = [outcome.sequence for outcome in outcomes if isinstance(outcome, Receipt)]
    assert len(sequences) == 3_000
    assert sequences == sorted(sequences)
    assert (await town.client.balance(town.ann, "COIN")).posted == 2_000
