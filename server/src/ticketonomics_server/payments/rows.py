"""How this room's rows reach Postgres."""

from ticketonomics_server.payments.model import (
    Attempt,
    OpenRequests,
    PaymentRequest,
    Schedule,
    ScheduleSource,
)
from ticketonomics_server.payments.tables import (
    open_requests,
    payment_requests,
    schedule_attempts,
    schedule_sources,
    schedules,
)
from ticketonomics_server.storage.rows import BulkTable

_MADE = ("create_sequence", "application_id", "person_id", "create_time")

SCHEDULES = BulkTable(
    Schedule,
    schedules,
    key=("schedule_id",),
    unchanging=(
        *_MADE,
        *("postings", "memo", "first_time", "frequency", "every", "time_zone", "end_time"),
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
        *("payee", "payer", "asset", "amount", "memo", "expire_time", "timer_id"),
    ),
)
OPEN_REQUESTS = BulkTable(OpenRequests, open_requests, key=("payee", "payer"))
