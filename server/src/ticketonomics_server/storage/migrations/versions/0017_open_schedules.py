"""An application counts the schedules that it has made for itself, and no more those for people."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    # Accounts have a slash in their addresses, applications none in their ids.
    op.execute(
        "UPDATE open_schedules o SET open_count = ("
        " SELECT count(*) FROM schedules s WHERE s.economy_id = o.economy_id"
        " AND s.application_id = o.holder AND s.person_id = '' AND s.state IN (1, 2))"
        " WHERE position('/' in o.holder) = 0"
    )
