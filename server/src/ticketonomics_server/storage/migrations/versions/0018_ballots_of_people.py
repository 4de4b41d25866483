"""Ballots are found by the people who cast them."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_index(
        "ballots_economy_id_person_id_sequence_idx",
        "ballots",
        ["economy_id", "person_id", "sequence"],
        unique=True,
    )
