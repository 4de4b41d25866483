"""A real gRPC server over a socket, whose answers the tests script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status
from ticketonomics.identity.v1 import identity_service_pb2_grpc
from ticketonomics.ledger.v1 import ledger_service_pb2_grpc
from ticketonomics.ledger.v1.ledger_service_pb2 import (
    CreateTransactionsRequest,
    CreateTransactionsResponse,
)
from ticketonomics.ledger.v1.transaction_pb2 import TransactionResult
from ticketonomics.operator.v1 import operator_service_pb2_grpc
from ticketonomics_client import Client

Context = grpc.aio.ServicerContext


@dataclass
class ScriptedRefusalError(Exception):
    """What a scripted method raises to refuse a call as the ledger does."""

    code: grpc.StatusCode
    reason: str = ""
    message: str = "refused"
    metadata: dict[str, str] = field(default_factory=dict)
    retry_delay_seconds: float | None = None

    async def send(self, context: Context[Any, Any]) -> NoReturn:
        details: list[Message] = []
        if self.reason:
            details.append(
                error_details_pb2.ErrorInfo(
                    reason=self.reason, domain="ticketonomics", metadata=self.metadata
                )
            )
        if self.retry_delay_seconds is not None:
            delay = Duration(nanos=int(self.retry_delay_seconds * 1e9))
            details.append(error_details_pb2.RetryInfo(retry_delay=delay))
        packed = [AnyMessage() for _ in details]
        for into, detail in zip(packed, details, strict=True):
            into.Pack(detail)
        status = status_pb2.Status(
            code=code_pb2.Code.Value(self.code.name), message=self.message, details=packed
        )
        await context.abort_with_status(rpc_status.to_status(status))
        raise AssertionError


@dataclass
class Call:
    """A call that the server got."""

    method: str
    request: Any
    metadata: dict[str, str]
    time_remaining: float | None


Method = Callable[[Any, Context[Any, Any]], Awaitable[Any]]


class FakeServer:
    """Answers each method with what a test put into `methods`, and remembers the calls."""

    def __init__(self) -> None:
        self.target = "127.0.0.1:0"
        self.calls: list[Call] = []
        self.called = asyncio.Event()
        self.methods: dict[str, Method] = {"CreateTransactions": accept_all()}

    async def start(self) -> None:
        self._server = grpc.aio.server()
        ledger_service_pb2_grpc.add_LedgerServiceServicer_to_server(
            _servicer(ledger_service_pb2_grpc.LedgerServiceServicer, self), self._server
        )
        identity_service_pb2_grpc.add_IdentityServiceServicer_to_server(
            _servicer(identity_service_pb2_grpc.IdentityServiceServicer, self), self._server
        )
        operator_service_pb2_grpc.add_OperatorServiceServicer_to_server(
            _servicer(operator_service_pb2_grpc.OperatorServiceServicer, self), self._server
        )
        self.target = f"127.0.0.1:{self._server.add_insecure_port(self.target)}"
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop(None)

    def requests(self, method: str) -> list[Any]:
        return [call.request for call in self.calls if call.method == method]

    def answer(self, method: str, *outcomes: Message | ScriptedRefusalError) -> None:
        """Lets a method give these outcomes in turn, the last one for ever."""
        left = list(outcomes)

        async def scripted(_request: Any, _context: Context[Any, Any]) -> Message:
            outcome = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(outcome, ScriptedRefusalError):
                raise outcome
            return outcome

        self.methods[method] = scripted

    def keep_silent(self, method: str) -> None:
        """Lets a method never answer."""
        self.methods[method] = never

    def _note(self, method: str, request: Any, context: Context[Any, Any]) -> None:
        metadata = {str(key): str(value) for key, value in context.invocation_metadata() or ()}
        self.calls.append(Call(method, request, metadata, context.time_remaining()))
        self.called.set()

    async def unary(self, method: str, request: Any, context: Context[Any, Any]) -> Any:
        self._note(method, request, context)
        try:
            return await self.methods[method](request, context)
        except ScriptedRefusalError as refusal:
            return await refusal.send(context)

    async def stream(self, method: str, request: Any, context: Context[Any, Any]) -> Any:
        self._note(method, request, context)
        try:
            await self.methods[method](request, context)
        except ScriptedRefusalError as refusal:
            await refusal.send(context)


async def never(_request: Any, _context: Context[Any, Any]) -> NoReturn:
    """Keeps its caller waiting."""
    await asyncio.Event().wait()
    raise AssertionError


def accept_all() -> Method:
    last = 0

    async def accept(
        request: CreateTransactionsRequest, _context: Context[Any, Any]
    ) -> CreateTransactionsResponse:
        nonlocal last
        first = last + 1
        last += len(request.transactions)
        results = [TransactionResult(sequence=number) for number in range(first, last + 1)]
        return CreateTransactionsResponse(results=results, last_sequence=last)

    return accept


def _servicer(servicer_class: Any, server: FakeServer) -> Any:
    def method(name: str) -> Any:
        kind = server.stream if name.startswith("Watch") else server.unary

        async def handler(_self: Any, request: Any, context: Any) -> Any:
            return await kind(name, request, context)

        return handler

    names = [name for name in vars(servicer_class) if name[0].isupper()]
    return type("Scripted", (servicer_class,), {name: method(name) for name in names})()


@pytest.fixture
async def server() -> AsyncIterator[FakeServer]:
    fake = FakeServer()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def client(server: FakeServer) -> AsyncIterator[Client]:
    async with Client(server.target, api_key="secret", timeout_seconds=5) as connected:
        yield connected


@pytest.fixture
def refused() -> type[ScriptedRefusalError]:
    return ScriptedRefusalError
