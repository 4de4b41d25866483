"""`OperatorService`: how the server is doing, and what each method needs."""

from collections.abc import Callable
from time import monotonic

import sqlalchemy as sa
from google.protobuf.duration_pb2 import Duration
from ticketonomics.operator.v1 import operator_service_pb2 as rpc
from ticketonomics.operator.v1.operator_service_pb2_grpc import OperatorServiceServicer

from ticketonomics_server import __version__, metrics
from ticketonomics_server.engine.economies import Economies
from ticketonomics_server.engine.queue import MAX_QUEUED_COMMANDS
from ticketonomics_server.engine.tables import blocks
from ticketonomics_server.rpc.call import Context, current_call
from ticketonomics_server.rpc.fields import set_time
from ticketonomics_server.rpc.paging import make_token, page_size, read_token
from ticketonomics_server.rpc.permissions import PERMISSIONS
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import reading


class OperatorServicer(OperatorServiceServicer):
    """What those who run the deployment need."""

    def __init__(
        self,
        economies: Economies,
        database: Database,
        *,
        open_streams: Callable[[], int],
        max_streams: int,
    ) -> None:
        self._max_streams = max_streams
        self._economies = economies
        self._database = database
        self._open_streams = open_streams
        self._began = monotonic()

    async def GetStatus(
        self, request: rpc.GetStatusRequest, context: Context
    ) -> rpc.GetStatusResponse:
        call = current_call()
        economy = await self._economies.get(call.economy_id)
        # Before the snapshot, which then has seen all that was made.
        pace = economy.sequencer.pace.copy()
        async with reading(self._database, call.economy_id) as snapshot:
            version = await snapshot.connection.scalar(sa.text("SHOW server_version"))
            block = (
                await snapshot.connection.execute(
                    sa.select(blocks.c.height, blocks.c.block_time)
                    .where(blocks.c.economy_id == call.economy_id)
                    .order_by(blocks.c.height.desc())
                    .limit(1)
                )
            ).one_or_none()
        answer = rpc.GetStatusResponse(
            version=__version__,
            economy=call.economy,
            height=block.height if block else 0,
            last_sequence=snapshot.last_sequence,
            queued_commands=economy.sequencer.queued_commands,
            open_streams=self._open_streams(),
            uptime=_duration(monotonic() - self._began),
            postgres_version=version,
            draining=self._economies.draining,
            timers_held=economy.sequencer.clock.jumped,
            made_blocks=pace.blocks,
            made_entries=pace.entries,
            block_phases=[
                rpc.BlockPhase(name=phase, total_duration=_duration(seconds))
                for phase, seconds in pace.phase_seconds.items()
            ],
            refusals=_refusals(),
            max_queued_commands=MAX_QUEUED_COMMANDS,
            max_streams=self._max_streams,
        )
        if block:
            set_time(answer.block_time, block.block_time)
        return answer

    async def ListMethods(
        self, request: rpc.ListMethodsRequest, context: Context
    ) -> rpc.ListMethodsResponse:
        size = page_size(request)
        (behind,) = read_token(request, str) or ("",)
        names = sorted(name for name in PERMISSIONS if name > behind)
        page = names[:size]
        return rpc.ListMethodsResponse(
            methods=[
                rpc.Method(
                    name=name, public=needs.public, scope=needs.scope, personal=needs.personal
                )
                for name, needs in ((name, PERMISSIONS[name]) for name in page)
            ],
            next_page_token=make_token(request, page[-1]) if len(names) > size else "",
        )


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromMicroseconds(round(seconds * 1_000_000))
    return duration


def _refusals() -> list[rpc.RefusalCount]:
    return [
        rpc.RefusalCount(reason=sample.labels["reason"], count=int(sample.value))
        for metric in metrics.refusals.collect()
        for sample in metric.samples
        if sample.name.endswith("_total")
    ]
