"""The tables of this room, as SQLAlchemy sees them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy import text as sa_text

from ticketonomics_server.engine.tables import metadata

proposals = Table(
    "proposals",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("proposal_id", Text(collation="C"), primary_key=True),
    Column("create_sequence", BigInteger, nullable=False),
    Column("application_id", Text(collation="C"), nullable=False),
    Column("proposer_id", Text(collation="C"), nullable=False),
    Column("type", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    Column("voting_time", DateTime(timezone=True), nullable=False),
    Column("open_time", DateTime(timezone=True)),
    Column("close_time", DateTime(timezone=True), nullable=False),
    Column("execute_time", DateTime(timezone=True), nullable=False),
    Column("end_time", DateTime(timezone=True)),
    Column("voting_seconds", Integer, nullable=False),
    Column("veto_seconds", Integer, nullable=False),
    Column("deposit", BigInteger, nullable=False),
    Column("escrow", BigInteger, nullable=False),
    Column("parameter", Text(collation="C"), nullable=False),
    Column("setting", Text(collation="C"), nullable=False),
    Column("account", Text(collation="C"), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("event_time", DateTime(timezone=True)),
    Column("timer_id", BigInteger, nullable=False),
    Column("end_sequence", BigInteger, nullable=False),
    Column("deposit_burned", Boolean, nullable=False),
    Column("failure_reason", Text(collation="C"), nullable=False),
    Column("electorate", Integer, nullable=False),
    Column("quorum_count", Integer, nullable=False),
    Column("quorum_bps", Integer, nullable=False),
    Column("threshold_bps", Integer, nullable=False),
    Column("age_seconds", Integer, nullable=False),
    Column("identities", SmallInteger, nullable=False),
    Column("active_days", SmallInteger, nullable=False),
    Column("window_days", SmallInteger, nullable=False),
    Column("yes", Integer, nullable=False),
    Column("no", Integer, nullable=False),
    Column("abstain", Integer, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    CheckConstraint("state BETWEEN 1 AND 9", name="state"),
    CheckConstraint("type BETWEEN 1 AND 5", name="type"),
    CheckConstraint("deposit > 0 AND escrow >= 0 AND amount >= 0", name="amounts"),
    CheckConstraint("yes >= 0 AND no >= 0 AND abstain >= 0", name="tally"),
    CheckConstraint("(state <= 3) = (timer_id > 0)", name="timer"),
    CheckConstraint(
        "(state <= 3) = (end_time IS NULL) AND (state <= 3) = (end_sequence = 0)", name="ended"
    ),
    CheckConstraint("(state = 9) = (failure_reason <> '')", name="failed"),
    CheckConstraint("state = 6 OR NOT deposit_burned", name="burned"),
    CheckConstraint("voting_time < close_time AND close_time < execute_time", name="times"),
    Index(None, "economy_id", "create_sequence", unique=True),
    # What streams read, and those below what lists do.
    Index(None, "economy_id", "last_sequence"),
    Index(None, "economy_id", "proposer_id", "create_sequence"),
    Index(None, "economy_id", "state", "create_sequence"),
    # Votes that are open are found at once, however many there were.
    Index(
        "proposals_voting_idx", "economy_id", "proposal_id", postgresql_where=sa_text("state = 2")
    ),
)

# Its primary key keeps a person from voting twice, whatever else goes wrong.
ballots = Table(
    "ballots",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("proposal_id", Text(collation="C"), primary_key=True),
    Column("person_id", Text(collation="C"), primary_key=True),
    Column("choice", SmallInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("cast_time", DateTime(timezone=True), nullable=False),
    CheckConstraint("choice BETWEEN 1 AND 3", name="choice"),
    Index(None, "economy_id", "proposal_id", "sequence", unique=True),
    Index(None, "economy_id", "person_id", "sequence", unique=True),
)

open_proposals = Table(
    "open_proposals",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("person_id", Text(collation="C"), primary_key=True),
    Column("open_count", Integer, nullable=False),
    CheckConstraint("open_count >= 0", name="open_count"),
)

policy_periods = Table(
    "policy_periods",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("asset", Text(collation="C"), primary_key=True),
    Column("start_time", DateTime(timezone=True), nullable=False),
    Column("supply", BigInteger, nullable=False),
    Column("minted", BigInteger, nullable=False),
    Column("burned", BigInteger, nullable=False),
    CheckConstraint("minted >= 0 AND burned >= 0 AND supply >= 0", name="amounts"),
)
