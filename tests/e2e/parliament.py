"""What tests about the Parliament share: people who vote, and quick rules."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics_client import Ballot, Client, Principal, Proposal, RefusedError

from tests.conftest import Server

PATIENCE_SECONDS = 60
YES, NO, ABSTAIN = Ballot.CHOICE_YES, Ballot.CHOICE_NO, Ballot.CHOICE_ABSTAIN
# Everybody may vote at once, and everything happens within seconds.
QUICK = {
    "parliament.discussion_period": 1,
    "parliament.voting_period": 2,
    "parliament.veto_period": 1,
    "parliament.age": 0,
    "parliament.active_days": 0,
    "parliament.deposit": 1_000,
}


@dataclass
class House:
    """An operator, and people with 100.00 BRONZE each."""

    operator: Client
    ids: list[str]

    def person(self, number: int) -> Principal:
        return self.operator.acting_for(self.ids[number])

    async def set(self, **values: int) -> None:
        for name, value in values.items():
            await self.operator.set_parameter(f"parliament.{name}", value)

    async def has(self, account: str) -> int:
        try:
            return (await self.operator.balance(account, "BRONZE")).posted
        except RefusedError as error:
            assert error.reason_name == "ACCOUNT_NOT_FOUND", error
            return 0

    async def purse(self, number: int) -> int:
        return await self.has(f"users/{self.ids[number]}")

    async def reached(self, proposal: Proposal | str, *states: Proposal.State) -> Proposal:
        """Waits until a proposal is in one of the states."""
        identifier = proposal if isinstance(proposal, str) else proposal.proposal_id

        async def look() -> Proposal | None:
            found = await self.operator.proposal(identifier)
            return found if found.state in states else None

        return await until(look)

    async def vote(self, proposal: Proposal, *choices: Ballot.Choice) -> None:
        """Lets the first people vote, one after the other."""
        for number, choice in enumerate(choices):
            await self.person(number).cast_vote(proposal.proposal_id, choice)


@asynccontextmanager
async def gather(server: Server, people: int = 3, **values: int) -> AsyncIterator[House]:
    async with Client(server.target, api_key=server.operator_key) as operator:
        if not [asset async for asset in operator.assets()]:
            await operator.create_asset(
                Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze", decimals=2)
            )
        settings = QUICK | {f"parliament.{name}": value for name, value in values.items()}
        for name, value in settings.items():
            await operator.set_parameter(name, value)
        ids = []
        for number in range(people):
            answer = await operator.get_or_create_person(provider="t", subject=str(number))
            ids.append(answer.person.person_id)
            if answer.created:
                await operator.mint(
                    destination=answer.person.account, asset="BRONZE", amount=10_000, reason="gift"
                )
        yield House(operator, ids)


async def assemble(client: Client) -> tuple[str, str]:
    """Makes what the page on the Parliament speaks of; returns the ids of two people."""
    await client.create_asset(
        Asset(code="BRONZE", kind=Asset.KIND_TICKET, name="Bronze", decimals=2)
    )
    for name, value in QUICK.items():
        await client.set_parameter(name, value)
    await client.set_parameter("parliament.voting_period", 3_600)
    await client.set_parameter("parliament.open_proposals", 10)
    ids = []
    for name in ("ann", "bob"):
        person = (await client.get_or_create_person(provider="t", subject=name)).person
        await client.mint(destination=person.account, asset="BRONZE", amount=99_999, reason="gift")
        ids.append(person.person_id)
    return ids[0], ids[1]


async def open_vote(client: Client, person_id: str) -> Proposal:
    """Makes a proposal, and waits until people vote on it."""
    made = await client.acting_for(person_id).create_proposal("More BRONZE for all")
    house = House(client, [person_id])
    opened = await house.reached(made, Proposal.STATE_VOTING)
    await client.set_parameter("parliament.discussion_period", 3_600)
    return opened


async def until(condition: Callable[[], Awaitable[Any]]) -> Any:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (found := await condition()):  # noqa: ASYNC110 - servers set no events.
            await asyncio.sleep(0.05)
    return found


def between(earlier: Any, later: Any) -> timedelta:
    """The time between two timestamps."""
    return later.ToDatetime() - earlier.ToDatetime()
