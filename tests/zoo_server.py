"""A server of the tests' own contract: it tells what it was asked, and by what metadata."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import grpc.aio
from ticketonomics.operator.v1.operator_service_pb2 import ListMethodsResponse, Method
from ticketonomics.operator.v1.operator_service_pb2_grpc import (
    OperatorServiceServicer,
    add_OperatorServiceServicer_to_server,
)

from tests.zoos import SERVICE, message, zoo_methods


@dataclass
class Zoo:
    """What came to the server, and what it does about it.

    Attributes:
        refusal: What every call is refused with; None where it is answered.
        asleep: Whether calls are never answered.
        cancelled: Set when a call that slept was cancelled.
    """

    target: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    refusal: tuple[grpc.StatusCode, str, tuple[tuple[str, bytes], ...]] | None = None
    asleep: bool = False
    calls: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, name: str, request: Any, context: Any) -> Any:
        self.calls += 1
        self.metadata = {key: str(value) for key, value in context.invocation_metadata()}
        self.seconds = context.time_remaining() or 0.0
        self.came.set()
        if self.asleep:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                self.cancelled.set()
                raise
        if self.refusal is not None:
            code, text, trailers = self.refusal
            await context.abort(code, text, trailing_metadata=trailers)
        if name == "Feed":
            return message("FeedResponse", eaten=request.food, keeper="Ann")
        return message(f"{name}Response", asked=request)


class _Operator(OperatorServiceServicer):
    """Says that the whole zoo is open to the public."""

    async def ListMethods(self, request: Any, context: Any) -> ListMethodsResponse:  # noqa: N802
        names = [one.path for one in zoo_methods()]
        return ListMethodsResponse(methods=[Method(name=name, public=True) for name in names])


@asynccontextmanager
async def zoo_serving() -> AsyncIterator[Zoo]:
    zoo = Zoo()
    server = grpc.aio.server()

    def handler(name: str, method: Any) -> grpc.RpcMethodHandler:
        async def answer(request: Any, context: Any) -> Any:
            return await zoo.answer(name, request, context)

        return grpc.unary_unary_rpc_method_handler(
            answer,
            request_deserializer=method.request_class.FromString,
            response_serializer=method.response_class.SerializeToString,
        )

    handlers = {
        one.descriptor.name: handler(one.descriptor.name, one)
        for one in zoo_methods()
        if not one.server_streaming
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    add_OperatorServiceServicer_to_server(_Operator(), server)
    zoo.target = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        yield zoo
    finally:
        await server.stop(0)
