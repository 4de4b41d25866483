"""Bulk reading and writing of rows."""

import asyncio
from dataclasses import dataclass
from struct import pack

import asyncpg
import pytest
import sqlalchemy as sa
from ticketonomics_server.engine.state import State
from ticketonomics_server.storage.copying import copy_packed
from ticketonomics_server.storage.rows import BulkTable
from ticketonomics_server.storage.writes import (
    Copy,
    StaleStateError,
    Statement,
    execute,
)

shelves = sa.Table(
    "shelves",
    sa.MetaData(),
    sa.Column("economy_id", sa.Integer, primary_key=True),
    sa.Column("room", sa.Text(collation="C"), primary_key=True),
    sa.Column("number", sa.SmallInteger, primary_key=True),
    sa.Column("label", sa.Text),
    sa.Column("opened", sa.Text),
)


@dataclass(slots=True, eq=False)
class Shelf:
    room: str
    number: int
    label: str | None = None
    opened: str = "once"

    @property
    def key(self) -> tuple[str, int]:
        return self.room, self.number


SHELVES = BulkTable(Shelf, shelves, key=("room", "number"), unchanging=("opened",))


@pytest.fixture
async def connection(database):
    opened = await database.connect()
    await opened.execute(
        str(sa.schema.CreateTable(shelves).compile(dialect=sa.dialects.postgresql.dialect()))
    )
    yield opened
    opened.terminate()


@pytest.fixture
def state() -> State:
    return State([Shelf])


async def write(connection, economy_id: int = 1, **rows: list[Shelf]) -> None:
    rows = {"added": [], "changed": [], "removed": []} | rows
    await execute(connection, SHELVES.writes(economy_id, **rows))


async def read(connection) -> list[tuple]:
    rows = await connection.fetch("SELECT * FROM shelves ORDER BY 1, 2, 3")
    return [tuple(row) for row in rows]


async def test_rows_come_back_as_they_went(connection, state) -> None:
    await write(connection, added=[Shelf("a", 1, "ä\n\t\\N"), Shelf("a", 2), Shelf("b", 1, "")])
    await SHELVES.load(connection, 1, {("a", 1), ("a", 2), ("b", 1), ("b", 2)}, state)
    rows = state.rows[Shelf]
    assert rows["a", 1].label == "ä\n\t\\N"
    assert rows["a", 2].label is None
    assert rows["b", 1].label == ""
    assert rows["b", 2] is None, "a key without a row is known to be none"
    assert ("a", 3) not in rows


async def test_rows_of_another_economy_are_neither_seen_nor_touched(connection, state) -> None:
    await write(connection, 1, added=[Shelf("a", 1, "ours")])
    await write(connection, 2, added=[Shelf("a", 1, "theirs")])
    await SHELVES.load(connection, 1, [("a", 1)], state)
    row = state.rows[Shelf]["a", 1]
    assert row.label == "ours"
    row.label = "changed"
    await write(connection, 1, changed=[row])
    await write(connection, 2, removed=[Shelf("a", 1)])
    assert await read(connection) == [(1, "a", 1, "changed", "once")]


async def test_a_change_leaves_alone_what_never_changes(connection) -> None:
    await write(connection, added=[Shelf("a", 1, "old"), Shelf("a", 2, "old")])
    await write(connection, changed=[Shelf("a", 1, None, "twice")])
    assert await read(connection) == [(1, "a", 1, None, "once"), (1, "a", 2, "old", "once")]


async def test_a_removed_row_makes_room_for_a_new_one_of_its_key(connection) -> None:
    await write(connection, added=[Shelf("a", 1, "old")])
    await write(connection, removed=[Shelf("a", 1)], added=[Shelf("a", 1, "new")])
    assert await read(connection) == [(1, "a", 1, "new", "once")]


@pytest.mark.parametrize("how", ["changed", "removed"])
async def test_rows_that_are_not_there_are_noticed(connection, how) -> None:
    """Fails without the count in `_execute_together`: a stale state would go unnoticed."""
    await write(connection, added=[Shelf("a", 1)])
    with pytest.raises(StaleStateError, match="1 rows where 2 were meant"):
        await write(connection, **{how: [Shelf("a", 1, "x"), Shelf("a", 9, "x")]})


async def test_a_row_that_is_there_already_is_refused(connection) -> None:
    await write(connection, added=[Shelf("a", 1)])
    with pytest.raises(asyncpg.UniqueViolationError):
        await write(connection, added=[Shelf("a", 1)])


@pytest.mark.parametrize("count", [0, 1, 2_000, 2_001, 5_000])
async def test_packed_rows_are_copied_in_any_number(connection, count) -> None:
    rows = [pack(">hiiic", 3, 4, 1, 1, b"r") + pack(">ih", 2, number) for number in range(count)]
    await copy_packed(connection, "shelves", ("economy_id", "room", "number"), rows)
    found = await connection.fetch("SELECT number FROM shelves ORDER BY number")
    assert [row["number"] for row in found] == list(range(count))


INSERT = (
    "INSERT INTO shelves (economy_id, room, number) VALUES ({0}::int, {1}::text, {2}::smallint)"
)


async def test_writes_of_a_block_go_together(connection) -> None:
    asked: list[str] = []
    connection.add_query_logger(lambda record: asked.append(record.query))
    copied = [pack(">hiiic", 3, 4, 1, 1, b"c") + pack(">ih", 2, 1)]
    await execute(
        connection,
        [
            Statement(INSERT, [1, "a", 1], 1),
            Copy("shelves", ("economy_id", "room", "number"), copied),
            Statement(INSERT, [1, "b", 2], 1),
        ],
    )
    await asyncio.sleep(0)  # asyncpg tells its loggers in the loop's next turn.
    assert len([query for query in asked if "WITH w0" in query]) == 1
    assert [row[1:3] for row in await read(connection)] == [("a", 1), ("b", 2), ("c", 1)]


async def test_every_statement_is_counted_by_itself(connection) -> None:
    await write(connection, added=[Shelf("a", 1)])
    delete = "DELETE FROM shelves WHERE room = {0}::text"
    with pytest.raises(StaleStateError, match="DELETE"):
        await execute(
            connection, [Statement(INSERT, [1, "b", 1], 1), Statement(delete, ["nowhere"], 1)]
        )
