"""Encodes parameters and their history into contract messages."""

from typing import cast

from ticketonomics.parameters.v1 import parameter_pb2

from ticketonomics_server.parameters.model import (
    Parameter,
    ParameterValue,
    Type,
    Values,
    parse_setting,
)
from ticketonomics_server.parameters.queries import Change
from ticketonomics_server.rpc.fields import set_time


def encode_value(parameter: Parameter, values: Values) -> parameter_pb2.ParameterValue:
    """Encodes values as the parameter's type has them."""
    match parameter.type:
        case Type.BOOLEAN:
            return parameter_pb2.ParameterValue(boolean=bool(values[0]))
        case Type.CHOICE:
            return parameter_pb2.ParameterValue(choice=parameter.choices[values[0]])
        case Type.INTEGER_LIST:
            return parameter_pb2.ParameterValue(integers=parameter_pb2.IntegerList(values=values))
        case _:
            return parameter_pb2.ParameterValue(integer=values[0])


def encode_parameter(parameter: Parameter, row: ParameterValue | None) -> parameter_pb2.Parameter:
    """Encodes a parameter with what it was set to, if it ever was."""
    is_list = parameter.type == Type.INTEGER_LIST
    message = parameter_pb2.Parameter(
        name=parameter.name,
        type=cast("parameter_pb2.Parameter.Type", int(parameter.type)),
        value=encode_value(parameter, row.values if row else parameter.defaults),
        default_value=encode_value(parameter, parameter.defaults),
        minimum=parameter.minimum or 0,
        maximum=parameter.maximum or 0,
        least_count=parameter.length[0] if is_list else 0,
        greatest_count=parameter.length[1] if is_list else 0,
        choices=parameter.choices,
        unit=parameter.unit,
        description=parameter.description,
        owner=cast("parameter_pb2.Parameter.Owner", int(parameter.owner)),
        one_way=parameter.one_way,
    )
    if row is not None:
        set_time(message.set_time, row.set_time)
        message.set_sequence, message.set_by = row.set_sequence, row.set_by
    return message


def encode_change(parameter: Parameter, change: Change) -> parameter_pb2.ParameterChange:
    """Encodes one setting."""
    message = parameter_pb2.ParameterChange(
        name=change.name,
        sequence=change.sequence,
        previous_value=encode_value(parameter, parse_setting(change.previous_setting)),
        value=encode_value(parameter, parse_setting(change.setting)),
        set_by=change.set_by,
        reason=change.reason,
    )
    set_time(message.set_time, change.set_time)
    return message
