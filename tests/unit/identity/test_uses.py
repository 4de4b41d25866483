from datetime import UTC, datetime, timedelta

import pytest
from ticketonomics_server.identity.uses import KeyUses

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


class Connection:
    """Keeps what is written to it."""

    def __init__(self, fails=False):
        self.fails = fails
        self.writes = []
        self.closed = 0

    async def execute(self, _, *columns):
        if self.fails:
            raise ConnectionResetError
        self.writes.append(list(zip(*columns, strict=True)))

    async def close(self):
        self.closed += 1


@pytest.fixture
def connection():
    return Connection()


@pytest.fixture
def uses(connection):
    async def connect():
        return connection

    return KeyUses(connect)


async def test_the_last_use_of_each_key_is_written_in_order(uses, connection):
    uses.note(2, "b", NOON)
    uses.note(1, "b", NOON)
    uses.note(1, "a", NOON)
    uses.note(1, "a", NOON + timedelta(seconds=3))

    await uses.write()

    assert connection.writes == [
        [(1, "a", NOON + timedelta(seconds=3)), (1, "b", NOON), (2, "b", NOON)]
    ]
    assert connection.closed == 1


async def test_a_key_is_written_at_most_once_a_minute(uses, connection):
    uses.note(1, "a", NOON)
    await uses.write()

    uses.note(1, "a", NOON + timedelta(seconds=59))
    await uses.write()
    assert len(connection.writes) == 1

    uses.note(1, "a", NOON + timedelta(seconds=60))
    await uses.write()
    assert connection.writes[1] == [(1, "a", NOON + timedelta(seconds=60))]


async def test_nothing_noted_opens_no_connection(uses, connection):
    await uses.write()
    uses.note(1, "a", NOON)
    await uses.write()
    await uses.write()

    assert connection.closed == 1


async def test_what_could_not_be_written_is_written_the_next_time(uses, connection):
    uses.note(1, "a", NOON)
    connection.fails = True
    with pytest.raises(ConnectionResetError):
        await uses.write()

    connection.fails = False
    await uses.write()

    assert connection.writes == [[(1, "a", NOON)]]
    assert connection.closed == 2
