"""Each change can be given a time of its own, and is given up after it."""

import asyncio
import inspect
from typing import Any

import pytest
from ticketonomics_client import Client, UnavailableError
from ticketonomics_client.client import Principal

from tests.unit.client.conftest import FakeServer

CHANGES = [
    name
    for name, method in inspect.getmembers(Principal, inspect.isfunction)
    if {"request_id", "transaction_id"} & inspect.signature(method).parameters.keys()
    and name != "attempt"
]


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_takes_a_time(name: str) -> None:
    parameter = inspect.signature(getattr(Principal, name)).parameters["timeout_seconds"]
    assert parameter.default is None
    assert parameter.kind is inspect.Parameter.KEYWORD_ONLY


def test_there_are_changes() -> None:
    assert {"mint", "open_account", "revoke_api_key"} <= set(CHANGES)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("mint", {"destination": "a/b", "asset": "X", "amount": 1, "reason": "r"}),
        ("open_account", {"address": "a/b"}),
        ("revoke_api_key", {"api_key_id": "k"}),
    ],
)
async def test_the_time_is_kept(
    server: FakeServer, client: Client, method: str, arguments: dict[str, Any]
) -> None:
    server.keep_silent("".join(part.title() for part in method.split("_")))
    async with asyncio.timeout(5):
        with pytest.raises(UnavailableError):
            await getattr(client, method)(**arguments, timeout_seconds=0.2)
    assert server.calls[0].time_remaining is not None
    assert server.calls[0].time_remaining <= 0.2
