"""Calls about the economy's parameters."""

from collections.abc import AsyncIterator

from ticketonomics.parameters.v1.parameter_pb2 import (
    IntegerList,
    Parameter,
    ParameterChange,
    ParameterValue,
)
from ticketonomics.parameters.v1.parameter_service_pb2 import (
    GetParameterRequest,
    ListParameterChangesRequest,
    ListParametersRequest,
    SetParameterRequest,
)

from ticketonomics_client.calling import Caller
from ticketonomics_client.identifiers import new_id

Value = bool | int | str | list[int]


class ParameterCalls(Caller):
    """The numbers of the economy: fees, sizes, time-outs, caps."""

    async def parameter(self, name: str, *, minimum_sequence: int = 0) -> Parameter:
        """Reads one parameter, such as `queues.timeout`."""
        request = GetParameterRequest(name=name, minimum_sequence=minimum_sequence)
        return (await self.call(self.parameter_calls.GetParameter, request)).parameter

    async def parameters(
        self, *, area: str = "", page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Parameter]:
        """Yields all parameters by name.

        Args:
            area: Only those of this area, such as `queues`.
            page_size: How many travel together; 0 means 100.
            minimum_sequence: Least sequence number that the answer must have seen.
        """
        request = ListParametersRequest(
            area=area, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.parameter_calls.ListParameters, request):
            for parameter in page.parameters:
                yield parameter

    async def set_parameter(
        self,
        name: str,
        value: Value,
        *,
        reason: str = "",
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Parameter:
        """Gives a parameter another value, from the next entry on.

        Args:
            name: Which parameter.
            value: Of its type: yes or no as bool, a choice by its name, a list as list.
            reason: Why, at most 256 characters. Public, and never erased.
            request_id: A new UUID when not given.
        """
        request = SetParameterRequest(
            request_id=request_id or new_id(), name=name, value=to_message(value), reason=reason
        )
        method = self.parameter_calls.SetParameter
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).parameter

    async def parameter_changes(
        self, *, name: str = "", page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[ParameterChange]:
        """Yields what parameters were set to, newest first.

        Args:
            name: Only of this parameter; empty means of all.
            page_size: How many travel together; 0 means 100.
            minimum_sequence: Least sequence number that the answer must have seen.
        """
        request = ListParameterChangesRequest(
            name=name, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.parameter_calls.ListParameterChanges, request):
            for change in page.changes:
                yield change


def to_message(value: Value) -> ParameterValue:
    """Makes a parameter's value of what Python has."""
    if isinstance(value, bool):
        return ParameterValue(boolean=value)
    if isinstance(value, int):
        return ParameterValue(integer=value)
    if isinstance(value, str):
        return ParameterValue(choice=value)
    return ParameterValue(integers=IntegerList(values=value))


def from_message(value: ParameterValue) -> Value:
    """Reads a parameter's value into what Python has."""
    if value.WhichOneof("kind") == "integers":
        return list(value.integers.values)
    found: Value = getattr(value, value.WhichOneof("kind") or "integer")
    return found
