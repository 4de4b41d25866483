"""`StatisticsService`: reads of the aggregates, with the entry up to which they stand."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from ticketonomics.statistics.v1 import statistics_pb2 as pb
from ticketonomics.statistics.v1 import statistics_service_pb2 as rpc
from ticketonomics.statistics.v1.statistics_service_pb2_grpc import StatisticsServiceServicer

from ticketonomics_server.amm.queries import list_pools
from ticketonomics_server.ledger.model import EntryKind
from ticketonomics_server.ledger.queries import find_asset
from ticketonomics_server.ledger.selection import check_kinds
from ticketonomics_server.rpc.call import Context, current_call
from ticketonomics_server.rpc.fields import check_asset_code, check_date, invalid
from ticketonomics_server.rpc.paging import make_token, next_token, page_size, read_token
from ticketonomics_server.statistics import encode, queries, rooms
from ticketonomics_server.statistics.figures import Figures
from ticketonomics_server.statistics.formulas import distribution, velocity_milli
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import Snapshot, reading

# Kinds by which an asset changes hands because both sides want it.
TURNOVER_KINDS = (EntryKind.TRANSFER, EntryKind.HOLD_CAPTURED, EntryKind.SWAP)
DEFAULT_WINDOW_DAYS = 30
MOST_WINDOW_DAYS = 366
_ACTIVE_WINDOWS = (1, 7, 30)


class StatisticsServicer(StatisticsServiceServicer):
    """Figures of how the economy is doing."""

    def __init__(self, database: Database, figures: Figures) -> None:
        self._database = database
        self._figures = figures

    async def ListDailySupplies(
        self, request: rpc.ListDailySuppliesRequest, context: Context
    ) -> rpc.ListDailySuppliesResponse:
        size, (start, end) = page_size(request), _days(request)
        token = read_token(request, int, int)
        behind = (_cursor_day(token[0]), token[1]) if token else None
        async with self._figures.reading(request.minimum_sequence) as (snapshot, sequence):
            rows = await queries.list_supplies(
                snapshot,
                asset_id=await _asset_id(snapshot, request.asset),
                start=start,
                end=end,
                behind=behind,
                limit=size + 1,
            )
        return rpc.ListDailySuppliesResponse(
            supplies=[encode.encode_supply(row) for row in rows[:size]],
            next_page_token=_next(request, rows, size, "asset_id"),
            statistics_sequence=sequence,
            last_sequence=snapshot.last_sequence,
        )

    async def ListDailyFlows(
        self, request: rpc.ListDailyFlowsRequest, context: Context
    ) -> rpc.ListDailyFlowsResponse:
        size, (start, end) = page_size(request), _days(request)
        if request.kind:
            check_kinds([request.kind], "kind")
        token = read_token(request, int, int, int, str)
        behind = (_cursor_day(token[0]), *token[1:]) if token else None
        async with self._figures.reading(request.minimum_sequence) as (snapshot, sequence):
            rows = await queries.list_flows(
                snapshot,
                asset_id=await _asset_id(snapshot, request.asset),
                kind=request.kind,
                start=start,
                end=end,
                behind=behind,
                limit=size + 1,
            )
        return rpc.ListDailyFlowsResponse(
            flows=[encode.encode_flow(row) for row in rows[:size]],
            next_page_token=_next(request, rows, size, "asset_id", "kind", "party"),
            statistics_sequence=sequence,
            last_sequence=snapshot.last_sequence,
        )

    async def ListDailyActivity(
        self, request: rpc.ListDailyActivityRequest, context: Context
    ) -> rpc.ListDailyActivityResponse:
        size, (start, end) = page_size(request), _days(request)
        token = read_token(request, int)
        behind = _cursor_day(token[0]) if token else None
        async with self._figures.reading(request.minimum_sequence) as (snapshot, sequence):
            rows = await queries.list_activity(
                snapshot, start=start, end=end, behind=behind, limit=size + 1
            )
        return rpc.ListDailyActivityResponse(
            days=[encode.encode_activity(row) for row in rows[:size]],
            next_page_token=_next(request, rows, size),
            statistics_sequence=sequence,
            last_sequence=snapshot.last_sequence,
        )

    async def GetVelocity(
        self, request: rpc.GetVelocityRequest, context: Context
    ) -> rpc.GetVelocityResponse:
        if not 0 <= request.days <= MOST_WINDOW_DAYS:
            raise invalid("days", f"is not within 0–{MOST_WINDOW_DAYS}")
        code = check_asset_code(request.asset, "asset")
        async with self._figures.reading(request.minimum_sequence) as (snapshot, sequence):
            asset_id = (await find_asset(snapshot, code)).asset_id
            end = await queries.read_today(snapshot)
            start = end - timedelta(days=(request.days or DEFAULT_WINDOW_DAYS) - 1)
            days = await queries.read_circulating(snapshot, asset_id, start, end)
            volume = await queries.read_volume(snapshot, asset_id, TURNOVER_KINDS, start, end)
        mean, velocity = velocity_milli(volume, [circulating for _, circulating in days])
        return rpc.GetVelocityResponse(
            asset=code,
            start_day=days[0][0].isoformat() if days else "",
            end_day=end.isoformat(),
            volume=str(volume),
            mean_supply=str(mean),
            velocity_milli=min(velocity, 2**63 - 1),
            statistics_sequence=sequence,
            last_sequence=snapshot.last_sequence,
        )

    async def GetWealthDistribution(
        self, request: rpc.GetWealthDistributionRequest, context: Context
    ) -> rpc.GetWealthDistributionResponse:
        async with self._figures.reading(request.minimum_sequence) as (snapshot, sequence):
            found = distribution(await queries.read_buckets(snapshot))
        answer = encode.encode_distribution(found)
        answer.statistics_sequence = sequence
        answer.last_sequence = snapshot.last_sequence
        return answer

    async def GetActivePeople(
        self, request: rpc.GetActivePeopleRequest, context: Context
    ) -> rpc.GetActivePeopleResponse:
        async with self._figures.reading(request.minimum_sequence) as (snapshot, sequence):
            today = await queries.read_today(snapshot)
            day, week, month = await queries.count_active(snapshot, today, _ACTIVE_WINDOWS)
        return rpc.GetActivePeopleResponse(
            day=today.isoformat(),
            day_count=day,
            week_count=week,
            month_count=month,
            statistics_sequence=sequence,
            last_sequence=snapshot.last_sequence,
        )

    async def ListPoolDepths(
        self, request: rpc.ListPoolDepthsRequest, context: Context
    ) -> rpc.ListPoolDepthsResponse:
        size = page_size(request)
        (behind,) = read_token(request, int) or (0,)
        economy_id = current_call().economy_id
        async with reading(self._database, economy_id, request.minimum_sequence) as snapshot:
            pools = await list_pools(snapshot, asset="", behind=behind, limit=size + 1)
        return rpc.ListPoolDepthsResponse(
            pools=[encode.encode_depth(pool) for pool in pools[:size]],
            next_page_token=next_token(request, pools, size, "create_sequence"),
            last_sequence=snapshot.last_sequence,
        )

    async def GetParticipation(
        self, request: rpc.GetParticipationRequest, context: Context
    ) -> rpc.GetParticipationResponse:
        economy_id = current_call().economy_id
        async with reading(self._database, economy_id, request.minimum_sequence) as snapshot:
            queues = await rooms.read_queues(snapshot)
            parliament = await rooms.read_parliament(snapshot)
        return rpc.GetParticipationResponse(
            queues=pb.QueueFigures(**queues._asdict()),
            parliament=pb.ParliamentFigures(**parliament._asdict()),
            last_sequence=snapshot.last_sequence,
        )


async def _asset_id(snapshot: Snapshot, code: str) -> int | None:
    if not code:
        return None
    asset_id: int = (await find_asset(snapshot, check_asset_code(code, "asset"))).asset_id
    return asset_id


def _days(request: Any) -> tuple[date | None, date | None]:
    start = check_date(request.start_day, "start_day") if request.start_day else None
    end = check_date(request.end_day, "end_day") if request.end_day else None
    if start is not None and end is not None and end < start:
        raise invalid("end_day", "is before start_day")
    return start, end


def _cursor_day(ordinal: int) -> date:
    """Reads the day of a page token; one that nobody was given means the nearest that there is."""
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))


def _next(request: Any, rows: Sequence[Any], size: int, *cursor: str) -> str:
    if len(rows) <= size:
        return ""
    last = rows[size - 1]
    return make_token(request, last.day.toordinal(), *(getattr(last, name) for name in cursor))
