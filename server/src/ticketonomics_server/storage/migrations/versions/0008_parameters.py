"""Parameters: what was set, and the history of it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "parameter_values",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("setting", sa.Text(collation="C"), nullable=False),
        sa.Column("set_sequence", sa.BigInteger(), nullable=False),
        sa.Column("set_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("economy_id", "name", name="parameter_values_pkey"),
    )
    op.create_table(
        "parameter_changes",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("previous_setting", sa.Text(collation="C"), nullable=False),
        sa.Column("setting", sa.Text(collation="C"), nullable=False),
        sa.Column("set_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(collation="C"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("economy_id", "sequence", name="parameter_changes_pkey"),
    )
    op.create_index(
        "parameter_changes_economy_id_name_sequence_idx",
        "parameter_changes",
        ["economy_id", "name", "sequence"],
        unique=False,
    )
