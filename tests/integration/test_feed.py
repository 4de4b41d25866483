"""Streams that follow an economy which several servers write to."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import asyncpg
import pytest
from ticketonomics_server.engine.block import Block
from ticketonomics_server.engine.command import Accepted
from ticketonomics_server.engine.domain import Registry
from ticketonomics_server.engine.economies import TRANSACTIONS, Economies, Stream
from ticketonomics_server.engine.feed import Page
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.timers import ENGINE
from ticketonomics_server.storage import database as database_module
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import reading

from tests.integration.counter_domain import COUNTING, add
from tests.integration.sequencing import CALLER, PATIENCE_SECONDS

READ_PAGE_SQL = "SELECT sequence FROM requests WHERE sequence > {} AND sequence <= {} ORDER BY 1"


def _make_page(block: Block, entries: Sequence[Accepted]) -> Page:
    return Page(block.first_sequence, block.last_sequence, [entry.sequence for entry in entries])


class Server:
    """What a server process has of an economy, without gRPC."""

    def __init__(self, database: Database, economy_id: int) -> None:
        self._database = database
        self._economy_id = economy_id
        self.economies = Economies(
            registry=Registry([ENGINE, COUNTING]),
            connect=database.connect_sequencer,
            find_name=self._find_name,
            streams={TRANSACTIONS: Stream(self._read_page, _make_page)},
        )

    async def _find_name(self, _: int) -> str:
        return "main"

    async def _read_page(self, economy_id: int, after: int, limit: int) -> Page:
        async with reading(self._database, economy_id) as snapshot:
            last = min(after + limit, snapshot.last_sequence)
            rows = await snapshot.connection.exec_driver_sql(READ_PAGE_SQL.format(after, last))
            return Page(after + 1, last, [row.sequence for row in rows])

    async def add(self) -> None:
        sequencer = await self.economies.sequencer(self._economy_id)
        outcome = (await sequencer.submit(CALLER, [add("a"), add("b")])).outcomes[0]
        assert isinstance(outcome, Accepted)

    async def follow(self, cursor: int, count: int) -> list[int]:
        """Follows until so many entries were told."""
        feed = (await self.economies.get(self._economy_id)).feed
        told: list[int] = []
        async for page in feed.follow(cursor):
            if page is not None:
                told += [sequence for sequence in page.items if sequence > cursor]
                cursor = page.last_sequence
            if len(told) >= count:
                return told
        raise AssertionError("a feed does not end")


@pytest.fixture
async def open_server(database_url, economy_id):
    @asynccontextmanager
    async def opened() -> AsyncIterator[Server]:
        database = Database(database_url)
        server = Server(database, economy_id)
        listening = asyncio.create_task(database.listen(server.economies.hear))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                yield server
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            await server.economies.drain()
            await database.close()

    return opened


@pytest.fixture
def no_polling(monkeypatch) -> None:
    """Leaves nothing but notifications to tell of other servers' blocks."""
    monkeypatch.setattr(
        database_module, "_HEADS", "SELECT 1 AS economy_id, 0 AS last_sequence WHERE false"
    )


async def is_listening(plain: asyncpg.Connection, servers: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Client' AND query LIKE 'SELECT%WHERE false'"
            )
            if await plain.fetchval(query) >= servers:
                return
            await asyncio.sleep(0.005)


async def test_streams_on_two_servers_hear_everything_once_and_in_order(
    open_server, plain, no_polling
) -> None:
    """By NOTIFY alone. Fails without it in `Session.commit` (tried)."""
    chance = random.Random(3)
    async with open_server() as first, open_server() as second:
        await is_listening(plain, 2)
        streams = [
            asyncio.create_task(server.follow(cursor, 100 - cursor))
            for server in (first, second)
            for cursor in (0, 0, 37, 60)
        ]

        async def write() -> None:
            for _ in range(10):
                await chance.choice((first, second)).add()

        await asyncio.gather(*(write() for _ in range(5)))
        told = await asyncio.gather(*streams)
        assert told == [list(range(cursor + 1, 101)) for cursor in (0, 0, 37, 60) * 2]


async def test_a_server_that_missed_the_news_reads_the_head(open_server, plain) -> None:
    """Fails without the look at all heads in `Database.listen` (tried)."""
    async with open_server() as first, open_server() as second:
        stream = asyncio.create_task(second.follow(0, 2))
        await first.add()
        assert await stream == [1, 2]
        # Its news connection dies, and what is committed meanwhile is not told.
        await plain.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = ''"
            " AND pid <> pg_backend_pid()"
        )
        await first.add()
        assert await second.follow(2, 2) == [3, 4]


async def test_a_drained_server_ends_its_streams_and_begins_no_new_work(
    open_server, economy_id
) -> None:
    async with open_server() as server:
        await server.add()
        stream = asyncio.create_task(server.follow(0, 100))
        await asyncio.sleep(0)
        await server.economies.drain()
        with pytest.raises(Rejection) as ended:
            await stream
        assert ended.value.reason == Reason.DRAINING
        with pytest.raises(Rejection) as refused:
            await server.add()
        assert refused.value.reason == Reason.DRAINING


async def test_a_draining_server_does_not_begin_with_another_economy(
    open_server, economy_id
) -> None:
    # Once, a sequencer that was begun then was never drained.
    async with open_server() as server:
        await server.economies.drain()
        with pytest.raises(Rejection) as refused:
            await server.add()
        assert refused.value.reason == Reason.DRAINING
