"""The block log over many blocks: built behind them, by several at once, and verified."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from ticketonomics_server.domains import DOMAINS
from ticketonomics_server.engine.block import Block, encode_header
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.domain import Registry
from ticketonomics_server.engine.merkle import leaf_hash, tree_root
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.sequencer import Sequencer
from ticketonomics_server.identity.scopes import ALL_SCOPES
from ticketonomics_server.ledger.model import OpenAccount
from ticketonomics_server.proofs.following import LogFollower
from ticketonomics_server.proofs.log import extend_log, read_spans
from ticketonomics_server.proofs.publishing import publish_first_key, rotate_key
from ticketonomics_server.proofs.signing import Signer
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.economies import create_economy
from ticketonomics_server.storage.reading import reading
from ticketonomics_server.verification import Invariant, verify

OPERATOR = Caller(application_id="operator", scopes=ALL_SCOPES)
COUNT = 530
PROOFS = Invariant.PROOFS_MATCH_BLOCKS


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_folder=tmp_path)


@pytest.fixture
async def economy_id(database: Database) -> int:
    """An economy of many blocks whose log nobody has built."""
    connection = await database.connect()
    made = await create_economy(connection, "main")
    await connection.close()
    async with making(database, made) as make:
        for number in range(COUNT):
            await make(f"orgs/{number}")
    return made


@asynccontextmanager
async def making(database: Database, economy_id: int) -> AsyncIterator[Any]:
    sequencer = Sequencer(
        economy_id=economy_id,
        economy="main",
        registry=Registry(DOMAINS),
        connect=database.connect_sequencer,
        on_commit=lambda *_: None,
    )
    running = asyncio.create_task(sequencer.run())

    async def make(address: str) -> None:
        await sequencer.submit(OPERATOR, [OpenAccount(uuid4().bytes, bytes(16), address)])

    yield make
    await sequencer.drain()
    await running


async def all_hashes(connection: asyncpg.Connection) -> list[bytes]:
    rows = await connection.fetch(
        "SELECT height, first_sequence, last_sequence, block_time, merkle_root, previous_hash, hash"
        " FROM blocks ORDER BY height"
    )
    return [leaf_hash(encode_header("main", Block(*row))) for row in rows]


def key_files(folder: Path) -> list[Path]:
    return list(folder.rglob("signing.key*"))


async def broken(database: Database, economy_id: int) -> set[Invariant]:
    return set((await verify(database, economy_id)).violation_counts)


async def test_a_log_is_built_from_blocks_that_were_there_before(
    database: Database, economy_id: int, settings: Settings
) -> None:
    follower = LogFollower(database, Signer(settings, database))
    async with reading(database, economy_id) as snapshot:
        with pytest.raises(Rejection, match="still being built"):
            await read_spans(snapshot, "main", COUNT, [(0, COUNT)])
    await asyncio.gather(*(LogFollower(database, follower._signer).follow_all() for _ in range(3)))
    assert await follower.catch_up(economy_id, "main") == 0
    connection = await database.connect()
    hashes = await all_hashes(connection)
    assert len(hashes) == COUNT
    assert await connection.fetchval("SELECT count(*) FROM log_nodes") == 3
    assert await connection.fetch("SELECT tree_size FROM signed_heads") == [(512,)]
    await connection.close()
    async with reading(database, economy_id) as snapshot:
        for size in (1, 2, 255, 256, 257, 300, 511, 512, 513, 529, 530):
            (root,) = await read_spans(snapshot, "main", size, [(0, size)])
            assert root == tree_root(hashes[:size]), size
    assert await broken(database, economy_id) == set()


async def test_whatever_is_changed_of_the_log_is_found(
    database: Database, economy_id: int, settings: Settings
) -> None:
    await LogFollower(database, Signer(settings, database)).follow_all()
    assert await broken(database, economy_id) == set()
    other = "'\\x" + "00" * 32 + "'"
    damages = {
        f"UPDATE log_nodes SET hash = {other} WHERE level = 8 AND position = 1": {PROOFS},
        f"UPDATE log_nodes SET hash = {other} WHERE level = 9": {PROOFS},
        "DELETE FROM log_nodes WHERE level = 9": {PROOFS},
        "DELETE FROM log_nodes WHERE level = 8 AND position = 0": {PROOFS},
        f"INSERT INTO log_nodes VALUES (1, 8, 2, {other})": {PROOFS},
        f"INSERT INTO log_nodes VALUES (1, 10, 0, {other})": {PROOFS},
        f"UPDATE signed_heads SET root = {other}": {PROOFS},
        "UPDATE signed_heads SET signature = '\\x" + "00" * 64 + "'": {PROOFS},
        "UPDATE signed_heads SET tree_size = 300": {PROOFS},
        "UPDATE signed_heads SET tree_size = 1024": {PROOFS},
        "UPDATE signed_heads SET signing_key_id = 'nobody'": {PROOFS},
        "UPDATE signing_keys SET signing_key_id = 'nobody'": {PROOFS},
        # The blocks say another thing than when the head was signed.
        "UPDATE blocks SET block_time = block_time + interval '1 us' WHERE height = 400": {
            PROOFS,
            Invariant.CHAIN_UNBROKEN,
        },
        # What is missing at the end is made again.
        "DELETE FROM log_nodes": set(),
        "DELETE FROM signed_heads": set(),
    }
    connection = await database.connect()
    tables = ("log_nodes", "signed_heads", "signing_keys", "blocks")
    for table in tables:
        await connection.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
    for damage, expected in damages.items():
        assert await connection.execute(damage) not in {"UPDATE 0", "DELETE 0"}, damage
        assert await broken(database, economy_id) == expected, damage
        for table in tables:
            await connection.execute(f"DELETE FROM {table}")
            await connection.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
    await connection.close()
    assert await broken(database, economy_id) == set()


async def test_a_damaged_block_is_built_into_no_log_and_told(
    database: Database, economy_id: int, settings: Settings, no_errors_logged: list[str]
) -> None:
    connection = await database.connect()
    await connection.execute("UPDATE blocks SET merkle_root = previous_hash WHERE height = 300")
    follower = LogFollower(database, Signer(settings, database))
    await follower.follow_all()
    await follower.follow_all()
    assert await connection.fetchval("SELECT count(*) FROM log_nodes") == 1
    await connection.close()
    assert len(no_errors_logged) == 1, "once is enough"
    assert "run verify" in no_errors_logged.pop()


async def test_nodes_that_were_lost_are_made_again(
    database: Database, economy_id: int, settings: Settings
) -> None:
    connection = await database.connect()
    assert await extend_log(connection, economy_id, "main", most=1) == 1
    assert await extend_log(connection, economy_id, "main", most=5) == 1
    before = await connection.fetch("SELECT * FROM log_nodes ORDER BY 1, 2, 3")
    await connection.execute("DELETE FROM log_nodes")
    await LogFollower(database, Signer(settings, database)).follow_all()
    assert await connection.fetch("SELECT * FROM log_nodes ORDER BY 1, 2, 3") == before
    await connection.close()


async def test_servers_that_start_at_once_publish_one_key(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    connection = await database.connect()
    await create_economy(connection, "main")
    await create_economy(connection, "guild")
    others = [Settings(data_folder=tmp_path / str(number)) for number in range(3)]
    names = await asyncio.gather(*(publish_first_key(database, other) for other in others))
    assert len(set(names) - {None}) == 1
    published = await connection.fetch("SELECT DISTINCT signing_key_id FROM signing_keys")
    assert {row[0] for row in published} == set(names) - {None}
    assert await connection.fetchval("SELECT count(*) FROM signing_keys") == 2
    assert len(key_files(tmp_path)) == 1
    # A third economy gets the same key from the server that has it, and from no other.
    await create_economy(connection, "late")
    owner = next(o for o, name in zip(others, names, strict=True) if name)
    for other in sorted(others, key=lambda o: o is owner):
        await publish_first_key(database, other)
    assert await connection.fetchval("SELECT count(*) FROM signing_keys") == 3
    await rotate_key(database, owner)
    assert await connection.fetchval("SELECT count(*) FROM signing_keys") == 6
    in_use = await connection.fetch("SELECT * FROM signing_keys WHERE end_time IS NULL")
    assert len({row["signing_key_id"] for row in in_use}) == 1
    assert len(in_use) == 3
    await connection.close()
