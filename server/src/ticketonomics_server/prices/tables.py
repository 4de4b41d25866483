"""The tables of this room, as SQLAlchemy sees them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

from ticketonomics_server.engine.tables import metadata

# One row a trade, as long as it is kept: no journal, since old ones are deleted.
ticks = Table(
    "ticks",
    metadata,
    Column("sequence", BigInteger, nullable=False),
    Column("tick_time", DateTime(timezone=True), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("economy_id", Integer, nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("price", Numeric, nullable=False),
    Column("instrument", Text(collation="C"), nullable=False),
    PrimaryKeyConstraint("economy_id", "sequence", "position"),
    CheckConstraint("price > 0 AND size > 0 AND position >= 0", name="trade"),
    Index(None, "economy_id", "instrument", "sequence", "position"),
)

candles = Table(
    "candles",
    metadata,
    Column("economy_id", Integer, nullable=False),
    Column("interval_seconds", Integer, nullable=False),
    Column("start_time", DateTime(timezone=True), nullable=False),
    Column("trade_count", BigInteger, nullable=False),
    Column("first_sequence", BigInteger, nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("instrument", Text(collation="C"), nullable=False),
    Column("open", Numeric, nullable=False),
    Column("high", Numeric, nullable=False),
    Column("low", Numeric, nullable=False),
    Column("close", Numeric, nullable=False),
    Column("volume", Numeric, nullable=False),
    PrimaryKeyConstraint("economy_id", "instrument", "interval_seconds", "start_time"),
    CheckConstraint(
        "low > 0 AND open BETWEEN low AND high AND close BETWEEN low AND high", name="prices"
    ),
    CheckConstraint("trade_count > 0 AND volume >= trade_count", name="trades"),
    CheckConstraint("first_sequence BETWEEN 1 AND last_sequence", name="sequences"),
)

# One row an instrument: its newest trade.
instruments = Table(
    "instruments",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("last_position", SmallInteger, nullable=False),
    Column("first_sequence", BigInteger, nullable=False),
    Column("first_time", DateTime(timezone=True), nullable=False),
    Column("last_sequence", BigInteger, nullable=False),
    Column("last_time", DateTime(timezone=True), nullable=False),
    Column("last_size", BigInteger, nullable=False),
    Column("trade_count", BigInteger, nullable=False),
    Column("last_price", Numeric, nullable=False),
    Column("instrument", Text(collation="C"), primary_key=True),
    Column("base", Text(collation="C"), nullable=False),
    Column("quote", Text(collation="C"), nullable=False),
    CheckConstraint("last_price > 0 AND last_size > 0 AND trade_count > 0", name="trade"),
    CheckConstraint("first_sequence BETWEEN 1 AND last_sequence", name="sequences"),
    Index(None, "economy_id", "last_sequence"),
)

# From where on ticks and candles of a second are kept: what is older is deleted, or will be.
price_retention = Table(
    "price_retention",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("ticks_from", BigInteger, nullable=False),
    Column("seconds_from", DateTime(timezone=True), nullable=False),
    CheckConstraint("ticks_from >= 1", name="ticks_from"),
)
