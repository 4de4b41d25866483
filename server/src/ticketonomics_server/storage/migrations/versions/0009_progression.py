"""Progression: what people have done."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

DEEDS = (
    *("claimed", "tapped", "watched_ads", "chatted", "referred", "traded", "provided_liquidity"),
    *("joined_queues", "won_queues", "proposed", "voted"),
)


def upgrade() -> None:
    op.create_table(
        "progress",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("active_days", sa.BigInteger(), nullable=False),
        sa.Column("change_sequence", sa.BigInteger(), nullable=False),
        *(sa.Column(deed, sa.BigInteger(), nullable=False) for deed in DEEDS),
        sa.CheckConstraint("first_day <= last_day AND active_days > 0", name="progress_days"),
        sa.PrimaryKeyConstraint("economy_id", "person_id", name="progress_pkey"),
    )
