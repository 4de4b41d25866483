"""The tables of this room, as SQLAlchemy sees them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)

from ticketonomics_server.engine.tables import metadata

# Allowances, and with an empty `person_id` budgets.
spending_limits = Table(
    "spending_limits",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("application_id", Text(collation="C"), primary_key=True),
    Column("person_id", Text(collation="C"), primary_key=True),
    Column("asset", Text(collation="C"), primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("period", SmallInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    Column("start_time", DateTime(timezone=True), nullable=False),
    Column("since_sequence", BigInteger, nullable=False),
    Column("set_time", DateTime(timezone=True), nullable=False),
    Column("expire_time", DateTime(timezone=True)),
    CheckConstraint("amount >= 0 AND spent >= 0", name="amounts"),
    CheckConstraint("period BETWEEN 0 AND 5 AND (period = 0) = (amount = 0)", name="period"),
    CheckConstraint("person_id <> '' OR (amount > 0 AND expire_time IS NULL)", name="budget"),
    Index(None, "economy_id", "person_id", "application_id", "asset"),
)

# What happened to limits. At most one record an entry and limit; never changed.
spending_records = Table(
    "spending_records",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("application_id", Text(collation="C"), primary_key=True),
    Column("person_id", Text(collation="C"), primary_key=True),
    Column("asset", Text(collation="C"), primary_key=True),
    Column("kind", SmallInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("record_time", DateTime(timezone=True), nullable=False),
    CheckConstraint("kind BETWEEN 1 AND 4", name="kind"),
    CheckConstraint("amount > 0 OR kind IN (1, 2) AND amount = 0", name="amount"),
    Index(None, "economy_id", "application_id", "sequence"),
    Index(None, "economy_id", "person_id", "sequence", postgresql_where="person_id <> ''"),
)
