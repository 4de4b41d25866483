"""The tables of this room, as SQLAlchemy sees them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy import text as sa_text

from ticketonomics_server.engine.tables import metadata

_OPEN = sa_text("state = 1")

schedules = Table(
    "schedules",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("schedule_id", Text(collation="C"), primary_key=True),
    Column("create_sequence", BigInteger, nullable=False),
    Column("application_id", Text(collation="C"), nullable=False),
    Column("person_id", Text(collation="C"), nullable=False),
    Column("state", SmallInteger, nullable=False),
    # Fields in canonical bytes: what each run moves never changes, and nothing looks into it.
    Column("postings", LargeBinary, nullable=False),
    Column("first_time", DateTime(timezone=True), nullable=False),
    Column("frequency", SmallInteger, nullable=False),
    Column("every", Integer, nullable=False),
    Column("time_zone", Text(collation="C"), nullable=False),
    Column("end_time", DateTime(timezone=True)),
    Column("run_limit", Integer, nullable=False),
    Column("retry_attempts", SmallInteger, nullable=False),
    Column("retry_seconds", Integer, nullable=False),
    Column("stop_after_failures", Integer, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    Column("due_time", DateTime(timezone=True)),
    Column("next_attempt_time", DateTime(timezone=True)),
    Column("timer_id", BigInteger, nullable=False),
    Column("run", Integer, nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("succeeded", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("failures_in_row", Integer, nullable=False),
    CheckConstraint("state BETWEEN 1 AND 5", name="state"),
    CheckConstraint("frequency BETWEEN 0 AND 3 AND every >= 1", name="rule"),
    CheckConstraint("attempt BETWEEN 0 AND retry_attempts - 1", name="attempt"),
    CheckConstraint("run_limit = 0 OR run <= run_limit", name="run_limit"),
    CheckConstraint("succeeded + failed + (attempt > 0)::int = run", name="runs"),
    CheckConstraint(
        "(state = 1) = (timer_id > 0) AND (state = 1) = (next_attempt_time IS NOT NULL)",
        name="timer",
    ),
    Index(None, "economy_id", "create_sequence", unique=True),
)

schedule_sources = Table(
    "schedule_sources",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("account", Text(collation="C"), primary_key=True),
    Column("create_sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("schedule_id", Text(collation="C"), nullable=False),
)

# An application's or, with a slash, an account's. What was there before the cap may be above it.
open_schedules = Table(
    "open_schedules",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("holder", Text(collation="C"), primary_key=True),
    Column("open_count", Integer, nullable=False),
    CheckConstraint("open_count >= 0", name="open_count"),
)

# Its primary key keeps a run from happening twice, whatever else goes wrong.
schedule_attempts = Table(
    "schedule_attempts",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("schedule_id", Text(collation="C"), primary_key=True),
    Column("run", Integer, primary_key=True, autoincrement=False),
    Column("attempt", SmallInteger, primary_key=True, autoincrement=False),
    Column("due_time", DateTime(timezone=True), nullable=False),
    Column("attempt_time", DateTime(timezone=True), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("reason", Text(collation="C"), nullable=False),
    CheckConstraint("attempt_time >= due_time", name="attempt_time"),
)

payment_requests = Table(
    "payment_requests",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("payment_request_id", Text(collation="C"), primary_key=True),
    Column("create_sequence", BigInteger, nullable=False),
    Column("application_id", Text(collation="C"), nullable=False),
    Column("person_id", Text(collation="C"), nullable=False),
    Column("payee", Text(collation="C"), nullable=False),
    Column("payer", Text(collation="C"), nullable=False),
    Column("asset", Text(collation="C"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    Column("expire_time", DateTime(timezone=True), nullable=False),
    Column("timer_id", BigInteger, nullable=False),
    Column("close_time", DateTime(timezone=True)),
    Column("close_sequence", BigInteger, nullable=False),
    CheckConstraint("state BETWEEN 1 AND 5", name="state"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("payee <> payer", name="sides"),
    CheckConstraint(
        "(state = 1) = (close_time IS NULL) AND (state = 1) = (close_sequence = 0)", name="closed"
    ),
    Index(None, "economy_id", "payee", "create_sequence", unique=True),
    Index(None, "economy_id", "payer", "create_sequence", unique=True),
    # What a person leaves open is found at once, however much is closed.
    Index("payment_requests_open_payee_idx", "economy_id", "payee", postgresql_where=_OPEN),
    Index("payment_requests_open_payer_idx", "economy_id", "payer", postgresql_where=_OPEN),
)

open_requests = Table(
    "open_requests",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("payee", Text(collation="C"), primary_key=True),
    Column("payer", Text(collation="C"), primary_key=True),
    Column("open_count", Integer, nullable=False),
    CheckConstraint("open_count BETWEEN 0 AND 10", name="open_count"),
)
