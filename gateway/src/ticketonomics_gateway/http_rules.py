"""Path templates of `google.api.http`: read once, then matched against paths as they were sent.

The grammar, from `google/api/http.proto`:

    Template = "/" Segments [ Verb ]
    Segments = Segment { "/" Segment }
    Segment  = "*" | "**" | LITERAL | "{" FieldPath [ "=" Segments ] "}"
    Verb     = ":" LITERAL
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote_to_bytes

ONE = "*"
MANY = "**"

_LITERAL = re.compile(r"[A-Za-z0-9\-._~!$&'()+,;=@%]+")
_FIELD_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# A slash within a value of many segments stays as it was sent: it separates nothing.
_SLASH = re.compile(r"(%2[Ff])")

T = TypeVar("T")


class TemplateError(ValueError):
    """A contract's path template does not follow the grammar."""


class PathError(ValueError):
    """A path that was sent cannot be decoded."""


@dataclass(slots=True, frozen=True)
class Variable:
    """A field that takes its value from a path.

    Attributes:
        field_path: Names of fields, joined by dots.
        start: Index of its first segment.
        length: Count of its segments; None where `**` ends it, and with it the path.
        many: Whether it spans more than one segment, and so keeps `%2F`.
    """

    field_path: str
    start: int
    length: int | None
    many: bool

    def value(self, segments: Sequence[str]) -> str:
        """Decodes its value from the segments of a path, not decoded yet."""
        end = None if self.length is None else self.start + self.length
        text = "/".join(segments[self.start : end])
        return unescape(text, keep_slashes=self.many)


@dataclass(slots=True, frozen=True)
class Template:
    """A path template.

    Attributes:
        text: As the contract has it.
        segments: Literals, `*` and `**`, with variables resolved to what they match.
        verb: What follows the colon; empty without one.
    """

    text: str
    segments: tuple[str, ...]
    verb: str
    variables: tuple[Variable, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Reads a template.

        Raises:
            TemplateError: It does not follow the grammar, or names a field twice.
        """
        return _Reader(text).template()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._segments: list[str] = []
        self._variables: list[Variable] = []

    def template(self) -> Template:
        self._take("/")
        self._read_segments(inside=False)
        verb = ""
        if self._peek() == ":":
            self._at += 1
            verb = self._match(_LITERAL, "a verb")
        if self._at != len(self._text):
            raise self._error("nothing more")
        if MANY in self._segments[:-1]:
            raise TemplateError(f"{self._text}: ** can only be the last segment")
        names = [variable.field_path for variable in self._variables]
        if len(set(names)) != len(names):
            raise TemplateError(f"{self._text} names a field twice")
        return Template(self._text, tuple(self._segments), verb, tuple(self._variables))

    def _read_segments(self, *, inside: bool) -> None:
        while True:
            self._read_segment(inside=inside)
            if self._peek() != "/":
                return
            self._at += 1

    def _read_segment(self, *, inside: bool) -> None:
        if self._text.startswith(MANY, self._at):
            self._at += 2
            self._segments.append(MANY)
        elif self._peek() == ONE:
            self._at += 1
            self._segments.append(ONE)
        elif self._peek() == "{":
            if inside:
                raise self._error("no variable within a variable")
            self._read_variable()
        else:
            self._segments.append(self._match(_LITERAL, "a segment"))

    def _read_variable(self) -> None:
        self._take("{")
        field_path = self._match(_FIELD_PATH, "a field path")
        start = len(self._segments)
        if self._peek() == "=":
            self._at += 1
            self._read_segments(inside=True)
        else:
            self._segments.append(ONE)
        self._take("}")
        own = self._segments[start:]
        length = None if own[-1] == MANY else len(own)
        many = len(own) > 1 or own[0] == MANY
        self._variables.append(Variable(field_path, start, length, many))

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, wanted: str) -> None:
        if self._peek() != wanted:
            raise self._error(wanted)
        self._at += 1

    def _match(self, pattern: re.Pattern[str], what: str) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise self._error(what)
        self._at = found.end()
        return found.group()

    def _error(self, wanted: str) -> TemplateError:
        return TemplateError(f"{self._text}: expected {wanted} at {self._text[self._at :]!r}")


@dataclass(slots=True)
class _Node(Generic[T]):
    literals: dict[str, _Node[T]] = field(default_factory=dict)
    one: _Node[T] | None = None
    # What ends here, and what ends here with `**`, by verb; of equals the first declared is first.
    ends: dict[str, list[T]] = field(default_factory=dict)
    many_ends: dict[str, list[T]] = field(default_factory=dict)


class Paths(Generic[T]):
    """Templates with something behind each: a tree by segments.

    A path that ends in a known verb is tried with it first: an identifier that ends like one has to
    encode its colon. Literals win over `*`, and `*` over `**`.
    """

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, template: Template, value: T) -> None:
        """Adds what is behind a template."""
        node, many = self._root, False
        for segment in template.segments:
            if segment == MANY:
                many = True
            elif segment == ONE:
                node.one = node.one or _Node()
                node = node.one
            else:
                node = node.literals.setdefault(unescape(segment), _Node())
        ends = node.many_ends if many else node.ends
        ends.setdefault(template.verb, []).append(value)

    def find(self, path: str) -> list[tuple[list[str], T]]:
        """Finds all that a path matches, best first, each with the segments for its variables.

        Args:
            path: Without the query, percent-encoded as it was sent.
        """
        segments = path.split("/")
        # Before the first slash there is nothing.
        del segments[0]
        if not segments or "" in segments:
            return []
        last, colon, verb = segments[-1].rpartition(":")
        if colon and last and verb:
            without = [*segments[:-1], last]
            with_verb = list(_walk(self._root, without, 0, verb))
            if with_verb:
                return [(without, value) for value in with_verb]
        return [(segments, value) for value in _walk(self._root, segments, 0, "")]


def _walk(node: _Node[T], segments: list[str], at: int, verb: str) -> Iterator[T]:
    if at == len(segments):
        yield from node.ends.get(verb, ())
    else:
        segment = segments[at]
        literal = node.literals.get(segment)
        if literal is None and "%" in segment:
            literal = node.literals.get(_unescape_or_keep(segment))
        if literal is not None:
            yield from _walk(literal, segments, at + 1, verb)
        if node.one is not None:
            yield from _walk(node.one, segments, at + 1, verb)
    yield from node.many_ends.get(verb, ())


def unescape(text: str, *, keep_slashes: bool = False) -> str:
    """Decodes percent-encoding.

    Args:
        keep_slashes: Whether `%2F` stays as it is, as in values of many segments.

    Raises:
        PathError: It is no percent-encoding, or no UTF-8.
    """
    if "%" not in text:
        return text
    if _BROKEN_ESCAPE.search(text):
        raise PathError("% must be followed by two hexadecimal digits")
    try:
        if not keep_slashes:
            return unquote_to_bytes(text).decode()
        parts = _SLASH.split(text)
        return "".join(
            part if _SLASH.fullmatch(part) else unquote_to_bytes(part).decode() for part in parts
        )
    except UnicodeDecodeError:
        raise PathError("the percent-encoding is not UTF-8") from None


def _unescape_or_keep(text: str) -> str:
    try:
        return unescape(text)
    except PathError:
        return text
