"""What the contracts say about themselves: the comments of everything, by full name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

_Path = tuple[int, ...]
_FILE = FileDescriptorProto.DESCRIPTOR.fields_by_name
_MESSAGE = DescriptorProto.DESCRIPTOR.fields_by_name
_ENUM = EnumDescriptorProto.DESCRIPTOR.fields_by_name

_MESSAGES = _FILE["message_type"].number
_ENUMS = _FILE["enum_type"].number
_SERVICES = _FILE["service"].number
_METHODS = 2
_FIELDS = _MESSAGE["field"].number
_NESTED = _MESSAGE["nested_type"].number
_NESTED_ENUMS = _MESSAGE["enum_type"].number
_VALUES = _ENUM["value"].number


def read_comments(files: FileDescriptorSet) -> Mapping[str, str]:
    """Returns the comment of each service, method, message, field, enum and value.

    Names are full; a value's begins with its enum's, unlike protobuf's own.
    """
    comments: dict[str, str] = {}
    for file in files.file:
        names = dict(_names(file))
        for location in file.source_code_info.location:
            name = names.get(tuple(location.path))
            text = location.leading_comments or location.trailing_comments
            if name and text:
                comments[name] = _clean(text)
    return comments


def _clean(text: str) -> str:
    return "\n".join(line.removeprefix(" ").rstrip() for line in text.splitlines()).strip()


def _names(file: FileDescriptorProto) -> Iterator[tuple[_Path, str]]:
    for number, service in enumerate(file.service):
        name = f"{file.package}.{service.name}"
        yield (_SERVICES, number), name
        for index, method in enumerate(service.method):
            yield (_SERVICES, number, _METHODS, index), f"{name}.{method.name}"
    yield from _message_names((_MESSAGES,), file.package, file.message_type)
    yield from _enum_names((_ENUMS,), file.package, file.enum_type)


def _message_names(
    path: _Path, scope: str, messages: Iterable[DescriptorProto]
) -> Iterator[tuple[_Path, str]]:
    for number, message in enumerate(messages):
        here, name = (*path, number), f"{scope}.{message.name}"
        yield here, name
        for index, field in enumerate(message.field):
            yield (*here, _FIELDS, index), f"{name}.{field.name}"
        yield from _message_names((*here, _NESTED), name, message.nested_type)
        yield from _enum_names((*here, _NESTED_ENUMS), name, message.enum_type)


def _enum_names(
    path: _Path, scope: str, enums: Iterable[EnumDescriptorProto]
) -> Iterator[tuple[_Path, str]]:
    for number, enum in enumerate(enums):
        here, name = (*path, number), f"{scope}.{enum.name}"
        yield here, name
        for index, value in enumerate(enum.value):
            yield (*here, _VALUES, index), f"{name}.{value.name}"
