"""How this room's rows reach Postgres."""

from ticketonomics_server.progression.model import Progress
from ticketonomics_server.progression.tables import progress
from ticketonomics_server.storage.rows import BulkTable

PROGRESS = BulkTable(Progress, progress, key=("person_id",), unchanging=("first_day",))
