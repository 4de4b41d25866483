"""Reads of parameters and their history. Each takes a snapshot."""

import sqlalchemy as sa

from ticketonomics_server.parameters.model import Parameter, Values, parse_setting
from ticketonomics_server.parameters.tables import parameter_values
from ticketonomics_server.storage.reading import Snapshot


async def read_parameters(snapshot: Snapshot, *parameters: Parameter) -> dict[str, Values]:
    """Reads parameters by their names as of a snapshot."""
    p = parameter_values.c
    rows = await snapshot.connection.execute(
        sa.select(p.name, p.setting).where(
            p.economy_id == snapshot.economy_id,
            p.name.in_([parameter.name for parameter in parameters]),
        )
    )
    found = {name: parse_setting(setting) for name, setting in rows}
    return {p.name: found.get(p.name, p.defaults) for p in parameters}
