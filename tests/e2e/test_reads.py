"""Reads against a brute-force computation: the past, pages, filters, and your own writes."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ticketonomics.identity.v1 import identity_service_pb2 as identity
from ticketonomics.ledger.v1 import ledger_service_pb2 as ledger
from ticketonomics.ledger.v1.asset_pb2 import Asset, TransferFee
from ticketonomics.ledger.v1.block_pb2 import Block
from ticketonomics_client import (
    Client,
    Posting,
    Receipt,
    RefusedError,
    Transaction,
    TransactionDraft,
    UnavailableError,
)

from tests.conftest import Server

ASSETS = ("BRONZE", "IRON", "TAXED")
ACCOUNTS = ("orgs/hot", "orgs/a", "orgs/b", "orgs/c", "orgs/d")
FEE = TransferFee(fee_bps=250, minimum=1, maximum=40)
HOT = ACCOUNTS[0]
# The hot account's histories pass three checkpoints, which come at every 64th entry.
TRANSACTIONS = 4 * 64 + 40

Balances = Counter[tuple[str, str]]


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(server.target, api_key=server.operator_key) as opened:
        yield opened


@dataclass
class History:
    """What happened, as it was asked for, and in which blocks."""

    client: Client
    journal: list[Transaction]
    blocks: list[Block]

    def balances_at(self, last_sequence: int) -> Balances:
        """Adds up every posting until an entry: the slow and obvious way."""
        posted: Balances = Counter()
        for transaction in self.journal:
            if transaction.sequence <= last_sequence:
                for moved in transaction.postings:
                    posted[moved.source, moved.asset] -= moved.amount
                    posted[moved.destination, moved.asset] += moved.amount
        return posted

    def last_sequence_at(self, time: datetime) -> int:
        made = [b.last_sequence for b in self.blocks if b.block_time.ToDatetime(UTC) <= time]
        return max(made, default=0)


def fee(amount: int) -> int:
    return min(max(-(-amount * FEE.fee_bps // 10_000), FEE.minimum), FEE.maximum)


@pytest.fixture
async def history(client: Client) -> History:
    """Some hundred transactions of one to four postings, in many blocks, most by one account."""
    chance = random.Random(20_260)
    for code in ASSETS:
        taxed = FEE if code == "TAXED" else None
        asset = Asset(code=code, kind=Asset.KIND_MATERIAL, name=code, transfer_fee=taxed)
        await client.create_asset(asset)
    for address in ACCOUNTS:
        await client.open_account(address)
        for code in ASSETS:
            await client.mint(destination=address, asset=code, amount=10**9, reason="start")
    drafts = [TransactionDraft(postings=_postings(chance)) for _ in range(TRANSACTIONS)]
    while drafts:
        size = chance.choice((1, 2, 5, 30))
        outcomes = await client.create_transactions(drafts[:size])
        assert all(isinstance(outcome, Receipt) for outcome in outcomes), outcomes
        del drafts[:size]
    journal = [transaction async for transaction in client.transactions(page_size=1_000)]
    blocks = [block async for block in client.blocks(page_size=1_000)]
    return History(client, journal[::-1], blocks[::-1])


def _postings(chance: random.Random) -> list[Posting]:
    made = []
    for position in range(chance.choice((1, 1, 1, 2, 4))):
        others = chance.sample(ACCOUNTS[1:], 2)
        source, destination = [HOT, others[0]] if position == 0 else others
        if chance.random() < 0.5:
            source, destination = destination, source
        made.append(
            Posting(
                source=source,
                destination=destination,
                asset=chance.choice(ASSETS),
                amount=chance.randint(1, 5_000),
            )
        )
    return made


async def test_the_journal_holds_what_was_asked_and_its_fees(history: History) -> None:
    assert len(history.journal) == TRANSACTIONS + len(ASSETS) * len(ACCOUNTS)
    for transaction in history.journal:
        if transaction.kind == Transaction.KIND_MINT:
            continue
        asked = [p for p in transaction.postings if p.destination != "system/sink"]
        due: Counter[str] = Counter()
        for posting in asked:
            if posting.asset == "TAXED":
                due[posting.source] += fee(posting.amount)
        fees = transaction.postings[len(asked) :]
        assert {p.source: p.amount for p in fees} == due
        assert all((p.destination, p.asset) == ("system/sink", "TAXED") for p in fees)


async def test_the_chain_has_no_gap(history: History) -> None:
    assert [block.height for block in history.blocks] == list(range(1, len(history.blocks) + 1))
    last, above = 0, bytes(32)
    for block in history.blocks:
        assert block.first_sequence == last + 1
        assert block.previous_hash == above
        last, above = block.last_sequence, block.hash
    assert [t.sequence for t in history.journal] == sorted({t.sequence for t in history.journal})


async def test_balances_of_every_moment_are_the_sum_of_their_postings(history: History) -> None:
    client, chance = history.client, random.Random(1)
    everybody = (*ACCOUNTS, "system/mint", "system/sink")
    for block in [*chance.sample(history.blocks, 25), history.blocks[0], history.blocks[-1]]:
        wanted = history.balances_at(block.last_sequence)
        listed = [b async for b in client.balances(height=block.height, page_size=4)]
        assert all(b.available == b.posted - b.held for b in listed)
        assert {(b.account, b.asset): b.posted for b in listed if b.posted} == {
            key: posted for key, posted in wanted.items() if posted
        }, block.height
        account, asset = chance.choice(everybody), chance.choice(ASSETS)
        found = await client.balance(account, asset, height=block.height)
        assert found.posted == wanted[account, asset], (account, asset, block.height)
        time = block.block_time.ToDatetime(UTC)
        for moment in (time, time + timedelta(microseconds=1), time - timedelta(microseconds=1)):
            last_sequence = history.last_sequence_at(moment)
            if not last_sequence:
                continue  # Before the first block: see test_a_moment_that_was_not_is_refused.
            wanted_then = history.balances_at(last_sequence)
            found = await client.balance(HOT, asset, time=moment)
            assert found.posted == wanted_then[HOT, asset]


async def test_balances_now_are_the_sum_of_all_postings(history: History) -> None:
    wanted = history.balances_at(2**63)
    listed = [b async for b in history.client.balances(page_size=3)]
    assert Counter({(b.account, b.asset): b.posted for b in listed}) == wanted
    for account in ACCOUNTS:
        mine = {b.asset: b.posted async for b in history.client.balances(account=account)}
        assert mine == {asset: wanted[account, asset] for asset in ASSETS}
    holders = {b.account: b.posted async for b in history.client.balances(asset="IRON")}
    assert sum(holders.values()) == 0
    for asset in ASSETS:
        supply = await history.client.supply(asset)
        assert supply.minted == -wanted["system/mint", asset]
        assert supply.burned == wanted["system/sink", asset]
        assert supply.circulating == sum(wanted[account, asset] for account in ACCOUNTS)


async def test_a_past_answer_tells_the_entry_up_to_which_it_counts(history: History) -> None:
    block = history.blocks[len(history.blocks) // 2]
    request = ledger.GetBalanceRequest(account=HOT, asset="IRON", height=block.height)
    answer = await history.client.call(history.client.ledger.GetBalance, request)
    assert answer.last_sequence == block.last_sequence


async def test_a_moment_that_was_not_is_refused(history: History) -> None:
    begin = history.blocks[0].block_time.ToDatetime(UTC)
    for moment in (
        {"height": len(history.blocks) + 1},
        {"time": begin - timedelta(seconds=1)},
    ):
        with pytest.raises(RefusedError) as caught:
            await history.client.balance(HOT, "IRON", **moment)
        assert caught.value.reason_name == "BLOCK_NOT_FOUND"
        with pytest.raises(RefusedError) as caught:
            await anext(history.client.balances(**moment))
        assert caught.value.reason_name == "BLOCK_NOT_FOUND"


async def test_the_future_is_as_now(history: History) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    then = await history.client.balance(HOT, "IRON", time=tomorrow)
    assert then == await history.client.balance(HOT, "IRON")


# --- filters and pages ----------------------------------------------------------------------------


def _filters(history: History, chance: random.Random) -> Iterator[dict[str, Any]]:
    times = [b.block_time.ToDatetime(UTC) for b in history.blocks]
    yield {}
    for _ in range(40):
        chosen: dict[str, Any] = {}
        if chance.random() < 0.7:
            chosen["account"] = chance.choice((*ACCOUNTS, "system/sink", "system/mint"))
        if chance.random() < 0.5:
            chosen["asset"] = chance.choice(ASSETS)
        if chance.random() < 0.3:
            chosen["kind"] = chance.choice((Transaction.KIND_TRANSFER, Transaction.KIND_MINT))
        if chance.random() < 0.4:
            chosen["start_time"] = chance.choice(times)
        if chance.random() < 0.4:
            chosen["end_time"] = chance.choice(times)
        yield chosen


def _matches(transaction: Transaction, chosen: dict[str, Any]) -> bool:
    time = transaction.commit_time.ToDatetime(UTC)
    account, asset = chosen.get("account"), chosen.get("asset")
    return (
        any(
            (account is None or account in (p.source, p.destination))
            and (asset is None or asset == p.asset)
            for p in transaction.postings
        )
        and chosen.get("kind", transaction.kind) == transaction.kind
        and chosen.get("start_time", time) <= time
        and ("end_time" not in chosen or time < chosen["end_time"])
    )


async def test_each_filter_means_what_the_contract_says(history: History) -> None:
    chance = random.Random(2)
    different = []
    for chosen in _filters(history, chance):
        size = chance.choice((3, 17, 100, 1_000))
        found = [t async for t in history.client.transactions(**chosen, page_size=size)]
        wanted = [t for t in reversed(history.journal) if _matches(t, chosen)]
        if [t.sequence for t in found] != [t.sequence for t in wanted]:
            extra = {t.sequence for t in found} ^ {t.sequence for t in wanted}
            different.append((chosen, size, len(found), len(wanted), sorted(extra)[:5]))
        else:
            assert found == wanted
    assert not different


async def test_account_and_asset_mean_one_posting_in_the_list_and_in_the_stream(
    history: History,
) -> None:
    """Together they ask for the history of one balance."""
    client = history.client
    postings = [
        Posting(source="orgs/a", destination="orgs/b", asset="BRONZE", amount=1),
        Posting(source="orgs/c", destination="orgs/d", asset="IRON", amount=1),
    ]
    (other,) = await client.create_transactions([TransactionDraft(postings=postings)])
    assert isinstance(other, Receipt)
    wanted = await client.transfer(source="orgs/a", destination="orgs/b", asset="IRON", amount=1)
    newest = await anext(client.transactions(account="orgs/a", asset="IRON"))
    assert newest.sequence == wanted.sequence
    assert (await anext(client.transactions(account="orgs/c", asset="IRON"))).sequence == (
        other.sequence
    )
    watched = client.watch_transactions(
        accounts=["orgs/a"], asset="IRON", after_sequence=other.sequence - 1
    )
    first = await anext(watched)
    await watched.aclose()
    assert first.sequence == wanted.sequence


@pytest.mark.parametrize("filters", [{}, {"account": HOT}, {"account": HOT, "asset": "IRON"}])
async def test_pages_under_writes_have_no_gap_and_no_repeat(
    history: History, filters: dict[str, str]
) -> None:
    client = history.client
    wanted = [t.sequence for t in reversed(history.journal) if _matches(t, filters)]
    busy = True

    async def write() -> None:
        while busy:
            await client.transfer(source=HOT, destination="orgs/a", asset="IRON", amount=1)

    writing = asyncio.create_task(write())
    try:
        found = [t.sequence async for t in client.transactions(**filters, page_size=9)]
    finally:
        busy = False
        await writing
    assert found == sorted(set(found), reverse=True)
    assert [sequence for sequence in found if sequence <= wanted[0]] == wanted


async def test_lists_of_what_exists_page_under_writes_too(history: History) -> None:
    client = history.client
    accounts = {a.address async for a in client.accounts()}
    found: list[str] = []
    added = 0
    async for account in client.accounts(page_size=2):
        found.append(account.address)
        if added < 5:
            await client.open_account(f"orgs/new/{added}")
            added += 1
    assert len(found) == len(set(found))
    assert set(found) == accounts | {f"orgs/new/{n}" for n in range(5)}
    blocks = [block.height async for block in client.blocks(page_size=7)]
    assert blocks == list(range(blocks[0], 0, -1))
    assert [a.code async for a in client.assets(page_size=1)] == list(ASSETS)
    prefixed = [a.address async for a in client.accounts(prefix="orgs/new", page_size=2)]
    assert prefixed == [f"orgs/new/{n}" for n in range(5)]
    for pattern in ("orgs%", "orgs_hot", "%"):
        assert [a async for a in client.accounts(prefix=pattern)] == []


async def test_page_tokens_belong_to_their_list_and_its_filters(history: History) -> None:
    client = history.client
    stub = client.ledger
    request = ledger.ListTransactionsRequest(account=HOT, page_size=5)
    token = (await client.call(stub.ListTransactions, request)).next_page_token
    assert token
    others: list[tuple[Any, Any]] = [
        (stub.ListTransactions, ledger.ListTransactionsRequest(account="orgs/a")),
        (stub.ListTransactions, ledger.ListTransactionsRequest()),
        (stub.ListTransactions, ledger.ListTransactionsRequest(account=HOT, asset="IRON")),
        (stub.ListAccounts, ledger.ListAccountsRequest()),
        (stub.ListBalances, ledger.ListBalancesRequest()),
        (stub.ListAssets, ledger.ListAssetsRequest()),
        (stub.ListBlocks, ledger.ListBlocksRequest()),
        (client.identity.ListPeople, identity.ListPeopleRequest()),
        (client.identity.ListApplications, identity.ListApplicationsRequest()),
    ]
    for method, other in others:
        other.page_token = token
        with pytest.raises(RefusedError) as caught:
            await client.call(method, other)
        assert caught.value.reason_name == "INVALID_PAGE_TOKEN", other
    for broken in (token[:-2], token + "AAAA", "e30", "bnVsbA", token[::-1]):
        request.page_token = broken
        with pytest.raises(RefusedError) as caught:
            await client.call(stub.ListTransactions, request)
        assert caught.value.reason_name == "INVALID_PAGE_TOKEN", broken
    # The size of the pages is no filter.
    request.page_token, request.page_size = token, 1_000
    rest = await client.call(stub.ListTransactions, request)
    wanted = [t for t in reversed(history.journal) if _matches(t, {"account": HOT})]
    assert list(rest.transactions) == wanted[5:]


async def test_a_page_holds_1000_at_most(history: History) -> None:
    client = history.client
    drafts = [
        TransactionDraft(
            postings=[Posting(source=HOT, destination="orgs/a", asset="IRON", amount=1)]
        )
        for _ in range(1_200)
    ]
    await client.create_transactions(drafts)
    for size in (1_000, 1_001, 2**31 - 1):
        request = ledger.ListTransactionsRequest(page_size=size)
        page = await client.call(client.ledger.ListTransactions, request)
        assert len(page.transactions) == 1_000
    assert len([t async for t in client.transactions(account="orgs/a", page_size=1_000)]) > 1_200


# --- reading your own writes ----------------------------------------------------------------------


async def test_a_read_sees_what_its_minimum_asks_for(history: History) -> None:
    client = history.client
    for amount in range(1, 20):
        before = await client.balance("orgs/d", "IRON")
        receipt = await client.transfer(
            source=HOT, destination="orgs/d", asset="IRON", amount=amount
        )
        after = await client.balance("orgs/d", "IRON", minimum_sequence=receipt.sequence)
        assert after.posted == before.posted + amount
        found = await client.transaction(receipt.transaction_id, minimum_sequence=receipt.sequence)
        assert found.sequence == receipt.sequence
        assert found == await client.transaction(receipt.sequence)


async def test_a_read_waits_for_what_is_about_to_be_there(history: History) -> None:
    client = history.client
    last = (await client.block()).last_sequence
    waiting = asyncio.create_task(client.balance("orgs/d", "IRON", minimum_sequence=last + 1))
    before = await client.balance("orgs/d", "IRON")
    await client.transfer(source=HOT, destination="orgs/d", asset="IRON", amount=7)
    assert (await waiting).posted == before.posted + 7


async def test_a_minimum_out_of_reach_is_unavailable_and_a_negative_one_malformed(
    history: History, server: Server
) -> None:
    async with Client(server.target, timeout_seconds=2.5) as anybody:
        with pytest.raises(UnavailableError) as unavailable:
            await anybody.balance(HOT, "IRON", minimum_sequence=2**62)
        assert unavailable.value.reason_name in {"SEQUENCE_NOT_REACHED", ""}
        with pytest.raises(RefusedError) as caught:
            await anybody.balance(HOT, "IRON", minimum_sequence=-1)
        assert caught.value.metadata["field"] == "minimum_sequence"
