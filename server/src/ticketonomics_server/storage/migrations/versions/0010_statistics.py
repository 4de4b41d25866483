"""Statistics: aggregates that a follower keeps behind the journal; levels and leaderboards."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


PROGRESS = (
    ("experience", sa.BigInteger(), "0"),
    ("day_points", sa.Integer(), "0"),
    ("month", sa.Integer(), "0"),
    ("month_experience", sa.BigInteger(), "0"),
    ("streak", sa.Integer(), "1"),
    ("longest_streak", sa.Integer(), "1"),
    ("achievements", sa.Text(collation="C"), ""),
)


def upgrade() -> None:
    make_statistics()
    extend_progress()
    make_standings()


def make_statistics() -> None:
    op.create_table(
        "statistics_cursors",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last_sequence >= 0", name="statistics_cursors_last_sequence"),
        sa.PrimaryKeyConstraint("economy_id", name="statistics_cursors_pkey"),
    )
    op.create_table(
        "daily_flows",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asset_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("party", sa.Text(collation="C"), nullable=False),
        sa.Column("transaction_count", sa.BigInteger(), nullable=False),
        sa.Column("moved", sa.Numeric(), nullable=False),
        sa.Column("minted", sa.Numeric(), nullable=False),
        sa.Column("burned", sa.Numeric(), nullable=False),
        sa.CheckConstraint(
            "transaction_count >= 0 AND moved >= 0 AND minted >= 0 AND burned >= 0",
            name="daily_flows_amounts",
        ),
        sa.PrimaryKeyConstraint(
            "economy_id", "day", "asset_id", "kind", "party", name="daily_flows_pkey"
        ),
    )
    op.create_index(
        "daily_flows_economy_id_asset_id_day_idx", "daily_flows", ["economy_id", "asset_id", "day"]
    )
    op.create_table(
        "daily_supplies",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("asset_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("minted", sa.Numeric(), nullable=False),
        sa.Column("burned", sa.Numeric(), nullable=False),
        sa.CheckConstraint("burned BETWEEN 0 AND minted", name="daily_supplies_amounts"),
        sa.PrimaryKeyConstraint("economy_id", "day", "asset_id", name="daily_supplies_pkey"),
    )
    op.create_index(
        "daily_supplies_economy_id_asset_id_day_idx",
        "daily_supplies",
        ["economy_id", "asset_id", "day"],
    )
    op.create_table(
        "daily_activity",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("active_people", sa.Integer(), nullable=False),
        sa.Column("last_active_people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("economy_id", "day", name="daily_activity_pkey"),
    )
    op.create_table(
        "person_figures",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wealth", sa.Numeric(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=True),
        sa.Column("last_active_day", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "wealth >= 0 AND (wealth = 0) = (bucket IS NULL)", name="person_figures_wealth"
        ),
        sa.PrimaryKeyConstraint("economy_id", "account_id", name="person_figures_pkey"),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        "person_figures_economy_id_wealth_account_id_idx",
        "person_figures",
        ["economy_id", "wealth", "account_id"],
        postgresql_where=sa.text("wealth > 0"),
    )
    op.create_table(
        "wealth_buckets",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("people_count", sa.Integer(), nullable=False),
        sa.Column("wealth", sa.Numeric(), nullable=False),
        sa.PrimaryKeyConstraint("economy_id", "bucket", name="wealth_buckets_pkey"),
    )


def extend_progress() -> None:
    for name, type_, default in PROGRESS:
        op.add_column("progress", sa.Column(name, type_, nullable=False, server_default=default))
        op.alter_column("progress", name, server_default=None)
    op.create_index(
        "progress_economy_id_change_sequence_idx", "progress", ["economy_id", "change_sequence"]
    )
    op.create_check_constraint(
        "progress_experience",
        "progress",
        "month_experience BETWEEN 0 AND experience AND day_points >= 0",
    )
    op.create_check_constraint("progress_streak", "progress", "streak BETWEEN 1 AND longest_streak")


def make_standings() -> None:
    op.create_table(
        "standings",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("experience", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("month_experience", sa.BigInteger(), nullable=False),
        sa.Column("reputation", sa.BigInteger(), nullable=False),
        sa.Column("reputation_day", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("economy_id", "person_id", name="standings_pkey"),
    )
    for columns in (
        ("experience", "person_id"),
        ("month", "month_experience", "person_id"),
        ("reputation", "person_id"),
        ("reputation_day",),
    ):
        op.create_index(
            f"standings_economy_id_{'_'.join(columns)}_idx", "standings", ["economy_id", *columns]
        )
