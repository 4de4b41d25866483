"""The edges of every request: nothing, too much, the wrong type."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import symbol_database
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from ticketonomics_client import Client

from tests.conftest import Server, new_id
from tests.contracts import METHODS
from tests.e2e.worlds import POOR, RICH, World, make_world


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    async with Client(server.target, api_key=server.operator_key) as opened:
        yield opened


@pytest.fixture
async def world(client: Client) -> World:
    return await make_world(client)


# Batches are refused for being none.
_BATCHES = {"CreateTransactions", "ImportTransactions", "CreateSwaps", "BatchGetPeople"}
STRINGS = ("\0", "x" * 100_000, "e\u0301", "\u202e", "'; DROP TABLE blocks; --", "%", "/", "🎟️")
NUMBERS = (-1, -(2**63), 2**63 - 1)


def _name(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


async def _outcome(channel: grpc.aio.Channel, method: MethodDescriptor, body: bytes) -> str:
    """Calls with raw bytes; returns the refusal's reason, or the status where there is none."""
    make = channel.unary_stream if method.server_streaming else channel.unary_unary
    raw = make(
        _name(method),
        request_serializer=lambda b: b,
        response_deserializer=lambda b: b,
        _registered_method=True,
    )(body)
    try:
        if method.server_streaming:
            await raw.read()
            raw.cancel()
        else:
            await raw
    except grpc.aio.AioRpcError as error:
        status = rpc_status.from_call(error)
        info = error_details_pb2.ErrorInfo()
        if status is None or not status.details[0].Unpack(info):
            return f"status {error.code().name}"
        return info.reason
    return ""


def _of_nothing(method: MethodDescriptor) -> set[str]:
    """What an empty request may come to: what changes something is refused, reads may answer."""
    if method.name in _BATCHES:
        return {"BATCH_SIZE"}
    if {"request_id", "transaction_id", "hold_id"}.intersection(method.input_type.fields_by_name):
        return {"INVALID_FIELD"}
    return {"INVALID_FIELD", ""}


async def test_an_empty_request_is_refused_or_answered(server: Server) -> None:
    for method in METHODS:
        outcome = await _outcome(server.channel, method, b"")
        assert outcome in _of_nothing(method), (method.name, outcome)


def _extremes(method: MethodDescriptor) -> Iterator[tuple[str, Message]]:
    """Requests in which one field after the other has an extreme value, all else being right."""
    for path, make in _fields(method.input_type):
        for value in _values(path[-1]):
            request = _plausible(method)
            target = request
            for step in path[:-1]:
                target = getattr(target, step.name)
                if step.is_repeated:
                    target = target.add() if not len(target) else target[0]
            make(target, path[-1], value)
            yield f"{method.name}.{'.'.join(s.name for s in path)} = {str(value)[:20]!r}", request


def _values(field_: FieldDescriptor) -> tuple[Any, ...]:
    if field_.type == FieldDescriptor.TYPE_STRING:
        return STRINGS
    if field_.type == FieldDescriptor.TYPE_BYTES:
        return (b"\0", b"x" * 100_000)
    if field_.type == FieldDescriptor.TYPE_BOOL:
        return (True, False)
    if field_.type == FieldDescriptor.TYPE_INT32:
        return (-1, -(2**31), 2**31 - 1)
    if field_.type == FieldDescriptor.TYPE_ENUM:
        return (-1, 99)
    return NUMBERS


def _fields(
    message: Any, above: tuple[FieldDescriptor, ...] = ()
) -> Iterator[tuple[tuple[FieldDescriptor, ...], Any]]:
    for field_ in message.fields:
        path = (*above, field_)
        if field_.message_type and field_.message_type.GetOptions().map_entry:
            continue
        if field_.message_type:
            yield from _fields(field_.message_type, path)
        else:
            yield path, _set


def _set(target: Any, field_: FieldDescriptor, value: Any) -> None:
    if field_.is_repeated:
        getattr(target, field_.name).extend(
            [value[:500] if isinstance(value, str | bytes) else value] * 2_000
        )
    else:
        setattr(target, field_.name, value)


PLAUSIBLE: dict[str, Any] = {
    "transaction_id": None,
    "request_id": None,
    "source": RICH,
    "destination": POOR,
    "account": RICH,
    "address": RICH,
    "asset": "BRONZE",
    "code": "BRONZE",
    "amount": 1,
    "reason": "test",
    "name": "test",
    "provider": "telegram",
    "subject": "1",
    "person_id": "0" * 16,
    "application_id": "0" * 16,
    "api_key_id": "0" * 12,
    "webhook_id": "0" * 16,
}


def _plausible(method: MethodDescriptor) -> Any:
    request = symbol_database.Default().GetSymbol(method.input_type.full_name)()
    for field_ in method.input_type.fields:
        if field_.name in PLAUSIBLE and field_.type == FieldDescriptor.TYPE_STRING:
            setattr(request, field_.name, PLAUSIBLE[field_.name] or new_id())
        elif field_.name in PLAUSIBLE and field_.type == FieldDescriptor.TYPE_INT64:
            setattr(request, field_.name, PLAUSIBLE[field_.name])
    return request


async def test_no_extreme_value_is_a_fault(server: Server, world: World) -> None:
    """Every field of every method, one by one: refused with a reason of the caller's, or done."""
    gate = asyncio.Semaphore(50)
    found: dict[str, str] = {}

    async def call(what: str, method: MethodDescriptor, request: Message) -> None:
        async with gate:
            found[what] = await _outcome(server.channel, method, request.SerializeToString())

    await asyncio.gather(
        *(call(what, method, request) for method in METHODS for what, request in _extremes(method))
    )
    assert len(found) > 500
    bad = {
        what: outcome
        for what, outcome in found.items()
        if outcome in {"INTERNAL", "DATABASE_UNAVAILABLE"} or outcome.startswith("status")
    }
    assert not bad
    negative = [what for what in found if "page_size = '-1'" in what]
    assert negative
    assert {found[what] for what in negative} == {"INVALID_FIELD"}


UNREADABLE = (b"\xff", b"\x0a\xff", b"\x0a\x02\xff\xfe", bytes(100))
# A number where a text belongs is an unknown field to protobuf, and so no field at all.
WRONG_TYPE = b"\x08\x01"


async def test_an_unreadable_request_is_refused_and_the_server_lives(server: Server) -> None:
    unread = 0
    for method in METHODS:
        for body in UNREADABLE:
            outcome = await _outcome(server.channel, method, body)
            if _is_readable(method, body):
                assert outcome in _of_nothing(method), (method.name, body)
            else:
                assert outcome == "INVALID_FIELD", (method.name, body)
                unread += 1
    assert unread > 3 * len(METHODS)
    async with Client(server.target) as anybody:
        assert [asset async for asset in anybody.assets()] == []


def _is_readable(method: MethodDescriptor, body: bytes) -> bool:
    """What is no text to one method may be an unknown field to another."""
    try:
        symbol_database.Default().GetSymbol(method.input_type.full_name).FromString(body)
    except DecodeError:
        return False
    return True


async def test_a_field_of_the_wrong_type_counts_as_missing(server: Server) -> None:
    for method in METHODS:
        first = method.input_type.fields_by_number.get(1)
        if first is not None and first.type == FieldDescriptor.TYPE_STRING:
            outcome = await _outcome(server.channel, method, WRONG_TYPE)
            assert outcome in _of_nothing(method), (method.name, outcome)


async def test_a_message_beyond_16_mib_is_refused(server: Server) -> None:
    channel = grpc.aio.insecure_channel(
        server.target, options=[("grpc.max_send_message_length", 64 << 20)]
    )
    method = next(m for m in METHODS if m.name == "Transfer")
    assert await _outcome(channel, method, bytes(17 << 20)) == "status RESOURCE_EXHAUSTED"
    await channel.close()
