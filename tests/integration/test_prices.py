"""On a real Postgres: what a block writes is what its trades come to, and `verify` sees it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ticketonomics_server.engine.command import Accepted
from ticketonomics_server.engine.timers import ENGINE
from ticketonomics_server.prices import housekeeping, journal
from ticketonomics_server.prices.domain import PRICES
from ticketonomics_server.prices.model import (
    INTERVALS_SECONDS,
    MAX_SIZE,
    RecordedTick,
    Tick,
    round_price,
)
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.economies import create_economy
from ticketonomics_server.storage.embedded import EmbeddedPostgres
from ticketonomics_server.storage.writes import execute
from ticketonomics_server.verification import Invariant, Report, verify
from ticketonomics_server.verification import prices as replayed

from tests.conftest import migrated
from tests.integration.sequencing import Running, sequencing
from tests.integration.trading_domain import COPPER, IRON, TRADING, iron, trade

CANDLES = Invariant.CANDLES_MATCH_TICKS
START = datetime(2026, 2, 28, 23, 58, 58, 500_000, tzinfo=UTC)

CANDLE_ROWS = """
SELECT instrument, interval_seconds, start_time, open, high, low, close, volume, trade_count,
       first_sequence, last_sequence
FROM candles WHERE economy_id = $1 ORDER BY instrument, interval_seconds, start_time
"""
TICK_ROWS = """
SELECT sequence, position, instrument, price, size, tick_time FROM ticks
WHERE economy_id = $1 ORDER BY sequence, position
"""


# --- roll-ups equal direct aggregation ----------------------------------------------------------

PARTS = st.one_of(st.integers(1, 9), st.integers(1, 10**6), st.integers(1, MAX_SIZE * 10**9))
DEALS = st.tuples(
    st.sampled_from(("pools/iron", "pools/copper", "market/sword/BRONZE")),
    PARTS,
    PARTS,
    st.one_of(st.integers(1, 1_000), st.just(MAX_SIZE)),
)
ENTRIES = st.lists(DEALS, min_size=1, max_size=3)
# Entries, and how long after the block before it the block is made.
BLOCKS = st.lists(
    st.tuples(
        st.lists(ENTRIES, min_size=1, max_size=8),
        st.sampled_from((0, 1, 400_000, 1_000_000, 61_000_000, 3_700_000_000, 90_000_000_000)),
    ),
    min_size=1,
    max_size=8,
)


class Loop:
    """A migrated database for all examples of a test, and the loop that it lives in."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self.loop = asyncio.new_event_loop()
        self._context = migrated(postgres)
        self.url = self.run(self._context.__aenter__())
        self.connection: asyncpg.Connection = self.run(asyncpg.connect(self.url))

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        self.run(self.connection.close())
        self.run(self._context.__aexit__(None, None, None))
        self.loop.close()


@pytest.fixture(scope="module")
def world(postgres: EmbeddedPostgres) -> Iterator[Loop]:
    opened = Loop(postgres)
    yield opened
    opened.close()


def recorded(blocks: Any) -> list[list[RecordedTick]]:
    """What `record_trade` would have recorded of these blocks."""
    time, sequence, made = START, 0, []
    for entries, micros in blocks:
        time += timedelta(microseconds=micros)
        block = []
        for entry in entries:
            sequence += 1
            for position, (name, numerator, denominator, size) in enumerate(entry):
                price = round_price(numerator, denominator)
                tick = Tick(sequence, position, name, price, size, time)
                block.append(RecordedTick(*tick, "IRON", "BRONZE"))
        made.append(block)
    return made


def aggregated(ticks: list[Tick]) -> list[tuple[Any, ...]]:
    """Candles of these trades, made the plain way."""
    made = []
    for seconds in INTERVALS_SECONDS:

        def bucket(tick: Tick, seconds: int = seconds) -> tuple[str, int]:
            return tick.instrument, int(tick.tick_time.timestamp() // seconds * seconds)

        for (name, start), group in groupby(sorted(ticks, key=bucket), key=bucket):
            them = list(group)
            prices = [tick.price for tick in them]
            made.append(
                (
                    name, seconds, datetime.fromtimestamp(start, UTC),
                    prices[0], max(prices), min(prices), prices[-1],
                    sum(tick.size for tick in them), len(them),
                    them[0].sequence, them[-1].sequence,
                )
            )  # fmt: skip
    return sorted(made)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(blocks=BLOCKS)
def test_candles_are_what_direct_aggregation_makes(world: Loop, blocks: Any) -> None:
    """Whatever the trades and the borders of blocks."""
    made = recorded(blocks)
    ticks = [record.tick for block in made for record in block]
    plain = world.connection
    economy = world.run(create_economy(plain, uuid4().hex))
    for block in made:
        world.run(write(plain, economy, block))
    stored = [Tick(*row) for row in world.run(plain.fetch(TICK_ROWS, economy))]
    assert stored == ticks
    assert [tuple(row) for row in world.run(plain.fetch(CANDLE_ROWS, economy))] == aggregated(ticks)
    newest = {tick.instrument: tick for tick in ticks}
    rows = world.run(plain.fetch("SELECT * FROM instruments WHERE economy_id = $1", economy))
    assert {row["instrument"] for row in rows} == newest.keys()
    for row in rows:
        tick = newest[row["instrument"]]
        assert (row["last_sequence"], row["last_position"]) == (tick.sequence, tick.position)
        assert (row["last_price"], row["last_size"]) == (tick.price, tick.size)
        assert row["trade_count"] == sum(t.instrument == tick.instrument for t in ticks)


async def write(plain: asyncpg.Connection, economy: int, block: list[RecordedTick]) -> None:
    async with plain.transaction(isolation="serializable"):
        await execute(plain, journal.TickJournal().writes(economy, block))


def test_a_block_of_many_trades_is_three_writes() -> None:
    """However many there are: one append, one merge of candles, one of newest prices."""
    block = recorded([([[("pools/iron", n, 1, 1)] for n in range(1, 8_193)], 0)])[0]
    append, candles, instruments = journal.TickJournal().writes(1, block)
    assert (append.rows, candles.rows, instruments.rows) == (8_192, len(INTERVALS_SECONDS), 1)


# --- through the sequencer ----------------------------------------------------------------------


@pytest.fixture
async def trading(database: Database, economy_id: int) -> AsyncIterator[Running]:
    async with trading_sequencer(database, economy_id) as running:
        yield running


@asynccontextmanager
async def trading_sequencer(database: Database, economy_id: int) -> AsyncIterator[Running]:
    domains = (ENGINE, PRICES, TRADING)
    async with sequencing(database, economy_id, domains=domains) as running:
        yield running


async def stored_ticks(plain: asyncpg.Connection, economy_id: int) -> list[Tick]:
    return [Tick(*row) for row in await plain.fetch(TICK_ROWS, economy_id)]


async def test_a_trade_is_a_tick_and_five_candles_with_its_block(
    trading: Running, plain: asyncpg.Connection, economy_id: int
) -> None:
    outcome = await trading.submit_one(trade((IRON, 3, 2, 20), (COPPER, 1, 3, 7)))
    assert isinstance(outcome, Accepted)
    (block,) = trading.blocks
    assert await stored_ticks(plain, economy_id) == [
        Tick(1, 0, IRON, Decimal("1.5"), 20, block.block_time),
        Tick(1, 1, COPPER, Decimal("0.333333333333333333"), 7, block.block_time),
    ]
    candles = await plain.fetch(CANDLE_ROWS, economy_id)
    assert [(row["instrument"], row["interval_seconds"]) for row in candles] == [
        (name, seconds) for name in (COPPER, IRON) for seconds in INTERVALS_SECONDS
    ]


async def test_what_is_refused_leaves_no_tick(
    trading: Running, plain: asyncpg.Connection, economy_id: int
) -> None:
    await trading.submit(iron(1), trade((IRON, 5, 1, 1), refused=True), iron(2))
    ticks = await stored_ticks(plain, economy_id)
    assert [(t.sequence, t.price) for t in ticks] == [(1, Decimal(1)), (2, Decimal(2))]
    assert await plain.fetchval("SELECT max(high) FROM candles") == 2


async def test_the_same_request_trades_once(
    trading: Running, plain: asyncpg.Connection, economy_id: int
) -> None:
    deal = iron(4)
    for _ in range(3):
        await trading.submit_one(deal)
    assert len(await stored_ticks(plain, economy_id)) == 1


async def test_several_servers_make_one_candle(
    database: Database, plain: asyncpg.Connection, economy_id: int
) -> None:
    async with (
        trading_sequencer(database, economy_id) as one,
        trading_sequencer(database, economy_id) as other,
    ):
        await asyncio.gather(
            *(server.submit(*map(iron, range(1, 400))) for server in (one, other) for _ in "ab")
        )
    ticks = await stored_ticks(plain, economy_id)
    assert len(ticks) == 4 * 399
    rows = [tuple(row) for row in await plain.fetch(CANDLE_ROWS, economy_id)]
    assert rows == aggregated(ticks)
    assert (await coherent(database, economy_id)).coherent


async def coherent(database: Database, economy_id: int) -> Report:
    return await verify(database, economy_id, invariants=[CANDLES])


# --- verify -------------------------------------------------------------------------------------

DAMAGES = {
    "a tick is gone": "DELETE FROM ticks WHERE sequence = 300",
    "a tick has another price": "UPDATE ticks SET price = 1000 WHERE sequence = 5",
    "a tick has another size": "UPDATE ticks SET size = size + 1 WHERE sequence = 5",
    "a tick has another time": "UPDATE ticks SET tick_time = tick_time - interval '1 day'"
    " WHERE sequence = 5",
    "a tick of no entry": "INSERT INTO ticks SELECT 99999, tick_time, size, economy_id, position,"
    " price, instrument FROM ticks WHERE sequence = 5",
    "a tick lacks its first": "UPDATE ticks SET position = 1 WHERE sequence = 5",
    "a candle is gone": "DELETE FROM candles WHERE interval_seconds = 60",
    "a second is gone": "DELETE FROM candles WHERE interval_seconds = 1 AND instrument ="
    " 'pools/copper'",
    "a candle has another high": "UPDATE candles SET high = high + 1 WHERE interval_seconds = 300",
    "a candle has another volume": "UPDATE candles SET volume = volume + 1"
    " WHERE interval_seconds = 3600",
    "a candle out of nothing": "INSERT INTO candles SELECT economy_id, interval_seconds,"
    " start_time - interval '3 days', trade_count, first_sequence, last_sequence, instrument,"
    " open, high, low, close, volume FROM candles WHERE interval_seconds = 1"
    " AND instrument = 'pools/copper'",
    "another newest price": "UPDATE instruments SET last_price = 77",
    "another count of trades": "UPDATE instruments SET trade_count = trade_count + 1",
    "no instrument": "DELETE FROM instruments WHERE instrument = 'pools/copper'",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_damage_is_seen(
    database: Database, plain: asyncpg.Connection, economy_id: int, damage: str
) -> None:
    async with trading_sequencer(database, economy_id) as trading:
        await trading.submit_one(trade((COPPER, 1, 1, 1)))
        await trading.submit(*map(iron, range(1, 400)))
    assert (await coherent(database, economy_id)).violations == ()
    await plain.execute(damage)
    report = await coherent(database, economy_id)
    assert {violation.invariant for violation in report.violations} == {CANDLES}, report


# --- housekeeping -------------------------------------------------------------------------------


async def write_history(
    plain: asyncpg.Connection, economy_id: int, *ages: timedelta, trades: int = 3
) -> None:
    """Writes a block of some trades for each age; ledgers cannot be made in the past."""
    now = datetime.now(UTC)
    for height, old in enumerate(ages, start=1):
        first, time = (height - 1) * trades + 1, now - old
        block = [
            RecordedTick(first + n, 0, IRON, round_price(height + n, 3), 2, time, "IRON", "")
            for n in range(trades)
        ]
        await write(plain, economy_id, block)
        await plain.execute(
            "INSERT INTO blocks (economy_id, height, first_sequence, last_sequence, block_time,"
            " merkle_root, previous_hash, hash) VALUES ($1, $2, $3, $4, $5, $6, $6, $6)",
            economy_id,
            height,
            first,
            first + trades - 1,
            time,
            bytes(32),
        )
        await plain.executemany(
            "INSERT INTO entries (economy_id, sequence, kind, event) VALUES ($1, $2, 910, '')",
            [(economy_id, first + n) for n in range(trades)],
        )


AGES = (
    timedelta(days=90),
    timedelta(days=31),
    timedelta(days=29),
    timedelta(days=8),
    timedelta(days=6),
    timedelta(seconds=5),
)


async def test_old_ticks_and_seconds_go_in_portions_and_the_rest_stays(
    database: Database,
    plain: asyncpg.Connection,
    economy_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(housekeeping, "PORTION", 2)
    monkeypatch.setattr(housekeeping, "PAUSE_SECONDS", 0.0)
    await write_history(plain, economy_id, *AGES)
    before = [tuple(row) for row in await plain.fetch(CANDLE_ROWS, economy_id)]
    assert (await coherent(database, economy_id)).violations == ()
    await asyncio.gather(*(housekeeping.Housekeeping(database).tidy_all() for _ in range(3)))
    assert [t.sequence for t in await stored_ticks(plain, economy_id)] == list(range(7, 19))
    after = [tuple(row) for row in await plain.fetch(CANDLE_ROWS, economy_id)]
    gone = set(before) - set(after)
    assert {(row[1], row[-1]) for row in gone} == {(1, 3), (1, 6), (1, 9), (1, 12)}
    assert set(after) < set(before)
    retention = await plain.fetchrow("SELECT * FROM price_retention")
    assert retention["ticks_from"] == 7
    # What is left is still what the ticks come to, and damage to it is still seen.
    assert (await coherent(database, economy_id)).violations == ()
    await plain.execute("UPDATE candles SET high = high + 1 WHERE last_sequence = 15")
    assert not (await coherent(database, economy_id)).coherent


async def test_an_operator_keeps_them_longer(
    database: Database, plain: asyncpg.Connection, economy_id: int
) -> None:
    await plain.executemany(
        "INSERT INTO parameter_values (economy_id, name, setting, set_sequence, set_time, set_by)"
        " VALUES ($1, $2, $3, 1, now(), 'operator')",
        [
            (economy_id, "prices.keep_ticks", str(80 * 86_400)),
            (economy_id, "prices.keep_seconds", str(7_200)),
        ],
    )
    await write_history(plain, economy_id, *AGES)
    await housekeeping.Housekeeping(database).tidy_all()
    assert [t.sequence for t in await stored_ticks(plain, economy_id)] == list(range(4, 19))
    seconds = "SELECT count(*) FROM candles WHERE interval_seconds = 1"
    assert await plain.fetchval(seconds) == 1


async def test_an_economy_without_trades_has_nothing_to_tidy(
    database: Database, plain: asyncpg.Connection, economy_id: int
) -> None:
    await housekeeping.Housekeeping(database).tidy_all()
    assert await plain.fetchval("SELECT count(*) FROM price_retention") == 0


async def test_long_histories_are_compared_page_by_page(
    database: Database,
    plain: asyncpg.Connection,
    economy_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(replayed, "PAGE", 4)
    ages = [timedelta(minutes=31 * n, seconds=n) for n in range(60, 0, -1)]
    await write_history(plain, economy_id, *ages)
    assert (await coherent(database, economy_id)).violations == ()
    await plain.execute("UPDATE candles SET close = low WHERE interval_seconds = 3600")
    assert not (await coherent(database, economy_id)).coherent
