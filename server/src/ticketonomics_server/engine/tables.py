"""The engine's own tables: economies, blocks, entries, request ids, texts, timers,
counters.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy import text as sa_text
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

# Marks a table whose rows are only ever added, each by an entry, and never change afterwards; and
# says which column has the entry's number. `storage/moving.py` reads these in short transactions.
JOURNAL = {"journal": "sequence"}

economies = Table(
    "economies",
    metadata,
    Column("economy_id", Integer, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("create_time", DateTime(timezone=True), nullable=False),
    # Since when no command is accepted.
    Column("suspend_time", DateTime(timezone=True)),
    # Calls a second of all its applications together, on each server; 0 for no limit.
    Column("rate_limit_rps", Integer, nullable=False, server_default="0"),
    CheckConstraint("rate_limit_rps >= 0", name="rate_limit_rps"),
)

# The head is the row with the greatest height: nothing is ever updated here.
blocks = Table(
    "blocks",
    metadata,
    Column("economy_id", Integer, ForeignKey("economies.economy_id"), primary_key=True),
    Column("height", BigInteger, primary_key=True, autoincrement=False),
    Column("first_sequence", BigInteger, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("block_time", DateTime(timezone=True), nullable=False),
    Column("merkle_root", LargeBinary, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("height > 0", name="height"),
    CheckConstraint("last_sequence >= first_sequence", name="sequences"),
    Index(None, "economy_id", "last_sequence", unique=True),
    Index(None, "economy_id", "block_time"),
    info={"journal": "last_sequence"},
)

# Entries whose domain keeps no journal of its own (see ledger.tables.postings for one that does).
entries = Table(
    "entries",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, nullable=False),
    Column("event", LargeBinary, nullable=False),
    info=JOURNAL,
)

# Every accepted request. Outlives archived parts of the journals. No journal itself: an erasure
# takes away the hash of what it erases. Columns lie in the order that wastes no padding; the
# economy leads the key.
requests = Table(
    "requests",
    metadata,
    Column("sequence", BigInteger, nullable=False),
    Column("request_id", Uuid, nullable=False),
    Column("body_hash", Uuid, nullable=False),
    Column("economy_id", Integer, nullable=False),
    PrimaryKeyConstraint("economy_id", "request_id"),
    # For `verify` and receipts, which go by sequence; as small as an index can be. New pages are
    # summarized at once, not at the next vacuum.
    Index(None, "sequence", postgresql_using="brin", postgresql_with={"autosummarize": "on"}),
)

# Free text that came with an entry, kept apart so that it can be erased: the proofs hold only
# the commitment, which stays. So it is no journal.
texts = Table(
    "texts",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("commitment", LargeBinary, nullable=False),
    Column("salt", LargeBinary),
    Column("memo", Text),
    Column("metadata", JSONB),
    # Whose personal data it is; null where nobody's. Stays when the text is erased.
    Column("owner", Text(collation="C")),
    Index(None, "economy_id", "owner", "sequence", postgresql_where=sa_text("owner IS NOT NULL")),
)

timers = Table(
    "timers",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("timer_id", BigInteger, primary_key=True, autoincrement=False),
    Column("due_time", DateTime(timezone=True), nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("failures", SmallInteger, nullable=False),
    # One look finds what is due in any economy.
    Index(None, "due_time"),
)

# Last number given out of each series, such as account ids.
counters = Table(
    "counters",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
