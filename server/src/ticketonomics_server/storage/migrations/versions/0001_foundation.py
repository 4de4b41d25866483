"""Foundation: economies, blocks, the ledger, identity."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(collation="C"), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("open_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("close_time", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("economy_id", "account_id", name="accounts_pkey"),
        sa.UniqueConstraint("economy_id", "address", name="accounts_economy_id_key"),
    )
    op.create_table(
        "api_key_uses",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("api_key_id", sa.Text(collation="C"), nullable=False),
        sa.Column("last_use_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("economy_id", "api_key_id", name="api_key_uses_pkey"),
    )
    op.create_table(
        "api_keys",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("api_key_id", sa.Text(collation="C"), nullable=False),
        sa.Column("application_id", sa.Text(collation="C"), nullable=False),
        sa.Column("create_sequence", sa.BigInteger(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expire_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_time", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(secret_hash) = 32", name="api_keys_secret_hash"),
        sa.PrimaryKeyConstraint("economy_id", "api_key_id", name="api_keys_pkey"),
    )
    op.create_index(
        "api_keys_economy_id_application_id_create_sequence_idx",
        "api_keys",
        ["economy_id", "application_id", "create_sequence"],
        unique=True,
    )
    op.create_index(
        "api_keys_economy_id_secret_hash_idx",
        "api_keys",
        ["economy_id", "secret_hash"],
        unique=True,
    )
    op.create_index("api_keys_secret_hash_idx", "api_keys", ["secret_hash"], unique=False)
    op.create_table(
        "applications",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.Text(collation="C"), nullable=False),
        sa.Column("create_sequence", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("rate_limit_rps", sa.Integer(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "rate_limit_rps BETWEEN 1 AND 1000000", name="applications_rate_limit_rps"
        ),
        sa.PrimaryKeyConstraint("economy_id", "application_id", name="applications_pkey"),
    )
    op.create_index(
        "applications_economy_id_create_sequence_idx",
        "applications",
        ["economy_id", "create_sequence"],
        unique=True,
    )
    op.create_table(
        "assets",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("decimals", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("supply_cap", sa.BigInteger(), nullable=False),
        sa.Column("fee_bps", sa.Integer(), nullable=False),
        sa.Column("fee_minimum", sa.BigInteger(), nullable=False),
        sa.Column("fee_maximum", sa.BigInteger(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decimals BETWEEN 0 AND 9", name="assets_decimals"),
        sa.CheckConstraint("supply_cap >= 0", name="assets_supply_cap"),
        sa.PrimaryKeyConstraint("economy_id", "asset_id", name="assets_pkey"),
        sa.UniqueConstraint("economy_id", "code", name="assets_economy_id_key"),
    )
    op.create_table(
        "balances",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("posted", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("entry_count", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "held >= 0 AND (held <= posted OR account_id = 1)", name="balances_held_within_posted"
        ),
        sa.CheckConstraint("posted >= 0 OR account_id = 1", name="balances_never_overdrawn"),
        sa.PrimaryKeyConstraint("economy_id", "account_id", "asset_id", name="balances_pkey"),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "checkpoints",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("posted", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "economy_id", "account_id", "asset_id", "sequence", name="checkpoints_pkey"
        ),
    )
    op.create_table(
        "counters",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("economy_id", "name", name="counters_pkey"),
    )
    op.create_table(
        "economies",
        sa.Column("economy_id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspend_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rate_limit_rps", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("rate_limit_rps >= 0", name="economies_rate_limit_rps"),
        sa.PrimaryKeyConstraint("economy_id", name="economies_pkey"),
        sa.UniqueConstraint("name", name="economies_name_key"),
    )
    op.create_table(
        "entries",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("economy_id", "sequence", name="entries_pkey"),
    )
    op.create_table(
        "linked_identities",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.Text(collation="C"), nullable=False),
        sa.Column("subject", sa.Text(collation="C"), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("link_time", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("economy_id", "provider", "subject", name="linked_identities_pkey"),
    )
    op.create_index(
        "linked_identities_economy_id_person_id_idx",
        "linked_identities",
        ["economy_id", "person_id"],
        unique=False,
    )
    op.create_table(
        "people",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Text(collation="C"), nullable=False),
        sa.Column("create_sequence", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("create_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN (1, 2)", name="people_state"),
        sa.PrimaryKeyConstraint("economy_id", "person_id", name="people_pkey"),
    )
    op.create_index(
        "people_economy_id_create_sequence_idx",
        "people",
        ["economy_id", "create_sequence"],
        unique=True,
    )
    op.create_table(
        "postings",
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("previous_of_source", sa.BigInteger(), nullable=False),
        sa.Column("previous_of_destination", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=True),
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("asset_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name="postings_amount"),
        sa.CheckConstraint("source_id <> destination_id", name="postings_sides"),
        sa.PrimaryKeyConstraint("economy_id", "sequence", "position", name="postings_pkey"),
    )
    op.create_table(
        "requests",
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("body_hash", sa.Uuid(), nullable=False),
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("economy_id", "request_id", name="requests_pkey"),
    )
    op.create_index("requests_sequence_idx", "requests", ["sequence"], postgresql_using="brin")
    op.create_table(
        "texts",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("memo", sa.Text(), nullable=True),
        sa.Column("metadata", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("economy_id", "sequence", name="texts_pkey"),
    )
    op.create_table(
        "timers",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("timer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("economy_id", "timer_id", name="timers_pkey"),
    )
    op.create_index("timers_due_time_idx", "timers", ["due_time"], unique=False)
    op.create_table(
        "blocks",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("height", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("block_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merkle_root", sa.LargeBinary(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("height > 0", name="blocks_height"),
        sa.CheckConstraint("last_sequence >= first_sequence", name="blocks_sequences"),
        sa.ForeignKeyConstraint(
            ["economy_id"], ["economies.economy_id"], name="blocks_economy_id_fkey"
        ),
        sa.PrimaryKeyConstraint("economy_id", "height", name="blocks_pkey"),
    )
    op.create_index(
        "blocks_economy_id_block_time_idx", "blocks", ["economy_id", "block_time"], unique=False
    )
    op.create_index(
        "blocks_economy_id_last_sequence_idx",
        "blocks",
        ["economy_id", "last_sequence"],
        unique=True,
    )
