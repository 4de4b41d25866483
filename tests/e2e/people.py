"""What tests about people share: callers, people, and refusals to wait for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from ticketonomics_client import Client, RefusedError

from tests.conftest import Server


def operator(server: Server) -> Client:
    return Client(server.target, api_key=server.operator_key)


@asynccontextmanager
async def application(server: Server, client: Client, *scopes: str) -> AsyncIterator[Client]:
    made = await client.create_application(name="plugin", scopes=scopes)
    secret = (await client.create_api_key(made.application_id)).secret
    async with Client(server.target, api_key=secret) as opened:
        yield opened


async def person(client: Client, subject: str, name: str = "") -> str:
    answer = await client.get_or_create_person(
        provider="telegram", subject=subject, display_name=name
    )
    return answer.person.person_id


async def code_for(client: Client, person_id: str) -> str:
    return (await client.create_link_code(person_id)).code


async def until_refused(reason: str, call: Callable[[], Any]) -> None:
    """What a server knows about a caller may be 2 s old."""
    for _ in range(50):
        try:
            await call()
        except RefusedError as error:
            assert error.reason_name == reason, error
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it was never refused")


async def balances(client: Client, person_id: str) -> dict[str, int]:
    return {b.asset: b.posted async for b in client.balances(account=f"users/{person_id}")}


async def rich(client: Client, person_id: str, gold: int, wood: int = 0) -> None:
    for asset, amount in (("GOLD", gold), ("WOOD", wood)):
        if amount:
            await client.mint(
                destination=f"users/{person_id}", asset=asset, amount=amount, reason="gift"
            )
