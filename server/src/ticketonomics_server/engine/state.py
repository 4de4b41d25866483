"""The state: an identity map of the rows that a block works on, with an undo log."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Protocol, TypeVar

import asyncpg

from ticketonomics_server.storage.writes import Write


class Row(Protocol):
    """A mutable row of the state, one object a row of the database; equal only to itself."""

    @property
    def key(self) -> Hashable:
        """Its name in the state: what commands declare."""

    def snapshot(self) -> tuple[Any, ...]:
        """Returns the values of all fields that change, for `restore`."""

    def restore(self, snapshot: tuple[Any, ...]) -> None:
        """Sets the fields to what they were."""


R = TypeVar("R", bound=Row)


class RowTable(Protocol):
    """Loads rows of one type under the lock, and tells how they are written, in bulk."""

    @property
    def row_type(self) -> type[Any]:
        """The type of its rows."""

    @property
    def by_key(self) -> bool:
        """Whether rows are found by their own keys alone: then those in the state say it all.

        Others are only loaded when all that was decided before is committed.
        """

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[Any], state: "State"
    ) -> None:
        """Puts the row of each key into the state, or None where there is none."""

    def writes(
        self, economy_id: int, *, added: list[Any], changed: list[Any], removed: list[Any]
    ) -> list[Write]:
        """Tells how the block's rows are written."""


class Journal(Protocol):
    """An append-only table, written in bulk. Decisions know it by its name only."""

    @property
    def name(self) -> str:
        """What `State.append` calls it."""

    def writes(self, economy_id: int, records: list[Any]) -> list[Write]:
        """Tells how the block's records are written."""


class State:
    """What one economy's commands see and change.

    Rows stay from block to block as long as the sequencer knows that nobody else has changed them.
    A key maps to None when the database has no such row; a key that is missing was not declared,
    and asking for it is a bug (KeyError).

    `rows` is open to hot code: `state.rows[Balance][key]`.
    """

    def __init__(self, row_types: Iterable[type[Any]]) -> None:
        self.rows: dict[type[Any], dict[Any, Any]] = {row_type: {} for row_type in row_types}
        self._undo: list[tuple[Any, Any]] = []
        self._added: dict[Any, None] = {}
        self._changed: dict[Any, None] = {}
        self._removed: dict[Any, None] = {}
        self._appended: dict[str, list[Any]] = {}

    def find(self, row_type: type[R], key: Hashable) -> R | None:
        """Returns the declared row, or None where there is none."""
        found: R | None = self.rows[row_type][key]
        return found

    def add(self, row: Row) -> None:
        """Puts a new row into the state."""
        rows = self.rows[type(row)]
        if rows.get(row.key) is not None:
            raise ValueError(f"{row.key!r} is there already")
        rows[row.key] = row
        self._added[row] = None
        self._undo.append((_ADDED, row))

    def change(self, row: Row) -> None:
        """Announces that the row's fields are about to change."""
        if row not in self._changed:
            self._changed[row] = None
            self._undo.append((_MARKED, row))
        self._undo.append((row, row.snapshot()))

    def remove(self, row: Row) -> None:
        """Takes a row out of the state."""
        self.rows[type(row)][row.key] = None
        self._removed[row] = None
        self._undo.append((_REMOVED, row))

    def append(self, journal: str, record: Any) -> None:
        """Appends a record to the journal of this name."""
        records = self._appended.get(journal)
        if records is None:
            records = self._appended[journal] = []
        records.append(record)
        self._undo.append((_APPENDED, records))

    def extend(self, journal: str, records: Sequence[Any]) -> None:
        """Appends several records to the journal of this name."""
        appended = self._appended.get(journal)
        if appended is None:
            appended = self._appended[journal] = []
        appended += records
        self._undo += [(_APPENDED, appended)] * len(records)

    def begin_command(self) -> None:
        """Forgets how to undo: the last command stays."""
        self._undo.clear()

    def undo_command(self) -> None:
        """Takes back all that happened since `begin_command`, newest first."""
        while self._undo:
            what, detail = self._undo.pop()
            if what is _ADDED:
                self.rows[type(detail)][detail.key] = None
                del self._added[detail]
            elif what is _REMOVED:
                self.rows[type(detail)][detail.key] = detail
                del self._removed[detail]
            elif what is _MARKED:
                del self._changed[detail]
            elif what is _APPENDED:
                detail.pop()
            else:
                what.restore(detail)

    @property
    def touched(self) -> set[type[Any]]:
        """Types of all rows that the block added, changed or removed."""
        return set(map(type, chain(self._added, self._changed, self._removed)))

    def added(self, row_type: type[R]) -> list[R]:
        """Rows of a type that are new in this block."""
        return [row for row in self._added if type(row) is row_type and row not in self._removed]

    def changed(self, row_type: type[R]) -> list[R]:
        """Rows of a type that the block changed and did not add itself."""
        gone_or_new = self._added.keys() | self._removed.keys()
        return [row for row in self._changed if type(row) is row_type and row not in gone_or_new]

    def removed(self, row_type: type[R]) -> list[R]:
        """Rows of a type that the block removed and the database has."""
        return [row for row in self._removed if type(row) is row_type and row not in self._added]

    @property
    def appended(self) -> Mapping[str, list[Any]]:
        """Records for each journal, in order."""
        return self._appended

    def end_block(self) -> None:
        """Forgets what was to be written: it is committed."""
        self._undo.clear()
        self._added.clear()
        self._changed.clear()
        self._removed.clear()
        self._appended.clear()

    def drop(self) -> None:
        """Forgets everything, kept rows too: nobody knows whether they are still true."""
        self.end_block()
        for rows in self.rows.values():
            rows.clear()

    @property
    def size(self) -> int:
        """Number of keys that are kept."""
        return sum(len(rows) for rows in self.rows.values())


_ADDED = object()
_REMOVED = object()
_APPENDED = object()
_MARKED = object()
