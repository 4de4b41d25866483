"""JSON Schemas of the contracts' messages, as proto3 JSON writes them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

Schema = dict[str, Any]

_F = FieldDescriptor
_INT32 = {"type": "integer", "format": "int32"}
_UINT32 = {"type": "integer", "format": "int32", "minimum": 0}
# Written as texts: a browser's numbers are not as exact.
_INT64 = {"type": "string", "format": "int64", "pattern": "^-?[0-9]{1,19}$"}
_UINT64 = {"type": "string", "format": "uint64", "pattern": "^[0-9]{1,20}$"}
_SCALARS: dict[int, Schema] = {
    **dict.fromkeys((_F.TYPE_INT32, _F.TYPE_SINT32, _F.TYPE_SFIXED32), _INT32),
    **dict.fromkeys((_F.TYPE_UINT32, _F.TYPE_FIXED32), _UINT32),
    **dict.fromkeys((_F.TYPE_INT64, _F.TYPE_SINT64, _F.TYPE_SFIXED64), _INT64),
    **dict.fromkeys((_F.TYPE_UINT64, _F.TYPE_FIXED64), _UINT64),
    _F.TYPE_FLOAT: {"type": "number", "format": "float"},
    _F.TYPE_DOUBLE: {"type": "number", "format": "double"},
    _F.TYPE_BOOL: {"type": "boolean"},
    _F.TYPE_STRING: {"type": "string"},
    _F.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
}
_WELL_KNOWN: dict[str, Schema] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]{1,9})?s$"},
    "google.protobuf.FieldMask": {"type": "string", "examples": ["displayName,address.city"]},
    "google.protobuf.Struct": {"type": "object"},
    "google.protobuf.ListValue": {"type": "array", "items": {}},
    "google.protobuf.Value": {},
    "google.protobuf.Empty": {"type": "object", "additionalProperties": False},
    "google.protobuf.Any": {"type": "object", "properties": {"@type": {"type": "string"}}},
}
_WRAPPERS = "google/protobuf/wrappers.proto"
# Deep enough for every filter; a message that holds itself ends somewhere.
_MAX_NESTING = 4


class Schemas:
    """Makes schemas, and keeps those that are referred to.

    Args:
        comments: By full name.
    """

    def __init__(self, comments: Mapping[str, str]) -> None:
        self._comments = comments
        self.components: dict[str, Schema] = {}

    def message(self, message: Descriptor) -> Schema:
        """Returns a schema that stands for a message."""
        known = _WELL_KNOWN.get(message.full_name)
        if known is not None:
            return known
        if message.file.name == _WRAPPERS:
            scalar = self.field(message.fields_by_name["value"])
            return {**scalar, "type": [scalar["type"], "null"]}
        name = component_name(message.full_name)
        if name not in self.components:
            # Known before it is made: a message may hold itself.
            self.components[name] = {}
            self.components[name].update(self.properties(message))
        return {"$ref": f"#/components/schemas/{name}"}

    def properties(self, message: Descriptor, without: Collection[str] = ()) -> Schema:
        """Returns the schema of a message itself.

        Args:
            without: Names of fields that are left out.
        """
        fields = [field for field in message.fields if field.name not in without]
        schema: Schema = {
            "type": "object",
            "properties": {field.json_name: self.described(field) for field in fields},
        }
        if comment := self._comments.get(message.full_name):
            schema["description"] = comment
        return schema

    def described(self, field: FieldDescriptor) -> Schema:
        """Returns the schema of a field with its comment."""
        schema = self.field(field)
        notes = [self._comments.get(field.full_name, "")]
        oneof = field.containing_oneof
        if oneof is not None and len(oneof.fields) > 1:
            names = ", ".join(f"`{other.json_name}`" for other in oneof.fields)
            notes.append(f"Only one of {names}.")
        description = "\n\n".join(note for note in notes if note)
        return {**schema, "description": description} if description else schema

    def field(self, field: FieldDescriptor) -> Schema:
        """Returns the schema of a field's value."""
        if not field.is_repeated:
            return self.single(field)
        message = field.message_type
        if message is not None and message.GetOptions().map_entry:
            values = self.single(message.fields_by_name["value"])
            return {"type": "object", "additionalProperties": values}
        return {"type": "array", "items": self.single(field)}

    def single(self, field: FieldDescriptor) -> Schema:
        """Returns the schema of one value of a field."""
        if field.message_type is not None:
            return self.message(field.message_type)
        if field.enum_type is not None:
            return self.enum(field.enum_type)
        return _SCALARS[field.type]

    def enum(self, enum: EnumDescriptor) -> Schema:
        """Returns a schema that stands for an enum."""
        name = component_name(enum.full_name)
        if name not in self.components:
            notes = [self._comments.get(enum.full_name, "")]
            for value in enum.values:
                comment = self._comments.get(f"{enum.full_name}.{value.name}", "")
                notes.append(f"- `{value.name}`: {' '.join(comment.split())}")
            self.components[name] = {
                "type": "string",
                "enum": [value.name for value in enum.values],
                "description": "\n".join(note for note in notes if note),
            }
        return {"$ref": f"#/components/schemas/{name}"}

    def leaves(
        self, message: Descriptor, without: Collection[str] = ()
    ) -> Iterator[tuple[str, FieldDescriptor]]:
        """Finds all fields that a query can hold, by their JSON paths.

        Args:
            without: Paths of fields in their proto form.
        """
        yield from _leaves(message, "", "", without, 0)


def _leaves(
    message: Descriptor, path: str, json_path: str, without: Collection[str], depth: int
) -> Iterator[tuple[str, FieldDescriptor]]:
    for field in message.fields:
        here, json_here = f"{path}{field.name}", f"{json_path}{field.json_name}"
        inner = field.message_type
        if here in without:
            continue
        if inner is None or is_textual(inner):
            yield json_here, field
        elif not field.is_repeated and inner.full_name not in _WELL_KNOWN and depth < _MAX_NESTING:
            yield from _leaves(inner, f"{here}.", f"{json_here}.", without, depth + 1)


def is_textual(message: Descriptor) -> bool:
    """Tells whether a message is written as one text or number in JSON."""
    if message.file.name == _WRAPPERS:
        return True
    return _WELL_KNOWN.get(message.full_name, {}).get("type") == "string"


def component_name(full_name: str) -> str:
    """Returns the short name of a message or an enum."""
    return full_name.removeprefix("ticketonomics.")
