"""Spending: allowances and budgets."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "spending_limits",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("asset", sa.Text(collation="C"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.SmallInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since_sequence", sa.BigInteger(), nullable=False),
        sa.Column("set_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount >= 0 AND spent >= 0", name="spending_limits_amounts"),
        sa.CheckConstraint(
            "period BETWEEN 0 AND 5 AND (period = 0) = (amount = 0)", name="spending_limits_period"
        ),
        sa.CheckConstraint(
            "person_id <> '' OR (amount > 0 AND expire_time IS NULL)",
            name="spending_limits_budget",
        ),
        sa.PrimaryKeyConstraint(
            "economy_id", "application_id", "person_id", "asset", name="spending_limits_pkey"
        ),
    )
    op.create_index(
        "spending_limits_economy_id_person_id_application_id_asset_idx",
        "spending_limits",
        ["economy_id", "person_id", "application_id", "asset"],
        unique=False,
    )
    op.create_table(
        "spending_records",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("application_id", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("asset", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("record_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind BETWEEN 1 AND 4", name="spending_records_kind"),
        sa.CheckConstraint(
            "amount > 0 OR kind IN (1, 2) AND amount = 0", name="spending_records_amount"
        ),
        sa.PrimaryKeyConstraint(
            "economy_id",
            "sequence",
            "application_id",
            "person_id",
            "asset",
            name="spending_records_pkey",
        ),
    )
    op.create_index(
        "spending_records_economy_id_application_id_sequence_idx",
        "spending_records",
        ["economy_id", "application_id", "sequence"],
        unique=False,
    )
    op.create_index(
        "spending_records_economy_id_person_id_sequence_idx",
        "spending_records",
        ["economy_id", "person_id", "sequence"],
        unique=False,
        postgresql_where=sa.text("person_id <> ''"),
    )
