"""`StatisticsService` over a socket, through the SDK."""

import asyncio
import io
import json
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from ticketonomics.ledger.v1.asset_pb2 import Asset, TransferFee
from ticketonomics.ledger.v1.transaction_pb2 import Posting, Transaction
from ticketonomics.statistics.v1 import statistics_service_pb2 as statistics
from ticketonomics_client import Client, RefusedError, TransactionImportDraft, UnavailableError
from ticketonomics_client.sync import Client as BlockingClient
from ticketonomics_server.statistics.following import LOCK_CLASS as LOCK
from ticketonomics_server.storage.database import Database

from tests.conftest import Server
from tests.e2e.reading import blocks, run
from tests.e2e.test_cli import Shell

DECIMALS = {"BRONZE": 2, "SILVER": 2, "WOOD": 0}


def today() -> date:
    """Asked anew each time: a run may last beyond midnight."""
    return datetime.now(UTC).date()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(server.target, api_key=server.operator_key) as opened:
        fee = TransferFee(fee_bps=100, minimum=1)
        for code, decimals in DECIMALS.items():
            asset = Asset(code=code, kind=Asset.KIND_TICKET, name=code, decimals=decimals)
            asset.transfer_fee.CopyFrom(fee)
            await opened.create_asset(asset)
        yield opened


async def newcomer(client: Client, subject: str) -> str:
    answer = await client.get_or_create_person(provider="test", subject=subject)
    return answer.person.account


async def newest(client: Client) -> int:
    return (await client.status()).last_sequence


async def test_figures_follow_what_happens(client: Client) -> None:
    ann, bob, eve = [await newcomer(client, name) for name in ("ann", "bob", "eve")]
    await client.open_account("orgs/shop/till")
    await client.mint(destination=ann, asset="BRONZE", amount=10_000, reason="grant")
    await client.mint(destination=bob, asset="SILVER", amount=1_500, reason="grant")
    await client.mint(destination="orgs/shop/till", asset="WOOD", amount=77, reason="grant")
    await client.transfer(source=ann, destination=eve, asset="BRONZE", amount=1_000)
    last = await newest(client)

    flows = {
        (row.asset, row.kind, row.party): row
        async for row in client.daily_flows(minimum_sequence=last)
    }
    assert flows["BRONZE", Transaction.KIND_MINT, "users"].minted == "10000"
    assert flows["WOOD", Transaction.KIND_MINT, "orgs/shop"].minted == "77"
    paid = flows["BRONZE", Transaction.KIND_TRANSFER, ""]
    assert (paid.transaction_count, paid.moved, paid.burned) == (1, "1000", "10")
    assert {row.day for row in flows.values()} == {today().isoformat()}
    supplies = {row.asset: row async for row in client.daily_supplies()}
    assert (supplies["BRONZE"].minted, supplies["BRONZE"].circulating) == ("10000", "9990")
    assert [row.active_people async for row in client.daily_activity()] == [1]
    active = await client.active_people()
    assert (active.day_count, active.week_count, active.month_count) == (1, 1, 1)

    velocity = await client.velocity("BRONZE", days=7)
    assert (velocity.volume, velocity.mean_supply) == ("1000", "9990")
    assert velocity.velocity_milli == 100
    assert velocity.start_day == velocity.end_day == today().isoformat()

    spread = await client.wealth_distribution()
    # 89.9 and 10 Bronze, and 15 Silver.
    assert spread.holder_count == 3
    assert spread.total_wealth == "399.9"
    shares = [(top.people_bps, top.people_count, top.wealth_ppm) for top in spread.top_shares]
    assert shares == [(100, 1, 300 * 10**6 * 10 // 3_999), (1_000, 1, 300 * 10**6 * 10 // 3_999)]
    points = [(p.people_ppm, p.wealth_ppm) for p in spread.lorenz_points]
    assert points[0] == (0, 0)
    assert points[-1] == (1_000_000, 1_000_000)
    assert spread.statistics_sequence >= last


async def test_an_import_counts_on_the_day_on_which_it_came(client: Client) -> None:
    ann = await newcomer(client, "ann")
    draft = TransactionImportDraft(
        reference="old/1",
        postings=[Posting(source="system/mint", destination=ann, asset="WOOD", amount=5)],
        effective_time=datetime(2015, 1, 1, tzinfo=UTC),
    )
    await client.import_transactions([draft])
    rows = [row async for row in client.daily_flows(minimum_sequence=await newest(client))]
    assert [(row.day, row.kind, row.party, row.minted) for row in rows] == [
        (today().isoformat(), Transaction.KIND_IMPORTED, "users", "5")
    ]
    assert [row async for row in client.daily_activity()] == []


async def test_lists_go_on_from_page_to_page(client: Client) -> None:
    for code in DECIMALS:
        for number in range(3):
            await client.open_account(f"orgs/{code.lower()}{number}")
            await client.mint(
                destination=f"orgs/{code.lower()}{number}", asset=code, amount=9, reason="test"
            )
    last = await newest(client)
    whole = [row async for row in client.daily_flows(minimum_sequence=last)]
    assert len(whole) == 9
    assert [row async for row in client.daily_flows(page_size=2)] == whole
    assert len([row async for row in client.daily_flows(asset="WOOD", page_size=1)]) == 3
    assert [row async for row in client.daily_supplies(page_size=1)] == [
        row async for row in client.daily_supplies()
    ]
    tomorrow = today() + timedelta(days=2)
    assert [row async for row in client.daily_flows(start=tomorrow)] == []
    assert [row async for row in client.daily_flows(end=date(2020, 1, 1))] == []
    kind = Transaction.KIND_BURN
    assert [row async for row in client.daily_flows(kind=kind)] == []


async def test_csv_has_a_header_and_every_row(client: Client, server: Server) -> None:
    ann = await newcomer(client, "ann")
    await client.mint(destination=ann, asset="BRONZE", amount=500, reason="grant")
    await client.burn(source=ann, asset="BRONZE", amount=2, reason="test")
    await client.active_people(minimum_sequence=await newest(client))
    day = today().isoformat()
    file = io.StringIO(newline="")
    assert await client.write_supplies(file, asset="BRONZE") == 1
    assert file.getvalue() == (f"day,asset,minted,burned,circulating\r\n{day},BRONZE,500,2,498\r\n")
    flows, activity = io.StringIO(newline=""), io.StringIO(newline="")

    def write() -> tuple[int, int]:
        with BlockingClient(server.target) as blocking:
            return blocking.write_flows(flows), blocking.write_activity(activity)

    assert await asyncio.to_thread(write) == (2, 1)
    assert flows.getvalue().splitlines()[0].startswith("day,asset,kind,party,")
    assert f"{day},BRONZE,MINT,users,1,0,500,0" in flows.getvalue()
    assert activity.getvalue() == f"day,active_people\r\n{day},1\r\n"


async def test_an_economy_without_anything_has_figures_of_nothing(client: Client) -> None:
    spread = await client.wealth_distribution()
    assert (spread.holder_count, spread.total_wealth, spread.gini_ppm) == (0, "0", 0)
    assert list(spread.lorenz_points) == list(spread.top_shares) == []
    velocity = await client.velocity("WOOD")
    assert (velocity.start_day, velocity.velocity_milli, velocity.mean_supply) == ("", 0, "0")
    assert (await client.active_people()).month_count == 0


@pytest.mark.parametrize(
    ("method", "request_", "reason"),
    [
        ("ListDailyFlows", {"start_day": "2030-13-01"}, "INVALID_FIELD"),
        ("ListDailyFlows", {"start_day": "yesterday"}, "INVALID_FIELD"),
        ("ListDailyFlows", {"start_day": "2030-02-01", "end_day": "2030-01-01"}, "INVALID_FIELD"),
        ("ListDailyFlows", {"kind": 77}, "INVALID_FIELD"),
        ("ListDailyFlows", {"asset": "NONE"}, "ASSET_NOT_FOUND"),
        ("ListDailyFlows", {"asset": "no code"}, "INVALID_FIELD"),
        ("ListDailySupplies", {"asset": "NONE"}, "ASSET_NOT_FOUND"),
        ("ListDailySupplies", {"page_token": "xyz"}, "INVALID_PAGE_TOKEN"),
        ("ListDailySupplies", {"page_size": -1}, "INVALID_FIELD"),
        ("ListDailyActivity", {"end_day": "2030-1-1"}, "INVALID_FIELD"),
        ("GetVelocity", {"asset": ""}, "INVALID_FIELD"),
        ("GetVelocity", {"asset": "NONE"}, "ASSET_NOT_FOUND"),
        ("GetVelocity", {"asset": "WOOD", "days": 367}, "INVALID_FIELD"),
        ("GetVelocity", {"asset": "WOOD", "days": -1}, "INVALID_FIELD"),
        ("GetWealthDistribution", {"minimum_sequence": -1}, "INVALID_FIELD"),
    ],
)
async def test_bad_requests_are_refused(
    client: Client, method: str, request_: dict[str, object], reason: str
) -> None:
    request = getattr(statistics, f"{method}Request")(**request_)
    with pytest.raises(RefusedError) as refused:
        await client.call(getattr(client.statistics_calls, method), request)
    assert refused.value.reason_name == reason


async def test_figures_of_what_has_not_happened_are_refused(client: Client) -> None:
    with pytest.raises(UnavailableError) as refused:
        await client.call(
            client.statistics_calls.GetActivePeople,
            statistics.GetActivePeopleRequest(minimum_sequence=10**9),
            timeout_seconds=3.0,
        )
    assert refused.value.reason_name in {"SEQUENCE_NOT_REACHED", ""}


async def test_figures_that_are_behind_say_so(client: Client, database: Database) -> None:
    """Another server is at it, and stands still."""
    await client.active_people(minimum_sequence=await newest(client))
    async with database.connected() as other, other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock($1, economy_id) FROM economies", LOCK)
        await newcomer(client, "ann")
        last = await newest(client)
        with pytest.raises(UnavailableError) as refused:
            await client.active_people(minimum_sequence=last)
        assert refused.value.reason_name in {"STATISTICS_BEHIND", ""}
        behind = await client.active_people()
        assert behind.statistics_sequence < behind.last_sequence == last
    assert (await client.active_people(minimum_sequence=last)).statistics_sequence >= last


async def test_a_rebuild_makes_the_same_while_the_server_runs(
    client: Client, server: Server, tmp_path: Path
) -> None:
    ann = await newcomer(client, "ann")
    await client.mint(destination=ann, asset="BRONZE", amount=500, reason="grant")
    last = await newest(client)
    before = [row async for row in client.daily_flows(minimum_sequence=last)]
    settings = {
        "TICKETONOMICS_DATABASE_URL": server.database_url,
        "TICKETONOMICS_DATA_FOLDER": str(tmp_path),
    }
    process = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("ticketonomics-server"), "statistics", "rebuild"),
        env={**os.environ, **settings},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    assert out.decode() == f"main: the statistics stand for {last:,} entries.\n"
    assert [row async for row in client.daily_flows()] == before


async def test_the_command_line_prints_figures(client: Client, server: Server) -> None:
    ann = await newcomer(client, "ann")
    await client.mint(destination=ann, asset="BRONZE", amount=500, reason="grant")
    await client.active_people(minimum_sequence=await newest(client))
    shell, day = Shell(server.target, ""), today().isoformat()
    assert "Gini" in (await shell("statistics")).out
    flows = await shell("statistics", "flows")
    assert [day, "BRONZE", "mint", "users", "1", "0.00", "5.00", "0.00"] in [
        line.split() for line in flows.out.splitlines()
    ]
    supplies = await shell("statistics", "supplies", "--csv", "--from", day, "--until", day)
    assert supplies.out.splitlines() == [
        "day,asset,minted,burned,circulating",
        f"{day},BRONZE,500,0,500",
    ]
    printed = await shell("statistics", "supplies", "--json")
    assert json.loads(printed.out)["circulating"] == "500"
    assert (await shell("statistics", "velocity", "BRONZE")).out.count("0.000") == 1
    refused = await shell("statistics", "velocity", "NONE")
    assert refused.code == 1
    assert "ASSET_NOT_FOUND" in refused.err
    wrong = await shell("statistics", "supplies", "--from", "yesterday")
    assert wrong.code == 2


async def test_the_examples_of_the_page_run(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ann = await newcomer(client, "ann")
    await client.mint(destination=ann, asset="BRONZE", amount=500, reason="grant")
    page = "docs/statistics.md"
    examples = blocks(page, "python")
    monkeypatch.chdir(tmp_path)
    for line, block in examples:
        await run(block, page, line, {"client": client})
    assert (tmp_path / "supplies.csv").read_text().startswith("day,asset")
