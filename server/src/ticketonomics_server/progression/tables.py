"""The tables of this room, as SQLAlchemy sees them."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text

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
    Column("experience", BigInteger, nullable=False),
    Column("day_points", Integer, nullable=False),
    Column("month", Integer, nullable=False),
    Column("month_experience", BigInteger, nullable=False),
    Column("streak", Integer, nullable=False),
    Column("longest_streak", Integer, nullable=False),
    Column("achievements", Text(collation="C"), nullable=False),
    # For the follower that keeps the leaderboards.
    Index(None, "economy_id", "change_sequence"),
    CheckConstraint(
        "month_experience BETWEEN 0 AND experience AND day_points >= 0", name="experience"
    ),
    CheckConstraint("streak BETWEEN 1 AND longest_streak", name="streak"),
    CheckConstraint("first_day <= last_day AND active_days > 0", name="days"),
)

# The leaderboards, kept by the follower of statistics: a copy of what they are ordered by, so that
# counting a deed changes no index of theirs. Reputation is as of a day.
standings = Table(
    "standings",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("person_id", Text(collation="C"), primary_key=True),
    Column("experience", BigInteger, nullable=False),
    Column("month", Integer, nullable=False),
    Column("month_experience", BigInteger, nullable=False),
    Column("reputation", BigInteger, nullable=False),
    Column("reputation_day", Integer, nullable=False),
    Index(None, "economy_id", "experience", "person_id"),
    Index(None, "economy_id", "month", "month_experience", "person_id"),
    Index(None, "economy_id", "reputation", "person_id"),
    Index(None, "economy_id", "reputation_day"),
)
