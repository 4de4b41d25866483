"""Finds the timers that are due."""

import sqlalchemy as sa

from ticketonomics_server.engine.tables import economies, timers
from ticketonomics_server.engine.timers import Due
from ticketonomics_server.storage.database import Database


async def find_due_timers(database: Database, limit: int) -> list[Due]:
    """Finds up to so many of each economy: those of one cannot keep the others' from happening.

    The earliest first; of one time, in the order in which they were set.
    Those of suspended economies wait.
    """
    order = timers.c.due_time, timers.c.timer_id
    turn = sa.func.row_number().over(partition_by=timers.c.economy_id, order_by=order)
    due = (
        sa.select(timers, turn.label("turn"))
        .join(economies, economies.c.economy_id == timers.c.economy_id)
        .where(timers.c.due_time <= sa.func.clock_timestamp(), economies.c.suspend_time.is_(None))
        .subquery()
    )
    columns = [due.c[column.name] for column in timers.columns]
    query = sa.select(*columns).where(due.c.turn <= limit).order_by(due.c.due_time, due.c.timer_id)
    async with database.snapshot() as connection:
        return [Due(**row) for row in (await connection.execute(query)).mappings()]
