"""Decides what the operator sets. Pure. What the Parliament sets is in its own room."""

from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.parameters.catalog import CATALOG, SEATED
from ticketonomics_server.parameters.model import Owner, Parameter, ParameterValue, SetParameter
from ticketonomics_server.parameters.reading import declare_parameters, read, read_list
from ticketonomics_server.parameters.setting import guard_values, set_parameter


def declare_set_parameter(command: SetParameter, caller: Caller, keys: Keys) -> None:
    keys[ParameterValue].add(command.name)
    declare_parameters(keys, SEATED)


def decide_set_parameter(
    state: State, command: SetParameter, context: Context
) -> Decision | NothingToDo:
    """Sets a parameter of the operator's; until the Parliament is seated, one of its own too.

    The same values again change nothing. Guards: PARAMETER_NOT_FOUND, PARAMETER_OF_PARLIAMENT,
    PARAMETER_OUT_OF_BOUNDS, PARAMETER_ONE_WAY.
    """
    parameter = find_parameter(command.name)
    if parameter.owner == Owner.PARLIAMENT and read(state, SEATED):
        raise Rejection(
            Reason.PARAMETER_OF_PARLIAMENT,
            f"the Parliament decides {parameter.name}, by a proposal",
            parameter=parameter.name,
        )
    guard_values(state, parameter, command.values)
    if command.values == read_list(state, parameter):
        return NothingToDo()
    return set_parameter(
        state,
        parameter,
        command.values,
        command,
        context,
        by=context.caller.application_id,
        reason=command.reason,
    )


def find_parameter(name: str) -> Parameter:
    """Finds a parameter of the catalogue, or refuses with PARAMETER_NOT_FOUND."""
    found = CATALOG.get(name)
    if found is None:
        raise Rejection(Reason.PARAMETER_NOT_FOUND, f"there is no parameter {name}", parameter=name)
    return found
