"""Reads of queues, rounds and entries. Each takes a snapshot."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from ticketonomics_server.engine.canonical import decode_fields
from ticketonomics_server.engine.feed import Page
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.tables import blocks, entries
from ticketonomics_server.ledger.tables import assets
from ticketonomics_server.ledger.tickets import TIERS
from ticketonomics_server.queues.model import UNDRAWN, Entry, Queue, Round, RoundState
from ticketonomics_server.queues.tables import queue_entries, queue_rounds, queues
from ticketonomics_server.storage.reading import Snapshot


def _columns(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if column.name != "economy_id"]


_ROUNDS = sa.select(*_columns(queue_rounds))
_ENTRIES = sa.select(*_columns(queue_entries))


async def has_queues(connection: AsyncConnection) -> bool:
    """Tells whether any economy has opened its queues."""
    return bool(await connection.scalar(sa.select(sa.exists().select_from(queues))))


async def missing_tiers(snapshot: Snapshot) -> list[str]:
    """Lists tiers that have no asset yet, the lowest first."""
    query = sa.select(assets.c.code).where(
        assets.c.economy_id == snapshot.economy_id, assets.c.code.in_(TIERS)
    )
    found = set((await snapshot.connection.execute(query)).scalars())
    return [tier for tier in TIERS if tier not in found]


async def read_now(snapshot: Snapshot) -> datetime:
    """Reads the clock that decides what is due."""
    now: datetime = (
        await snapshot.connection.execute(sa.select(sa.func.clock_timestamp()))
    ).scalar_one()
    return now


async def list_queues(snapshot: Snapshot, names: Sequence[str] = ()) -> list[Queue]:
    """Lists queues, the lowest tier first.

    Args:
        names: Only these; none means all.
    """
    query = sa.select(*_columns(queues)).where(queues.c.economy_id == snapshot.economy_id)
    if names:
        query = query.where(queues.c.name.in_(names))
    rows = await snapshot.connection.execute(query.order_by(queues.c.position))
    return [Queue(**row._mapping) for row in rows]


async def find_queue(snapshot: Snapshot, name: str) -> Queue:
    """Finds a queue, or refuses with QUEUE_NOT_OPEN."""
    found = await list_queues(snapshot, [name])
    if not found:
        raise Rejection(Reason.QUEUE_NOT_OPEN, f"{name} was not opened yet", queue=name)
    return found[0]


async def find_rounds(snapshot: Snapshot, round_ids: Sequence[str]) -> dict[str, Round]:
    """Finds rounds by their ids."""
    query = _ROUNDS.where(
        queue_rounds.c.economy_id == snapshot.economy_id, queue_rounds.c.round_id.in_(round_ids)
    )
    rows = await snapshot.connection.execute(query)
    return {row.round_id: Round(**row._mapping) for row in rows}


async def find_round(snapshot: Snapshot, round_id: str) -> Round:
    """Finds a round, or refuses with ROUND_NOT_FOUND."""
    found = (await find_rounds(snapshot, [round_id])).get(round_id)
    if found is None:
        raise Rejection(Reason.ROUND_NOT_FOUND, f"there is no round {round_id}", round=round_id)
    return found


async def read_event(snapshot: Snapshot, sequence: int) -> list[Any]:
    """Reads the fields of an entry of this room: what it was about, for ever."""
    query = sa.select(entries.c.event).where(
        entries.c.economy_id == snapshot.economy_id, entries.c.sequence == sequence
    )
    event: bytes = (await snapshot.connection.execute(query)).scalar_one()
    return decode_fields(event)


async def read_time(snapshot: Snapshot, sequence: int) -> datetime:
    """Reads when an entry was made: the time of its block."""
    query = (
        sa.select(blocks.c.block_time)
        .where(blocks.c.economy_id == snapshot.economy_id, blocks.c.last_sequence >= sequence)
        .order_by(blocks.c.last_sequence)
        .limit(1)
    )
    time: datetime = (await snapshot.connection.execute(query)).scalar_one()
    return time


async def list_rounds(
    snapshot: Snapshot,
    *,
    names: Sequence[str],
    state: int,
    person_id: str,
    below: int,
    limit: int,
) -> list[Round]:
    """Lists rounds, newest first, those with lesser numbers than `below`.

    Args:
        names: Only those of these queues; none means all.
        state: Only those in this state; 0 for all.
        person_id: Only those that this person is in; empty for all.
    """
    c = queue_rounds.c
    query = _ROUNDS.where(c.economy_id == snapshot.economy_id, c.number < below)
    if names:
        query = query.where(c.queue.in_(names))
    if state:
        query = query.where(c.state == state)
    if person_id:
        theirs = sa.select(queue_entries.c.round_id).where(
            queue_entries.c.economy_id == snapshot.economy_id,
            queue_entries.c.person_id == person_id,
        )
        query = query.where(c.round_id.in_(theirs))
    rows = await snapshot.connection.execute(query.order_by(c.number.desc()).limit(limit))
    return [Round(**row._mapping) for row in rows]


async def list_open_rounds(snapshot: Snapshot, person_id: str) -> list[Round]:
    """Lists the rounds that wait, and those undrawn that a person is in, oldest first."""
    c = queue_rounds.c
    query = _ROUNDS.where(c.economy_id == snapshot.economy_id, c.state < int(RoundState.FINISHED))
    waiting = c.state == int(RoundState.WAITING)
    if person_id:
        undrawn = sa.select(queue_entries.c.round_id).where(
            queue_entries.c.economy_id == snapshot.economy_id,
            queue_entries.c.person_id == person_id,
        )
        open_of_person = sa.and_(
            c.state.in_([int(state) for state in UNDRAWN]), c.round_id.in_(undrawn)
        )
        query = query.where(sa.or_(waiting, open_of_person))
    else:
        query = query.where(waiting)
    rows = await snapshot.connection.execute(query.order_by(c.number))
    return [Round(**row._mapping) for row in rows]


async def list_entries(snapshot: Snapshot, round_id: str, *, after: int, limit: int) -> list[Entry]:
    """Lists who is in a round, in the order of joining, those behind an entry of the ledger."""
    c = queue_entries.c
    query = (
        _ENTRIES.where(
            c.economy_id == snapshot.economy_id, c.round_id == round_id, c.join_sequence > after
        )
        .order_by(c.join_sequence)
        .limit(limit)
    )
    return [Entry(**row._mapping) for row in await snapshot.connection.execute(query)]


async def read_news(snapshot: Snapshot, after: int, limit: int) -> Page:
    """Reads the rounds that changed after an entry, each as it is now, for streams."""
    c = queue_rounds.c
    query = (
        _ROUNDS.where(c.economy_id == snapshot.economy_id, c.change_sequence > after)
        .order_by(c.change_sequence, c.number)
        .limit(limit + 1)
    )
    rows = await snapshot.connection.execute(query)
    rounds = [Round(**row._mapping) for row in rows]
    last = snapshot.last_sequence
    if len(rounds) > limit:
        # Rounds that one entry changed are told together.
        last = rounds[-1].change_sequence - 1
        rounds = [found for found in rounds if found.change_sequence <= last]
    now = await read_now(snapshot)
    names = sorted({found.queue for found in rounds})
    found_queues = {queue.name: queue for queue in await list_queues(snapshot, names)}
    return Page(after + 1, last, [(found, found_queues[found.queue], now) for found in rounds])
