"""Decodes contract messages into commands, refusing what is malformed."""

import re

from ticketonomics.parameters.v1 import parameter_pb2
from ticketonomics.parameters.v1 import parameter_service_pb2 as rpc

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.parameters.decide import find_parameter
from ticketonomics_server.parameters.model import Parameter, SetParameter, Type, Values
from ticketonomics_server.rpc.fields import MAX_MEMO, body_hash, check_text, check_uuid, invalid

MOST_NUMBERS = 64
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}(\.[a-z][a-z0-9_]{0,31}){0,3}")
# The field of `ParameterValue` that each type has its value in.
FIELD_OF_TYPE = {
    Type.INTEGER: "integer",
    Type.BASIS_POINTS: "integer",
    Type.AMOUNT: "integer",
    Type.DURATION: "integer",
    Type.BOOLEAN: "boolean",
    Type.CHOICE: "choice",
    Type.INTEGER_LIST: "integers",
}


def check_name(value: str, field: str = "name") -> str:
    """Returns a parameter's name, or refuses what has not the form of one."""
    if not _NAME.fullmatch(value):
        raise invalid(field, "is not a name such as queues.timeout")
    return value


def decode_set_parameter(caller: Caller, request: rpc.SetParameterRequest) -> SetParameter:
    """Decodes a setting. Guards: INVALID_FIELD, TEXT_TOO_LONG, TEXT_NOT_CLEAN, and
    PARAMETER_NOT_FOUND, since its type tells what its value may be.
    """
    request_id = check_uuid(request.request_id, "request_id")
    parameter = find_parameter(check_name(request.name))
    values = decode_value(parameter, request.value, "value")
    return SetParameter(
        request_id,
        body_hash(caller, request),
        parameter.name,
        values,
        check_text(request.reason, "reason", longest=MAX_MEMO),
    )


def decode_value(parameter: Parameter, value: parameter_pb2.ParameterValue, field: str) -> Values:
    """Decodes a value of the parameter's type; its bounds are looked at where it is decided.

    Args:
        field: What it is called in the request.
    """
    wanted, found = FIELD_OF_TYPE[parameter.type], value.WhichOneof("kind")
    if found is None:
        raise invalid(field, "is missing")
    if found != wanted:
        raise invalid(f"{field}.{found}", f"is of another type: {parameter.name} has {wanted}")
    if parameter.type == Type.BOOLEAN:
        return (int(value.boolean),)
    if parameter.type == Type.CHOICE:
        if value.choice not in parameter.choices:
            raise invalid(f"{field}.choice", f"is none of {', '.join(parameter.choices)}")
        return (parameter.choices.index(value.choice),)
    if parameter.type == Type.INTEGER_LIST:
        if not 1 <= len(value.integers.values) <= MOST_NUMBERS:
            raise invalid(f"{field}.integers", f"has 1 to {MOST_NUMBERS} numbers")
        return tuple(value.integers.values)
    return (value.integer,)
