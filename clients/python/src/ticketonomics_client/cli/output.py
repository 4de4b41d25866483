"""What commands print: tables for people, JSON for programs, failures with a hint."""

import json
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING, Any, TypeVar

from ticketonomics_client.cli.hints import hint

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from google.protobuf.timestamp_pb2 import Timestamp

    from ticketonomics_client.errors import TicketonomicsError

Item = TypeVar("Item")

# One page: it is there before anybody has read how far it is.
SHORT_LISTING = 1_000


class Output:
    """Prints results to stdout and everything else to stderr."""

    def __init__(self, *, json: bool) -> None:
        self.json = json

    def document(self, messages: "Message | Sequence[Message]") -> None:
        """Prints one JSON document, of one message or of a list."""
        from google.protobuf.message import Message

        content = (
            encoded(messages)
            if isinstance(messages, Message)
            else [encoded(message) for message in messages]
        )
        print(json.dumps(content, ensure_ascii=False, indent=2))

    def result(self, message: "Message", text: str) -> None:
        """Prints what a change came to: the message for programs, the text for people."""
        if self.json:
            self.document(message)
        else:
            self.say(text)

    def line(self, message: "Message") -> None:
        """Prints one line of JSON, at once."""
        print(json.dumps(encoded(message), ensure_ascii=False), flush=True)

    def value(self, content: dict[str, Any]) -> None:
        """Prints one JSON document that is no message."""
        print(json.dumps(content, ensure_ascii=False, indent=2))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Prints a table; columns whose name begins with `>` hold numbers, to the right."""
        from rich import box
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for column in columns:
            numeric = column.startswith(">")
            table.add_column(
                column.removeprefix(">"), justify="right" if numeric else "left", overflow="fold"
            )
        for row in rows:
            # Memos and names come from strangers: as Text they can neither style nor break a row.
            table.add_row(*(Text(printable(cell)) for cell in row))
        console = Console(highlight=False)
        if not console.is_terminal:
            # A pipe has no width, and a cut address is worthless to whoever reads it.
            console = Console(highlight=False, width=10_000)
        console.print(table)

    def facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Prints names and values, one below the other."""
        facts = [(name, printable(value)) for name, value in facts]
        width = max(len(name) for name, _ in facts)
        for name, value in facts:
            print(f"{name:<{width}}  {value}")

    def say(self, text: str) -> None:
        """Prints a line to a person, at once."""
        print(printable(text), flush=True)

    def warn(self, text: str) -> None:
        """Prints a line that is not part of the result."""
        print(printable(text), file=sys.stderr, flush=True)

    def failure(self, error: "TicketonomicsError", *, target: str = "") -> None:
        """Explains why a call failed, and what to do about it."""
        advice = hint(error.reason_name, target=target)
        if self.json:
            content: dict[str, Any] = {
                "reason": error.reason_name,
                "message": error.message,
                "metadata": error.metadata,
                "requestId": error.request_id,
                "hint": advice,
            }
            print(json.dumps({"error": content}, ensure_ascii=False), file=sys.stderr)
            return
        self.warn(f"Error: {error}")
        facts = {key: value for key, value in error.metadata.items() if key != "last_sequence"}
        if facts:
            self.warn("  " + ", ".join(f"{key} {value}" for key, value in sorted(facts.items())))
        if advice:
            self.warn(f"Hint: {advice}")

    def refuted(self, check: str, message: str) -> None:
        """Explains why something proves nothing."""
        if self.json:
            print(json.dumps({"valid": False, "check": check, "message": message}))
        else:
            self.warn(f"Not valid ({check}): {message}")

    def usage_error(self, message: str) -> None:
        """Explains what is wrong with the command as it was given."""
        if self.json:
            print(json.dumps({"error": {"message": message}}), file=sys.stderr)
        else:
            self.warn(f"Error: {message}")


async def first(limit: int, messages: AsyncIterator[Item]) -> list[Item]:
    """Takes at most so many messages of a listing."""
    taken: list[Item] = []
    with _counting(limit) as tell:
        async for message in messages:
            taken.append(message)
            tell(len(taken))
            if len(taken) == limit:
                break
    return taken


@contextmanager
def _counting(limit: int) -> Iterator[Callable[[int], None]]:
    """Shows how far a long listing is, to whoever waits for it at a terminal."""
    if limit <= SHORT_LISTING or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.completed:,.0f} read"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("", total=None)
        yield lambda count: bars.update(bar, completed=count)


def label(message: "Message", field: str) -> str:
    """Returns the name of an enum field's value as people write it: `STATE_OPEN` is `open`."""
    number = getattr(message, field)
    enum = message.DESCRIPTOR.fields_by_name[field].enum_type
    value = enum.values_by_number.get(number) if enum else None
    # A newer server may know more values.
    return value.name.removeprefix(f"{field.upper()}_").lower() if value else str(number)


def encoded(message: "Message") -> dict[str, Any]:
    """Encodes a message as proto3 JSON, unset fields included: int64 are strings."""
    from google.protobuf.json_format import MessageToDict

    return MessageToDict(message, always_print_fields_with_no_presence=True)


def printable(text: str) -> str:
    """Replaces what could steer a terminal: strangers choose memos and names."""
    return "".join(char if char.isprintable() else "�" for char in text)


def moment(time: "Timestamp") -> str:
    """Writes a time in UTC, to the second; an unset one is empty."""
    if not (time.seconds or time.nanos):
        return ""
    return time.ToDatetime(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
