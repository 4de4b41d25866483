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
    text,
)

from ticketonomics_server.engine.tables import metadata

# `create_sequence` is here and below the order of creation, which lists and their pages follow: all
# of one block have the same time.
people = Table(
    "people",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("person_id", Text(collation="C"), primary_key=True),
    Column("create_sequence", BigInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    Column("display_name", Text),
    Column("privacy", SmallInteger, nullable=False),
    Column("merged_into", Text(collation="C")),
    # Microseconds since 1970, with spaces between.
    Column("name_change_times", Text, nullable=False),
    Column("handle", Text(collation="C")),
    Column("handle_change_times", Text, nullable=False),
    Column("language", Text, nullable=False),
    # Numbers, with spaces between.
    Column("muted", Text, nullable=False),
    CheckConstraint("state IN (1, 2, 3, 4)", name="state"),
    CheckConstraint("privacy IN (1, 2)", name="privacy"),
    CheckConstraint("(state = 3) = (merged_into IS NOT NULL)", name="merged_into"),
    CheckConstraint("state <> 4 OR display_name IS NULL", name="erased"),
    CheckConstraint(
        "state IN (1, 2) OR (handle IS NULL AND language = '' AND muted = '')", name="gone"
    ),
    Index(None, "economy_id", "create_sequence", unique=True),
    Index(None, "economy_id", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
)

handles = Table(
    "handles",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("handle", Text(collation="C"), primary_key=True),
    # Empty where the person is erased.
    Column("person_id", Text(collation="C"), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("release_time", DateTime(timezone=True)),
    CheckConstraint("handle ~ '^[a-z][a-z0-9_]{2,31}$'", name="handle"),
    CheckConstraint("person_id <> '' OR release_time IS NOT NULL", name="owner"),
    Index(None, "economy_id", "person_id"),
)

link_codes = Table(
    "link_codes",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("code_hash", LargeBinary, primary_key=True),
    Column("person_id", Text(collation="C"), nullable=False),
    Column("expire_time", DateTime(timezone=True), nullable=False),
    CheckConstraint("octet_length(code_hash) = 32", name="code_hash"),
)

linked_identities = Table(
    "linked_identities",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("provider", Text(collation="C"), primary_key=True),
    Column("subject", Text(collation="C"), primary_key=True),
    Column("person_id", Text(collation="C"), nullable=False),
    Column("link_time", DateTime(timezone=True), nullable=False),
    Index(None, "economy_id", "person_id"),
)

applications = Table(
    "applications",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("application_id", Text(collation="C"), primary_key=True),
    Column("create_sequence", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    # Separated by spaces: bulk updates go by `unnest`, which has no arrays of arrays.
    Column("scopes", Text, nullable=False),
    Column("rate_limit_rps", Integer, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    CheckConstraint("rate_limit_rps BETWEEN 1 AND 1000000", name="rate_limit_rps"),
    Index(None, "economy_id", "create_sequence", unique=True),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("api_key_id", Text(collation="C"), primary_key=True),
    Column("application_id", Text(collation="C"), nullable=False),
    Column("create_sequence", BigInteger, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    Column("expire_time", DateTime(timezone=True)),
    Column("revoke_time", DateTime(timezone=True)),
    CheckConstraint("octet_length(secret_hash) = 32", name="secret_hash"),
    # A secret leads to its economy, so this index has no economy in front. Where tables are
    # distributed by economy, only indexes that hold it can be unique.
    Index(None, "secret_hash"),
    Index(None, "economy_id", "secret_hash", unique=True),
    Index(None, "economy_id", "application_id", "create_sequence", unique=True),
)

# No ledger state: servers write it now and then, beside the blocks.
api_key_uses = Table(
    "api_key_uses",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("api_key_id", Text(collation="C"), primary_key=True),
    Column("last_use_time", DateTime(timezone=True), nullable=False),
)
