"""Reads parameters where something is decided. Pure."""

from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.state import State
from ticketonomics_server.parameters.model import (
    Parameter,
    ParameterValue,
    Values,
)


def declare_parameters(keys: Keys, *parameters: Parameter) -> None:
    """Names the parameters that a decision reads."""
    keys[ParameterValue].update(parameter.name for parameter in parameters)


def read(state: State, parameter: Parameter) -> int:
    """Returns the value of a declared parameter that is one number."""
    (value,) = read_list(state, parameter)
    return value


def read_list(state: State, parameter: Parameter) -> Values:
    """Returns the values of a declared parameter."""
    row = state.find(ParameterValue, parameter.name)
    return parameter.defaults if row is None else row.values
