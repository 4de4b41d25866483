"""A community that plays tier queues, for tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ticketonomics.queues.v1.queue_service_pb2 import JoinQueueResponse
from ticketonomics.queues.v1.round_pb2 import Round
from ticketonomics_client import Client

from tests.conftest import Server

PATIENCE_SECONDS = 30
TICKET = 100


@dataclass
class Players:
    """People with BRONZE, and queues that are open."""

    operator: Client
    people: list[str]

    async def join(
        self, person: str, tier: str = "BRONZE", size: str = "small", **more: object
    ) -> JoinQueueResponse:
        return await self.operator.join_queue(tier, size, person, **more)  # type: ignore[arg-type]

    async def has(self, person: str, asset: str = "BRONZE") -> int:
        return (await self.operator.balance(f"users/{person}", asset)).posted

    async def supply(self, asset: str) -> int:
        return (await self.operator.supply(asset)).circulating

    async def waiting(self, tier: str = "BRONZE", size: str = "small") -> Round:
        found = [q for q in await self.operator.queues() if (q.tier, q.size) == (tier, size)]
        return found[0].round

    async def until_over(self, round_id: str) -> Round:
        return await self.until_state(round_id, Round.STATE_FINISHED, Round.STATE_EXPIRED)

    async def until_state(self, round_id: str, *states: "Round.State") -> Round:
        return await self.until(lambda found: found.state in states, round_id)

    async def until(self, holds: Callable[[Round], bool], round_id: str) -> Round:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds(found := await self.operator.round(round_id)):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return found

    async def until_open(self) -> None:
        """Waits until the first queue has a round again."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (await self.operator.queues())[0].round.round_id:  # noqa: ASYNC110
                await asyncio.sleep(0.05)


@asynccontextmanager
async def playing(
    server: Server, count: int, *, tickets: int = 3, opened: bool = True
) -> AsyncIterator[Players]:
    """Brings people together, each with so many Bronze tickets."""
    async with Client(server.target, api_key=server.operator_key) as operator:
        answers = await asyncio.gather(
            *(operator.get_or_create_person(provider="t", subject=f"p{n}") for n in range(count))
        )
        people = [answer.person.person_id for answer in answers]
        if opened:
            await operator.open_queues()
            await asyncio.gather(
                *(
                    operator.mint(
                        destination=f"users/{person}",
                        asset="BRONZE",
                        amount=tickets * TICKET,
                        reason="start",
                    )
                    for person in people
                )
            )
        yield Players(operator, people)
