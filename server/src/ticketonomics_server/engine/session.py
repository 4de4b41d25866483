"""A sequencer's session with Postgres: the economy's lock, the block's transaction, the head."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from asyncpg.exceptions import (
    DataError,
    InterfaceError,
    InternalClientError,
    LockNotAvailableError,
    PostgresError,
)

from ticketonomics_server.engine.block import GENESIS, Head
from ticketonomics_server.engine.draft import Request
from ticketonomics_server.storage.arrays import uuid_array

# The first keys of all advisory locks of sequencers; the second is the economy's id. Whoever waits
# for the lock holds the turnstile, and that is how the holder learns of it.
LOCK_CLASS = 0x71C7
TURNSTILE_CLASS = 0x71C8
NOTIFY_CHANNEL = "ticketonomics_blocks"

# A frozen server must not freeze the economy: whatever it held is let go when these run out.
SESSION_SETTINGS = {
    "application_name": "ticketonomics sequencer",
    "idle_in_transaction_session_timeout": "2000",
    "idle_session_timeout": "3000",
    "statement_timeout": "30000",
    "lock_timeout": "3000",
    "client_connection_check_interval": "1000",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}

# One row with clock, turnstile and head, and a row for each request that was accepted before.
# The ids are read from their text in a subquery, so once: a plan that goes through the table would
# read the condition's own text again for each row, which takes a minute for 10,000 of both.
_HEAD_AND_SEEN = f"""
SELECT clock_timestamp() AS now, pg_try_advisory_xact_lock({TURNSTILE_CLASS}, $1) AS alone,
       b.height, b.last_sequence, b.hash, b.block_time,
       NULL::uuid AS request_id, NULL::bigint AS sequence, NULL::uuid AS body_hash
FROM (SELECT 1) AS one LEFT JOIN LATERAL (
    SELECT height, last_sequence, hash, block_time FROM blocks
    WHERE economy_id = $1 ORDER BY height DESC LIMIT 1
) AS b ON true
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, request_id, sequence, body_hash FROM requests
WHERE economy_id = $1 AND request_id = ANY((SELECT $2::text::uuid[])::uuid[])
"""
_BLOCK_HASH = "SELECT hash FROM blocks WHERE economy_id = $1 AND height = $2"


_BACKEND = "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
_IS_BACKEND = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2)"


class UnknownCommitError(Exception):
    """COMMIT was sent, and nothing says whether it happened."""


@dataclass(slots=True, frozen=True)
class View:
    """What a block begins with.

    Attributes:
        alone: Whether no other server waits for the lock.
    """

    head: Head
    now: datetime
    alone: bool
    seen: dict[bytes, Request]


@dataclass(slots=True)
class Session:
    """Two connections to one Postgres, used by one sequencer alone.

    A block goes: `lock`, `look` and other reads on `reader`, `begin`, writes on `connection`, then
    `commit`, which lets go of the lock or leads on to the next block; or `let_go`. The next block's
    reads may go on beside the writes: while the lock is held, nobody else changes the economy, so
    that what was read outside the transaction is still true in it. After any exception the session
    must be closed, which lets go of everything.

    Attributes:
        connection: Holds the lock, and has the block's transaction.
        reader: Reads what is committed, under the lock, beside that transaction.
        locked: Whether the lock is held.
        begun: Whether the last commit has begun the next block's transaction.
    """

    connection: asyncpg.Connection
    reader: asyncpg.Connection
    economy_id: int
    locked: bool = False
    begun: bool = False

    async def prepare(self) -> None:
        """Prepares what every block asks.

        asyncpg's `prepare` ends in Flush instead of Sync, which leaves an implicit transaction, and
        its snapshot, open. A message of the simple protocol ends it.
        """
        await self.reader.prepare(_HEAD_AND_SEEN)
        await self.reader.execute("SELECT 1")

    async def meet(self) -> None:
        """Makes sure that both connections have met the same server.

        Raises:
            ConnectionError: Of several hosts, each has met another one.
        """
        backend = await self.connection.fetchrow(_BACKEND)
        if not await self.reader.fetchval(_IS_BACKEND, *backend):
            raise ConnectionError("the connections have met different servers")

    async def lock(self) -> None:
        """Takes the economy's lock, in a message of its own: no snapshot is older than the lock."""
        if self.locked:
            return
        try:
            await self.connection.execute(
                f"SELECT pg_advisory_lock({TURNSTILE_CLASS}, {self.economy_id});"
                f" SELECT pg_advisory_lock({LOCK_CLASS}, {self.economy_id});"
                f" SELECT pg_advisory_unlock({TURNSTILE_CLASS}, {self.economy_id})"
            )
        except LockNotAvailableError:
            await self._end_frozen_copy()
            raise
        self.locked = True

    async def _end_frozen_copy(self) -> None:
        """Ends the session that holds the lock, if its server stopped in the middle of a COPY.

        Postgres waits for the rest of a COPY for ever: no time-out ends that, whatever is set. The
        lock falls when the session has rolled back.
        """
        await self.connection.execute(
            f"""
            SELECT pg_terminate_backend(a.pid)
            FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND a.datname = current_database()
              AND l.classid = {LOCK_CLASS} AND l.objid = {self.economy_id}
              AND a.state = 'active' AND a.wait_event = 'ClientRead'
              AND a.query_start < clock_timestamp() - interval '2 seconds'
            """
        )

    async def begin(self) -> None:
        """Begins the block's transaction, unless the last commit did."""
        if self.begun:
            self.begun = False
        else:
            await self.connection.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")

    async def look(self, request_ids: Sequence[bytes]) -> View:
        """Reads the newest block, the primary's clock, and which requests were accepted before."""
        ids = uuid_array(request_ids)
        head, now, alone, seen = GENESIS, None, False, {}
        for row in await self.reader.fetch(_HEAD_AND_SEEN, self.economy_id, ids):
            if row["now"] is None:
                request_id = row["request_id"].bytes
                seen[request_id] = Request(row["sequence"], request_id, row["body_hash"].bytes)
                continue
            now, alone = row["now"], row["alone"]
            if row["height"] is not None:
                head = Head(row["height"], row["last_sequence"], row["hash"], row["block_time"])
        assert now is not None, "one row has the clock"
        return View(head, now, alone, seen)

    async def commit(self, last_sequence: int, *, lead_on: bool = False) -> None:
        """Commits durably, tells other servers, and lets go of the lock.

        Args:
            lead_on: Keeps the lock and begins the next block's transaction instead, whose snapshot
                is taken by its first statement.

        Raises:
            UnknownCommitError: The block may or may not be committed.
            asyncpg.PostgresError: It is not (class 40, transaction rollback).
        """
        end = (
            "COMMIT AND CHAIN"
            if lead_on
            else f"COMMIT; SELECT pg_advisory_unlock({LOCK_CLASS}, {self.economy_id})"
        )
        try:
            await self.connection.execute(
                f"NOTIFY {NOTIFY_CHANNEL}, '{self.economy_id} {last_sequence}'; {end}"
            )
        except PostgresError as error:
            if sqlstate(error).startswith("40"):
                raise
            raise UnknownCommitError from error
        except (InterfaceError, OSError, TimeoutError) as error:
            raise UnknownCommitError from error
        self.locked = self.begun = lead_on

    async def let_go(self) -> None:
        """Lets go of the lock, and ends a transaction that was begun for nothing."""
        if self.locked:
            end = "ROLLBACK; " if self.begun else ""
            self.locked = self.begun = False
            await self.connection.execute(
                f"{end}SELECT pg_advisory_unlock({LOCK_CLASS}, {self.economy_id})"
            )

    async def committed_hash(self, height: int) -> bytes | None:
        """Looks up which block is at a height, under the lock, which the caller holds."""
        found: bytes | None = await self.reader.fetchval(_BLOCK_HASH, self.economy_id, height)
        return found

    async def keep_alive(self) -> None:
        """Keeps an idle session from being ended."""
        await self.connection.execute("SELECT 1")

    async def close(self) -> None:
        """Ends the session at once, and with it whatever it held."""
        self.connection.terminate()
        self.reader.terminate()


def sqlstate(error: BaseException) -> str:
    """The five characters that Postgres gives every error; none where it is not Postgres'."""
    return getattr(error, "sqlstate", None) or ""


def is_passing(error: BaseException) -> bool:
    """Tells whether trying the same again can help, or waiting for the database can."""
    if isinstance(error, DataError):
        return False
    if isinstance(error, PostgresError):
        state = sqlstate(error)
        # Rollbacks, lost connections, log-ins, lack of resources, shutdowns, locks; then a
        # transaction that failed, timed out, or was begun where nothing may be written.
        return state[:2] in {"40", "08", "28", "53", "57", "55"} or state in {
            "25006",
            "25P02",
            "25P03",
            "25P04",
        }
    return isinstance(error, (InterfaceError, InternalClientError, OSError, TimeoutError))
