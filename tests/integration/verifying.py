"""Economies for `verify`: with entries of all kinds, cloned for whoever damages one."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import asyncpg
from ticketonomics_server.engine.command import Accepted, Caller, Command
from ticketonomics_server.engine.domain import Domain, Handling, Registry
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
from ticketonomics_server.verification import Invariant, Report, verify

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

Build = Callable[[str], Awaitable[None]]
_numbers = count(1)


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


def make_template(postgres: EmbeddedPostgres, name: str, build: Build) -> str:
    """Makes a database to be cloned, in a loop of its own: modules' fixtures have none."""

    async def create() -> None:
        owner = await asyncpg.connect(postgres.dsn)
        await owner.execute(f"CREATE DATABASE {name}")
        await owner.close()
        await build(named(postgres.dsn, name))

    thread = threading.Thread(target=asyncio.run, args=(create(),))
    thread.start()
    thread.join()
    return name


@asynccontextmanager
async def cloned(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[Ledger]:
    name = f"verify_{next(_numbers)}"
    owner = await asyncpg.connect(postgres.dsn)
    await owner.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
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


def named(dsn: str, name: str) -> str:
    return dsn.replace("/ticketonomics?", f"/{name}?").replace("/postgres?", f"/{name}?")


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
async def making(database: Database, economy: str, *rooms: Domain) -> AsyncIterator[Maker]:
    connection = await database.connect()
    economy_id = await create_economy(connection, economy)
    await connection.close()
    sequencer = Sequencer(
        economy_id=economy_id,
        economy=economy,
        registry=Registry([ENGINE, LEDGER, IDENTITY, SPENDING, *rooms]),
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
