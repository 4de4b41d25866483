"""The ledger's tables, as SQLAlchemy sees them. `docs/storage.md` explains the history links."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from ticketonomics_server.engine.tables import metadata

# Ids 1 and 2 of every economy.
MINT_ID = 1
SINK_ID = 2

accounts = Table(
    "accounts",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("account_id", Integer, primary_key=True, autoincrement=False),
    Column("address", Text(collation="C"), nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("open_time", DateTime(timezone=True), nullable=False),
    Column("close_time", DateTime(timezone=True)),
    UniqueConstraint("economy_id", "address"),
)

assets = Table(
    "assets",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("asset_id", Integer, primary_key=True, autoincrement=False),
    Column("code", Text(collation="C"), nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("decimals", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("supply_cap", BigInteger, nullable=False),
    Column("fee_bps", Integer, nullable=False),
    Column("fee_minimum", BigInteger, nullable=False),
    Column("fee_maximum", BigInteger, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    UniqueConstraint("economy_id", "code"),
    CheckConstraint("decimals BETWEEN 0 AND 9", name="decimals"),
    CheckConstraint("supply_cap >= 0", name="supply_cap"),
)

# The checks repeat the core rules: a bug in Python cannot commit a negative balance.
balances = Table(
    "balances",
    metadata,
    Column("economy_id", Integer, nullable=False),
    Column("account_id", Integer, nullable=False),
    Column("asset_id", Integer, nullable=False),
    Column("posted", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("entry_count", BigInteger, nullable=False),
    PrimaryKeyConstraint("economy_id", "account_id", "asset_id"),
    CheckConstraint(f"posted >= 0 OR account_id = {MINT_ID}", name="never_overdrawn"),
    CheckConstraint(
        f"held >= 0 AND (held <= posted OR account_id = {MINT_ID})", name="held_within_posted"
    ),
    # Room on each page for the new versions of its rows.
    postgresql_with={"fillfactor": "50"},
)

# The journal: one row a posting. The first posting of a transaction carries its id. The two
# `previous` columns lead to the transaction before in the history of either balance (0: none), so
# that no index by account is needed.
postings = Table(
    "postings",
    metadata,
    Column("sequence", BigInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("previous_of_source", BigInteger, nullable=False),
    Column("previous_of_destination", BigInteger, nullable=False),
    Column("transaction_id", Uuid),
    Column("economy_id", Integer, nullable=False),
    Column("source_id", Integer, nullable=False),
    Column("destination_id", Integer, nullable=False),
    Column("asset_id", Integer, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    PrimaryKeyConstraint("economy_id", "sequence", "position"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("source_id <> destination_id", name="sides"),
)

# Every 64th entry in a balance's history leaves what was posted then: a way into the middle of a
# long history.
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("economy_id", Integer, nullable=False),
    Column("account_id", Integer, nullable=False),
    Column("asset_id", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("posted", BigInteger, nullable=False),
    PrimaryKeyConstraint("economy_id", "account_id", "asset_id", "sequence"),
)

# A hold's own number is that of the entry that created it.
holds = Table(
    "holds",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("create_sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("hold_id", LargeBinary, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("application_id", Text(collation="C"), nullable=False),
    Column("person_id", Text(collation="C"), nullable=False),
    Column("allowed", Boolean, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    Column("expire_time", DateTime(timezone=True), nullable=False),
    Column("timer_id", BigInteger, nullable=False),
    Column("end_time", DateTime(timezone=True)),
    Column("end_sequence", BigInteger, nullable=False),
    UniqueConstraint("economy_id", "hold_id"),
    Index(None, "economy_id", "state", "create_sequence"),
    CheckConstraint("octet_length(hold_id) = 16", name="hold_id"),
    CheckConstraint("state BETWEEN 1 AND 4", name="state"),
    CheckConstraint("expire_time > create_time", name="expire_time"),
    CheckConstraint(
        "(state = 1) = (end_sequence = 0) AND (state = 1) = (end_time IS NULL)", name="end"
    ),
)

# What each posting of a hold has set aside. Never changes.
held_postings = Table(
    "held_postings",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("position", SmallInteger, primary_key=True, autoincrement=False),
    Column("source_id", Integer, nullable=False),
    Column("destination_id", Integer, nullable=False),
    Column("asset_id", Integer, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("fee", BigInteger, nullable=False),
    Index(None, "economy_id", "source_id", "sequence"),
    Index(None, "economy_id", "destination_id", "sequence"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("fee >= 0", name="fee"),
    CheckConstraint("source_id <> destination_id", name="sides"),
)
