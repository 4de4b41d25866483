"""Payments: schedules and requests to pay."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "open_requests",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("payee", sa.Text(collation="C"), nullable=False),
        sa.Column("payer", sa.Text(collation="C"), nullable=False),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("open_count BETWEEN 0 AND 10", name="open_requests_open_count"),
        sa.PrimaryKeyConstraint("economy_id", "payee", "payer", name="open_requests_pkey"),
    )
    op.create_table(
        "open_schedules",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(collation="C"), nullable=False),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("open_count >= 0", name="open_schedules_open_count"),
        sa.PrimaryKeyConstraint("economy_id", "holder", name="open_schedules_pkey"),
    )
    op.create_table(
        "payment_requests",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("payment_request_id", sa.Text(collation="C"), nullable=False),
        sa.Column("create_sequence", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("payee", sa.Text(collation="C"), nullable=False),
        sa.Column("payer", sa.Text(collation="C"), nullable=False),
        sa.Column("asset", sa.Text(collation="C"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timer_id", sa.BigInteger(), nullable=False),
        sa.Column("close_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_sequence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(state = 1) = (close_time IS NULL) AND (state = 1) = (close_sequence = 0)",
            name="payment_requests_closed",
        ),
        sa.CheckConstraint("amount > 0", name="payment_requests_amount"),
        sa.CheckConstraint("payee <> payer", name="payment_requests_sides"),
        sa.CheckConstraint("state BETWEEN 1 AND 5", name="payment_requests_state"),
        sa.PrimaryKeyConstraint("economy_id", "payment_request_id", name="payment_requests_pkey"),
    )
    op.create_index(
        "payment_requests_economy_id_payee_create_sequence_idx",
        "payment_requests",
        ["economy_id", "payee", "create_sequence"],
        unique=True,
    )
    op.create_index(
        "payment_requests_economy_id_payer_create_sequence_idx",
        "payment_requests",
        ["economy_id", "payer", "create_sequence"],
        unique=True,
    )
    for side in ("payee", "payer"):
        op.create_index(
            f"payment_requests_open_{side}_idx",
            "payment_requests",
            ["economy_id", side],
            postgresql_where=sa.text("state = 1"),
        )
    op.create_table(
        "schedule_attempts",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Text(collation="C"), nullable=False),
        sa.Column("run", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("due_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempt_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("attempt_time >= due_time", name="schedule_attempts_attempt_time"),
        sa.PrimaryKeyConstraint(
            "economy_id", "schedule_id", "run", "attempt", name="schedule_attempts_pkey"
        ),
    )
    op.create_table(
        "schedule_sources",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.Text(collation="C"), nullable=False),
        sa.Column("create_sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("schedule_id", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint(
            "economy_id", "account", "create_sequence", name="schedule_sources_pkey"
        ),
    )
    op.create_table(
        "schedules",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Text(collation="C"), nullable=False),
        sa.Column("create_sequence", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("postings", sa.LargeBinary(), nullable=False),
        sa.Column("first_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frequency", sa.SmallInteger(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.Text(collation="C"), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_limit", sa.Integer(), nullable=False),
        sa.Column("retry_attempts", sa.SmallInteger(), nullable=False),
        sa.Column("retry_seconds", sa.Integer(), nullable=False),
        sa.Column("stop_after_failures", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_attempt_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("timer_id", sa.BigInteger(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("succeeded", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("failures_in_row", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 1) = (timer_id > 0) AND (state = 1) = (next_attempt_time IS NOT NULL)",
            name="schedules_timer",
        ),
        sa.CheckConstraint("attempt BETWEEN 0 AND retry_attempts - 1", name="schedules_attempt"),
        sa.CheckConstraint("frequency BETWEEN 0 AND 3 AND every >= 1", name="schedules_rule"),
        sa.CheckConstraint("run_limit = 0 OR run <= run_limit", name="schedules_run_limit"),
        sa.CheckConstraint("state BETWEEN 1 AND 5", name="schedules_state"),
        sa.CheckConstraint("succeeded + failed + (attempt > 0)::int = run", name="schedules_runs"),
        sa.PrimaryKeyConstraint("economy_id", "schedule_id", name="schedules_pkey"),
    )
    op.create_index(
        "schedules_economy_id_create_sequence_idx",
        "schedules",
        ["economy_id", "create_sequence"],
        unique=True,
    )
