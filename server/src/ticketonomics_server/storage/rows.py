"""Bulk reading and writing of a block's rows, told by the SQLAlchemy tables."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ticketonomics_server.engine.state import State
from ticketonomics_server.storage.arrays import int_array
from ticketonomics_server.storage.writes import Statement, Write

R = TypeVar("R")
# Their arrays go as texts, see `arrays`.
_INTEGERS = ("SMALLINT", "INTEGER", "BIGINT")
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy left it without.


class BulkTable(Generic[R]):
    """Loads and writes rows of one type, whose fields have the names of the table's columns.

    Args:
        row_type: A dataclass with `slots`, constructed by keyword from the columns.
        table: Its table; `economy_id` leads the primary key and is no field of the row.
        key: Columns of the row's key in the state, which need not be the primary key.
        unchanging: Columns that an update never writes.
    """

    by_key = True

    def __init__(
        self,
        row_type: type[R],
        table: sa.Table,
        *,
        key: Sequence[str],
        unchanging: Sequence[str] = (),
    ) -> None:
        self.row_type = row_type
        self.name = table.name
        types = {c.name: c.type.compile(_DIALECT).split(" COLLATE")[0] for c in table.columns}
        self._integers = {name for name, type_ in types.items() if type_ in _INTEGERS}
        self._columns = [column.name for column in table.columns if column.name != "economy_id"]
        self._primary = [c.name for c in table.primary_key.columns if c.name != "economy_id"]
        self._key = list(key)
        changing = [c for c in self._columns if c not in self._primary and c not in unchanging]
        self._written = self._primary + changing
        self.load_sql = (
            f"SELECT {', '.join('t.' + c for c in self._columns)} FROM {table.name} t"
            f" JOIN unnest({_arrays(key, types, '$', 2)}) AS k({', '.join(key)})"
            f" USING ({', '.join(key)}) WHERE t.economy_id = $1"
        )
        matching = " AND ".join(f"t.{c} = v.{c}" for c in self._primary)
        self._insert_sql = (
            f"INSERT INTO {table.name} (economy_id, {', '.join(self._columns)})"
            f" SELECT {{0}}::int, v.* FROM unnest({_arrays(self._columns, types)}) v"
        )
        self._update_sql = (
            f"UPDATE {table.name} t SET {', '.join(f'{c} = v.{c}' for c in changing)}"
            f" FROM unnest({_arrays(self._written, types)}) AS v({', '.join(self._written)})"
            f" WHERE t.economy_id = {{0}} AND {matching}"
        )
        self._delete_sql = (
            f"DELETE FROM {table.name} t"
            f" USING unnest({_arrays(self._primary, types)}) AS v({', '.join(self._primary)})"
            f" WHERE t.economy_id = {{0}} AND {matching}"
        )

    def make(self, record: asyncpg.Record) -> R:
        """Builds a row from a record of all columns."""
        return self.row_type(**dict(record.items()))

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[Any], state: State
    ) -> None:
        keys = list(keys)
        rows = state.rows[self.row_type]
        rows.update(dict.fromkeys(keys))
        columns = [keys] if len(self._key) == 1 else zip(*keys, strict=True)
        arguments = map(self._array, self._key, columns)
        for record in await connection.fetch(self.load_sql, economy_id, *arguments):
            row: Any = self.make(record)
            rows[row.key] = row

    def writes(
        self, economy_id: int, *, added: list[R], changed: list[R], removed: list[R]
    ) -> list[Write]:
        writes: list[Write] = []
        if removed:
            arguments = [economy_id, *self._transpose(removed, self._primary)]
            writes.append(Statement(self._delete_sql, arguments, len(removed), first=True))
        if added:
            arguments = [economy_id, *self._transpose(added, self._columns)]
            writes.append(Statement(self._insert_sql, arguments, len(added)))
        if changed:
            arguments = [economy_id, *self._transpose(changed, self._written)]
            writes.append(Statement(self._update_sql, arguments, len(changed)))
        return writes

    def _transpose(self, rows: list[R], columns: Sequence[str]) -> list[str | list[Any]]:
        return [self._array(column, map(attrgetter(column), rows)) for column in columns]

    def _array(self, column: str, values: Iterable[Any]) -> str | list[Any]:
        """Returns the argument that `_arrays` has a place for."""
        return int_array(values) if column in self._integers else list(values)


def _arrays(columns: Sequence[str], types: dict[str, str], begin: str = "{", first: int = 1) -> str:
    """The columns' arrays as arguments, such as `$2::TEXT[]` or `{1}::text::BIGINT[]`."""
    end = "}" if begin == "{" else ""
    return ", ".join(
        f"{begin}{at}{end}{'::text' if types[column] in _INTEGERS else ''}::{types[column]}[]"
        for at, column in enumerate(columns, start=first)
    )
