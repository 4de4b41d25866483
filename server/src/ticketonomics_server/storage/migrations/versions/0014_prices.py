"""Prices: ticks, candles, the newest price of each instrument, and how long they are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "ticks",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tick_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("price", sa.Numeric(), nullable=False),
        sa.Column("instrument", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint("price > 0 AND size > 0 AND position >= 0", name="ticks_trade"),
        sa.PrimaryKeyConstraint("economy_id", "sequence", "position", name="ticks_pkey"),
    )
    op.create_index(
        "ticks_economy_id_instrument_sequence_position_idx",
        "ticks",
        ["economy_id", "instrument", "sequence", "position"],
    )
    op.create_table(
        "candles",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trade_count", sa.BigInteger(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("instrument", sa.Text(collation="C"), nullable=False),
        *(
            sa.Column(name, sa.Numeric(), nullable=False)
            for name in ("open", "high", "low", "close", "volume")
        ),
        sa.CheckConstraint(
            "low > 0 AND open BETWEEN low AND high AND close BETWEEN low AND high",
            name="candles_prices",
        ),
        sa.CheckConstraint("trade_count > 0 AND volume >= trade_count", name="candles_trades"),
        sa.CheckConstraint("first_sequence BETWEEN 1 AND last_sequence", name="candles_sequences"),
        sa.PrimaryKeyConstraint(
            "economy_id", "instrument", "interval_seconds", "start_time", name="candles_pkey"
        ),
    )
    op.create_table(
        "instruments",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("last_position", sa.SmallInteger(), nullable=False),
        sa.Column("first_sequence", sa.BigInteger(), nullable=False),
        sa.Column("first_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_size", sa.BigInteger(), nullable=False),
        sa.Column("trade_count", sa.BigInteger(), nullable=False),
        sa.Column("last_price", sa.Numeric(), nullable=False),
        sa.Column("instrument", sa.Text(collation="C"), nullable=False),
        sa.Column("base", sa.Text(collation="C"), nullable=False),
        sa.Column("quote", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint(
            "last_price > 0 AND last_size > 0 AND trade_count > 0", name="instruments_trade"
        ),
        sa.CheckConstraint(
            "first_sequence BETWEEN 1 AND last_sequence", name="instruments_sequences"
        ),
        sa.PrimaryKeyConstraint("economy_id", "instrument", name="instruments_pkey"),
    )
    op.create_index(
        "instruments_economy_id_last_sequence_idx", "instruments", ["economy_id", "last_sequence"]
    )
    op.create_table(
        "price_retention",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("ticks_from", sa.BigInteger(), nullable=False),
        sa.Column("seconds_from", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ticks_from >= 1", name="price_retention_ticks_from"),
        sa.PrimaryKeyConstraint("economy_id", name="price_retention_pkey"),
    )
