"""Identity, second part: link codes, merged and erased people, whose texts are."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# Texts had no owners: those of transactions get the first person to pay or get, those of entries
# about people the person, whose id (16 characters) begins the event after its tag and length.
_OWNERS_OF_TRANSACTIONS = """
UPDATE texts t SET owner = (
    SELECT substr(address, 7) FROM (
        SELECT c.address, 1 AS side, p.position FROM postings p
        JOIN accounts c ON c.economy_id = p.economy_id AND c.account_id = p.source_id
        WHERE p.economy_id = t.economy_id AND p.sequence = t.sequence
        UNION ALL
        SELECT c.address, 2, p.position FROM postings p
        JOIN accounts c ON c.economy_id = p.economy_id AND c.account_id = p.destination_id
        WHERE p.economy_id = t.economy_id AND p.sequence = t.sequence
    ) sides WHERE address LIKE 'users/%' ORDER BY side, position LIMIT 1)
"""
_OWNERS_OF_EVENTS = """
UPDATE texts t SET owner = convert_from(substring(e.event FROM 6 FOR 16), 'UTF8')
FROM entries e
WHERE e.economy_id = t.economy_id AND e.sequence = t.sequence AND e.kind IN (20, 21, 22)
"""


def upgrade() -> None:
    op.create_table(
        "link_codes",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(code_hash) = 32", name="link_codes_code_hash"),
        sa.PrimaryKeyConstraint("economy_id", "code_hash", name="link_codes_pkey"),
    )
    for column in (
        sa.Column("privacy", sa.SmallInteger(), nullable=False, server_default="2"),
        sa.Column("merged_into", sa.Text(collation="C"), nullable=True),
        sa.Column("name_change_times", sa.Text(), nullable=False, server_default=""),
    ):
        op.add_column("people", column)
    op.alter_column("people", "privacy", server_default=None)
    op.alter_column("people", "name_change_times", server_default=None)
    op.drop_constraint("people_state", "people")
    op.create_check_constraint("people_state", "people", "state IN (1, 2, 3, 4)")
    op.create_check_constraint("people_privacy", "people", "privacy IN (1, 2)")
    op.create_check_constraint(
        "people_merged_into", "people", "(state = 3) = (merged_into IS NOT NULL)"
    )
    op.create_check_constraint("people_erased", "people", "state <> 4 OR display_name IS NULL")
    op.create_index(
        "people_economy_id_merged_into_idx",
        "people",
        ["economy_id", "merged_into"],
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.add_column("texts", sa.Column("owner", sa.Text(collation="C"), nullable=True))
    op.execute(_OWNERS_OF_TRANSACTIONS)
    op.execute(_OWNERS_OF_EVENTS)
    op.create_index(
        "texts_economy_id_owner_sequence_idx",
        "texts",
        ["economy_id", "owner", "sequence"],
        postgresql_where=sa.text("owner IS NOT NULL"),
    )
