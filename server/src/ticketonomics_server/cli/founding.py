"""Commands of whoever owns the database: submitted with every right, without a key."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ticketonomics_server.cli.reaching import check_schema, find_economies, open_database
from ticketonomics_server.domains import DOMAINS
from ticketonomics_server.engine.command import Accepted, Caller, Command
from ticketonomics_server.engine.domain import Registry
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.sequencer import Sequencer
from ticketonomics_server.identity.scopes import ALL_SCOPES
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.database import Database

Submit = Callable[[Command], Awaitable[str]]


@asynccontextmanager
async def one_economy(settings: Settings) -> AsyncIterator[tuple[Database, int]]:
    """Opens the database of the economy that is set, and gives both."""
    async with open_database(settings) as database:
        await check_schema(database)
        found = await find_economies(database, settings.economy)
        yield database, found[settings.economy]


@asynccontextmanager
async def founding(settings: Settings) -> AsyncIterator[Submit]:
    """Gives a way to submit commands with every right, through a sequencer like a server's."""
    async with one_economy(settings) as (database, economy_id):
        sequencer = Sequencer(
            economy_id=economy_id,
            economy=settings.economy,
            registry=Registry(DOMAINS),
            connect=database.connect_sequencer,
            on_commit=lambda *_: None,
        )
        founder = Caller(application_id="", scopes=ALL_SCOPES)

        async def submit(command: Command) -> str:
            (outcome,) = (await sequencer.submit(founder, [command])).outcomes
            if isinstance(outcome, Rejection):
                raise outcome
            assert isinstance(outcome, Accepted), "a founder's command makes an entry"
            return str(outcome.value)

        running = asyncio.create_task(sequencer.run())
        try:
            yield submit
        finally:
            await sequencer.drain()
            await running
