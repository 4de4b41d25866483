"""`verify` of imports: the mark, the time and the reference, whatever somebody changes."""

from datetime import UTC, datetime, timedelta

import pytest
from ticketonomics_server.engine.block import Block
from ticketonomics_server.engine.canonical import encode_fields
from ticketonomics_server.engine.model import Text
from ticketonomics_server.ledger.model import (
    MINT,
    SINK,
    CreateAsset,
    OpenAccount,
    Posting,
)
from ticketonomics_server.ledger.model_imports import ImportTransaction
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.embedded import EmbeddedPostgres
from ticketonomics_server.storage.migrating import migrate
from ticketonomics_server.verification import Invariant, journal
from ticketonomics_server.verification.imports import check_import
from ticketonomics_server.verification.replay import JournalPosting, Replay
from ticketonomics_server.verification.report import Findings

from tests.integration.verifying import (
    BALANCES,
    CHAIN,
    REQUESTS,
    ROOTS,
    SUPPLY,
    Ledger,
    Maker,
    ids,
    make_template,
    making,
)

MARKED = Invariant.IMPORTS_MARKED
PAST = datetime(2019, 5, 4, tzinfo=UTC)


def taken(*postings: tuple[str, str, int], reference: str = "", **more: object) -> object:
    moved = tuple(Posting(source, to, "TEA", amount) for source, to, amount in postings)
    return ImportTransaction(*ids(), moved, PAST, reference, **more)


async def found(make: Maker) -> None:
    await make(
        CreateAsset(*ids(), "TEA", 2, 0, "Tea", 1_000, 1_000, 5, 0),
        *(OpenAccount(*ids(), f"orgs/{name}") for name in ("a", "b", "c")),
    )
    # The first entry below, 5, is the one that most corruptions change.
    await make(
        taken((MINT, "orgs/a", 900), reference="sheet1/1", text=Text("für Ä", (("z", "1"),)))
    )
    await make(
        taken(("orgs/a", "orgs/b", 30), ("orgs/b", "orgs/c", 10), reference="bot/7"),
        taken((MINT, "orgs/b", 100), ("orgs/b", SINK, 20)),
    )
    await make(taken((MINT, "orgs/a", 21)), refused=True)
    for _ in range(3):
        await make(*(taken(("orgs/a", "orgs/b", 1)) for _ in range(40)))


async def build(dsn: str) -> None:
    database = Database(dsn)
    await migrate(database)
    for economy in ("neighbour", "main"):
        async with making(database, economy) as make:
            await found(make)
    await database.close()


@pytest.fixture(scope="module")
def healthy(postgres: EmbeddedPostgres) -> str:
    return make_template(postgres, "verify_imports_healthy", build)


async def test_imports_of_all_sorts_are_coherent(ledger: Ledger) -> None:
    report = await ledger.verify()
    assert report.violations == ()
    assert report.counts["transactions"] == 123
    assert report.counts["checkpoints"] > 0
    kinds = await ledger.admin.fetch("SELECT DISTINCT kind FROM postings")
    assert [row[0] for row in kinds] == [4]


async def test_small_pages_see_the_same(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await ledger.verify()
    monkeypatch.setattr(journal, "PAGE_ENTRIES", 1)
    assert await ledger.verify() == whole


FIRST = "(SELECT min(sequence) FROM entries WHERE economy_id = 2 AND kind = 4)"


def of(sequence: str) -> str:
    return f"WHERE economy_id = 2 AND sequence = {sequence}"


def event(*fields: str | int) -> str:
    return f"'\\x{encode_fields(*fields).hex()}'"


CORRUPTIONS: dict[str, tuple[str, set[Invariant]]] = {
    "the mark taken off": (f"DELETE FROM entries {of(FIRST)}", {ROOTS, MARKED}),
    "an import that became a mint": (
        f"UPDATE postings SET kind = 2 {of(FIRST)};DELETE FROM entries {of(FIRST)}",
        {ROOTS},
    ),
    "an import that became a transfer, its event left": (
        f"UPDATE postings SET kind = 1 {of(FIRST + ' + 1')}",
        {ROOTS, SUPPLY, MARKED, REQUESTS},
    ),
    "another time": (
        f"UPDATE entries SET event = {event(1_000, 'sheet1/1')} {of(FIRST)}",
        {ROOTS},
    ),
    "another reference": (
        "UPDATE entries SET event = overlay(event placing '\\x32' from length(event) for 1)"
        f" {of(FIRST)}",
        {ROOTS},
    ),
    "a time to come": (
        f"UPDATE entries SET event = {event(2**62, 'sheet1/1')} {of(FIRST)}",
        {ROOTS, MARKED},
    ),
    "no time": (f"UPDATE entries SET event = {event('sheet1/1')} {of(FIRST)}", {ROOTS, MARKED}),
    "a time that is a text": (
        f"UPDATE entries SET event = {event('2019', 'sheet1/1')} {of(FIRST)}",
        {ROOTS, MARKED},
    ),
    "a field too many": (
        f"UPDATE entries SET event = {event(1, 'sheet1/1', 1)} {of(FIRST)}",
        {ROOTS, MARKED},
    ),
    "noise": (f"UPDATE entries SET event = '\\x01' {of(FIRST)}", {ROOTS, MARKED}),
    "nothing": (f"UPDATE entries SET event = '' {of(FIRST)}", {ROOTS, MARKED}),
    "an event of another kind": (
        f"UPDATE entries SET kind = 41 {of(FIRST)}",
        {ROOTS, MARKED, REQUESTS},
    ),
    "the postings taken away": (
        f"DELETE FROM postings {of(FIRST + ' + 1')}",
        {ROOTS, MARKED, BALANCES},
    ),
    "another amount": (
        f"UPDATE postings SET amount = amount + 1 {of(FIRST + ' + 1')} AND position = 0",
        {ROOTS, BALANCES},
    ),
    "more than the cap": (
        f"UPDATE postings SET amount = 1000 {of(FIRST + ' + 2')} AND position = 0",
        {ROOTS, BALANCES, SUPPLY},
    ),
    "something into the mint": (
        f"UPDATE postings SET destination_id = 1 {of(FIRST + ' + 1')} AND position = 0",
        {ROOTS, BALANCES, SUPPLY, Invariant.NEVER_OVERDRAWN},
    ),
    "an import behind the last block": (
        f"INSERT INTO entries SELECT economy_id, 9999, kind, event FROM entries {of(FIRST)}",
        {CHAIN},
    ),
    "an event of an import beside no transaction": (
        f"INSERT INTO entries SELECT economy_id, 1, kind, event FROM entries {of(FIRST)}"
        " ON CONFLICT (economy_id, sequence) DO UPDATE SET kind = 4, event = excluded.event",
        {ROOTS, MARKED, SUPPLY},
    ),
}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
async def test_a_corruption_is_told_by_name(ledger: Ledger, corruption: str) -> None:
    sql, broken = CORRUPTIONS[corruption]
    await ledger.admin.execute(sql)
    report = await ledger.verify()
    assert set(report.violation_counts) == broken, report.violations


def test_the_time_is_compared_with_that_of_its_own_block() -> None:
    """A forger who rebuilds the chain is told all the same, block by block."""
    times = [PAST + timedelta(days=day) for day in range(3)]
    blocks = [
        Block(n, 2 * n - 1, 2 * n, time, bytes(32), bytes(32), bytes(32))
        for n, time in enumerate(times, start=1)
    ]
    for sequence in range(1, 7):
        block = blocks[(sequence - 1) // 2]
        micros = (block.block_time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        for late in (0, 1):
            findings = Findings(Invariant)
            check_import(sequence, encode_fields(micros + late, ""), blocks, findings)
            assert findings.counts[MARKED] == late, (sequence, late)


def test_a_replay_minds_the_cap_of_what_is_imported() -> None:
    findings = Findings(Invariant)
    replay = Replay(findings)
    replay.define(1, 12, encode_fields("TEA", 2, 0, "Tea", 100, 0, 0, 0), {"TEA": 1})
    replay.post([JournalPosting(2, 0, 4, bytes(16), 1, 3, 1, 100, 0, 0)])
    assert not findings.counts
    replay.post([JournalPosting(3, 0, 4, bytes(16), 1, 3, 1, 1, 2, 2)])
    assert set(findings.counts) == {SUPPLY}
