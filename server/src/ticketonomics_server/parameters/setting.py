"""How a parameter gets other values, whoever decides it. Pure."""

from ticketonomics_server.engine.command import Command, Context, Decision, decide_event
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.parameters.model import (
    EntryKind,
    Parameter,
    ParameterValue,
    Type,
    Values,
    format_setting,
)
from ticketonomics_server.parameters.reading import read_list

PARAMETER_CHANGES = "parameter_changes"


def guard_values(state: State, parameter: Parameter, values: Values) -> None:
    """Refuses values that a declared parameter cannot get.

    Guards: PARAMETER_OUT_OF_BOUNDS, PARAMETER_ONE_WAY.
    """
    if problem := parameter.problem(values):
        raise Rejection(
            Reason.PARAMETER_OUT_OF_BOUNDS,
            f"{parameter.name} {problem}",
            parameter=parameter.name,
            minimum=parameter.minimum,
            maximum=parameter.maximum,
        )
    if parameter.one_way and values < read_list(state, parameter):
        raise Rejection(
            Reason.PARAMETER_ONE_WAY,
            f"{parameter.name} cannot be taken back",
            parameter=parameter.name,
        )


def set_parameter(
    state: State,
    parameter: Parameter,
    values: Values,
    command: Command,
    context: Context,
    *,
    by: str,
    reason: str = "",
) -> Decision:
    """Gives a declared parameter values that have passed `guard_values`; they hold from here on.

    Args:
        by: The application, or `proposals/` and the proposal's id.
        reason: Public.
    """
    previous = format_setting(read_list(state, parameter))
    setting = format_setting(values)
    row = state.find(ParameterValue, parameter.name)
    if row is None:
        state.add(ParameterValue(parameter.name, setting, context.sequence, context.time, by))
    else:
        state.change(row)
        row.setting, row.set_by = setting, by
        row.set_sequence, row.set_time = context.sequence, context.time
    state.append(
        PARAMETER_CHANGES,
        (context.sequence, parameter.name, previous, setting, context.time, by, reason),
    )
    return decide_event(
        command, context, EntryKind.PARAMETER_SET, parameter.name, previous, setting, by, reason
    )


def show_values(parameter: Parameter, values: Values) -> str:
    """Writes values as people read them: the name of a choice, yes or no, a list with commas."""
    if parameter.type == Type.CHOICE:
        return parameter.choices[values[0]]
    if parameter.type == Type.BOOLEAN:
        return "yes" if values[0] else "no"
    return ", ".join(f"{value:,}" for value in values)
