"""Whether JSON has the shape of a message, before protobuf reads it.

protobuf's own reader takes a text for a list of names, a bool for a number, and the last of two
spellings of one name; and it does not always tell where it stopped. Here all of that is refused,
with the path of the field.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from ticketonomics_gateway.problems import invalid_field

MAX_DEPTH = 32
# More than the largest batch has. Reading a value takes some ten microseconds.
MAX_VALUES = 200_000

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_F = FieldDescriptor
_WRAPPERS = "google/protobuf/wrappers.proto"
# In JSON these are no objects with their fields.
_TEXTS = {
    "google.protobuf.Timestamp": "must be a time such as 2026-01-31T12:00:00Z",
    "google.protobuf.Duration": "must be a duration such as 1.5s",
    "google.protobuf.FieldMask": "must be names of fields with commas between",
}
_ANY_VALUE = "google.protobuf.Value"
# protobuf reads what is in them without a contract.
_FREE: dict[str, tuple[type, str]] = {
    "google.protobuf.Struct": (dict, "must be an object"),
    "google.protobuf.Any": (dict, "must be an object"),
    "google.protobuf.ListValue": (list, "must be a list"),
    _ANY_VALUE: (object, ""),
}


def guard(js: Any, message: Descriptor) -> None:
    """Lets JSON pass that has the shape of a message.

    Raises:
        Problem: INVALID_FIELD, with the path of the first field that is wrong.
    """
    _Guard().message(js, message, "", 0)


class _Guard:
    """Walks through one request, as far as a request may go."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = MAX_VALUES

    def message(self, js: Any, message: Descriptor, path: str, depth: int) -> None:
        if not isinstance(js, dict):
            raise invalid_field(path, "must be an object")
        if depth > MAX_DEPTH:
            raise invalid_field(path, "is nested too deeply")
        fields = _fields(message)
        prefix = f"{path}." if path else ""
        seen: set[int] = set()
        for name, value in js.items():
            field = fields.get(name)
            if field is None:
                raise invalid_field(prefix + name, "there is no such field")
            if field.number in seen:
                raise invalid_field(prefix + name, "is there twice")
            seen.add(field.number)
            if value is not None:
                self._field(value, field, prefix + name, depth)

    def _field(self, value: Any, field: FieldDescriptor, path: str, depth: int) -> None:
        if not field.is_repeated:
            self._one(value, field, path, depth)
        elif (of_values := _values_of_map(field)) is not None:
            if not isinstance(value, dict):
                raise invalid_field(path, "must be an object")
            for key, item in value.items():
                self._item(item, of_values, f"{path}[{key}]", depth)
        else:
            if not isinstance(value, list):
                raise invalid_field(path, "must be a list")
            for number, item in enumerate(value):
                self._item(item, field, f"{path}[{number}]", depth)

    def _item(self, value: Any, field: FieldDescriptor, path: str, depth: int) -> None:
        if value is not None:
            self._one(value, field, path, depth)
        elif field.message_type is None or field.message_type.full_name != _ANY_VALUE:
            raise invalid_field(path, "must not be null")

    def _one(self, value: Any, field: FieldDescriptor, path: str, depth: int) -> None:
        self._left -= 1
        if self._left < 0:
            raise invalid_field("", f"has more than {MAX_VALUES} values")
        message = field.message_type
        if message is None:
            fits = _fits(value, field)
        elif message.full_name in _TEXTS:
            fits = isinstance(value, str)
        elif message.full_name in _FREE:
            fits = isinstance(value, _FREE[message.full_name][0])
        elif message.file.name == _WRAPPERS:
            fits = _fits(value, message.fields_by_name["value"])
        else:
            self.message(value, message, path, depth + 1)
            return
        if not fits:
            raise invalid_field(path, wanted(field, listed=True))


def wanted(field: FieldDescriptor, *, listed: bool) -> str:
    """Says what a field takes.

    Args:
        listed: Whether it is about an item of the list that the field is.
    """
    if field.is_repeated and not listed:
        return "must be a list" if _values_of_map(field) is None else "must be an object"
    if field.message_type is not None:
        name = field.message_type.full_name
        if field.message_type.file.name == _WRAPPERS:
            return wanted(field.message_type.fields_by_name["value"], listed=False)
        return _TEXTS.get(name) or _FREE.get(name, (dict, "must be an object"))[1]
    if field.enum_type is not None:
        names = ", ".join(value.name for value in field.enum_type.values)
        return f"must be one of {names}"
    return _INTEGERS.get(field.type) or _SCALARS.get(field.type, "must be a number")


@cache
def _fields(message: Descriptor) -> dict[str, FieldDescriptor]:
    """Returns a message's fields by both spellings of their names."""
    by_json = {field.json_name: field for field in message.fields}
    return {**message.fields_by_name, **by_json}


def _fits(value: Any, field: FieldDescriptor) -> bool:
    kind = field.type
    if kind == _F.TYPE_STRING:
        return isinstance(value, str)
    if kind == _F.TYPE_BOOL:
        return isinstance(value, bool)
    if kind == _F.TYPE_BYTES:
        return isinstance(value, str) and _BASE64.fullmatch(value) is not None
    # The rest are numbers, which texts may be, too; and enums, which have both.
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _values_of_map(field: FieldDescriptor) -> FieldDescriptor | None:
    """Returns the field that a map's values are; None where it is no map."""
    entry = field.message_type
    if entry is None or not entry.GetOptions().map_entry:
        return None
    return entry.fields_by_name["value"]


def _range(bits: int, *, signed: bool) -> str:
    least = -(2 ** (bits - 1)) if signed else 0
    most = 2 ** (bits - 1 if signed else bits) - 1
    return f"must be an integer of {least} to {most}"


_INTEGERS: dict[int, str] = {
    **dict.fromkeys((_F.TYPE_INT32, _F.TYPE_SINT32, _F.TYPE_SFIXED32), _range(32, signed=True)),
    **dict.fromkeys((_F.TYPE_INT64, _F.TYPE_SINT64, _F.TYPE_SFIXED64), _range(64, signed=True)),
    **dict.fromkeys((_F.TYPE_UINT32, _F.TYPE_FIXED32), _range(32, signed=False)),
    **dict.fromkeys((_F.TYPE_UINT64, _F.TYPE_FIXED64), _range(64, signed=False)),
}
_SCALARS: dict[int, str] = {
    _F.TYPE_STRING: "must be a text",
    _F.TYPE_BYTES: "must be base64",
    _F.TYPE_BOOL: "must be true or false",
}
