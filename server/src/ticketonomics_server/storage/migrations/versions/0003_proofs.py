"""Proofs: nodes of the block log, signing keys, stored signed heads."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "log_nodes",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("level >= 8 AND position >= 0", name="log_nodes_place"),
        sa.CheckConstraint("octet_length(hash) = 32", name="log_nodes_hash"),
        sa.PrimaryKeyConstraint("economy_id", "level", "position", name="log_nodes_pkey"),
    )
    op.create_table(
        "signed_heads",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("tree_size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("signing_key_id", sa.Text(collation="C"), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("tree_size > 0", name="signed_heads_tree_size"),
        sa.CheckConstraint("octet_length(root) = 32", name="signed_heads_root"),
        sa.CheckConstraint("octet_length(signature) = 64", name="signed_heads_signature"),
        sa.PrimaryKeyConstraint("economy_id", "tree_size", name="signed_heads_pkey"),
    )
    op.create_table(
        "signing_keys",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("signing_key_id", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(public_key) = 32", name="signing_keys_public_key"),
        sa.CheckConstraint("end_time >= start_time", name="signing_keys_times"),
        sa.PrimaryKeyConstraint("economy_id", "signing_key_id", name="signing_keys_pkey"),
    )
    op.create_index(
        "signing_keys_economy_id_number_idx", "signing_keys", ["economy_id", "number"], unique=True
    )
    # At most one key is in use.
    op.create_index(
        "signing_keys_economy_id_idx",
        "signing_keys",
        ["economy_id"],
        unique=True,
        postgresql_where=sa.text("end_time IS NULL"),
    )
    # A receipt looks for the request ids of one block: new pages must not wait for a vacuum.
    op.execute("ALTER INDEX requests_sequence_idx SET (autosummarize = on)")
