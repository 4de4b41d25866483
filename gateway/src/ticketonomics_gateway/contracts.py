"""The contracts as the gateway sees them: every method, and the HTTP bindings that it declares.

All comes from the generated modules that are installed, by discovery: a new contract, or a new
method of an old one, needs no change here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import ticketonomics
from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor import (
    Descriptor,
    FieldDescriptor,
    FileDescriptor,
    MethodDescriptor,
    ServiceDescriptor,
)
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from ticketonomics_gateway.http_rules import Template

PREFIX = "/api"
# Beside the generated code, written by scripts/generate: with comments, which the code has not.
DESCRIPTOR_SET = "contracts.binpb"

_HTTP: Any = annotations_pb2.http
_SERVICE_MODULES = "*/v*/*_service_pb2.py"


class ContractError(ValueError):
    """A contract's HTTP annotation cannot be served; the text says which and why."""


@dataclass(slots=True, frozen=True)
class Binding:
    """One way to call a method by HTTP.

    Attributes:
        verb: Such as `GET`; `*` for any.
        body: The field that the body is, `*` for the whole request, or empty for no body.
        response_body: The field that is answered instead of the whole response, or empty.
    """

    verb: str
    template: Template
    body: str
    response_body: str


@dataclass(slots=True, frozen=True, eq=False)
class Method:
    """A method of a contract.

    Attributes:
        full_name: Such as `ticketonomics.ledger.v1.LedgerService.Transfer`.
        path: As gRPC calls it, `/ticketonomics.ledger.v1.LedgerService/Transfer`.
    """

    full_name: str
    path: str
    descriptor: MethodDescriptor
    request_class: type[Message]
    response_class: type[Message]
    bindings: tuple[Binding, ...]
    server_streaming: bool


@dataclass(slots=True, frozen=True)
class Match:
    """A method that an HTTP request is for, and what its path says.

    Attributes:
        values: Field paths with their texts, decoded.
    """

    method: Method
    binding: Binding
    values: tuple[tuple[str, str], ...] = ()


def discover() -> tuple[Method, ...]:
    """Finds all methods of all services that are installed below `ticketonomics`, in order.

    Raises:
        ContractError: An annotation cannot be served.
    """
    return tuple(make_method(method) for service in _services() for method in service.methods)


def make_method(descriptor: MethodDescriptor) -> Method:
    """Makes a method from its descriptor.

    Raises:
        ContractError: Its annotation cannot be served.
    """
    service = descriptor.containing_service.full_name
    try:
        bindings = tuple(_bindings(descriptor))
        if bindings and descriptor.client_streaming:
            raise ContractError("a stream of requests has no HTTP form")
    except ValueError as error:
        raise ContractError(f"{descriptor.full_name}: {error}") from error
    return Method(
        full_name=descriptor.full_name,
        path=f"/{service}/{descriptor.name}",
        descriptor=descriptor,
        request_class=GetMessageClass(descriptor.input_type),
        response_class=GetMessageClass(descriptor.output_type),
        bindings=bindings,
        server_streaming=descriptor.server_streaming,
    )


def descriptor_sets() -> FileDescriptorSet:
    """Reads the contracts with their comments; those that have no descriptor set are left out."""
    found = FileDescriptorSet()
    for root in _roots():
        path = root / DESCRIPTOR_SET
        if path.is_file():
            found.MergeFromString(path.read_bytes())
    return found


def descriptor_of(message: Message | type[Message]) -> Descriptor:
    """Returns the descriptor of a message or its class."""
    # The type stubs also name the class of the faster implementation, which is the same to us.
    return cast(Descriptor, message.DESCRIPTOR)


def find_field(message: Descriptor, path: str) -> tuple[FieldDescriptor, ...]:
    """Finds the fields along a path; each name in its proto form or its JSON form.

    Raises:
        KeyError: There is no such field, or one on the way is no single message.
    """
    fields: list[FieldDescriptor] = []
    where: Descriptor | None = message
    for name in path.split("."):
        if where is None:
            raise KeyError(path)
        field = where.fields_by_name.get(name) or where.fields_by_camelcase_name.get(name)
        if field is None:
            raise KeyError(path)
        fields.append(field)
        where = None if field.is_repeated else field.message_type
    return tuple(fields)


def _roots() -> Iterator[Path]:
    # A namespace package: another distribution may add contracts of its own to it.
    yield from (Path(root) for root in ticketonomics.__path__)


def _services() -> Iterator[ServiceDescriptor]:
    names = {
        ".".join((ticketonomics.__name__, *path.relative_to(root).with_suffix("").parts))
        for root in _roots()
        for path in root.glob(_SERVICE_MODULES)
    }
    for name in sorted(names):
        file: FileDescriptor = importlib.import_module(name).DESCRIPTOR
        yield from file.services_by_name.values()


def _bindings(method: MethodDescriptor) -> Iterator[Binding]:
    options = method.GetOptions()
    if not options.HasExtension(_HTTP):
        return
    rule: http_pb2.HttpRule = options.Extensions[_HTTP]
    for one in (rule, *rule.additional_bindings):
        yield _binding(method, one)


def _binding(method: MethodDescriptor, rule: http_pb2.HttpRule) -> Binding:
    pattern = rule.WhichOneof("pattern")
    if pattern is None:
        raise ContractError("its HTTP rule has no path")
    if pattern == "custom":
        verb, path = rule.custom.kind, rule.custom.path
    else:
        verb, path = pattern.upper(), getattr(rule, pattern)
    binding = Binding(verb, Template.parse(path), rule.body, rule.response_body)
    _check(method, binding)
    return binding


def _check(method: MethodDescriptor, binding: Binding) -> None:
    for variable in binding.template.variables:
        *way, last = _known(method.input_type, variable.field_path)
        if last.is_repeated or last.message_type is not None:
            raise ContractError(f"{variable.field_path} is no single value")
        del way
    for name, message in (
        ("" if binding.body == "*" else binding.body, method.input_type),
        (binding.response_body, method.output_type),
    ):
        if name and len(_known(message, name)) != 1:
            raise ContractError(f"{name} is within a field; a body is a field itself")


def _known(message: Descriptor, path: str) -> Sequence[FieldDescriptor]:
    try:
        return find_field(message, path)
    except KeyError:
        raise ContractError(f"{message.full_name} has no field {path}") from None
