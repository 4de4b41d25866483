"""Tier queues: rounds, who is in them, and what becomes of them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "queues",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("economy", sa.Text(collation="C"), nullable=False),
        sa.Column("draw_key_id", sa.Text(collation="C"), nullable=False),
        sa.Column("round_id", sa.Text(collation="C"), nullable=False),
        sa.Column("open_tries", sa.Integer(), nullable=False),
        sa.Column("finished", sa.BigInteger(), nullable=False),
        sa.Column("expired", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("recent_fills", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("finished >= 0 AND expired >= 0 AND entries >= 0", name="queues_counts"),
        sa.PrimaryKeyConstraint("economy_id", "name", name="queues_pkey"),
    )
    op.create_table(
        "queue_rounds",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("queue", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("places", sa.SmallInteger(), nullable=False),
        sa.Column("stake", sa.BigInteger(), nullable=False),
        sa.Column("reward", sa.BigInteger(), nullable=False),
        sa.Column("timeout_seconds", sa.Integer(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("draw_key_id", sa.Text(collation="C"), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change_sequence", sa.BigInteger(), nullable=False),
        sa.Column("timer_id", sa.BigInteger(), nullable=False),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("players", sa.Text(collation="C"), nullable=False),
        sa.Column("draw_tries", sa.Integer(), nullable=False),
        sa.Column("fill_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolve_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolve_sequence", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("winner", sa.Text(collation="C"), nullable=False),
        sa.Column("winner_position", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("(state = 4) = (secret <> '')", name="queue_rounds_secret"),
        sa.CheckConstraint("state = 4 OR winner = ''", name="queue_rounds_winner"),
        sa.CheckConstraint("(state < 4) = (resolve_sequence = 0)", name="queue_rounds_resolved"),
        sa.CheckConstraint("(state < 4) = (timer_id > 0)", name="queue_rounds_timer"),
        sa.CheckConstraint("places > 0 AND stake > 0 AND reward > 0", name="queue_rounds_terms"),
        sa.CheckConstraint("state BETWEEN 1 AND 5", name="queue_rounds_state"),
        sa.PrimaryKeyConstraint("economy_id", "round_id", name="queue_rounds_pkey"),
    )
    op.create_index(
        "queue_rounds_economy_id_change_sequence_idx",
        "queue_rounds",
        ["economy_id", "change_sequence"],
        unique=False,
    )
    op.create_index(
        "queue_rounds_economy_id_number_idx", "queue_rounds", ["economy_id", "number"], unique=True
    )
    op.create_index(
        "queue_rounds_economy_id_queue_number_idx",
        "queue_rounds",
        ["economy_id", "queue", "number"],
        unique=False,
    )
    op.create_index(
        "queue_rounds_open_idx",
        "queue_rounds",
        ["economy_id", "number"],
        unique=False,
        postgresql_where=sa.text("state < 4"),
    )
    op.create_table(
        "queue_entries",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("join_sequence", sa.BigInteger(), nullable=False),
        sa.Column("join_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("application_id", sa.Text(collation="C"), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(nonce) <= 32", name="queue_entries_nonce"),
        sa.PrimaryKeyConstraint("economy_id", "round_id", "person_id", name="queue_entries_pkey"),
    )
    op.create_index(
        "queue_entries_economy_id_person_id_join_sequence_idx",
        "queue_entries",
        ["economy_id", "person_id", "join_sequence"],
        unique=False,
    )
    op.create_table(
        "queue_players",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("tier", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("wins", sa.BigInteger(), nullable=False),
        sa.Column("won", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("entries >= 0 AND wins >= 0 AND won >= 0", name="queue_players_counts"),
        sa.PrimaryKeyConstraint("economy_id", "tier", "person_id", name="queue_players_pkey"),
    )
    op.create_index(
        "queue_players_top_idx",
        "queue_players",
        ["economy_id", "tier", "won", "person_id"],
        unique=False,
        postgresql_where=sa.text("won > 0"),
    )
    op.create_table(
        "queue_win_counts",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("tier", sa.Text(collation="C"), nullable=False),
        sa.Column("wins", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("reach_seconds", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("people >= 0", name="queue_win_counts_people"),
        sa.PrimaryKeyConstraint("economy_id", "tier", "wins", name="queue_win_counts_pkey"),
    )
