"""Rewards: who has used up what, budgets, ad networks, flags."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "reward_participants",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("claim_day", sa.Integer(), nullable=False),
        sa.Column("streak", sa.Integer(), nullable=False),
        sa.Column("energy", sa.BigInteger(), nullable=False),
        sa.Column("energy_micros", sa.BigInteger(), nullable=False),
        sa.Column("carried", sa.Integer(), nullable=False),
        sa.Column("taps", sa.Integer(), nullable=False),
        sa.Column("cut_taps", sa.BigInteger(), nullable=False),
        sa.Column("limit_day", sa.Integer(), nullable=False),
        sa.Column("limit_days", sa.Integer(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("view_micros", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("message_micros", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.Column("referrer_id", sa.Text(collation="C"), nullable=False),
        sa.Column("referral_state", sa.SmallInteger(), nullable=False),
        sa.Column("redeem_micros", sa.BigInteger(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("referred_today", sa.Integer(), nullable=False),
        sa.Column("referred", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(claim_day < 0) = (streak = 0)", name="reward_participants_streak"),
        sa.CheckConstraint(
            "least(energy, carried, taps, cut_taps, views, messages, referred_today, referred,"
            " earned) >= 0",
            name="reward_participants_counts",
        ),
        sa.CheckConstraint("octet_length(hashes) <= 64", name="reward_participants_hashes"),
        sa.CheckConstraint(
            "referral_state BETWEEN 0 AND 3", name="reward_participants_referral_state"
        ),
        sa.CheckConstraint(
            "referrer_id <> person_id OR referral_state = 3", name="reward_participants_referrer"
        ),
        sa.PrimaryKeyConstraint("economy_id", "person_id", name="reward_participants_pkey"),
    )
    op.create_table(
        "reward_tallies",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("series", sa.Text(collation="C"), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("count > 0 AND amount >= 0", name="reward_tallies_count"),
        sa.PrimaryKeyConstraint("economy_id", "series", name="reward_tallies_pkey"),
    )
    op.create_table(
        "reward_past_tallies",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("series", sa.Text(collation="C"), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("count > 0 AND amount >= 0", name="reward_past_tallies_count"),
        sa.PrimaryKeyConstraint("economy_id", "series", "day", name="reward_past_tallies_pkey"),
    )
    op.create_index(
        "reward_past_tallies_economy_id_day_series_idx",
        "reward_past_tallies",
        ["economy_id", "day", "series"],
        unique=False,
    )
    op.create_table(
        "referral_codes",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("economy_id", "code", name="referral_codes_pkey"),
    )
    op.create_table(
        "ad_networks",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.Text(collation="C"), nullable=False),
        sa.Column("create_sequence", sa.BigInteger(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("scheme", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("default_region", sa.SmallInteger(), nullable=False),
        sa.Column("transaction_parameter", sa.Text(collation="C"), nullable=False),
        sa.Column("person_parameter", sa.Text(collation="C"), nullable=False),
        sa.Column("country_parameter", sa.Text(collation="C"), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("default_region BETWEEN 1 AND 4", name="ad_networks_default_region"),
        sa.CheckConstraint("scheme IN (1, 2)", name="ad_networks_scheme"),
        sa.CheckConstraint("state IN (1, 2)", name="ad_networks_state"),
        sa.PrimaryKeyConstraint("economy_id", "network_id", name="ad_networks_pkey"),
    )
    op.create_table(
        "ad_network_keys",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.Text(collation="C"), nullable=False),
        sa.Column("slot", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.Text(collation="C"), nullable=False),
        sa.Column("create_sequence", sa.BigInteger(), nullable=False),
        sa.Column("material", sa.LargeBinary(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(material) > 0", name="ad_network_keys_material"),
        sa.CheckConstraint("slot BETWEEN 0 AND 9", name="ad_network_keys_slot"),
        sa.PrimaryKeyConstraint("economy_id", "network_id", "slot", name="ad_network_keys_pkey"),
    )
    op.create_table(
        "ad_views",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.Text(collation="C"), nullable=False),
        sa.Column("transaction_id", sa.Text(collation="C"), nullable=False),
        sa.Column("view_sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("economy_id", "network_id", "transaction_id", name="ad_views_pkey"),
    )
    op.create_table(
        "reward_new_people",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Text(collation="C"), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("count > 0", name="reward_new_people_count"),
        sa.PrimaryKeyConstraint("economy_id", "application_id", name="reward_new_people_pkey"),
    )
    op.create_table(
        "reward_flags",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(collation="C"), nullable=False),
        sa.Column("flag_id", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("open_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("hits > 0", name="reward_flags_hits"),
        sa.CheckConstraint("rule BETWEEN 1 AND 5", name="reward_flags_rule"),
        sa.CheckConstraint("state IN (1, 2)", name="reward_flags_state"),
        sa.PrimaryKeyConstraint("economy_id", "rule", "subject", name="reward_flags_pkey"),
    )
    op.create_index(
        "reward_flags_economy_id_flag_id_idx",
        "reward_flags",
        ["economy_id", "flag_id"],
        unique=True,
    )
    op.create_index(
        "reward_flags_economy_id_last_sequence_flag_id_idx",
        "reward_flags",
        ["economy_id", "last_sequence", "flag_id"],
        unique=False,
    )
    op.create_table(
        "rewards",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("source", sa.SmallInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name="rewards_amount"),
        sa.CheckConstraint("part = 0 OR source = 5", name="rewards_part"),
        sa.CheckConstraint("source BETWEEN 1 AND 5", name="rewards_source"),
        sa.PrimaryKeyConstraint("economy_id", "sequence", "part", name="rewards_pkey"),
        info={"journal": "sequence"},
    )
    op.create_index(
        "rewards_economy_id_person_id_sequence_idx",
        "rewards",
        ["economy_id", "person_id", "sequence"],
        unique=False,
    )
