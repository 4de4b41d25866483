"""`ParameterService`: each method decodes, calls, encodes, and does nothing else."""

from ticketonomics.parameters.v1 import parameter_service_pb2 as rpc
from ticketonomics.parameters.v1.parameter_service_pb2_grpc import ParameterServiceServicer

from ticketonomics_server.parameters import queries
from ticketonomics_server.parameters.catalog import CATALOG
from ticketonomics_server.parameters.decide import find_parameter
from ticketonomics_server.parameters.decode import check_name, decode_set_parameter
from ticketonomics_server.parameters.encode import encode_change, encode_parameter
from ticketonomics_server.rpc.call import Context, current_call
from ticketonomics_server.rpc.paging import BEHIND_ALL, next_token, page_size, read_token
from ticketonomics_server.rpc.servicing import Servicing


class ParameterServicer(Servicing, ParameterServiceServicer):
    """The numbers of the economy."""

    async def GetParameter(
        self, request: rpc.GetParameterRequest, context: Context
    ) -> rpc.GetParameterResponse:
        parameter = find_parameter(check_name(request.name))
        async with self._reading(current_call(), request) as snapshot:
            rows = await queries.find_values(snapshot, [parameter.name])
        return rpc.GetParameterResponse(
            parameter=encode_parameter(parameter, rows.get(parameter.name)),
            last_sequence=snapshot.last_sequence,
        )

    async def ListParameters(
        self, request: rpc.ListParametersRequest, context: Context
    ) -> rpc.ListParametersResponse:
        size = page_size(request)
        (after,) = read_token(request, str) or ("",)
        area = f"{check_name(request.area, 'area')}." if request.area else ""
        names = sorted(name for name in CATALOG if name > after and name.startswith(area))
        found = [CATALOG[name] for name in names[: size + 1]]
        async with self._reading(current_call(), request) as snapshot:
            rows = await queries.find_values(snapshot, [item.name for item in found[:size]])
        return rpc.ListParametersResponse(
            parameters=[encode_parameter(item, rows.get(item.name)) for item in found[:size]],
            next_page_token=next_token(request, found, size, "name"),
            last_sequence=snapshot.last_sequence,
        )

    async def SetParameter(
        self, request: rpc.SetParameterRequest, context: Context
    ) -> rpc.SetParameterResponse:
        call = current_call()
        command = decode_set_parameter(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            rows = await queries.find_values(snapshot, [command.name])
        return rpc.SetParameterResponse(
            parameter=encode_parameter(CATALOG[command.name], rows.get(command.name)),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def ListParameterChanges(
        self, request: rpc.ListParameterChangesRequest, context: Context
    ) -> rpc.ListParameterChangesResponse:
        size = page_size(request)
        (below,) = read_token(request, int) or (BEHIND_ALL,)
        name = find_parameter(check_name(request.name)).name if request.name else ""
        async with self._reading(current_call(), request) as snapshot:
            found = await queries.list_changes(snapshot, name=name, below=below, limit=size + 1)
        return rpc.ListParameterChangesResponse(
            changes=[
                encode_change(CATALOG[row.name], row) for row in found[:size] if row.name in CATALOG
            ],
            next_page_token=next_token(request, found, size, "sequence"),
            last_sequence=snapshot.last_sequence,
        )
