"""Reads of schedules, their runs and requests to pay. Each takes a snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.tables import texts
from ticketonomics_server.payments.model import PaymentRequest, Schedule
from ticketonomics_server.payments.tables import (
    payment_requests,
    schedule_attempts,
    schedule_sources,
    schedules,
)
from ticketonomics_server.storage.reading import Snapshot


@dataclass(slots=True, frozen=True)
class Run:
    """A run by its last attempt; the reason is empty if it paid."""

    run: int
    attempt: int
    due_time: datetime
    attempt_time: datetime
    sequence: int
    reason: str


@dataclass(slots=True, eq=False)
class ShownSchedule(Schedule):
    """A schedule with its memo, which is kept apart and may be erased."""

    memo: str = ""


@dataclass(slots=True, eq=False)
class ShownRequest(PaymentRequest):
    """A request to pay with its memo, which is kept apart and may be erased."""

    memo: str = ""


def _with_memo(table: sa.Table) -> sa.Select[Any]:
    """Selects rows with the memo of the entry that created each."""
    columns = [column for column in table.c if column.name != "economy_id"]
    created = sa.and_(
        texts.c.economy_id == table.c.economy_id, texts.c.sequence == table.c.create_sequence
    )
    memo = sa.func.coalesce(texts.c.memo, "").label("memo")
    return sa.select(*columns, memo).outerjoin_from(table, texts, created)


_SCHEDULES = _with_memo(schedules)
_REQUESTS = _with_memo(payment_requests)


async def find_schedule(snapshot: Snapshot, schedule_id: str) -> ShownSchedule:
    """Finds a schedule, or refuses with SCHEDULE_NOT_FOUND."""
    return await _find_schedule(snapshot, schedules.c.schedule_id == schedule_id, schedule_id)


async def find_created_schedule(snapshot: Snapshot, sequence: int) -> ShownSchedule:
    """Finds the schedule that an entry created, or refuses with SCHEDULE_NOT_FOUND."""
    created = schedules.c.create_sequence == sequence
    return await _find_schedule(snapshot, created, f"of entry {sequence}")


async def _find_schedule(
    snapshot: Snapshot, condition: sa.ColumnElement[bool], name: str
) -> ShownSchedule:
    query = _SCHEDULES.where(schedules.c.economy_id == snapshot.economy_id, condition)
    row = (await snapshot.connection.execute(query)).one_or_none()
    if row is None:
        raise Rejection(Reason.SCHEDULE_NOT_FOUND, f"there is no schedule {name}", schedule=name)
    return ShownSchedule(**row._mapping)


async def list_schedules(
    snapshot: Snapshot, *, account: str, state: int, below: int, limit: int
) -> Sequence[ShownSchedule]:
    """Lists schedules, newest first, those created before the entry `below`.

    Args:
        account: Only those that take from it; empty for all.
        state: Only those in this state; 0 for all.
    """
    query = _SCHEDULES.where(
        schedules.c.economy_id == snapshot.economy_id, schedules.c.create_sequence < below
    )
    if account:
        sources = schedule_sources.c
        query = query.join(
            schedule_sources,
            sa.and_(
                sources.economy_id == schedules.c.economy_id,
                sources.create_sequence == schedules.c.create_sequence,
            ),
        ).where(sources.account == account, sources.create_sequence < below)
    if state:
        query = query.where(schedules.c.state == state)
    query = query.order_by(schedules.c.create_sequence.desc()).limit(limit)
    return [ShownSchedule(**row._mapping) for row in await snapshot.connection.execute(query)]


async def list_schedules_from(
    snapshot: Snapshot, accounts: Sequence[str], *, after: int, limit: int
) -> Sequence[ShownSchedule]:
    """Lists schedules that take from any of the accounts, oldest first, those after an entry."""
    sources = schedule_sources.c
    taking = sa.select(sources.create_sequence).where(
        sources.economy_id == snapshot.economy_id,
        sources.account.in_(accounts),
        sources.create_sequence > after,
    )
    query = (
        _SCHEDULES.where(
            schedules.c.economy_id == snapshot.economy_id, schedules.c.create_sequence.in_(taking)
        )
        .order_by(schedules.c.create_sequence)
        .limit(limit)
    )
    return [ShownSchedule(**row._mapping) for row in await snapshot.connection.execute(query)]


async def list_payment_requests_of(
    snapshot: Snapshot, accounts: Sequence[str], *, after: int, limit: int
) -> Sequence[ShownRequest]:
    """Lists requests with any of the accounts on a side, oldest first, those after an entry."""
    c = payment_requests.c
    query = (
        _REQUESTS.where(
            c.economy_id == snapshot.economy_id,
            sa.or_(c.payee.in_(accounts), c.payer.in_(accounts)),
            c.create_sequence > after,
        )
        .order_by(c.create_sequence)
        .limit(limit)
    )
    return [ShownRequest(**row._mapping) for row in await snapshot.connection.execute(query)]


async def list_runs(
    snapshot: Snapshot, schedule_id: str, *, below: int, limit: int
) -> Sequence[Run]:
    """Lists runs of a schedule, newest first, those below a number."""
    c = schedule_attempts.c
    query = (
        sa.select(c.run, c.attempt, c.due_time, c.attempt_time, c.sequence, c.reason)
        .ext(postgresql.distinct_on(c.run))
        .where(c.economy_id == snapshot.economy_id, c.schedule_id == schedule_id, c.run < below)
        .order_by(c.run.desc(), c.attempt.desc())
        .limit(limit)
    )
    return [Run(*row) for row in await snapshot.connection.execute(query)]


async def find_payment_request(snapshot: Snapshot, identifier: str) -> ShownRequest:
    """Finds a request to pay, or refuses with PAYMENT_REQUEST_NOT_FOUND."""
    named = payment_requests.c.payment_request_id == identifier
    return await _find_payment_request(snapshot, named, identifier)


async def find_created_payment_request(
    snapshot: Snapshot, payee: str, sequence: int
) -> ShownRequest:
    """Finds the request that an entry made, or refuses with PAYMENT_REQUEST_NOT_FOUND."""
    c = payment_requests.c
    created = sa.and_(c.payee == payee, c.create_sequence == sequence)
    return await _find_payment_request(snapshot, created, f"of entry {sequence}")


async def _find_payment_request(
    snapshot: Snapshot, condition: sa.ColumnElement[bool], name: str
) -> ShownRequest:
    query = _REQUESTS.where(payment_requests.c.economy_id == snapshot.economy_id, condition)
    row = (await snapshot.connection.execute(query)).one_or_none()
    if row is None:
        raise Rejection(
            Reason.PAYMENT_REQUEST_NOT_FOUND,
            f"there is no request to pay {name}",
            payment_request=name,
        )
    return ShownRequest(**row._mapping)


async def list_payment_requests(
    snapshot: Snapshot, *, account: str, outgoing: bool, state: int, below: int, limit: int
) -> Sequence[ShownRequest]:
    """Lists the requests that an account gets or makes, newest first, those before `below`."""
    c = payment_requests.c
    query = _REQUESTS.where(
        c.economy_id == snapshot.economy_id,
        (c.payee if outgoing else c.payer) == account,
        c.create_sequence < below,
    )
    if state:
        query = query.where(c.state == state)
    query = query.order_by(c.create_sequence.desc()).limit(limit)
    return [ShownRequest(**row._mapping) for row in await snapshot.connection.execute(query)]
