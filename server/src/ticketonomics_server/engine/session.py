"""A sequencer's session with Postgres: the economy's lock, the block's transaction, the head."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

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

# The first key of all advisory locks of sequencers; the second is the economy's id.
LOCK_CLASS = 0x71C7
NOTIFY_CHANNEL = "ticketonomics_blocks"

# No server keeps the lock from block to block for longer than this.
LONGEST_HOLD_SECONDS = 0.05

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

# One row with the head and the clock, and a row for each request that was accepted before.
_HEAD_AND_SEEN = """
SELECT clock_timestamp() AS now, b.height, b.last_sequence, b.hash, b.block_time,
       NULL::uuid AS request_id, NULL::bigint AS sequence, NULL::uuid AS body_hash
FROM (SELECT 1) AS one LEFT JOIN LATERAL (
    SELECT height, last_sequence, hash, block_time FROM blocks
    WHERE economy_id = $1 ORDER BY height DESC LIMIT 1
) AS b ON true
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, request_id, sequence, body_hash FROM requests
WHERE economy_id = $1 AND request_id = ANY($2::text::uuid[])
"""
_BLOCK_HASH = "SELECT hash FROM blocks WHERE economy_id = $1 AND height = $2"


class UnknownCommitError(Exception):
    """COMMIT was sent, and nothing says whether it happened."""


@dataclass(slots=True, frozen=True)
class View:
    """What a block begins with."""

    head: Head
    now: datetime
    seen: dict[bytes, Request]


@dataclass(slots=True)
class Session:
    """One connection, used by one sequencer alone.

    A block goes: `lock`, `begin`, `look`, reads and writes on `connection`, then `commit` or
    `roll_back`; both let go of the lock, unless a commit is to lead on to another block. After any
    other exception the session must be closed, which lets go of everything.

    Attributes:
        begun: Whether the last commit kept the lock and began the next block's transaction.
    """

    connection: asyncpg.Connection
    economy_id: int
    begun: bool = False
    _locked_at: float = 0.0

    async def prepare(self) -> None:
        """Prepares what every block asks.

        asyncpg's `prepare` ends in Flush instead of Sync, which leaves an implicit transaction, and
        its snapshot, open. A message of the simple protocol ends it: without that, the head read
        after queueing for the lock would be a stale one.
        """
        await self.connection.prepare(_HEAD_AND_SEEN)
        await self.connection.execute("SELECT 1")

    async def lock(self) -> None:
        """Takes the economy's lock, in a message of its own: no snapshot is older than the lock."""
        if self.begun:
            return
        try:
            await self.connection.execute(
                f"SELECT pg_advisory_lock({LOCK_CLASS}, {self.economy_id})"
            )
        except LockNotAvailableError:
            await self._end_frozen_copy()
            raise
        self._locked_at = monotonic()

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
        """Begins the block's transaction. The snapshot is taken by its first statement."""
        if self.begun:
            self.begun = False
        else:
            await self.connection.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")

    async def look(self, request_ids: Sequence[bytes]) -> View:
        """Reads the newest block, the primary's clock, and which requests were accepted before."""
        ids = uuid_array(request_ids)
        head, now, seen = GENESIS, None, {}
        for row in await self.connection.fetch(_HEAD_AND_SEEN, self.economy_id, ids):
            if row["now"] is None:
                request_id = row["request_id"].bytes
                seen[request_id] = Request(row["sequence"], request_id, row["body_hash"].bytes)
                continue
            now = row["now"]
            if row["height"] is not None:
                head = Head(row["height"], row["last_sequence"], row["hash"], row["block_time"])
        assert now is not None, "one row has the clock"
        return View(head, now, seen)

    async def commit(self, last_sequence: int, *, lead_on: bool = False) -> None:
        """Commits durably, tells other servers, and lets go of the lock.

        Args:
            lead_on: Keeps the lock and begins the next block's transaction instead, unless others
                have waited for long enough. The next statement takes a new snapshot.

        Raises:
            UnknownCommitError: The block may or may not be committed.
            asyncpg.PostgresError: It is not (class 40, transaction rollback).
        """
        lead_on = lead_on and monotonic() - self._locked_at < LONGEST_HOLD_SECONDS
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
        self.begun = lead_on

    async def roll_back(self) -> None:
        """Ends a transaction that changed nothing, and lets go of the lock."""
        self.begun = False
        await self.connection.execute(
            f"ROLLBACK; SELECT pg_advisory_unlock({LOCK_CLASS}, {self.economy_id})"
        )

    async def committed_hash(self, height: int) -> bytes | None:
        """Looks up which block is at a height, under the lock, which the caller holds."""
        found: bytes | None = await self.connection.fetchval(_BLOCK_HASH, self.economy_id, height)
        return found

    async def unlock(self) -> None:
        await self.connection.execute(f"SELECT pg_advisory_unlock({LOCK_CLASS}, {self.economy_id})")

    async def keep_alive(self) -> None:
        """Keeps an idle session from being ended."""
        await self.connection.execute("SELECT 1")

    async def close(self) -> None:
        """Ends the session at once, and with it whatever it held."""
        self.connection.terminate()


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
