"""The aggregates are what the journal says, however it is cut into pages and whoever is killed."""

import asyncio
import random
import sys
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import asyncpg
import pytest
from ticketonomics_server.identity import model as identity
from ticketonomics_server.identity import model_people as people
from ticketonomics_server.ledger.model import MINT, SINK, CreateAsset, EntryKind, OpenAccount
from ticketonomics_server.ledger.model import Posting as Move
from ticketonomics_server.ledger.model_imports import ImportTransaction
from ticketonomics_server.statistics import following, queries
from ticketonomics_server.statistics.aggregating import aggregate
from ticketonomics_server.statistics.following import connect, forget_all, take_page
from ticketonomics_server.statistics.formulas import distribution
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import reading

from tests.integration.verifying import Maker, ids, making, mint, move

TABLES = ("daily_flows", "daily_supplies", "daily_activity", "person_figures", "wealth_buckets")
FIRST_DAY = date(2030, 1, 30)
BLOCKS = 120


async def live(make: Maker, seed: int) -> None:
    """A history of people who earn, pay, burn, import, merge and go, a few commands a block."""
    chance = random.Random(seed)
    for code, decimals in (("BRONZE", 2), ("SILVER", 0), ("WOOD", 3)):
        await make(CreateAsset(*ids(), code, 1, decimals, code, 0, 100, 1, 0))
    orgs = ["orgs/shop", "orgs/shop/treasury", "apps/game"]
    await make(*(OpenAccount(*ids(), address) for address in orgs))
    there = [await make(identity.GetOrCreatePerson(*ids(), "x", str(n), "")) for n in range(12)]
    balances: defaultdict[tuple[str, str], int] = defaultdict(int)
    for _ in range(BLOCKS):
        commands = []
        for _ in range(chance.randint(1, 4)):
            addresses = [f"users/{person}" for person in there] + orgs
            a, b = chance.sample(addresses, 2)
            code = chance.choice(("BRONZE", "SILVER", "WOOD"))
            amount = chance.randint(1, 500)
            fee = max(-(-amount // 100), 1)
            kind = chance.choice(("mint", "move", "move", "move", "burn", "import"))
            if kind == "mint":
                commands.append(mint(a, 10 * amount, code))
                balances[a, code] += 10 * amount
            elif kind == "move" and balances[a, code] >= amount + fee:
                commands.append(move((a, b, amount, code)))
                balances[a, code] -= amount + fee
                balances[b, code] += amount
            elif kind == "burn" and balances[a, code] >= amount:
                commands.append(move((a, SINK, amount, code), kind=EntryKind.BURN))
                balances[a, code] -= amount
            elif kind == "import" and balances[a, code] >= amount:
                past = datetime(2015, 6, 1, tzinfo=UTC)
                rows = (Move(MINT, b, code, amount), Move(a, b, code, amount))
                commands.append(ImportTransaction(*ids(), rows, past, "old"))
                balances[a, code] -= amount
                balances[b, code] += 2 * amount
        if commands:
            await make(*commands)
        if chance.random() < 0.06 and len(there) > 4:
            gone, stays = chance.sample(there, 2)
            there.remove(gone)
            codes = [code for account, code in balances if account == f"users/{gone}"]
            kept = {code: balances.pop((f"users/{gone}", code)) for code in codes}
            if chance.random() < 0.5:
                await make(people.MergePeople(*ids(), gone, stays))
                for code, amount in kept.items():
                    balances[f"users/{stays}", code] += amount
            else:
                await make(people.ErasePerson(*ids(), gone, burn_balances=True))


SPREAD = """
UPDATE blocks SET block_time = $2::timestamptz + (height / 9) * interval '5 hours'
WHERE economy_id = $1
"""


@pytest.fixture(params=[1, 2, 3])
async def economy_id(database: Database, request: pytest.FixtureRequest) -> AsyncIterator[int]:
    """An economy whose history takes several days, beside another one."""
    for number, name in enumerate(("neighbour", "main")):
        async with making(database, name) as make:
            await live(make, request.param * 10 + number)
    async with database.connected() as connection:
        rows = await connection.fetch("SELECT economy_id FROM economies ORDER BY economy_id")
        for row in rows:
            await connection.execute(SPREAD, row[0], datetime(2030, 1, 30, 3, tzinfo=UTC))
    yield rows[1][0]


@pytest.fixture
async def pages(database: Database) -> AsyncIterator[asyncpg.Connection]:
    opened = await connect(database)
    yield opened
    await opened.close()


async def take_all(connection: asyncpg.Connection, economy_id: int, *, most: int) -> None:
    while await take_page(connection, economy_id, most=most):
        pass


async def contents(connection: asyncpg.Connection, economy_id: int) -> dict[str, set[Any]]:
    """All aggregates; what was emptied again is as if it had never been."""
    found = {}
    for table in TABLES:
        rows = await connection.fetch(f"SELECT * FROM {table} WHERE economy_id = $1", economy_id)
        found[table] = {tuple(row.values()) for row in rows}
    found["wealth_buckets"] = {row for row in found["wealth_buckets"] if row[2]}
    return found


# --- direct computation -----------------------------------------------------------------------

JOURNAL = """
SELECT p.sequence, p.kind, p.amount, p.transaction_id, a.code, a.decimals, a.asset_id,
    s.address AS source, d.address AS destination,
    (b.block_time AT TIME ZONE 'UTC')::date AS day
FROM postings p JOIN assets a USING (economy_id, asset_id)
JOIN accounts s ON s.economy_id = p.economy_id AND s.account_id = p.source_id
JOIN accounts d ON d.economy_id = p.economy_id AND d.account_id = p.destination_id
JOIN blocks b ON b.economy_id = p.economy_id
    AND p.sequence BETWEEN b.first_sequence AND b.last_sequence
WHERE p.economy_id = $1 ORDER BY p.sequence, p.position
"""
TIERS = {"BRONZE": 10**7, "SILVER": 20 * 10**9}


class Direct:
    """The same figures, posting by posting."""

    def __init__(self, journal: list[Any]) -> None:
        self.flows: defaultdict[Any, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self.supplies: dict[Any, tuple[int, int]] = {}
        self.active: defaultdict[date, set[str]] = defaultdict(set)
        self.wealth: defaultdict[str, int] = defaultdict(int)
        totals: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
        for p in journal:
            party = ""
            if p["kind"] in {EntryKind.MINT, EntryKind.BURN, EntryKind.IMPORTED}:
                if p["source"] == MINT:
                    party = self.party(p["destination"])
                elif p["destination"] == SINK:
                    party = self.party(p["source"])
            flow = self.flows[p["day"], p["asset_id"], p["kind"], party]
            flow[0] += p["transaction_id"] is not None
            if p["source"] != MINT and p["destination"] != SINK:
                flow[1] += p["amount"]
            minted = p["amount"] * (p["source"] == MINT)
            burned = p["amount"] * (p["destination"] == SINK)
            flow[2] += minted
            flow[3] += burned
            total = totals[p["asset_id"]]
            total[0] += minted
            total[1] += burned
            if minted or burned:
                self.supplies[p["day"], p["asset_id"]] = total[0], total[1]
            passive = (EntryKind.IMPORTED, EntryKind.PEOPLE_MERGED, EntryKind.PERSON_ERASED)
            if p["source"].startswith("users/") and p["kind"] not in passive:
                self.active[p["day"]].add(p["source"])
            weight = TIERS.get(p["code"], 0)
            self.wealth[p["source"]] -= p["amount"] * weight
            self.wealth[p["destination"]] += p["amount"] * weight

    @staticmethod
    def party(address: str) -> str:
        parts = address.split("/")
        return "/".join(parts[:2]) if parts[0] == "orgs" else parts[0]

    def holders(self) -> list[int]:
        people = [w for address, w in self.wealth.items() if address.startswith("users/")]
        return sorted(wealth for wealth in people if wealth)


def gini(values: list[int]) -> Fraction:
    differences = sum(abs(a - b) for a in values for b in values)
    return Fraction(differences, 2 * len(values) * sum(values))


async def test_aggregates_are_those_of_a_direct_computation(
    database: Database, pages: asyncpg.Connection, economy_id: int
) -> None:
    await take_all(pages, economy_id, most=7)
    direct = Direct(await pages.fetch(JOURNAL, economy_id))
    found = await contents(pages, economy_id)
    assert len(direct.active) > 2, "the history takes several days"
    assert {EntryKind.PEOPLE_MERGED, EntryKind.PERSON_ERASED} <= {key[2] for key in direct.flows}
    assert {row[1:5]: list(map(int, row[5:])) for row in found["daily_flows"]} == direct.flows
    assert {row[1:3]: (int(row[3]), int(row[4])) for row in found["daily_supplies"]} == (
        direct.supplies
    )
    assert {row[1]: row[2] for row in found["daily_activity"] if row[2]} == {
        day: len(active) for day, active in direct.active.items()
    }
    wealth = sorted(int(row[2]) for row in found["person_figures"] if row[2])
    assert wealth == direct.holders()
    states = dict(
        await pages.fetch(
            "SELECT 'users/' || person_id, state FROM people WHERE economy_id = $1", economy_id
        )
    )
    last = max(direct.active)
    async with reading(database, economy_id) as snapshot:
        made = distribution(await queries.read_buckets(snapshot))
        counts = await queries.count_active(snapshot, last, (1, 3, 30))
        assert await queries.find_cursor(snapshot) == snapshot.last_sequence
    assert (made.people_count, made.wealth) == (len(wealth), sum(wealth))
    assert 0 <= gini(wealth) * 10**6 - made.gini_ppm <= made.gini_error_ppm
    for days, count in zip((1, 3, 30), counts, strict=True):
        window = [who for day, who in direct.active.items() if day > last - timedelta(days=days)]
        # Who was merged or erased since is nobody who was active.
        assert count == len({who for who in set().union(*window) if states[who] < 3})


async def test_pages_of_any_size_make_the_same(pages: asyncpg.Connection, economy_id: int) -> None:
    await take_all(pages, economy_id, most=1)
    small = await contents(pages, economy_id)
    for most in (2, 50, 100_000):
        await forget_all(pages, economy_id)
        await take_all(pages, economy_id, most=most)
        assert await contents(pages, economy_id) == small
    chance = random.Random(5)
    await forget_all(pages, economy_id)
    while await take_page(pages, economy_id, most=chance.randint(1, 60)):
        pass
    assert await contents(pages, economy_id) == small


async def test_forgetting_one_economy_leaves_its_neighbours(
    pages: asyncpg.Connection, economy_id: int
) -> None:
    others = [row[0] for row in await pages.fetch("SELECT economy_id FROM economies")]
    for number in others:
        await take_all(pages, number, most=50)
    neighbour = min(others)
    before = await contents(pages, neighbour)
    await forget_all(pages, economy_id)
    assert await contents(pages, neighbour) == before
    assert not any((await contents(pages, economy_id)).values())


SERVER = """
import asyncio, sys
from ticketonomics_server.statistics.following import connect, take_page
from ticketonomics_server.storage.database import Database

async def main(url, economy_id):
    connection = await connect(Database(url))
    print("up", flush=True)
    while True:
        # Another one may hold the lock: then nothing is taken, and it is tried again.
        await take_page(connection, economy_id, most=2)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


async def test_two_servers_that_are_killed_take_every_entry_in_once(
    database: Database, pages: asyncpg.Connection, economy_id: int
) -> None:
    await take_all(pages, economy_id, most=100_000)
    whole = await contents(pages, economy_id)
    await forget_all(pages, economy_id)
    chance = random.Random(9)
    cursor = "SELECT last_sequence FROM statistics_cursors WHERE economy_id = $1"
    end = await pages.fetchval(
        "SELECT max(last_sequence) FROM blocks WHERE economy_id = $1", economy_id
    )
    kills = 0
    while (await pages.fetchval(cursor, economy_id) or 0) < end:
        servers = [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", SERVER, database.url, str(economy_id)),
                stdout=asyncio.subprocess.PIPE,
            )
            for _ in range(2)
        ]
        for server in servers:
            assert server.stdout is not None
            await server.stdout.readline()
        await asyncio.sleep(chance.uniform(0.0, 0.15))
        for server in servers:
            server.kill()
            await server.wait()
        kills += 1
        # Nothing is taken in by halves: the cursor stands at the end of a block.
        at = await pages.fetchval(cursor, economy_id) or 0
        ends = "SELECT EXISTS (SELECT FROM blocks WHERE economy_id = $1 AND last_sequence = $2)"
        assert not at or await pages.fetchval(ends, economy_id, at)
    assert kills > 1
    assert await contents(pages, economy_id) == whole


async def test_who_holds_the_lock_is_alone(
    database: Database, pages: asyncpg.Connection, economy_id: int
) -> None:
    other = await connect(database)
    async with other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock(29130, $1)", economy_id)
        assert await take_page(pages, economy_id) == 0
    assert await take_page(pages, economy_id) > 0
    await other.close()


async def test_pages_that_take_too_long_are_taken_by_parts(
    database: Database,
    pages: asyncpg.Connection,
    economy_id: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    async def slow(connection: asyncpg.Connection, number: int, *, most: int) -> int:
        asked.append(most)
        if most > 50:
            await connection.execute("SET LOCAL statement_timeout = 1")
            await connection.execute("SELECT pg_sleep(1)")
        return await aggregate(connection, number, most=most)

    monkeypatch.setattr(following, "aggregate", slow)
    follower = following.StatisticsFollower(database)
    while await follower._take(pages, economy_id):
        pass
    assert max(asked) == following.MOST_ENTRIES
    assert min(asked) < 50
    whole = await contents(pages, economy_id)
    monkeypatch.undo()
    await forget_all(pages, economy_id)
    await take_all(pages, economy_id, most=100_000)
    assert await contents(pages, economy_id) == whole
