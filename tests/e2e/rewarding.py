"""A community that earns rewards, whose clock the test moves."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.rewards.v1.reward_pb2 import Source
from ticketonomics.rewards.v1.rewards_service_pb2 import GetCooldownsResponse
from ticketonomics_client import Client

from tests.conftest import Server, run_server

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
# The database's own clock goes unheard.
_CLOCK = f"""
CREATE TABLE public.told_time (now timestamptz);
INSERT INTO public.told_time VALUES ('{START}');
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql
    AS 'SELECT now FROM public.told_time';
"""


class Community:
    """A server, its operator, and a clock that stands still until the test moves it."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self._url, self._folder = database_url, folder
        self._stack = AsyncExitStack()
        self._plain: asyncpg.Connection | None = None
        self.server: Server
        self.operator: Client
        self.now = START

    async def begin(self) -> None:
        self._plain = await asyncpg.connect(self._url)
        name = await self._plain.fetchval("SELECT current_database()")
        await self._plain.execute(_CLOCK)
        await self._plain.execute(f"ALTER DATABASE {name} SET search_path = public, pg_catalog")
        await self._start()
        await self.operator.create_asset(
            Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze", decimals=2)
        )

    async def _start(self) -> None:
        self.server = await self._stack.enter_async_context(run_server(self._url, self._folder))
        self.operator = await self._stack.enter_async_context(
            Client(self.server.target, api_key=self.server.operator_key)
        )

    async def end(self) -> None:
        await self._stack.aclose()
        if self._plain is not None:
            await self._plain.close()

    async def tell(self, now: datetime) -> None:
        """Moves the clock a little: a server that sees it jump holds its timers, and says so."""
        self.now = now
        await self._plain.execute("UPDATE told_time SET now = $1", now)

    async def move_to(self, now: datetime) -> None:
        """Moves the clock while no server looks."""
        await self._stack.aclose()
        await self.tell(now)
        await self._start()

    async def move(self, by: timedelta) -> None:
        await self.move_to(self.now + by)

    async def fetch(self, query: str) -> Any:
        return await self._plain.fetchval(query)

    async def person(self, name: str) -> str:
        found = await self.operator.get_or_create_person(provider="t", subject=name)
        return found.person.person_id

    async def bronze(self, person_id: str) -> int:
        return (await self.operator.balance(f"users/{person_id}", "BRONZE")).posted

    async def supply(self) -> int:
        return (await self.operator.supply("BRONZE")).circulating

    async def paid(self, source: "Source") -> list[tuple[str, int, int]]:
        found = self.operator.reward_statistics(source=source)
        return [(day.date, day.reward_count, day.amount) async for day in found]


@asynccontextmanager
async def community(database_url: str, folder: Path) -> AsyncIterator[Community]:
    made = Community(database_url, folder)
    try:
        await made.begin()
        yield made
    finally:
        await made.end()


def of_source(answer: GetCooldownsResponse, source: "Source") -> Any:
    """The cooldown of one source."""
    (found,) = [cooldown for cooldown in answer.cooldowns if cooldown.source == source]
    return found
