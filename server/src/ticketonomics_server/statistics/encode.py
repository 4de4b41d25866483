"""Aggregates as messages of the contract."""

from typing import Any

from ticketonomics.statistics.v1 import statistics_pb2 as pb
from ticketonomics.statistics.v1 import statistics_service_pb2 as rpc

from ticketonomics_server.amm.queries import ShownPool
from ticketonomics_server.statistics.formulas import Distribution, format_wealth
from ticketonomics_server.statistics.rooms import depth_of


def encode_supply(row: Any) -> pb.DailySupply:
    return pb.DailySupply(
        asset=row.code,
        day=row.day.isoformat(),
        minted=str(int(row.minted)),
        burned=str(int(row.burned)),
        circulating=str(int(row.minted - row.burned)),
    )


def encode_flow(row: Any) -> pb.DailyFlow:
    return pb.DailyFlow(
        asset=row.code,
        day=row.day.isoformat(),
        kind=row.kind,
        party=row.party,
        transaction_count=row.transaction_count,
        moved=str(int(row.moved)),
        minted=str(int(row.minted)),
        burned=str(int(row.burned)),
    )


def encode_activity(row: Any) -> pb.DailyActivity:
    return pb.DailyActivity(day=row.day.isoformat(), active_people=row.active_people)


def encode_depth(pool: ShownPool) -> pb.PoolDepth:
    return pb.PoolDepth(
        pool_id=pool.pool_id,
        base=pool.base,
        quote=pool.quote,
        base_reserve=pool.base_reserve,
        quote_reserve=pool.quote_reserve,
        steps=[pb.DepthStep(**step._asdict()) for step in depth_of(pool)],
    )


def encode_distribution(found: Distribution) -> rpc.GetWealthDistributionResponse:
    return rpc.GetWealthDistributionResponse(
        holder_count=found.people_count,
        total_wealth=format_wealth(found.wealth),
        gini_ppm=found.gini_ppm,
        gini_error_ppm=found.gini_error_ppm,
        lorenz_points=[
            pb.LorenzPoint(people_ppm=people, wealth_ppm=wealth) for people, wealth in found.lorenz
        ],
        top_shares=[pb.TopShare(**top._asdict()) for top in found.tops],
    )
