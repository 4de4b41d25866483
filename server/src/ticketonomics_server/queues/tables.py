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
)
from sqlalchemy import text as sa_text

from ticketonomics_server.engine.tables import metadata

queues = Table(
    "queues",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("name", Text(collation="C"), primary_key=True),
    Column("position", SmallInteger, nullable=False),
    Column("economy", Text(collation="C"), nullable=False),
    Column("draw_key_id", Text(collation="C"), nullable=False),
    Column("round_id", Text(collation="C"), nullable=False),
    Column("open_tries", Integer, nullable=False),
    Column("finished", BigInteger, nullable=False),
    Column("expired", BigInteger, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("recent_fills", Text(collation="C"), nullable=False),
    CheckConstraint("finished >= 0 AND expired >= 0 AND entries >= 0", name="counts"),
)

queue_rounds = Table(
    "queue_rounds",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("round_id", Text(collation="C"), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("queue", Text(collation="C"), nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("places", SmallInteger, nullable=False),
    Column("stake", BigInteger, nullable=False),
    Column("reward", BigInteger, nullable=False),
    Column("timeout_seconds", Integer, nullable=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("draw_key_id", Text(collation="C"), nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    Column("expire_time", DateTime(timezone=True), nullable=False),
    Column("change_sequence", BigInteger, nullable=False),
    Column("timer_id", BigInteger, nullable=False),
    Column("extended", Boolean, nullable=False),
    Column("players", Text(collation="C"), nullable=False),
    Column("draw_tries", Integer, nullable=False),
    Column("fill_time", DateTime(timezone=True)),
    Column("resolve_time", DateTime(timezone=True)),
    Column("resolve_sequence", BigInteger, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("winner", Text(collation="C"), nullable=False),
    Column("winner_position", SmallInteger, nullable=False),
    CheckConstraint("state BETWEEN 1 AND 5", name="state"),
    CheckConstraint("places > 0 AND stake > 0 AND reward > 0", name="terms"),
    CheckConstraint("(state < 4) = (resolve_sequence = 0)", name="resolved"),
    CheckConstraint("(state < 4) = (timer_id > 0)", name="timer"),
    CheckConstraint("(state = 4) = (secret <> '')", name="secret"),
    CheckConstraint("state = 4 OR winner = ''", name="winner"),
    Index(None, "economy_id", "number", unique=True),
    Index(None, "economy_id", "queue", "number"),
    # What streams are told is found by when it changed.
    Index(None, "economy_id", "change_sequence"),
    # The few that are not over are found at once, however many are.
    Index("queue_rounds_open_idx", "economy_id", "number", postgresql_where=sa_text("state < 4")),
)

# The primary key keeps a person from being in a round twice.
queue_entries = Table(
    "queue_entries",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("round_id", Text(collation="C"), primary_key=True),
    Column("person_id", Text(collation="C"), primary_key=True),
    Column("join_sequence", BigInteger, nullable=False),
    Column("join_time", DateTime(timezone=True), nullable=False),
    Column("application_id", Text(collation="C"), nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    CheckConstraint("octet_length(nonce) <= 32", name="nonce"),
    Index(None, "economy_id", "person_id", "join_sequence"),
)

queue_players = Table(
    "queue_players",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("tier", Text(collation="C"), primary_key=True),
    Column("person_id", Text(collation="C"), primary_key=True),
    Column("entries", BigInteger, nullable=False),
    Column("wins", BigInteger, nullable=False),
    Column("won", BigInteger, nullable=False),
    CheckConstraint("entries >= 0 AND wins >= 0 AND won >= 0", name="counts"),
    Index(
        "queue_players_top_idx",
        "economy_id",
        "tier",
        "won",
        "person_id",
        postgresql_where=sa_text("won > 0"),
    ),
)

queue_win_counts = Table(
    "queue_win_counts",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("tier", Text(collation="C"), primary_key=True),
    Column("wins", SmallInteger, primary_key=True, autoincrement=False),
    Column("people", BigInteger, nullable=False),
    Column("reach_seconds", BigInteger, nullable=False),
    CheckConstraint("people >= 0", name="people"),
)
