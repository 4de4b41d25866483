"""How this room's rows and records reach Postgres."""

from typing import Any

from ticketonomics_server.spending.limits import SPENDING_RECORDS
from ticketonomics_server.spending.model import SpendingLimit
from ticketonomics_server.spending.tables import spending_limits
from ticketonomics_server.storage.arrays import int_array
from ticketonomics_server.storage.rows import BulkTable
from ticketonomics_server.storage.writes import Statement, Write

LIMITS = BulkTable(SpendingLimit, spending_limits, key=("application_id", "person_id", "asset"))

_INSERT_RECORDS = """
INSERT INTO spending_records (economy_id, sequence, kind, application_id, person_id, asset, amount,
                              record_time)
SELECT {0}::int, v.* FROM unnest(
    {1}::text::bigint[], {2}::text::smallint[], {3}::text[], {4}::text[], {5}::text[],
    {6}::text::bigint[], {7}::timestamptz[]) v
"""


class SpendingJournal:
    """Appends records. As `limits.record` makes them."""

    name = SPENDING_RECORDS

    def writes(self, economy_id: int, records: list[tuple[Any, ...]]) -> list[Write]:
        sequences, kinds, *names, amounts, times = zip(*records, strict=True)
        arguments = [
            economy_id,
            int_array(sequences),
            int_array(map(int, kinds)),
            *map(list, names),
            int_array(amounts),
            list(times),
        ]
        return [Statement(_INSERT_RECORDS, arguments, len(records))]
