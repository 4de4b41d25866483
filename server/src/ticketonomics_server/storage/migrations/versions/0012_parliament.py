"""Parliament: proposals, ballots, and what its policy has done."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def _column(name: str, kind: "sa.types.TypeEngine[Any]", *, null: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, kind, nullable=null)


def _text(name: str) -> "sa.Column[Any]":
    return _column(name, sa.Text(collation="C"))


def _time(name: str, *, null: bool = False) -> "sa.Column[Any]":
    return _column(name, sa.DateTime(timezone=True), null=null)


def _integers(*names: str) -> "list[sa.Column[Any]]":
    return [_column(name, sa.Integer()) for name in names]


def upgrade() -> None:
    op.create_table(
        "proposals",
        _column("economy_id", sa.Integer()),
        _text("proposal_id"),
        _column("create_sequence", sa.BigInteger()),
        _text("application_id"),
        _text("proposer_id"),
        _column("type", sa.SmallInteger()),
        _column("state", sa.SmallInteger()),
        _time("create_time"),
        _time("voting_time"),
        _time("open_time", null=True),
        _time("close_time"),
        _time("execute_time"),
        _time("end_time", null=True),
        *_integers("voting_seconds", "veto_seconds"),
        _column("deposit", sa.BigInteger()),
        _column("escrow", sa.BigInteger()),
        _text("parameter"),
        _text("setting"),
        _text("account"),
        _column("amount", sa.BigInteger()),
        _time("event_time", null=True),
        _column("timer_id", sa.BigInteger()),
        _column("end_sequence", sa.BigInteger()),
        _column("deposit_burned", sa.Boolean()),
        _text("failure_reason"),
        *_integers("electorate", "quorum_count", "quorum_bps", "threshold_bps", "age_seconds"),
        _column("identities", sa.SmallInteger()),
        _column("active_days", sa.SmallInteger()),
        _column("window_days", sa.SmallInteger()),
        *_integers("yes", "no", "abstain"),
        _column("last_sequence", sa.BigInteger()),
        sa.CheckConstraint("state BETWEEN 1 AND 9", name="proposals_state"),
        sa.CheckConstraint("type BETWEEN 1 AND 5", name="proposals_type"),
        sa.CheckConstraint("deposit > 0 AND escrow >= 0 AND amount >= 0", name="proposals_amounts"),
        sa.CheckConstraint("yes >= 0 AND no >= 0 AND abstain >= 0", name="proposals_tally"),
        sa.CheckConstraint("(state <= 3) = (timer_id > 0)", name="proposals_timer"),
        sa.CheckConstraint(
            "(state <= 3) = (end_time IS NULL) AND (state <= 3) = (end_sequence = 0)",
            name="proposals_ended",
        ),
        sa.CheckConstraint("(state = 9) = (failure_reason <> '')", name="proposals_failed"),
        sa.CheckConstraint("state = 6 OR NOT deposit_burned", name="proposals_burned"),
        sa.CheckConstraint(
            "voting_time < close_time AND close_time < execute_time", name="proposals_times"
        ),
        sa.PrimaryKeyConstraint("economy_id", "proposal_id", name="proposals_pkey"),
    )
    op.create_index(
        "proposals_economy_id_create_sequence_idx",
        "proposals",
        ["economy_id", "create_sequence"],
        unique=True,
    )
    op.create_index(
        "proposals_economy_id_last_sequence_idx", "proposals", ["economy_id", "last_sequence"]
    )
    for column in ("proposer_id", "state"):
        op.create_index(
            f"proposals_economy_id_{column}_create_sequence_idx",
            "proposals",
            ["economy_id", column, "create_sequence"],
        )
    op.create_index(
        "proposals_voting_idx",
        "proposals",
        ["economy_id", "proposal_id"],
        postgresql_where=sa.text("state = 2"),
    )
    op.create_table(
        "ballots",
        _column("economy_id", sa.Integer()),
        _text("proposal_id"),
        _text("person_id"),
        _column("choice", sa.SmallInteger()),
        _column("sequence", sa.BigInteger()),
        _time("cast_time"),
        sa.CheckConstraint("choice BETWEEN 1 AND 3", name="ballots_choice"),
        sa.PrimaryKeyConstraint("economy_id", "proposal_id", "person_id", name="ballots_pkey"),
    )
    op.create_index(
        "ballots_economy_id_proposal_id_sequence_idx",
        "ballots",
        ["economy_id", "proposal_id", "sequence"],
        unique=True,
    )
    op.create_table(
        "open_proposals",
        _column("economy_id", sa.Integer()),
        _text("person_id"),
        _column("open_count", sa.Integer()),
        sa.CheckConstraint("open_count >= 0", name="open_proposals_open_count"),
        sa.PrimaryKeyConstraint("economy_id", "person_id", name="open_proposals_pkey"),
    )
    op.create_table(
        "policy_periods",
        _column("economy_id", sa.Integer()),
        _text("asset"),
        _time("start_time"),
        _column("supply", sa.BigInteger()),
        _column("minted", sa.BigInteger()),
        _column("burned", sa.BigInteger()),
        sa.CheckConstraint(
            "minted >= 0 AND burned >= 0 AND supply >= 0", name="policy_periods_amounts"
        ),
        sa.PrimaryKeyConstraint("economy_id", "asset", name="policy_periods_pkey"),
    )
