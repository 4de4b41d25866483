"""How requests are read and answers written: unreadable ones are told, streams share encodings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import grpc
from google.protobuf.message import DecodeError

Serialize = Callable[[Any], bytes]

# Stands in for a request that is no message of its type.
UNREADABLE = object()


class GenericHandlers:
    """Stands in for the server while servicers are added, and hands it generic handlers.

    A method registered by name costs every call of all methods: grpc.aio waits on each of them.
    Streams may yield encoded messages.
    """

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


def _share(handler: Any) -> grpc.RpcMethodHandler[Any, Any]:
    if handler.request_streaming:
        untouched: grpc.RpcMethodHandler[Any, Any] = handler
        return untouched
    read = _reader(handler.request_deserializer)
    serialize: Serialize = handler.response_serializer
    if not handler.response_streaming:
        return grpc.unary_unary_rpc_method_handler(
            handler.unary_unary, request_deserializer=read, response_serializer=serialize
        )
    return grpc.unary_stream_rpc_method_handler(
        handler.unary_stream,
        request_deserializer=read,
        response_serializer=lambda m: m if type(m) is bytes else serialize(m),
    )


def _reader(parse: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def read(request: bytes) -> Any:
        try:
            return parse(request)
        except DecodeError:
            return UNREADABLE

    return read
