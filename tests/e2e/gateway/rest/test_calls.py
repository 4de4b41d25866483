"""What a call carries along, how long it may take, and what ends it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.e2e.gateways import RunningGateway, problem, running_gateway
from tests.zoo_server import Zoo
from tests.zoos import zoo_methods


@pytest.fixture
async def gateway(zoo: Zoo) -> AsyncIterator[RunningGateway]:
    async with running_gateway(zoo.target, zoo_methods(), max_timeout_seconds=30) as running:
        yield running


async def test_who_calls_and_what_for_is_passed_on(gateway: RunningGateway, zoo: Zoo) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    await gateway.http.get(
        "/api/v1/animals/7",
        headers={
            "authorization": "Bearer abc",
            "ticketonomics-acting-for": "somebody",
            "x-request-id": "r-1",
            "traceparent": trace,
            "tracestate": "a=b",
            "cookie": "secret=1",
            "x-other": "1",
        },
    )
    passed = {
        "authorization": "Bearer abc",
        "ticketonomics-acting-for": "somebody",
        "x-request-id": "r-1",
        "traceparent": trace,
        "tracestate": "a=b",
    }
    assert {**zoo.metadata, **passed} == zoo.metadata
    assert not {"cookie", "x-other"} & zoo.metadata.keys()


@pytest.mark.parametrize(("asked", "least", "most"), [("2.5", 1, 2.5), ("500", 25, 30)])
async def test_a_deadline_goes_along_and_is_capped(
    gateway: RunningGateway, zoo: Zoo, asked: str, least: float, most: float
) -> None:
    await gateway.http.get("/api/v1/animals/7", headers={"ticketonomics-timeout": asked})
    # gRPC rounds up what it sends.
    assert least < zoo.seconds <= most * 1.05


async def test_a_deadline_that_passes(gateway: RunningGateway, zoo: Zoo) -> None:
    zoo.asleep = True
    answer = await gateway.http.get("/api/v1/animals/7", headers={"ticketonomics-timeout": "0.2"})
    assert (answer.status_code, problem(answer)["reason"]) == (504, "DEADLINE_PASSED")
    await asyncio.wait_for(zoo.cancelled.wait(), 10)


async def test_a_caller_who_goes_away_ends_the_call(gateway: RunningGateway, zoo: Zoo) -> None:
    zoo.asleep = True
    asking = asyncio.create_task(gateway.http.get("/api/v1/animals/7"))
    await asyncio.wait_for(zoo.came.wait(), 10)
    asking.cancel()
    await asyncio.wait_for(zoo.cancelled.wait(), 10)
    zoo.asleep = False
    assert (await gateway.http.get("/api/v1/animals/7")).status_code == 200


async def test_the_deadline_is_each_methods_own_unless_it_is_set(zoo: Zoo) -> None:
    async with running_gateway(zoo.target, zoo_methods(), timeout_seconds=3) as gateway:
        await gateway.http.get("/api/v1/animals/7")
    assert 1 < zoo.seconds <= 3 * 1.05


async def test_a_gateway_that_stops_lets_calls_finish(zoo: Zoo) -> None:
    async with httpx.AsyncClient() as http:
        async with running_gateway(zoo.target, zoo_methods()) as gateway:
            zoo.asleep = True
            url = f"{gateway.url}/api/v1/animals/7"
            asking = asyncio.create_task(http.get(url, headers={"ticketonomics-timeout": "1"}))
            await asyncio.wait_for(zoo.came.wait(), 10)
        assert (await asking).status_code == 504
