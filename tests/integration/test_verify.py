"""`verify` against a living economy, and against everything that somebody could have changed."""

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from ticketonomics_server.engine.command import Accepted, Caller, Command
from ticketonomics_server.engine.domain import Handling, Registry
from ticketonomics_server.engine.model import Text
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.sequencer import Sequencer
from ticketonomics_server.engine.timers import ENGINE, FireTimer, PostponeTimer
from ticketonomics_server.identity import model as identity
from ticketonomics_server.identity import model_people as people
from ticketonomics_server.identity.domain import IDENTITY
from ticketonomics_server.identity.scopes import ALL_SCOPES
from ticketonomics_server.identity.secret import draw_secret
from ticketonomics_server.ledger.decide import decide_transaction, declare_transaction
from ticketonomics_server.ledger.domain import LEDGER
from ticketonomics_server.ledger.model import (
    MINT,
    SINK,
    CloseAccount,
    CreateAsset,
    CreateTransaction,
    EntryKind,
    OpenAccount,
    Posting,
    SetTransferFee,
)
from ticketonomics_server.spending.domain import SPENDING
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.economies import create_economy
from ticketonomics_server.storage.embedded import EmbeddedPostgres
from ticketonomics_server.storage.migrating import migrate
from ticketonomics_server.verification import Invariant, Report, chain, comparing, journal, verify
from ticketonomics_server.verification.replay import JournalPosting, Replay
from ticketonomics_server.verification.report import Findings

HEALTHY = "verify_healthy"
OPERATOR = Caller(application_id="operator", scopes=ALL_SCOPES)

BALANCES = Invariant.BALANCES_MATCH_JOURNAL
CHAIN = Invariant.CHAIN_UNBROKEN
ERASED = Invariant.ERASURES_RECORDED
PEOPLE = Invariant.PEOPLE_MATCH_JOURNAL
HELD = Invariant.HELD_WITHIN_POSTED
OVERDRAWN = Invariant.NEVER_OVERDRAWN
REQUESTS = Invariant.EVERY_REQUEST_ONCE
ROOTS = Invariant.MERKLE_ROOTS_MATCH
SUPPLY = Invariant.SUPPLY_MATCHES_POLICY
ZERO = Invariant.POSTINGS_SUM_TO_ZERO

_numbers = count(1)


# --- an economy with entries of all kinds -----------------------------------------------------


class Maker:
    """Makes entries of one economy, a block each call."""

    def __init__(self, sequencer: Sequencer) -> None:
        self._sequencer = sequencer

    async def __call__(self, *commands: Command, refused: bool = False) -> Any:
        submission = await self._sequencer.submit(OPERATOR, commands)
        for outcome in submission.outcomes:
            assert isinstance(outcome, Rejection) == refused, outcome
        last = submission.outcomes[-1]
        return last.value if isinstance(last, Accepted) else last


@asynccontextmanager
async def making(database: Database, economy: str) -> AsyncIterator[Maker]:
    connection = await database.connect()
    economy_id = await create_economy(connection, economy)
    await connection.close()
    sequencer = Sequencer(
        economy_id=economy_id,
        economy=economy,
        registry=Registry([ENGINE, LEDGER, IDENTITY, SPENDING]),
        connect=database.connect_sequencer,
        on_commit=lambda *_: None,
    )
    running = asyncio.create_task(sequencer.run())
    yield Maker(sequencer)
    await sequencer.drain()
    await running


def ids() -> tuple[bytes, bytes]:
    return uuid4().bytes, bytes(16)


def move(
    *postings: tuple[Any, ...],
    kind: EntryKind = EntryKind.TRANSFER,
    memo: str = "",
    **metadata: str,
) -> CreateTransaction:
    rows = tuple(
        Posting(source, destination, asset[0] if asset else "WOOD", amount)
        for source, destination, amount, *asset in postings
    )
    text = Text(memo, tuple(metadata.items())) if memo or metadata else None
    return CreateTransaction(*ids(), kind, rows, text)


def mint(to: str, amount: int, asset: str = "WOOD", memo: str = "") -> CreateTransaction:
    return move((MINT, to, amount, asset), kind=EntryKind.MINT, memo=memo)


async def found(make: Maker) -> None:
    await make(
        CreateAsset(*ids(), "BRONZE", 1, 0, "Bronze", 1_000_000, 50, 1, 20),
        CreateAsset(*ids(), "WOOD", 2, 3, "Wood", 0, 0, 0, 0),
        *(OpenAccount(*ids(), f"orgs/{name}") for name in ("a", "b", "c", "closing")),
    )
    person_id = await make(
        identity.GetOrCreatePerson(*ids(), "telegram", "4711", "Zoë ☂ “quoted” \\ \u2028")
    )
    await make(mint("orgs/a", 10_000), mint("orgs/b", 500_000, "BRONZE", "grant"))
    await make(identity.BlockPerson(*ids(), person_id, "spam"))
    await make(identity.UnblockPerson(*ids(), person_id, "sorry"))


async def administer(make: Maker) -> None:
    application_id = await make(
        identity.CreateApplication(*ids(), "Shop", frozenset({"ledger.transfer"}), 10)
    )
    first, second = draw_secret(), draw_secret()
    await make(
        identity.CreateApiKey(*ids(), application_id, None, first.api_key_id, first.hash),
        identity.UpdateApplication(*ids(), application_id, "Shops", ALL_SCOPES, 20),
    )
    await make(
        identity.RotateApiKey(
            *ids(), first.api_key_id, timedelta(hours=1), second.api_key_id, second.hash
        ),
        identity.RevokeApiKey(*ids(), second.api_key_id),
        SetTransferFee(*ids(), "BRONZE", 100, 0, 0),
    )


async def trade(make: Maker) -> None:
    await make(move(("orgs/a", "orgs/b", 30), ("orgs/b", "orgs/c", 30), ("orgs/c", "orgs/a", 10)))
    await make(move(("orgs/a", "orgs/b", 5), memo="für Tee", note="größer", Ä="é", z="1", a="2"))
    await make(move(("orgs/b", "orgs/c", 1000, "BRONZE"), ("orgs/b", "orgs/a", 7, "BRONZE")))
    await make(move(("orgs/b", "orgs/a", 10**9)), refused=True)
    for _ in range(10):
        await make(*(move(("orgs/a", "orgs/b", amount)) for amount in range(1, 21)))
    twice = move(("orgs/a", "orgs/closing", 3))
    await make(twice)
    await make(twice)
    await make(move(("orgs/closing", SINK, 3), kind=EntryKind.BURN, memo="over"))
    await make(CloseAccount(*ids(), "orgs/closing"))


async def let_timers_happen(make: Maker, connection: asyncpg.Connection, economy: str) -> None:
    await connection.execute(
        "INSERT INTO timers SELECT economy_id, n, '2020-01-01', 7, '', 0"
        " FROM economies, generate_series(1, 3) n WHERE name = $1",
        economy,
    )
    await connection.execute(
        "INSERT INTO counters SELECT economy_id, 'timers', 3 FROM economies WHERE name = $1",
        economy,
    )
    handling = Handling(declare_transaction, decide_transaction)
    await make(PostponeTimer(1, 0))
    for timer_id, amount in ((2, 1), (3, 10**9)):
        request_id = FireTimer(timer_id, None, handling).request_id
        payment = CreateTransaction(
            request_id,
            bytes(16),
            EntryKind.TRANSFER,
            (Posting("orgs/a", "orgs/c", "WOOD", amount),),
        )
        await make(FireTimer(timer_id, payment, handling))


async def come_and_go(make: Maker) -> None:
    """People who merge, and one who is erased with a text and something to burn."""
    ada, bob, eve = [
        await make(identity.GetOrCreatePerson(*ids(), "x", str(n), "")) for n in range(3)
    ]
    await make(move(("orgs/a", f"users/{ada}", 7)), move(("orgs/a", f"users/{bob}", 8)))
    await make(people.MergePeople(*ids(), ada, bob))
    await make(people.MergePeople(*ids(), eve, bob))
    await make(move(("orgs/a", f"users/{bob}", 9), memo="to be erased"))
    await make(people.ErasePerson(*ids(), bob, burn_balances=True))
    await make(move(("orgs/a", "orgs/b", 1), memo="to be kept"))


async def build(dsn: str) -> None:
    database = Database(dsn)
    await migrate(database)
    connection = await database.connect()
    # A neighbour, so that every statement has somebody else's rows to leave out.
    for economy in ("neighbour", "main"):
        async with making(database, economy) as make:
            await found(make)
            await administer(make)
            await trade(make)
            await let_timers_happen(make, connection, economy)
            await come_and_go(make)
    await connection.close()
    await database.close()


def named(dsn: str, name: str) -> str:
    return dsn.replace("/ticketonomics?", f"/{name}?").replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="module")
def healthy(postgres: EmbeddedPostgres) -> str:
    """The name of a database with healthy economies, to be cloned."""

    async def create() -> None:
        owner = await asyncpg.connect(postgres.dsn)
        await owner.execute(f"CREATE DATABASE {HEALTHY}")
        await owner.close()
        await build(named(postgres.dsn, HEALTHY))

    thread = threading.Thread(target=asyncio.run, args=(create(),))
    thread.start()
    thread.join()
    return HEALTHY


@dataclass
class Ledger:
    """A clone of the healthy database."""

    database: Database
    admin: asyncpg.Connection

    async def verify(self, **options: Any) -> Report:
        economy_id = await self.admin.fetchval(
            "SELECT economy_id FROM economies ORDER BY economy_id DESC LIMIT 1"
        )
        return await verify(self.database, economy_id, **options)


@pytest.fixture
async def ledger(postgres: EmbeddedPostgres, healthy: str) -> AsyncIterator[Ledger]:
    name = f"verify_{next(_numbers)}"
    owner = await asyncpg.connect(postgres.dsn)
    await owner.execute(f"CREATE DATABASE {name} TEMPLATE {healthy}")
    database = Database(named(postgres.dsn, name))
    admin = await asyncpg.connect(named(postgres.admin_dsn, name))
    yield Ledger(database, admin)
    await admin.close()
    await database.close()
    # An autovacuum may be at work in it, which only a superuser may end.
    superuser = await asyncpg.connect(postgres.admin_dsn)
    await superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await superuser.close()
    await owner.close()


# --- healthy economies ------------------------------------------------------------------------


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


# --- what somebody could have changed ---------------------------------------------------------

# Of the second economy, `main`. A transfer of WOOD in the middle of a block of twenty:
TRANSFER = (
    "(SELECT min(sequence) + 5 FROM postings WHERE economy_id = 2 AND amount = 20 AND kind = 1)"
)
# The transaction of three postings, and the one with a memo and metadata.
TRIANGLE = "(SELECT min(sequence) FROM postings WHERE economy_id = 2 AND position = 2)"
NOTED = "(SELECT sequence FROM texts WHERE economy_id = 2 AND memo = 'für Tee')"
BURNED = "(SELECT max(sequence) FROM postings WHERE economy_id = 2 AND kind = 3)"
OPENED = "(SELECT min(sequence) FROM entries WHERE economy_id = 2 AND kind = 10)"
LAST = "(SELECT max(last_sequence) FROM blocks WHERE economy_id = 2)"
TOP = "(SELECT max(height) FROM blocks WHERE economy_id = 2)"
ACCOUNT_A = "(SELECT account_id FROM accounts WHERE economy_id = 2 AND address = 'orgs/a')"
ACCOUNT_B = "(SELECT account_id FROM accounts WHERE economy_id = 2 AND address = 'orgs/b')"
WOOD = "(SELECT asset_id FROM assets WHERE economy_id = 2 AND code = 'WOOD')"
BRONZE = "(SELECT asset_id FROM assets WHERE economy_id = 2 AND code = 'BRONZE')"
OF_A = f"economy_id = 2 AND account_id = {ACCOUNT_A} AND asset_id = {WOOD}"
OF_B = f"economy_id = 2 AND account_id = {ACCOUNT_B} AND asset_id = {WOOD}"


def in_journal(sequence: str) -> str:
    return f"WHERE economy_id = 2 AND sequence = {sequence}"


def without(table: str, constraint: str) -> str:
    return f"ALTER TABLE {table} DROP CONSTRAINT {constraint};"


CORRUPTIONS: dict[str, tuple[str, set[Invariant]]] = {
    # The journal.
    "a changed amount": (
        f"UPDATE postings SET amount = amount + 1 {in_journal(TRANSFER)}",
        {ROOTS, BALANCES},
    ),
    "a changed amount with the balances to match": (
        f"UPDATE postings SET amount = amount + 1 {in_journal(TRANSFER)};"
        f"UPDATE balances SET posted = posted - 1 WHERE {OF_A};"
        f"UPDATE balances SET posted = posted + 1 WHERE {OF_B};"
        f"UPDATE checkpoints SET posted = posted - 1 WHERE {OF_A} AND sequence >= {TRANSFER};"
        f"UPDATE checkpoints SET posted = posted + 1 WHERE {OF_B} AND sequence >= {TRANSFER}",
        {ROOTS},
    ),
    "a posting turned round": (
        "UPDATE postings SET source_id = destination_id, destination_id = source_id,"
        " previous_of_source = previous_of_destination,"
        f" previous_of_destination = previous_of_source {in_journal(TRANSFER)}",
        {ROOTS, BALANCES},
    ),
    "another asset": (
        f"UPDATE postings SET asset_id = {BRONZE} {in_journal(TRIANGLE)}",
        # It would have had to pay a fee as well.
        {ROOTS, BALANCES, SUPPLY, OVERDRAWN},
    ),
    "another kind": (
        f"UPDATE postings SET kind = 1 {in_journal(BURNED)}",
        {ROOTS, SUPPLY},
    ),
    "a kind that is none": (
        f"UPDATE postings SET kind = -1 {in_journal(TRANSFER)}",
        {ROOTS},
    ),
    "a removed posting": (
        f"DELETE FROM postings {in_journal(TRIANGLE)} AND position = 2",
        {ROOTS, BALANCES},
    ),
    "an added posting": (
        "INSERT INTO postings SELECT sequence, amount, previous_of_source, previous_of_destination,"
        f" NULL, economy_id, source_id, destination_id, asset_id, 1, kind FROM postings"
        f" {in_journal(TRANSFER)}",
        {ROOTS, BALANCES},
    ),
    "postings in another order": (
        f"UPDATE postings SET position = 9 - position {in_journal(TRIANGLE)}",
        {ROOTS, REQUESTS},
    ),
    "a removed transaction": (
        f"DELETE FROM postings {in_journal(TRANSFER)}",
        {ROOTS, BALANCES, REQUESTS},
    ),
    "a removed transaction with its request": (
        f"DELETE FROM requests {in_journal(TRANSFER)};DELETE FROM postings {in_journal(TRANSFER)}",
        {ROOTS, BALANCES},
    ),
    "a transaction behind the last block": (
        "INSERT INTO postings SELECT"
        f" {LAST} + 1, amount, previous_of_source, previous_of_destination, NULL, economy_id,"
        " source_id, destination_id, asset_id, position, kind"
        f" FROM postings {in_journal(TRANSFER)}",
        {CHAIN},
    ),
    "a broken link of the source": (
        f"UPDATE postings SET previous_of_source = 1 {in_journal(TRANSFER)}",
        {BALANCES},
    ),
    "a broken link of the destination": (
        f"UPDATE postings SET previous_of_destination = 0 {in_journal(TRANSFER)}",
        {BALANCES},
    ),
    "no transaction id": (
        f"UPDATE postings SET transaction_id = NULL {in_journal(TRANSFER)}",
        {ROOTS, REQUESTS},
    ),
    "another transaction id": (
        f"UPDATE postings SET transaction_id = gen_random_uuid() {in_journal(TRANSFER)}",
        {ROOTS, REQUESTS},
    ),
    # Other entries.
    "an edited event": (
        f"UPDATE entries SET event = event || event {in_journal(OPENED)}",
        {ROOTS},
    ),
    "an event of another kind": (
        f"UPDATE entries SET kind = 11 {in_journal(OPENED)}",
        {ROOTS},
    ),
    "a removed event": (
        f"DELETE FROM entries {in_journal(OPENED)}",
        {ROOTS, REQUESTS},
    ),
    "an event beside a transaction": (
        f"INSERT INTO entries VALUES (2, {TRANSFER}, 10, '')",
        {ROOTS, REQUESTS},
    ),
    "an asset's event that cannot be read": (
        "UPDATE entries SET event = 'i'::bytea || '\\x00' WHERE economy_id = 2 AND kind = 13",
        {ROOTS, SUPPLY},
    ),
    # Texts.
    "an edited memo": (f"UPDATE texts SET memo = 'für Kaffee' {in_journal(NOTED)}", {ROOTS}),
    "edited metadata": (
        f'UPDATE texts SET metadata = metadata || \'{{"z": "2"}}\' {in_journal(NOTED)}',
        {ROOTS},
    ),
    "metadata that is none": (f"UPDATE texts SET metadata = '[1]' {in_journal(NOTED)}", {ROOTS}),
    "another salt": (f"UPDATE texts SET salt = salt || salt {in_journal(NOTED)}", {ROOTS}),
    "another commitment": (
        "UPDATE texts SET commitment = salt || salt WHERE economy_id = 2 AND memo = 'over'",
        {ROOTS},
    ),
    "another commitment of an erased text": (
        "UPDATE texts SET commitment = sha256('') WHERE economy_id = 2 AND memo IS NULL",
        {ROOTS},
    ),
    "a text that no entry erased": (
        f"UPDATE texts SET salt = NULL, memo = NULL, metadata = NULL {in_journal(NOTED)}",
        {ERASED},
    ),
    "an erased text that is back": (
        "UPDATE texts SET salt = '', memo = '', metadata = '{}'"
        " WHERE economy_id = 2 AND salt IS NULL AND owner IS NOT NULL",
        {ERASED, ROOTS},
    ),
    "a merged person who is back": (
        "UPDATE people SET state = 1, merged_into = NULL WHERE economy_id = 2 AND state = 3",
        {PEOPLE},
    ),
    "an erased person who is back": (
        "UPDATE people SET state = 1 WHERE economy_id = 2 AND state = 4",
        {PEOPLE},
    ),
    "a person of no entry": (
        "INSERT INTO people SELECT economy_id, 'nobody', 10000, 1, now(), NULL, 2, NULL, ''"
        " FROM people WHERE economy_id = 2 LIMIT 1",
        {PEOPLE},
    ),
    "another amount beside a merge": (
        "UPDATE postings SET amount = amount - 1 WHERE economy_id = 2 AND kind = 24",
        {ROOTS, BALANCES, OVERDRAWN},
    ),
    "a merge without its postings": (
        "DELETE FROM postings WHERE economy_id = 2 AND kind = 24",
        {ROOTS, BALANCES, OVERDRAWN},
    ),
    "a text half erased": (f"UPDATE texts SET salt = NULL {in_journal(NOTED)}", {ROOTS}),
    "a removed text": (f"DELETE FROM texts {in_journal(NOTED)}", {ROOTS}),
    "a text of no entry": (
        f"INSERT INTO texts (economy_id, sequence, commitment) VALUES (2, {LAST} + 1, '')",
        {CHAIN},
    ),
    # Balances.
    "an edited balance": (
        f"UPDATE balances SET posted = posted + 5 WHERE {OF_B}",
        {BALANCES, ZERO},
    ),
    "money moved without a posting": (
        f"UPDATE balances SET posted = posted + 5 WHERE {OF_B};"
        f"UPDATE balances SET posted = posted - 5 WHERE {OF_A}",
        {BALANCES},
    ),
    "a removed balance": (f"DELETE FROM balances WHERE {OF_B}", {BALANCES, ZERO}),
    "an added balance": (
        "INSERT INTO balances VALUES (2, 99, 1, 5, 0, 0, 0)",
        {BALANCES, ZERO},
    ),
    "an overdrawn balance": (
        without("balances", "balances_never_overdrawn")
        + without("balances", "balances_held_within_posted")
        + f"UPDATE balances SET posted = -5 WHERE {OF_B}",
        {BALANCES, ZERO, OVERDRAWN, HELD},
    ),
    "more held than posted": (
        without("balances", "balances_held_within_posted")
        + f"UPDATE balances SET held = posted + 1 WHERE {OF_B}",
        {HELD},
    ),
    "less than nothing held": (
        without("balances", "balances_held_within_posted")
        + f"UPDATE balances SET held = -1 WHERE {OF_B}",
        {HELD},
    ),
    "something held that no entry holds": (
        f"UPDATE balances SET held = 1 WHERE {OF_B}",
        {HELD},
    ),
    "another newest entry": (
        f"UPDATE balances SET last_sequence = last_sequence - 1 WHERE {OF_B}",
        {BALANCES},
    ),
    "another number of entries": (
        f"UPDATE balances SET entry_count = entry_count + 64 WHERE {OF_B}",
        {BALANCES},
    ),
    "a wrong checkpoint": (f"UPDATE checkpoints SET posted = posted + 1 WHERE {OF_B}", {BALANCES}),
    "a misplaced checkpoint": (
        f"UPDATE checkpoints SET sequence = sequence + 1 WHERE {OF_B}",
        {BALANCES},
    ),
    "a removed checkpoint": (
        "DELETE FROM checkpoints WHERE economy_id = 2 AND sequence ="
        f" (SELECT max(sequence) FROM checkpoints WHERE {OF_B})",
        {BALANCES},
    ),
    "an added checkpoint": (
        f"INSERT INTO checkpoints SELECT 2, {ACCOUNT_B}, {WOOD}, {TRANSFER}, 1",
        {BALANCES},
    ),
    "a checkpoint of no balance": (
        "INSERT INTO checkpoints VALUES (2, 999, 1, 5, 1)",
        {BALANCES},
    ),
    "a checkpoint behind the last block": (
        f"INSERT INTO checkpoints SELECT 2, {ACCOUNT_B}, {WOOD}, {LAST} + 1, 1",
        {BALANCES},
    ),
    # Blocks.
    "a changed block time": (
        "UPDATE blocks SET block_time = block_time + interval '1 us'"
        f" WHERE economy_id = 2 AND height = {TOP}",
        {CHAIN},
    ),
    "a block time that falls": (
        "UPDATE blocks SET block_time = '2001-01-01' WHERE economy_id = 2 AND height = 5",
        {CHAIN},
    ),
    "a changed hash": (
        f"UPDATE blocks SET hash = sha256(hash) WHERE economy_id = 2 AND height = {TOP}",
        {CHAIN},
    ),
    "a changed previous hash": (
        "UPDATE blocks SET previous_hash = sha256('') WHERE economy_id = 2 AND height = 4",
        {CHAIN},
    ),
    "a changed root": (
        "UPDATE blocks SET merkle_root = sha256('') WHERE economy_id = 2 AND height = 4",
        {CHAIN, ROOTS},
    ),
    "a removed block": ("DELETE FROM blocks WHERE economy_id = 2 AND height = 4", {CHAIN}),
    "a removed last block": (
        f"DELETE FROM blocks WHERE economy_id = 2 AND height = {TOP}",
        {CHAIN, BALANCES, REQUESTS},
    ),
    "no blocks at all": (
        "DELETE FROM blocks WHERE economy_id = 2",
        {CHAIN, BALANCES, REQUESTS, SUPPLY, PEOPLE},
    ),
    "blocks that overlap": (
        "UPDATE blocks SET first_sequence = first_sequence - 1 WHERE economy_id = 2 AND height = 5",
        {CHAIN, ROOTS},
    ),
    "a block that leaves an entry out": (
        "UPDATE blocks SET first_sequence = first_sequence + 1 WHERE economy_id = 2 AND"
        " last_sequence - first_sequence = 19",
        {CHAIN, ROOTS},
    ),
    "a block that claims to be huge": (
        "UPDATE blocks SET last_sequence = 9000000000000000000"
        f" WHERE economy_id = 2 AND height = {TOP}",
        {CHAIN, ROOTS},
    ),
    "a renamed economy": (
        "UPDATE economies SET name = 'mine' WHERE economy_id = 2",
        {CHAIN},
    ),
    # Requests.
    "a removed request of a transaction": (
        f"DELETE FROM requests {in_journal(TRANSFER)}",
        {REQUESTS},
    ),
    "a removed request of another entry": (
        f"DELETE FROM requests {in_journal(OPENED)}",
        {REQUESTS, ROOTS},
    ),
    "another request id of a transaction": (
        f"UPDATE requests SET request_id = gen_random_uuid() {in_journal(TRANSFER)}",
        {REQUESTS},
    ),
    "another request id of another entry": (
        # Only the proof knows what it was.
        f"UPDATE requests SET request_id = gen_random_uuid() {in_journal(OPENED)}",
        {ROOTS},
    ),
    "a second request id of an entry": (
        "INSERT INTO requests SELECT sequence, gen_random_uuid(), body_hash, economy_id"
        f" FROM requests {in_journal(OPENED)}",
        {REQUESTS},
    ),
    "a request of no entry": (
        f"INSERT INTO requests SELECT {LAST} + 1, gen_random_uuid(), gen_random_uuid(), 2",
        {REQUESTS},
    ),
    # Accounts, assets and supply.
    "a renamed account": (
        f"UPDATE accounts SET address = 'orgs/z' WHERE economy_id = 2 AND account_id = {ACCOUNT_B}",
        {ROOTS},
    ),
    "a removed account": (
        f"DELETE FROM accounts WHERE economy_id = 2 AND account_id = {ACCOUNT_B}",
        {ROOTS},
    ),
    "a renamed asset": (
        f"UPDATE assets SET code = 'GOLD' WHERE economy_id = 2 AND asset_id = {WOOD}",
        {ROOTS, SUPPLY},
    ),
    "a raised cap": (
        f"UPDATE assets SET supply_cap = 2000000 WHERE economy_id = 2 AND asset_id = {BRONZE}",
        {SUPPLY},
    ),
    "a fee that nobody set": (
        f"UPDATE assets SET fee_bps = 1 WHERE economy_id = 2 AND asset_id = {WOOD}",
        {SUPPLY},
    ),
    "more minted than the cap": (
        "UPDATE postings SET amount = 1000001 WHERE economy_id = 2 AND kind = 2"
        f" AND asset_id = {BRONZE}",
        {SUPPLY, ROOTS, BALANCES},
    ),
    "a fee that is too small": (
        "UPDATE postings SET amount = amount - 1 WHERE economy_id = 2 AND kind = 1"
        " AND destination_id = 2",
        {SUPPLY, ROOTS, BALANCES},
    ),
    "a transfer out of the mint": (
        f"UPDATE postings SET source_id = 1 {in_journal(TRANSFER)}",
        {SUPPLY, ROOTS, BALANCES},
    ),
    "a mint to the sink": (
        "UPDATE postings SET destination_id = 2 WHERE economy_id = 2 AND kind = 2"
        f" AND asset_id = {WOOD}",
        {SUPPLY, ROOTS, BALANCES, OVERDRAWN},
    ),
}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
async def test_a_corruption_is_told_by_name(ledger: Ledger, corruption: str) -> None:
    sql, broken = CORRUPTIONS[corruption]
    await ledger.admin.execute(sql)
    report = await ledger.verify()
    assert set(report.violation_counts) == broken, report.violations
    neighbour = await verify(ledger.database, 1)
    assert neighbour.violations == ()


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
