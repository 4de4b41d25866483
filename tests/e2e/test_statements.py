"""Statements against a brute-force computation, through the SDK and the command line."""

import csv
import io
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from ticketonomics.ledger.v1 import ledger_service_pb2 as ledger
from ticketonomics.ledger.v1.asset_pb2 import Asset, TransferFee
from ticketonomics.ledger.v1.transaction_pb2 import Posting, Transaction
from ticketonomics_client import Client, RefusedError, TransactionDraft

from tests.conftest import Server
from tests.e2e.test_cli import Shell

ANN, BOB, EVE = "orgs/ann", "orgs/bob", "orgs/eve"
# More than two checkpoints of a history, which come at every 64th entry.
TRANSFERS = 150


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(server.target, api_key=server.operator_key) as opened:
        fee = TransferFee(fee_bps=100, minimum=1)
        for code in ("COIN", "IRON"):
            await opened.create_asset(
                Asset(code=code, kind=Asset.KIND_MATERIAL, name=code, decimals=2, transfer_fee=fee)
            )
        for address in (ANN, BOB, EVE):
            await opened.open_account(address)
            for code in ("COIN", "IRON"):
                await opened.mint(destination=address, asset=code, amount=10_000, reason="test")
        yield opened


async def trade(client: Client) -> None:
    """Transfers between the three, of either asset, some with both and some in circles."""
    chance = random.Random(7)
    drafts = []
    for number in range(TRANSFERS):
        postings = []
        for _ in range(chance.choice((1, 1, 2, 3))):
            source, destination = chance.sample((ANN, BOB, EVE), 2)
            code = chance.choice(("COIN", "IRON"))
            postings.append(
                Posting(source=source, destination=destination, asset=code, amount=number + 1)
            )
        drafts.append(TransactionDraft(postings=postings, memo=f"no {number}"))
    for start in range(0, TRANSFERS, 25):
        await client.create_transactions(drafts[start : start + 25])


def change(transaction: Transaction, account: str, asset: str) -> int:
    return sum(
        (p.amount if p.destination == account else 0) - (p.amount if p.source == account else 0)
        for p in transaction.postings
        if p.asset == asset
    )


async def test_a_statement_is_the_sum_of_its_lines_in_any_period(client: Client) -> None:
    await trade(client)
    journal = [t async for t in client.transactions(page_size=1_000)][::-1]
    times = sorted({t.commit_time.ToDatetime(UTC) for t in journal})
    periods = [
        (None, None),
        (times[3], None),
        (None, times[-2]),
        (times[2], times[-3]),
        (times[1], times[1]),
        (times[-1] + timedelta(seconds=1), None),
        (times[-3], times[2]),
    ]
    for account in (ANN, "system/sink", "system/mint"):
        for start, end in periods:
            made = await client.statement(
                account, "COIN", start_time=start, end_time=end, page_size=7
            )
            moved, opening = [], 0
            for transaction in journal:
                time = transaction.commit_time.ToDatetime(UTC)
                by = change(transaction, account, "COIN")
                if end is not None and time >= end:
                    continue
                if start is not None and time < start:
                    opening += by
                elif any(
                    p.asset == "COIN" and account in {p.source, p.destination}
                    for p in transaction.postings
                ):
                    moved.append((transaction.sequence, by))
            if start is not None and end is not None and end <= start:
                # An empty period: both ends are what was posted when it ends.
                assert (made.opening, list(made.lines)) == (made.closing, [])
                continue
            assert made.opening == opening, (account, start, end)
            assert [(line.sequence, line.change) for line in made.lines] == moved
            balance = opening
            for line in made.lines:
                balance += line.change
                assert line.balance == balance
            assert made.closing == balance


async def test_pages_tell_one_period_while_the_ledger_goes_on(client: Client) -> None:
    await trade(client)
    request = ledger.GetStatementRequest(account=ANN, asset="COIN", page_size=10)
    first = await client.call(client.ledger.GetStatement, request)
    await client.transfer(source=ANN, destination=BOB, asset="COIN", amount=77)
    lines, page = list(first.lines), first
    while page.next_page_token:
        request.page_token = page.next_page_token
        page = await client.call(client.ledger.GetStatement, request)
        assert (page.opening, page.closing) == (first.opening, first.closing)
        assert page.end_sequence == first.end_sequence < page.last_sequence
        lines += page.lines
    assert first.opening + sum(line.change for line in lines) == first.closing
    assert len({line.sequence for line in lines}) == len(lines)


async def test_memos_are_for_those_who_may_read_them(server: Server, client: Client) -> None:
    await client.transfer(source=ANN, destination=BOB, asset="COIN", amount=5, memo="for the hat")
    assert (await client.statement(ANN, "COIN")).lines[-1].memo == "for the hat"
    async with Client(server.target) as anybody:
        made = await anybody.statement(ANN, "COIN")
    assert made.lines[-1].memo == ""
    # The fee of 1 is part of what the payer's balance lost.
    assert (made.lines[-1].change, made.closing) == (-6, 9_994)


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({}, "INVALID_FIELD"),
        ({"account": "orgs/ann"}, "INVALID_FIELD"),
        ({"account": "orgs/nobody", "asset": "COIN"}, "ACCOUNT_NOT_FOUND"),
        ({"account": "orgs/ann", "asset": "GOLD"}, "ASSET_NOT_FOUND"),
        ({"account": "orgs/ann", "asset": "COIN", "page_size": -1}, "INVALID_FIELD"),
        ({"account": "orgs/ann", "asset": "COIN", "page_token": "x"}, "INVALID_PAGE_TOKEN"),
    ],
)
async def test_bad_requests_are_told(client: Client, request_: dict, reason: str) -> None:
    with pytest.raises(RefusedError) as refused:
        await client.call(client.ledger.GetStatement, ledger.GetStatementRequest(**request_))
    assert refused.value.reason_name == reason


async def test_the_command_line_makes_tables_json_and_csv(server: Server, client: Client) -> None:
    shell = Shell(server.target, server.operator_key)
    await client.transfer(source=ANN, destination=BOB, asset="COIN", amount=500, memo="=1+1")
    table = await shell("statement", ANN, "COIN")
    assert "opening 0.00" in table.out
    assert "closing 94.95" in table.out
    document = (await shell("statement", ANN, "COIN", "--json")).json
    assert document["closing"] == "9495"
    assert [line["change"] for line in document["lines"]] == ["10000", "-505"]
    printed = await shell("statement", ANN, "COIN", "--csv")
    rows = list(csv.DictReader(io.StringIO(printed.out)))
    assert [row["kind"] for row in rows] == ["opening", "mint", "transfer", "closing"]
    assert (rows[2]["change"], rows[2]["balance"]) == ("-5.05", "94.95")
    assert rows[2]["with"] == f"{BOB} system/sink"
    assert rows[2]["memo"] == "'=1+1", "no spreadsheet may take a stranger's memo for a formula"
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    later = await shell("statement", ANN, "COIN", "--from", tomorrow)
    assert "opening 94.95" in later.out
    assert "closing 94.95" in later.out
