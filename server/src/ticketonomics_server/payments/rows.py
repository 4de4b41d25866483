"""How this room's rows reach Postgres."""

from collections.abc import Iterable
from typing import Any

import asyncpg

from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.writing import TIMERS
from ticketonomics_server.payments.decide_ending import MOST_ENDED
from ticketonomics_server.payments.model import (
    Attempt,
    OpenRequests,
    OpenSchedules,
    PaymentRequest,
    PaymentsOf,
    Schedule,
    ScheduleSource,
    unpack_postings,
)
from ticketonomics_server.payments.open_schedules import holders_of
from ticketonomics_server.payments.tables import (
    open_requests,
    open_schedules,
    payment_requests,
    schedule_attempts,
    schedule_sources,
    schedules,
)
from ticketonomics_server.storage.rows import BulkTable
from ticketonomics_server.storage.writes import Write

_MADE = ("create_sequence", "application_id", "person_id", "create_time")

SCHEDULES = BulkTable(
    Schedule,
    schedules,
    key=("schedule_id",),
    unchanging=(
        *_MADE,
        *("postings", "first_time", "frequency", "every", "time_zone", "end_time"),
        *("run_limit", "retry_attempts", "retry_seconds", "stop_after_failures"),
    ),
)
SCHEDULE_SOURCES = BulkTable(ScheduleSource, schedule_sources, key=("account", "create_sequence"))
ATTEMPTS = BulkTable(Attempt, schedule_attempts, key=("schedule_id", "run", "attempt"))
PAYMENT_REQUESTS = BulkTable(
    PaymentRequest,
    payment_requests,
    key=("payment_request_id",),
    unchanging=(
        *_MADE,
        *("payee", "payer", "asset", "amount", "expire_time", "timer_id"),
    ),
)
OPEN_REQUESTS = BulkTable(OpenRequests, open_requests, key=("payee", "payer"))
OPEN_SCHEDULES = BulkTable(OpenSchedules, open_schedules, key=("holder",))


class PaymentsOfTable:
    """Loads the open payments of accounts into the state, where they are not there yet."""

    row_type = PaymentsOf
    by_key = False
    schedules_sql = (
        "SELECT s.schedule_id FROM schedule_sources o"
        " JOIN schedules s USING (economy_id, schedule_id)"
        " WHERE o.economy_id = $1 AND o.account = $2 AND s.state IN (1, 2)"
        " ORDER BY o.create_sequence LIMIT $3"
    )
    # Each side by its own index.
    requests_sql = (
        "SELECT payment_request_id FROM ("
        "  (SELECT payment_request_id, create_sequence FROM payment_requests"
        "   WHERE economy_id = $1 AND payee = $2 AND state = 1 ORDER BY 2 LIMIT $3)"
        "  UNION ALL"
        "  (SELECT payment_request_id, create_sequence FROM payment_requests"
        "   WHERE economy_id = $1 AND payer = $2 AND state = 1 ORDER BY 2 LIMIT $3)"
        ") AS both_sides ORDER BY create_sequence LIMIT $3"
    )

    async def load(
        self, connection: asyncpg.Connection, economy_id: int, keys: Iterable[str], state: State
    ) -> None:
        async def bring(table: BulkTable[Any], wanted: Iterable[Any]) -> list[Any]:
            rows = state.rows[table.row_type]
            if missing := set(wanted).difference(rows):
                await table.load(connection, economy_id, missing, state)
            return [rows[key] for key in wanted]

        for account in keys:
            arguments = economy_id, account, MOST_ENDED + 1
            schedule_ids, request_ids = [
                [identifier for (identifier,) in await connection.fetch(sql, *arguments)]
                for sql in (self.schedules_sql, self.requests_sql)
            ]
            schedules = await bring(SCHEDULES, schedule_ids)
            requests = await bring(PAYMENT_REQUESTS, request_ids)
            await bring(TIMERS, {row.timer_id for row in (*schedules, *requests)})
            await bring(OPEN_REQUESTS, {(row.payee, row.payer) for row in requests})
            await bring(
                OPEN_SCHEDULES,
                {
                    holder
                    for row in schedules
                    for holder in holders_of(
                        row.application_id, row.person_id, unpack_postings(row.postings)
                    )
                },
            )
            state.rows[PaymentsOf][account] = schedule_ids, request_ids

    def writes(self, *_: object, **__: object) -> list[Write]:
        """Writes nothing: payments have tables of their own."""
        return []
