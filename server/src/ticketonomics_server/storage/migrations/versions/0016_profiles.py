"""Handles by which people find one another, and what they wish of programs."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("people", sa.Column("handle", sa.Text(collation="C")))
    for name in ("handle_change_times", "language", "muted"):
        op.add_column("people", sa.Column(name, sa.Text(), nullable=False, server_default=""))
        op.alter_column("people", name, server_default=None)
    op.create_check_constraint(
        "people_gone",
        "people",
        "state IN (1, 2) OR (handle IS NULL AND language = '' AND muted = '')",
    )
    op.create_table(
        "handles",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("release_time", sa.DateTime(timezone=True)),
        sa.CheckConstraint("handle ~ '^[a-z][a-z0-9_]{2,31}$'", name="handles_handle"),
        sa.CheckConstraint("person_id <> '' OR release_time IS NOT NULL", name="handles_owner"),
        sa.PrimaryKeyConstraint("economy_id", "handle", name="handles_pkey"),
    )
    op.create_index("handles_economy_id_person_id_idx", "handles", ["economy_id", "person_id"])
