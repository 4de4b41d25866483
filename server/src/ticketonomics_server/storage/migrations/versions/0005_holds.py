"""Holds: amounts set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("create_sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hold_id", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("application_id", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timer_id", sa.BigInteger(), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_sequence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("octet_length(hold_id) = 16", name="holds_hold_id"),
        sa.CheckConstraint("state BETWEEN 1 AND 4", name="holds_state"),
        sa.CheckConstraint("expire_time > create_time", name="holds_expire_time"),
        sa.CheckConstraint(
            "(state = 1) = (end_sequence = 0) AND (state = 1) = (end_time IS NULL)",
            name="holds_end",
        ),
        sa.PrimaryKeyConstraint("economy_id", "create_sequence", name="holds_pkey"),
        sa.UniqueConstraint("economy_id", "hold_id", name="holds_economy_id_key"),
    )
    op.create_index(
        "holds_economy_id_state_create_sequence_idx",
        "holds",
        ["economy_id", "state", "create_sequence"],
        unique=False,
    )
    op.create_table(
        "held_postings",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name="held_postings_amount"),
        sa.CheckConstraint("fee >= 0", name="held_postings_fee"),
        sa.CheckConstraint("source_id <> destination_id", name="held_postings_sides"),
        sa.PrimaryKeyConstraint("economy_id", "sequence", "position", name="held_postings_pkey"),
    )
    op.create_index(
        "held_postings_economy_id_source_id_sequence_idx",
        "held_postings",
        ["economy_id", "source_id", "sequence"],
        unique=False,
    )
    op.create_index(
        "held_postings_economy_id_destination_id_sequence_idx",
        "held_postings",
        ["economy_id", "destination_id", "sequence"],
        unique=False,
    )
