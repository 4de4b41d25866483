"""How this room's rows and records reach Postgres."""

from typing import Any

from ticketonomics_server.parameters.model import ParameterValue
from ticketonomics_server.parameters.setting import PARAMETER_CHANGES
from ticketonomics_server.parameters.tables import parameter_values
from ticketonomics_server.storage.arrays import int_array
from ticketonomics_server.storage.rows import BulkTable
from ticketonomics_server.storage.writes import Statement, Write

VALUES = BulkTable(ParameterValue, parameter_values, key=("name",))

_INSERT_CHANGES = """
INSERT INTO parameter_changes (economy_id, sequence, name, previous_setting, setting, set_time,
                               set_by, reason)
SELECT {0}::int, v.* FROM unnest({1}::text::bigint[], {2}::text[], {3}::text[], {4}::text[],
                                 {5}::timestamptz[], {6}::text[], {7}::text[]) v
"""


class ChangeJournal:
    """Appends changes. As `set_parameter` makes them."""

    name = PARAMETER_CHANGES

    def writes(self, economy_id: int, records: list[tuple[Any, ...]]) -> list[Write]:
        sequences, *columns = zip(*records, strict=True)
        arguments = [economy_id, int_array(sequences), *map(list, columns)]
        return [Statement(_INSERT_CHANGES, arguments, len(records))]
