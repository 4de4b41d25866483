"""Pools: their terms. Reserves are balances."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "pools",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Text(collation="C"), nullable=False),
        sa.Column("create_sequence", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.Text(collation="C"), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("quote_id", sa.Integer(), nullable=False),
        sa.Column("share_id", sa.Integer(), nullable=False),
        sa.Column("base", sa.Text(collation="C"), nullable=False),
        sa.Column("quote", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("fee_bps", sa.Integer(), nullable=False),
        sa.Column("sink_bps", sa.Integer(), nullable=False),
        sa.Column("locked_shares", sa.BigInteger(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state BETWEEN 1 AND 2", name="pools_state"),
        sa.CheckConstraint(
            "fee_bps BETWEEN 0 AND 5000 AND sink_bps BETWEEN 0 AND 10000", name="pools_fees"
        ),
        sa.CheckConstraint("locked_shares > 0", name="pools_locked_shares"),
        sa.CheckConstraint("base_id <> quote_id", name="pools_pair"),
        sa.PrimaryKeyConstraint("economy_id", "pool_id", name="pools_pkey"),
    )
    op.create_index(
        "pools_economy_id_create_sequence_idx",
        "pools",
        ["economy_id", "create_sequence"],
        unique=True,
    )
    op.create_index(
        "pools_economy_id_share_id_idx", "pools", ["economy_id", "share_id"], unique=True
    )
