"""The table of this room, as SQLAlchemy sees it. Reserves are balances: the ledger's."""

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

pools = Table(
    "pools",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("pool_id", Text(collation="C"), primary_key=True),
    Column("create_sequence", BigInteger, nullable=False),
    Column("application_id", Text(collation="C"), nullable=False),
    Column("account_id", Integer, nullable=False),
    Column("base_id", Integer, nullable=False),
    Column("quote_id", Integer, nullable=False),
    Column("share_id", Integer, nullable=False),
    Column("base", Text(collation="C"), nullable=False),
    Column("quote", Text(collation="C"), nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("fee_bps", Integer, nullable=False),
    Column("sink_bps", Integer, nullable=False),
    Column("locked_shares", BigInteger, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    CheckConstraint("state BETWEEN 1 AND 2", name="state"),
    CheckConstraint("fee_bps BETWEEN 0 AND 5000 AND sink_bps BETWEEN 0 AND 10000", name="fees"),
    CheckConstraint("locked_shares > 0", name="locked_shares"),
    CheckConstraint("base_id <> quote_id", name="pair"),
    Index(None, "economy_id", "create_sequence", unique=True),
    Index(None, "economy_id", "share_id", unique=True),
)
