"""Reads of parameters and their history. Each takes a snapshot."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ticketonomics_server.parameters.model import Parameter, ParameterValue, Values, parse_setting
from ticketonomics_server.parameters.tables import parameter_changes, parameter_values
from ticketonomics_server.storage.reading import Snapshot

_p = parameter_values.c
_c = parameter_changes.c


@dataclass(slots=True, frozen=True)
class Change:
    """One setting of a parameter; see `parameters.model` for the forms of its values."""

    sequence: int
    name: str
    previous_setting: str
    setting: str
    set_time: datetime
    set_by: str
    reason: str


async def read_parameters(snapshot: Snapshot, *parameters: Parameter) -> dict[str, Values]:
    """Reads the values of parameters by their names, as of a snapshot."""
    rows = await find_values(snapshot, [parameter.name for parameter in parameters])
    found = {name: parse_setting(row.setting) for name, row in rows.items()}
    return {p.name: found.get(p.name, p.defaults) for p in parameters}


async def find_values(snapshot: Snapshot, names: Collection[str]) -> dict[str, ParameterValue]:
    """Finds what these parameters were set to, those that ever were."""
    query = sa.select(_p.name, _p.setting, _p.set_sequence, _p.set_time, _p.set_by).where(
        _p.economy_id == snapshot.economy_id, _p.name.in_(names)
    )
    return {row.name: ParameterValue(*row) for row in await snapshot.connection.execute(query)}


async def list_changes(
    snapshot: Snapshot, *, name: str, below: int, limit: int
) -> Sequence[Change]:
    """Lists settings, newest first, those below an entry; of one parameter, or with "" of all."""
    query = sa.select(*(column for column in _c if column.name != "economy_id")).where(
        _c.economy_id == snapshot.economy_id, _c.sequence < below
    )
    if name:
        query = query.where(_c.name == name)
    query = query.order_by(_c.sequence.desc()).limit(limit)
    return [Change(**row._mapping) for row in await snapshot.connection.execute(query)]
