"""The tables of this room, as SQLAlchemy sees them."""

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, Table, Text

from ticketonomics_server.engine.tables import JOURNAL, metadata

# Only what was ever set; the rest has the defaults of the catalogue.
parameter_values = Table(
    "parameter_values",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("name", Text(collation="C"), primary_key=True),
    Column("setting", Text(collation="C"), nullable=False),
    Column("set_sequence", BigInteger, nullable=False),
    Column("set_time", DateTime(timezone=True), nullable=False),
    Column("set_by", Text(collation="C"), nullable=False),
)

# Every setting, never changed.
parameter_changes = Table(
    "parameter_changes",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text(collation="C"), nullable=False),
    Column("previous_setting", Text(collation="C"), nullable=False),
    Column("setting", Text(collation="C"), nullable=False),
    Column("set_time", DateTime(timezone=True), nullable=False),
    Column("set_by", Text(collation="C"), nullable=False),
    Column("reason", Text, nullable=False),
    Index(None, "economy_id", "name", "sequence"),
    info=JOURNAL,
)
