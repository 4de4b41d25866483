"""The tables of this room, as SQLAlchemy sees them."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Table, Text

from ticketonomics_server.engine.tables import metadata
from ticketonomics_server.progression.model import Deed

progress = Table(
    "progress",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("person_id", Text(collation="C"), primary_key=True),
    Column("first_day", Integer, nullable=False),
    Column("last_day", Integer, nullable=False),
    Column("active_days", BigInteger, nullable=False),
    Column("change_sequence", BigInteger, nullable=False),
    *(Column(deed.value, BigInteger, nullable=False) for deed in Deed),
    CheckConstraint("first_day <= last_day AND active_days > 0", name="days"),
)
