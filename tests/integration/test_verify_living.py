"""`verify` against economies with nothing wrong, which may live on meanwhile."""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from itertools import count

import pytest
from ticketonomics_server.ledger.model import (
    OpenAccount,
)
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.economies import create_economy
from ticketonomics_server.verification import Invariant, Report, chain, comparing, journal, verify
from ticketonomics_server.verification.replay import JournalPosting, Replay
from ticketonomics_server.verification.report import Findings

from tests.integration.verifying import (
    BALANCES,
    OVERDRAWN,
    ZERO,
    Ledger,
    Maker,
    ids,
    making,
    mint,
    move,
)


async def test_a_healthy_economy_is_coherent(ledger: Ledger) -> None:
    told: list[tuple[int, int]] = []
    report = await ledger.verify(progress=lambda done, total: told.append((done, total)))
    assert report.violations == ()
    assert report.coherent
    head = await ledger.admin.fetchrow(
        "SELECT height, last_sequence FROM blocks WHERE economy_id = 2 ORDER BY height DESC LIMIT 1"
    )
    assert (report.height, report.last_sequence) == tuple(head)
    assert report.counts["entries"] == report.last_sequence
    assert report.counts["checkpoints"] >= 6
    assert told[-1] == (report.last_sequence, report.last_sequence)


async def test_small_pages_see_the_same(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await ledger.verify()
    monkeypatch.setattr(journal, "PAGE_ENTRIES", 3)
    monkeypatch.setattr(journal, "_BLOCKS_AT_ONCE", 2)
    monkeypatch.setattr(journal, "_REQUESTS_AT_ONCE", 11)
    monkeypatch.setattr(journal, "_KEPT_ADDRESSES", 1)
    monkeypatch.setattr(comparing, "PAGE_BALANCES", 2)
    assert await ledger.verify() == whole


async def test_the_trees_are_those_of_rfc_6962(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = set()

    def root(leaves: Sequence[bytes]) -> bytes:
        sizes.add(len(leaves))
        return recursive_root(leaves)

    monkeypatch.setattr(chain, "tree_root", root)
    assert (await ledger.verify()).violations == ()
    assert {1, 6, 20} <= sizes


def recursive_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, to the letter."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    children = recursive_root(leaves[:split]) + recursive_root(leaves[split:])
    return sha256(b"\x01" + children).digest()


async def test_an_economy_without_entries_is_coherent(database: Database) -> None:
    connection = await database.connect()
    economy_id = await create_economy(connection, "empty")
    await connection.close()
    report = await verify(database, economy_id)
    assert (report.economy, report.height, report.violations) == ("empty", 0, ())


async def test_an_unknown_economy_is_refused(database: Database) -> None:
    with pytest.raises(LookupError, match="no economy with id 77"):
        await verify(database, 77)


async def test_the_ledger_lives_on_meanwhile(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "PAGE_ENTRIES", 10)
    monkeypatch.setattr(comparing, "PAGE_BALANCES", 1)
    made = 0

    async def write(make: Maker) -> None:
        nonlocal made
        for number in count():
            address = f"orgs/new-{number}"
            await make(
                OpenAccount(*ids(), address),
                mint(address, 5),
                move(("orgs/a", address, 1)),
                move((address, "orgs/b", 2)),
            )
            made += 4

    async with making(ledger.database, "main") as make:
        writing = asyncio.create_task(write(make))
        reports: list[Report] = []
        while len(reports) < 3 or made < 40:
            reports.append(await ledger.verify())
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    assert [report.violations for report in reports] == [()] * len(reports)
    assert reports[-1].last_sequence > reports[0].last_sequence


async def test_only_the_invariants_asked_for_are_told(ledger: Ledger) -> None:
    await ledger.admin.execute("UPDATE balances SET posted = posted + 1 WHERE posted > 0")
    report = await ledger.verify(invariants=[ZERO])
    assert set(report.violation_counts) == {ZERO}


async def test_many_violations_are_counted_and_the_first_told(ledger: Ledger) -> None:
    await ledger.admin.execute("UPDATE postings SET previous_of_source = 9999")
    report = await ledger.verify()
    assert set(report.violation_counts) == {BALANCES}
    assert report.violation_counts[BALANCES] > 200
    assert len(report.violations) == 20


# --- moments in between -----------------------------------------------------------------------


@pytest.fixture
def replay() -> Replay:
    return Replay(Findings(tuple(Invariant)))


def row(sequence: int, source: int, destination: int, amount: int, *links: int) -> JournalPosting:
    return JournalPosting(sequence, 0, 1, bytes(16), source, destination, 1, amount, *links)


async def test_an_overdraft_is_told_even_if_it_is_paid_back(replay: Replay) -> None:
    replay.post([row(1, 3, 4, 10, 0, 0)])
    replay.post([row(2, 4, 3, 10, 1, 1)])
    assert all(balance.posted == 0 for balance in replay.balances.values())
    assert replay._findings.counts == {OVERDRAWN: 1}


async def test_only_the_net_of_a_transaction_counts(replay: Replay) -> None:
    there = row(1, 3, 4, 10, 0, 0)
    replay.post([there, row(1, 4, 3, 10, 0, 0)._replace(position=1, transaction_id=None)])
    assert replay._findings.counts == {}
    assert {balance.entry_count for balance in replay.balances.values()} == {1}
