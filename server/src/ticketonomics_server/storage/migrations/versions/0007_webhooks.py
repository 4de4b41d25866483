"""Webhooks: where applications are told of transactions."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Text(collation="C"), nullable=False),
        sa.Column("create_sequence", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.Text(collation="C"), nullable=False),
        sa.Column("url", sa.Text(collation="C"), nullable=False),
        sa.Column("accounts", sa.Text(collation="C"), nullable=False),
        sa.Column("asset", sa.Text(collation="C"), nullable=False),
        sa.Column("kinds", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("start_after", sa.BigInteger(), nullable=False),
        sa.Column("start_sequence", sa.BigInteger(), nullable=False),
        sa.Column("enable_sequence", sa.BigInteger(), nullable=False),
        sa.Column("change_sequence", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_secret_expire_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(previous_secret IS NULL) = (previous_secret_expire_time IS NULL)",
            name="webhooks_previous_secret",
        ),
        sa.CheckConstraint(
            "change_sequence >= greatest(create_sequence, start_sequence, enable_sequence)",
            name="webhooks_change",
        ),
        sa.CheckConstraint("start_after BETWEEN 0 AND start_sequence", name="webhooks_start"),
        sa.CheckConstraint("state IN (1, 2)", name="webhooks_state"),
        sa.PrimaryKeyConstraint("economy_id", "webhook_id", name="webhooks_pkey"),
    )
    op.create_index(
        "webhooks_economy_id_application_id_create_sequence_idx",
        "webhooks",
        ["economy_id", "application_id", "create_sequence"],
        unique=True,
    )
    op.create_table(
        "webhook_counts",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Text(collation="C"), nullable=False),
        sa.Column("webhook_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("webhook_count BETWEEN 0 AND 10", name="webhook_counts_webhook_count"),
        sa.PrimaryKeyConstraint("economy_id", "application_id", name="webhook_counts_pkey"),
    )
    op.create_table(
        "webhook_progress",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Text(collation="C"), nullable=False),
        sa.Column("start_sequence", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("delivered_count", sa.BigInteger(), nullable=False),
        sa.Column("last_success_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failure_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failure", sa.Text(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disable_sequence", sa.BigInteger(), nullable=False),
        sa.Column("disable_reason", sa.SmallInteger(), nullable=False),
        sa.Column("disable_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cursor >= 0", name="webhook_progress_cursor"),
        sa.PrimaryKeyConstraint("economy_id", "webhook_id", name="webhook_progress_pkey"),
    )
    op.create_table(
        "webhook_backlog",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Text(collation="C"), nullable=False),
        sa.Column("event_sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=False),
        sa.Column("last_failure", sa.Text(), nullable=False),
        sa.Column("attempt_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requeued", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(attempt_time IS NULL) <> (dead_time IS NULL)", name="webhook_backlog_dead"
        ),
        sa.PrimaryKeyConstraint(
            "economy_id", "webhook_id", "event_sequence", name="webhook_backlog_pkey"
        ),
    )
    op.create_index(
        "webhook_backlog_economy_id_webhook_id_event_sequence_idx",
        "webhook_backlog",
        ["economy_id", "webhook_id", "event_sequence"],
        postgresql_where=sa.text("requeued"),
    )
