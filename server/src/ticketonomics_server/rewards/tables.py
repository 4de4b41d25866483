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
)

from ticketonomics_server.engine.tables import JOURNAL, metadata


def _name(name: str, *, primary: bool = False) -> Column[str]:
    return Column(name, Text(collation="C"), primary_key=primary, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _large(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _small(name: str) -> Column[int]:
    return Column(name, SmallInteger, nullable=False)


participants = Table(
    "reward_participants",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    _name("person_id", primary=True),
    _number("day"),
    _number("claim_day"),
    _number("streak"),
    _large("energy"),
    _large("energy_micros"),
    _number("carried"),
    _number("taps"),
    _large("cut_taps"),
    _number("limit_day"),
    _number("limit_days"),
    _number("views"),
    _large("view_micros"),
    _number("messages"),
    _large("message_micros"),
    Column("hashes", LargeBinary, nullable=False),
    _name("referrer_id"),
    _small("referral_state"),
    _large("redeem_micros"),
    _number("depth"),
    _number("referred_today"),
    _number("referred"),
    _name("code"),
    _large("earned"),
    CheckConstraint(
        "least(energy, carried, taps, cut_taps, views, messages, referred_today, referred,"
        " earned) >= 0",
        name="counts",
    ),
    CheckConstraint("(claim_day < 0) = (streak = 0)", name="streak"),
    CheckConstraint("referral_state BETWEEN 0 AND 3", name="referral_state"),
    CheckConstraint("referrer_id <> person_id OR referral_state = 3", name="referrer"),
    CheckConstraint("octet_length(hashes) <= 64", name="hashes"),
)

tallies = Table(
    "reward_tallies",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    _name("series", primary=True),
    _number("day"),
    _large("count"),
    _large("amount"),
    CheckConstraint("count > 0 AND amount >= 0", name="count"),
)

past_tallies = Table(
    "reward_past_tallies",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    _name("series", primary=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    _large("count"),
    _large("amount"),
    CheckConstraint("count > 0 AND amount >= 0", name="count"),
    Index(None, "economy_id", "day", "series"),
)

referral_codes = Table(
    "referral_codes",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    _name("code", primary=True),
    _name("person_id"),
)

ad_networks = Table(
    "ad_networks",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    _name("network_id", primary=True),
    _large("create_sequence"),
    Column("display_name", Text, nullable=False),
    _small("scheme"),
    _small("state"),
    _small("default_region"),
    _name("transaction_parameter"),
    _name("person_parameter"),
    _name("country_parameter"),
    Column("create_time", DateTime(timezone=True), nullable=False),
    CheckConstraint("scheme IN (1, 2)", name="scheme"),
    CheckConstraint("state IN (1, 2)", name="state"),
    CheckConstraint("default_region BETWEEN 1 AND 4", name="default_region"),
)

ad_network_keys = Table(
    "ad_network_keys",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    _name("network_id", primary=True),
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    _name("key_id"),
    _large("create_sequence"),
    Column("material", LargeBinary, nullable=False),
    Column("create_time", DateTime(timezone=True), nullable=False),
    Column("expire_time", DateTime(timezone=True)),
    CheckConstraint("slot BETWEEN 0 AND 9", name="slot"),
    CheckConstraint("octet_length(material) > 0", name="material"),
)

# Its primary key keeps a view from counting twice, whatever else goes wrong.
ad_views = Table(
    "ad_views",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    _name("network_id", primary=True),
    _name("transaction_id", primary=True),
    # Not called `sequence`: tables that have such a column are journals.
    _large("view_sequence"),
)

new_people = Table(
    "reward_new_people",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    _name("application_id", primary=True),
    _number("hour"),
    _number("count"),
    CheckConstraint("count > 0", name="count"),
)

flags = Table(
    "reward_flags",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("rule", SmallInteger, primary_key=True, autoincrement=False),
    _name("subject", primary=True),
    _name("flag_id"),
    _small("state"),
    _large("hits"),
    _large("value"),
    Column("open_time", DateTime(timezone=True), nullable=False),
    Column("last_time", DateTime(timezone=True), nullable=False),
    _large("last_sequence"),
    Column("note", Text, nullable=False),
    CheckConstraint("rule BETWEEN 1 AND 5", name="rule"),
    CheckConstraint("state IN (1, 2)", name="state"),
    CheckConstraint("hits > 0", name="hits"),
    Index(None, "economy_id", "flag_id", unique=True),
    # Newest first; of one entry, by id.
    Index(None, "economy_id", "last_sequence", "flag_id"),
)

rewards = Table(
    "rewards",
    metadata,
    Column("economy_id", Integer, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("part", SmallInteger, primary_key=True, autoincrement=False),
    _name("person_id"),
    _small("source"),
    _large("amount"),
    Column("time", DateTime(timezone=True), nullable=False),
    CheckConstraint("source BETWEEN 1 AND 5", name="source"),
    CheckConstraint("amount > 0", name="amount"),
    CheckConstraint("part = 0 OR source = 5", name="part"),
    Index(None, "economy_id", "person_id", "sequence"),
    info=JOURNAL,
)
