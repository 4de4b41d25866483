"""The tables of statistics: aggregates that the follower keeps behind the journal.

All of them can be made again from the journal (`ticketonomics-server statistics rebuild`). Sums are
NUMERIC: what moves in a day may leave an int64.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    text,
)

from ticketonomics_server.engine.tables import metadata

# Up to which entry the other tables stand. It moves in the transaction that changes them.
statistics_cursors = Table(
    "statistics_cursors",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("last_sequence", BigInteger, nullable=False),
    CheckConstraint("last_sequence >= 0", name="last_sequence"),
)

# What moved, by day, asset and cause.
daily_flows = Table(
    "daily_flows",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("asset_id", Integer, primary_key=True, autoincrement=False),
    Column("kind", SmallInteger, primary_key=True, autoincrement=False),
    Column("party", Text(collation="C"), primary_key=True),
    Column("transaction_count", BigInteger, nullable=False),
    Column("moved", Numeric, nullable=False),
    Column("minted", Numeric, nullable=False),
    Column("burned", Numeric, nullable=False),
    Index(None, "economy_id", "asset_id", "day"),
    CheckConstraint(
        "transaction_count >= 0 AND moved >= 0 AND minted >= 0 AND burned >= 0", name="amounts"
    ),
)

# What was ever minted and burned, at the end of each day on which either changed.
daily_supplies = Table(
    "daily_supplies",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("asset_id", Integer, primary_key=True, autoincrement=False),
    Column("minted", Numeric, nullable=False),
    Column("burned", Numeric, nullable=False),
    Index(None, "economy_id", "asset_id", "day"),
    CheckConstraint("burned BETWEEN 0 AND minted", name="amounts"),
)

# How many people were active on a day, and of how many it is the last such day so far: the sum of
# the latter over the last thirty days is how many different people were active in them.
daily_activity = Table(
    "daily_activity",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("active_people", Integer, nullable=False),
    Column("last_active_people", Integer, nullable=False),
)

# A person's wealth in billionths of a Bronze ticket, with the bucket that it lies in (null for
# none), and the last day on which the person was active.
person_figures = Table(
    "person_figures",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("account_id", Integer, primary_key=True, autoincrement=False),
    Column("wealth", Numeric, nullable=False),
    Column("bucket", SmallInteger),
    Column("last_active_day", Date),
    Index(None, "economy_id", "wealth", "account_id", postgresql_where=text("wealth > 0")),
    CheckConstraint("wealth >= 0 AND (wealth = 0) = (bucket IS NULL)", name="wealth"),
    # Room on each page for the new versions of its rows.
    postgresql_with={"fillfactor": "70"},
)

# How many people lie in each bucket of wealth, and what they hold together. A bucket's upper end is
# 2^(1/64) times its lower one: see `formulas.py`.
wealth_buckets = Table(
    "wealth_buckets",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("bucket", SmallInteger, primary_key=True, autoincrement=False),
    Column("people_count", Integer, nullable=False),
    Column("wealth", Numeric, nullable=False),
)
