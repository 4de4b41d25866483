"""Lets streams share encodings: what 1,000 streams tell alike is encoded once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import grpc

Serialize = Callable[[Any], bytes]


class SharedEncodingServer:
    """Stands in for the server while a servicer is added: its streams may yield bytes."""

    def __init__(self, server: grpc.aio.Server) -> None:
        self._server = server

    def add_generic_rpc_handlers(self, handlers: Sequence[grpc.GenericRpcHandler]) -> None:
        """Adds nothing: the registered handlers below answer the same methods."""

    def add_registered_method_handlers(
        self, service: str, handlers: Mapping[str, grpc.RpcMethodHandler[Any, Any]]
    ) -> None:
        shared = {name: _share(handler) for name, handler in handlers.items()}
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, shared),)
        )


def add_servicer(add: Callable[[Any, Any], None], servicer: Any, server: grpc.aio.Server) -> None:
    """Adds a servicer by its generated function, letting its streams yield encoded messages."""
    add(servicer, SharedEncodingServer(server))


def _share(handler: Any) -> grpc.RpcMethodHandler[Any, Any]:
    if not handler.response_streaming or handler.request_streaming:
        unary: grpc.RpcMethodHandler[Any, Any] = handler
        return unary
    serialize: Serialize = handler.response_serializer
    return grpc.unary_stream_rpc_method_handler(
        handler.unary_stream,
        request_deserializer=handler.request_deserializer,
        response_serializer=lambda m: m if type(m) is bytes else serialize(m),
    )
