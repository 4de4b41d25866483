"""From HTTP requests to the contracts' messages, and back: proto3 JSON, by `google.protobuf`.

Everything that is not known is refused by its name. A path, a query and a body become one JSON
object first, so that all three follow the same rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from ticketonomics_gateway.contracts import Match, descriptor_of, find_field
from ticketonomics_gateway.http_rules import PathError, unescape
from ticketonomics_gateway.problems import Problem, invalid_field
from ticketonomics_gateway.shapes import guard, wanted

MAX_PARAMETERS = 1_000

Object = dict[str, Any]

# These are written as one text, so they can stand in a path or a query.
_TEXTUAL = {
    "google.protobuf.Timestamp",
    "google.protobuf.Duration",
    "google.protobuf.FieldMask",
}
_WRAPPERS = "google/protobuf/wrappers.proto"
_BOOLS = {"true": True, "false": False}
# How json_format tells where it stopped: "… at Transfer.postings[0].amount", or, outside in,
# "Failed to parse postings field: Failed to parse amount field: …".
_WHERE = re.compile(r' at "?[A-Za-z_]\w*((?:\.[A-Za-z_]\w*|\[[^\]]*\])+)\W*$')
_ON_THE_WAY = re.compile(r"Failed to parse (\w+) field: ")
_INDEX = re.compile(r"\[[^\]]*\]")


def decode_request(match: Match, query: bytes, body: bytes) -> Message:
    """Makes the request of a method from what an HTTP request says.

    Args:
        query: What follows the question mark, as it was sent.

    Raises:
        Problem: INVALID_FIELD, with the field.
    """
    binding, request = match.binding, match.method.request_class()
    descriptor = descriptor_of(request)
    js = _read_body(binding.body, body)
    bound = {path for path, _ in match.values}
    for path, text in match.values:
        fields = find_field(descriptor, path)
        _put_path(js, fields, path, _value(fields[-1], path, text))
    if query:
        _put_query(js, descriptor, query, body_field=binding.body, bound=bound)
    return parse(js, request)


def encode(message: Message, field: str = "") -> bytes:
    """Writes a message, or one field of it, as proto3 JSON on one line.

    Fields that have their default are written, too: who reads them needs no table of defaults.
    """
    js: Any = json_format.MessageToDict(message, always_print_fields_with_no_presence=True)
    if field:
        js = js.get(message.DESCRIPTOR.fields_by_name[field].json_name)
    return json.dumps(js, ensure_ascii=False, separators=(",", ":")).encode()


def parse(js: Any, message: Message) -> Message:
    """Fills a message from JSON that is read already.

    Raises:
        Problem: INVALID_FIELD, with the field.
    """
    guard(js, descriptor_of(message))
    try:
        return json_format.ParseDict(js, message)
    except json_format.ParseError as error:
        raise _refusal(str(error), descriptor_of(message)) from error
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        # What json_format does not foresee, such as an `Any` of no known type.
        raise invalid_field("", f"the request is no {message.DESCRIPTOR.name}") from error


# --- bodies ---------------------------------------------------------------------------------------


def _read_body(field: str, body: bytes) -> Object:
    if not field:
        if body:
            raise invalid_field("", "this method takes no body")
        return {}
    if not body:
        return {}
    js = _load(body)
    if field != "*":
        return {field: js}
    if not isinstance(js, dict):
        raise invalid_field("", "the body must be a JSON object")
    return js


def _load(body: bytes) -> Any:
    try:
        return json.loads(body, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise invalid_field("", "the body is nested too deeply") from None
    except ValueError as error:
        # Also what is no UTF-8, and integers of thousands of digits.
        raise invalid_field("", f"the body is not JSON: {error}") from None


def _once(pairs: list[tuple[str, Any]]) -> Object:
    js = dict(pairs)
    if len(js) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise invalid_field(twice, "is there twice")
    return js


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


# --- paths and queries ----------------------------------------------------------------------------


def _put_path(js: Object, fields: tuple[FieldDescriptor, ...], path: str, value: Any) -> None:
    """Puts a path's value where it belongs; a body may say the same, and nothing else."""
    where = js
    for field in fields[:-1]:
        where = _enter(where, field, path)
    last = fields[-1]
    name = _name_in(where, last)
    if where.setdefault(name, value) != value:
        raise invalid_field(path, "the body says something else than the path")


def _put_query(
    js: Object, descriptor: Descriptor, query: bytes, *, body_field: str, bound: set[str]
) -> None:
    seen: set[str] = set()
    for number, (name, text) in enumerate(_parameters(query)):
        if number >= MAX_PARAMETERS:
            raise invalid_field(name, "there are too many parameters")
        fields = _parameter(descriptor, name)
        path = ".".join(field.name for field in fields)
        if path in bound:
            raise invalid_field(name, "is in the path already")
        if body_field == "*" or fields[0].name == body_field:
            raise invalid_field(name, "belongs into the body")
        value = _value(fields[-1], name, text)
        where = js
        for field in fields[:-1]:
            where = _enter(where, field, name)
        if fields[-1].is_repeated:
            where.setdefault(fields[-1].json_name, []).append(value)
        elif path in seen:
            raise invalid_field(name, "is there twice")
        else:
            where[fields[-1].json_name] = value
        seen.add(path)


def _parameters(query: bytes) -> Iterator[tuple[str, str]]:
    for pair in query.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            yield _text(name), _text(value)


def _text(encoded: bytes) -> str:
    # A form writes a space as +.
    spaced = encoded.replace(b"+", b" ").decode("latin-1")
    try:
        return unescape(spaced) if spaced.isascii() else unquote_to_bytes(encoded).decode()
    except (PathError, UnicodeDecodeError) as error:
        raise invalid_field("", f"the query cannot be read: {error}") from None


def _parameter(descriptor: Descriptor, name: str) -> tuple[FieldDescriptor, ...]:
    try:
        fields = find_field(descriptor, name)
    except KeyError:
        raise invalid_field(name, "there is no such parameter") from None
    last = fields[-1]
    if last.message_type is not None and not _is_textual(last.message_type):
        raise invalid_field(name, "is a message; name a field of it")
    return fields


def _is_textual(message: Descriptor) -> bool:
    return message.full_name in _TEXTUAL or message.file.name == _WRAPPERS


def _value(field: FieldDescriptor, name: str, text: str) -> Any:
    """Returns a text as the JSON that its field wants: all but bools may be texts there."""
    scalar = field
    if field.message_type is not None and field.message_type.file.name == _WRAPPERS:
        scalar = field.message_type.fields_by_name["value"]
    if scalar.type == FieldDescriptor.TYPE_BOOL:
        if text not in _BOOLS:
            raise invalid_field(name, "must be true or false")
        return _BOOLS[text]
    return text


def _enter(js: Object, field: FieldDescriptor, name: str) -> Object:
    inner = js.setdefault(_name_in(js, field), {})
    if not isinstance(inner, dict):
        raise invalid_field(name, "the body has no object there")
    return inner


def _name_in(js: Object, field: FieldDescriptor) -> str:
    return field.name if field.name in js else field.json_name


# --- what json_format refuses ---------------------------------------------------------------------


def _refusal(text: str, message: Descriptor) -> Problem:
    """Turns json_format's words into ours: where it stopped, and what belongs there."""
    found = _WHERE.search(text)
    path = found.group(1).lstrip(".") if found else ".".join(_ON_THE_WAY.findall(text))
    if "oneof fields" in text:
        return invalid_field(path, "only one of its alternatives can be set")
    try:
        *_, field = find_field(message, _INDEX.sub("", path))
    except KeyError:
        return invalid_field(path, "is malformed")
    return invalid_field(path, wanted(field, listed=path.endswith("]")))
