"""What a block writes, gathered first and then sent in as few round trips as possible."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg

from ticketonomics_server.storage.copying import copy_packed

# Fewer rows than this go into a table together with others in one statement; more go by COPY.
FEW = 300


class StaleStateError(Exception):
    """The database has not the rows that the state says it has."""


@dataclass(slots=True, frozen=True)
class Statement:
    """A bulk INSERT, UPDATE or DELETE.

    Attributes:
        sql: With `{0}`, `{1}` … where its arguments go, and without RETURNING.
        rows: How many rows it must touch.
        first: Whether it must happen before the others: a key that it frees may be used again.
    """

    sql: str
    arguments: Sequence[Any]
    rows: int
    first: bool = False


@dataclass(slots=True, frozen=True)
class Copy:
    """Many new rows, packed for COPY's binary format; see `copy_packed`."""

    table: str
    columns: Sequence[str]
    rows: list[bytes]


Write = Statement | Copy


async def execute(connection: asyncpg.Connection, writes: Iterable[Write]) -> None:
    """Carries out writes to different rows, each statement seeing what was before all of them.

    Small statements go together, as one with data-modifying parts: for a small block, a round trip
    is what costs.

    Raises:
        StaleStateError: A statement did not meet the rows that it must.
    """
    statements = []
    for write in writes:
        if isinstance(write, Copy):
            await copy_packed(connection, write.table, write.columns, write.rows)
        elif write.first:
            await _execute_together(connection, [write])
        else:
            statements.append(write)
    if statements:
        await _execute_together(connection, statements)


async def _execute_together(
    connection: asyncpg.Connection, statements: Sequence[Statement]
) -> None:
    sql = _join(tuple((statement.sql, len(statement.arguments)) for statement in statements))
    arguments = [argument for statement in statements for argument in statement.arguments]
    touched = await connection.fetchrow(sql, *arguments)
    for statement, rows in zip(statements, touched, strict=True):
        if rows != statement.rows:
            raise StaleStateError(f"{rows} rows where {statement.rows} were meant: {statement.sql}")


@lru_cache(maxsize=1_000)
def _join(parts: tuple[tuple[str, int], ...]) -> str:
    """Joins statements into one that returns how many rows each has touched."""
    number = 0
    ctes = []
    for name, (sql, count) in enumerate(parts):
        places = [f"${at}" for at in range(number + 1, number + count + 1)]
        number += count
        ctes.append(f"w{name} AS ({sql.format(*places)} RETURNING 1)")
    counts = [f"(SELECT count(*) FROM w{name})" for name in range(len(parts))]
    return f"WITH {', '.join(ctes)} SELECT {', '.join(counts)}"
