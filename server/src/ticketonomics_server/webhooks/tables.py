"""The tables of this room, as SQLAlchemy sees them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)

from ticketonomics_server.engine.tables import metadata

webhooks = Table(
    "webhooks",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("webhook_id", Text(collation="C"), primary_key=True),
    Column("create_sequence", BigInteger, nullable=False),
    Column("application_id", Text(collation="C"), nullable=False),
    Column("url", Text(collation="C"), nullable=False),
    Column("accounts", Text(collation="C"), nullable=False),
    Column("asset", Text(collation="C"), nullable=False),
    Column("kinds", Text(collation="C"), nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    Column("start_after", BigInteger, nullable=False),
    Column("start_sequence", BigInteger, nullable=False),
    Column("enable_sequence", BigInteger, nullable=False),
    Column("change_sequence", BigInteger, nullable=False),
    # Encrypted with a key that is not in the database.
    Column("secret", LargeBinary, nullable=False),
    Column("previous_secret", LargeBinary),
    Column("previous_secret_expire_time", DateTime(timezone=True)),
    CheckConstraint("state IN (1, 2)", name="state"),
    CheckConstraint("start_after BETWEEN 0 AND start_sequence", name="start"),
    CheckConstraint(
        "change_sequence >= greatest(create_sequence, start_sequence, enable_sequence)",
        name="change",
    ),
    CheckConstraint(
        "(previous_secret IS NULL) = (previous_secret_expire_time IS NULL)", name="previous_secret"
    ),
    Index(None, "economy_id", "application_id", "create_sequence", unique=True),
)

webhook_counts = Table(
    "webhook_counts",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("application_id", Text(collation="C"), primary_key=True),
    Column("webhook_count", Integer, nullable=False),
    CheckConstraint("webhook_count BETWEEN 0 AND 10", name="webhook_count"),
)

# No ledger state, both below: the server that delivers writes them beside the blocks.

webhook_progress = Table(
    "webhook_progress",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("webhook_id", Text(collation="C"), primary_key=True),
    # The webhook's `start_sequence` that the cursor is of.
    Column("start_sequence", BigInteger, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("delivered_count", BigInteger, nullable=False),
    Column("last_success_time", DateTime(timezone=True)),
    Column("last_failure_time", DateTime(timezone=True)),
    Column("last_failure", Text, nullable=False),
    Column("failing_since", DateTime(timezone=True)),
    # The webhook's `enable_sequence` that the server has ended.
    Column("disable_sequence", BigInteger, nullable=False),
    Column("disable_reason", SmallInteger, nullable=False),
    Column("disable_time", DateTime(timezone=True)),
    CheckConstraint("cursor >= 0", name="cursor"),
)

# Events that failed or wait behind one that did, and dead letters. The event's entry is not called
# `sequence`: tables that have such a column are journals.
webhook_backlog = Table(
    "webhook_backlog",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("webhook_id", Text(collation="C"), primary_key=True),
    Column("event_sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("attempts", Integer, nullable=False),
    Column("last_status", Integer, nullable=False),
    Column("last_failure", Text, nullable=False),
    # When it is tried again; unset for a dead letter.
    Column("attempt_time", DateTime(timezone=True)),
    Column("dead_time", DateTime(timezone=True)),
    # Whether the server that delivers has not heard yet that it is to be tried again.
    Column("requeued", Boolean, nullable=False),
    CheckConstraint("(attempt_time IS NULL) <> (dead_time IS NULL)", name="dead"),
    Index(None, "economy_id", "webhook_id", "event_sequence", postgresql_where=text("requeued")),
)
