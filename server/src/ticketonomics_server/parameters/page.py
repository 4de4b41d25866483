"""The page of documentation that the catalogue is."""

from ticketonomics_server.parameters.catalog import CATALOG
from ticketonomics_server.parameters.model import Owner, Parameter, Type
from ticketonomics_server.parameters.setting import show_values

_HEAD = """# Parameters

Every number of an economy that its operator or its Parliament sets, and what it is until then.

| parameter | what it does | default | may be | unit | set by |
|---|---|---|---|---|---|
"""


def parameters_page() -> str:
    """Builds the page in Markdown, a row a parameter, by name."""
    return _HEAD + "".join(_row(CATALOG[name]) for name in sorted(CATALOG))


def _row(parameter: Parameter) -> str:
    owner = "the operator" if parameter.owner == Owner.OPERATOR else "the Parliament"
    cells = (
        f"`{parameter.name}`",
        parameter.description,
        show_values(parameter, parameter.defaults),
        _bounds(parameter),
        parameter.unit,
        owner,
    )
    return f"| {' | '.join(cells)} |\n"


def _bounds(parameter: Parameter) -> str:
    if parameter.type == Type.CHOICE:
        return ", ".join(parameter.choices)
    if parameter.type == Type.BOOLEAN:
        return "no, then yes for ever" if parameter.one_way else "yes, no"
    bounds = f"{parameter.minimum:,} – {parameter.maximum:,}"
    if parameter.type == Type.INTEGER_LIST:
        return f"{parameter.length[0]} to {parameter.length[1]} of {bounds}"
    return bounds
