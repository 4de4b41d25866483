"""Parameters over a real socket."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from ticketonomics.parameters.v1.parameter_service_pb2 import (
    ListParametersRequest,
    SetParameterRequest,
)
from ticketonomics_client import Client, new_id
from ticketonomics_client.parameters import Value
from ticketonomics_server.parameters import catalog
from ticketonomics_server.parameters.model import Owner, Parameter, Type

from tests.conftest import Server
from tests.e2e.people import application
from tests.e2e.reading import blocks, run
from tests.e2e.refusals import refused

EXAMPLES = (
    Parameter("test.fee", Type.BASIS_POINTS, default=30, maximum=500, description="A fee."),
    Parameter("test.span", Type.DURATION, default=60, minimum=1, description="A time."),
    Parameter("test.size", Type.AMOUNT, default=5, description="An amount."),
    Parameter("test.open", Type.BOOLEAN, default=1, description="Whether."),
    Parameter("test.policy", Type.CHOICE, default=0, choices=("refund", "extend"), description="."),
    Parameter("test.table", Type.INTEGER_LIST, default=(1, 2), length=(1, 3), description="Some."),
    Parameter("test.law", Type.INTEGER, default=1, owner=Owner.PARLIAMENT, description="A law."),
)


@pytest.fixture(autouse=True)
def _examples(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of each type, whatever the rooms declare."""
    for parameter in EXAMPLES:
        monkeypatch.setitem(catalog.CATALOG, parameter.name, parameter)


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(server.target, api_key=server.operator_key) as opened:
        yield opened


async def test_each_type_is_set_and_read(client: Client) -> None:
    settings: dict[str, Value] = {
        "test.fee": 50,
        "test.span": 3_600,
        "test.size": 2**63 - 1,
        "test.open": False,
        "test.policy": "extend",
        "test.table": [3, 2, 1],
    }
    for name, value in settings.items():
        assert (await client.parameter(name)).set_sequence == 0
        made = await client.set_parameter(name, value, reason="test")
        read = await client.parameter(name)
        assert read == made
        field = read.value.WhichOneof("kind")
        assert field is not None
        found = getattr(read.value, field)
        assert (list(found.values) if field == "integers" else found) == value
        assert read.set_sequence > 0
        assert read.set_by
    changed = [change.name async for change in client.parameter_changes(page_size=2)]
    assert changed == list(settings)[::-1]
    (change,) = [item async for item in client.parameter_changes(name="test.fee")]
    assert (change.previous_value.integer, change.value.integer) == (30, 50)
    assert change.reason == "test"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("test.fee", 501, "PARAMETER_OUT_OF_BOUNDS"),
        ("test.fee", True, "INVALID_FIELD"),
        ("test.open", 1, "INVALID_FIELD"),
        ("test.policy", "nothing", "INVALID_FIELD"),
        ("test.table", [], "INVALID_FIELD"),
        ("test.table", [1] * 4, "PARAMETER_OUT_OF_BOUNDS"),
        ("test.table", [1] * 65, "INVALID_FIELD"),
        ("test.none", 1, "PARAMETER_NOT_FOUND"),
        ("TEST", 1, "INVALID_FIELD"),
        ("", 1, "INVALID_FIELD"),
    ],
)
async def test_bad_values(client: Client, name: str, value: Value, reason: str) -> None:
    await refused(reason, client.set_parameter(name, value))
    assert [item async for item in client.parameter_changes()] == []


async def test_requests_without_a_value_and_twice(client: Client) -> None:
    request = SetParameterRequest(request_id=new_id(), name="test.fee")
    await refused("INVALID_FIELD", client.call(client.parameter_calls.SetParameter, request))
    request.value.integer = 9
    first = await client.call(client.parameter_calls.SetParameter, request)
    again = await client.call(client.parameter_calls.SetParameter, request)
    assert (first.replayed, again.replayed) == (False, True)
    request.value.integer = 10
    await refused("REQUEST_ID_REUSED", client.call(client.parameter_calls.SetParameter, request))
    assert len([item async for item in client.parameter_changes()]) == 1


async def test_the_same_value_makes_no_entry(client: Client) -> None:
    made = await client.set_parameter("test.fee", 30)
    assert made.set_sequence == 0
    assert [item async for item in client.parameter_changes()] == []


async def test_many_at_once_leave_the_last_one(client: Client) -> None:
    await asyncio.gather(*(client.set_parameter("test.size", n) for n in range(100, 140)))
    changes = [item async for item in client.parameter_changes(name="test.size", page_size=7)]
    assert len(changes) == 40
    assert (await client.parameter("test.size")).value == changes[0].value
    for later, earlier in pairwise(changes):
        assert later.previous_value == earlier.value


async def test_the_parliament_once_seated_sets_its_own(client: Client) -> None:
    await client.set_parameter("test.law", 2)
    await client.set_parameter("parliament.seated", True)
    await refused("PARAMETER_OF_PARLIAMENT", client.set_parameter("test.law", 3))
    await refused("PARAMETER_ONE_WAY", client.set_parameter("parliament.seated", False))
    assert (await client.parameter("test.law")).value.integer == 2


async def test_who_may(server: Server, client: Client) -> None:
    async with application(server, client, "ledger.transfer") as stranger:
        await refused("SCOPE_MISSING", stranger.set_parameter("test.fee", 1))
    async with application(server, client, "parameters.set") as setter:
        await setter.set_parameter("test.fee", 1)
    async with Client(server.target) as anybody:
        assert (await anybody.parameter("test.fee")).value.integer == 1


async def test_lists_are_paged_and_by_area(client: Client) -> None:
    names = [item.name async for item in client.parameters(page_size=3)]
    assert names == sorted(catalog.CATALOG)
    assert [item.name async for item in client.parameters(area="test", page_size=2)] == sorted(
        parameter.name for parameter in EXAMPLES
    )
    await refused(
        "INVALID_PAGE_TOKEN",
        client.call(client.parameter_calls.ListParameters, ListParametersRequest(page_token="x")),
    )


async def test_the_examples_of_the_page_run(server: Server) -> None:
    async with Client(server.target, api_key=server.operator_key) as client:
        for line, block in blocks("docs/parameters.md", "python"):
            await run(block, "docs/parameters.md", line, {"client": client})
