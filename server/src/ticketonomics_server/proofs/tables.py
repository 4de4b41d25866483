"""The tables of proofs: nodes of the block log, public keys, and heads that were signed."""

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

# Full subtrees of the block log, from those of 256 blocks upwards: smaller ones are computed from
# the headers. Each is a function of committed blocks, so that any server may add it, at any time.
log_nodes = Table(
    "log_nodes",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("level >= 8 AND position >= 0", name="place"),
    CheckConstraint("octet_length(hash) = 32", name="hash"),
)

# Public keys only: the private one never is in the database.
signing_keys = Table(
    "signing_keys",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("signing_key_id", Text(collation="C"), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("start_time", DateTime(timezone=True), nullable=False),
    Column("end_time", DateTime(timezone=True)),
    CheckConstraint("octet_length(public_key) = 32", name="public_key"),
    CheckConstraint("end_time >= start_time", name="times"),
    Index(None, "economy_id", "number", unique=True),
    # At most one key is in use.
    Index(None, "economy_id", unique=True, postgresql_where=text("end_time IS NULL")),
)

# What was signed once cannot be changed together with the blocks by somebody without the key.
signed_heads = Table(
    "signed_heads",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("tree_size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("signing_key_id", Text(collation="C"), nullable=False),
    Column("signature", LargeBinary, nullable=False),
    CheckConstraint("tree_size > 0", name="tree_size"),
    CheckConstraint("octet_length(root) = 32", name="root"),
    CheckConstraint("octet_length(signature) = 64", name="signature"),
)
