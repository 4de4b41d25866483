"""Reads: one snapshot each, told which entry it saw, new enough for who asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.session import is_passing
from ticketonomics_server.engine.tables import blocks
from ticketonomics_server.storage.database import Database

PATIENCE_SECONDS = 2.0
_FIRST_PAUSE_SECONDS = 0.02

_LAST_SEQUENCE = (
    sa.select(blocks.c.last_sequence)
    .where(blocks.c.economy_id == sa.bindparam("economy_id"))
    .order_by(blocks.c.height.desc())
    .limit(1)
)


@dataclass(slots=True, frozen=True)
class Snapshot:
    """One moment of one economy."""

    connection: AsyncConnection
    economy_id: int
    last_sequence: int


@asynccontextmanager
async def reading(
    database: Database, economy_id: int, minimum_sequence: int = 0
) -> AsyncIterator[Snapshot]:
    """Opens a snapshot that has seen at least `minimum_sequence`.

    Raises:
        Rejection: SEQUENCE_NOT_REACHED after 2 s; DATABASE_UNAVAILABLE.
    """
    if minimum_sequence < 0:
        raise Rejection(
            Reason.INVALID_FIELD, "minimum_sequence is negative", field="minimum_sequence"
        )
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    pause_seconds = _FIRST_PAUSE_SECONDS
    with translated_failures():
        while True:
            async with database.snapshot() as connection:
                last = await connection.scalar(_LAST_SEQUENCE, {"economy_id": economy_id}) or 0
                if last >= minimum_sequence:
                    yield Snapshot(connection, economy_id, last)
                    return
            if asyncio.get_running_loop().time() >= deadline:
                raise Rejection(
                    Reason.SEQUENCE_NOT_REACHED,
                    f"this server has seen {last}, not yet {minimum_sequence}",
                    retry_seconds=0.5,
                    last_sequence=last,
                )
            await asyncio.sleep(pause_seconds)
            pause_seconds *= 2


class translated_failures:  # noqa: N801 - used as a statement, like contextlib's own.
    """Turns a database that cannot be reached into a refusal."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        cause = error
        while cause is not None and not isinstance(error, Rejection):
            if is_passing(cause) or isinstance(cause, PoolTimeoutError):
                raise Rejection(
                    Reason.DATABASE_UNAVAILABLE, "the database cannot be reached", retry_seconds=1.0
                ) from error
            cause = getattr(cause, "orig", None) or cause.__cause__
