"""Payments: memos only beside their entries, open schedules counted, nothing left by the gone."""

import sqlalchemy as sa
from alembic import op

revision = "payments_texts"
down_revision = "0006"

# A memo by an application for itself was nobody's: it is the first person's to pay, or to get.
_OWNERS_OF_SCHEDULES = """
UPDATE texts t SET owner = substr(coalesce(
    (SELECT o.account FROM schedule_sources o
     WHERE o.economy_id = s.economy_id AND o.create_sequence = s.create_sequence
         AND o.account LIKE 'users/%'
     ORDER BY position(convert_to(o.account, 'UTF8') IN s.postings) LIMIT 1),
    substring(encode(s.postings, 'escape') FROM 'users/[0-9a-z]{16}')), 7)
FROM schedules s
WHERE t.economy_id = s.economy_id AND t.sequence = s.create_sequence AND t.owner IS NULL
"""
_OWNERS_OF_REQUESTS = """
UPDATE texts t SET owner = substr(CASE WHEN r.payer LIKE 'users/%' THEN r.payer
                                       WHEN r.payee LIKE 'users/%' THEN r.payee END, 7)
FROM payment_requests r
WHERE t.economy_id = r.economy_id AND t.sequence = r.create_sequence AND t.owner IS NULL
"""
# What an accepted request says was written by whoever made it, not by whoever accepted it.
_OWNERS_OF_ACCEPTANCES = """
UPDATE texts t SET owner = c.owner
FROM payment_requests r
JOIN texts c ON c.economy_id = r.economy_id AND c.sequence = r.create_sequence
WHERE r.state = 2 AND t.economy_id = r.economy_id AND t.sequence = r.close_sequence
    AND t.memo <> '' AND c.salt IS NOT NULL
"""
# A run needs the number of the entry that has its memo: one field more, `i` and an int64.
_PAYLOADS = """
UPDATE timers t SET payload = t.payload || '\\x69'::bytea || int8send(s.create_sequence)
FROM schedules s
WHERE t.kind = 50 AND t.economy_id = s.economy_id AND t.timer_id = s.timer_id
"""
_COUNTS = """
INSERT INTO open_schedules (economy_id, holder, open_count)
SELECT economy_id, holder, count(*) FROM (
    SELECT economy_id, application_id AS holder FROM schedules WHERE state IN (1, 2)
    UNION ALL
    SELECT economy_id, account FROM schedule_sources JOIN schedules USING (economy_id, schedule_id)
    WHERE state IN (1, 2)
) holders GROUP BY economy_id, holder
"""
# What people who were merged or erased before have left open is ended as that of those after.
_TIMERS = """
WITH gone AS (
    SELECT p.economy_id, p.person_id,
        row_number() OVER (PARTITION BY p.economy_id ORDER BY p.person_id) AS number
    FROM people p WHERE p.state IN (3, 4) AND (
        EXISTS (SELECT FROM schedule_sources o JOIN schedules s USING (economy_id, schedule_id)
                WHERE o.economy_id = p.economy_id AND o.account = 'users/' || p.person_id
                    AND s.state IN (1, 2))
        OR EXISTS (SELECT FROM payment_requests r WHERE r.economy_id = p.economy_id
                   AND r.state = 1 AND 'users/' || p.person_id IN (r.payer, r.payee)))
), numbered AS (
    UPDATE counters c SET value = c.value + g.count
    FROM (SELECT economy_id, count(*) FROM gone GROUP BY economy_id) g
    WHERE c.economy_id = g.economy_id AND c.name = 'timers'
    RETURNING c.economy_id, c.value - g.count AS behind
)
INSERT INTO timers (economy_id, timer_id, due_time, kind, payload, failures)
SELECT economy_id, behind + number, now(), 62, convert_to(person_id, 'UTF8'), 0
FROM gone JOIN numbered USING (economy_id)
"""


def upgrade() -> None:
    op.create_table(
        "open_schedules",
        sa.Column("economy_id", sa.Integer(), nullable=False),
        sa.Column("holder", sa.Text(collation="C"), nullable=False),
        sa.Column("open_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("open_count >= 0", name="open_schedules_open_count"),
        sa.PrimaryKeyConstraint("economy_id", "holder", name="open_schedules_pkey"),
    )
    for side in ("payee", "payer"):
        op.create_index(
            f"payment_requests_open_{side}_idx",
            "payment_requests",
            ["economy_id", side],
            postgresql_where=sa.text("state = 1"),
        )
    for statement in (
        *(_OWNERS_OF_SCHEDULES, _OWNERS_OF_REQUESTS, _OWNERS_OF_ACCEPTANCES),
        *(_PAYLOADS, _COUNTS, _TIMERS),
    ):
        op.execute(statement)
    # The same memos are in `texts`, but for those that were erased there.
    for table in ("schedules", "payment_requests"):
        op.drop_column(table, "memo")
