"""Calls about how the economy is doing, and its raw figures by day as CSV."""

import csv
from collections.abc import AsyncIterator
from datetime import date
from typing import TextIO

from ticketonomics.ledger.v1.transaction_pb2 import Transaction
from ticketonomics.statistics.v1.statistics_pb2 import (
    DailyActivity,
    DailyFlow,
    DailySupply,
    PoolDepth,
)
from ticketonomics.statistics.v1.statistics_service_pb2 import (
    GetActivePeopleRequest,
    GetActivePeopleResponse,
    GetParticipationRequest,
    GetParticipationResponse,
    GetVelocityRequest,
    GetVelocityResponse,
    GetWealthDistributionRequest,
    GetWealthDistributionResponse,
    ListDailyActivityRequest,
    ListDailyFlowsRequest,
    ListDailySuppliesRequest,
    ListPoolDepthsRequest,
)

from ticketonomics_client.calling import Caller

SUPPLY_COLUMNS = ("day", "asset", "minted", "burned", "circulating")
FLOW_COLUMNS = (
    "day",
    "asset",
    "kind",
    "party",
    "transaction_count",
    "moved",
    "minted",
    "burned",
)
ACTIVITY_COLUMNS = ("day", "active_people")


class StatisticsCalls(Caller):
    """Figures that a follower keeps behind the blocks, by a second or two.

    A `minimum_sequence` makes a call wait for figures that include that entry, for two seconds;
    then it raises UnavailableError with the reason STATISTICS_BEHIND.
    """

    async def daily_supplies(
        self,
        *,
        asset: str = "",
        start: date | None = None,
        end: date | None = None,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[DailySupply]:
        """Yields what was there of each asset by day, oldest day first, in minor units.

        Args:
            asset: Only of this one.
            start: The first day, in UTC.
            end: The last day.
        """
        request = ListDailySuppliesRequest(
            asset=asset,
            start_day=_day(start),
            end_day=_day(end),
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.statistics_calls.ListDailySupplies, request):
            for supply in page.supplies:
                yield supply

    async def daily_flows(
        self,
        *,
        asset: str = "",
        kind: Transaction.Kind = Transaction.KIND_UNSPECIFIED,
        start: date | None = None,
        end: date | None = None,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[DailyFlow]:
        """Yields faucets, sinks and turnover by day, asset and cause, in minor units.

        Args:
            asset: Only of this one.
            kind: Only by this cause.
            start: The first day, in UTC.
            end: The last day.
        """
        request = ListDailyFlowsRequest(
            asset=asset,
            kind=kind,
            start_day=_day(start),
            end_day=_day(end),
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.statistics_calls.ListDailyFlows, request):
            for flow in page.flows:
                yield flow

    async def daily_activity(
        self,
        *,
        start: date | None = None,
        end: date | None = None,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[DailyActivity]:
        """Yields how many people were active, by day, oldest first."""
        request = ListDailyActivityRequest(
            start_day=_day(start),
            end_day=_day(end),
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.statistics_calls.ListDailyActivity, request):
            for day in page.days:
                yield day

    async def velocity(
        self, asset: str, *, days: int = 0, minimum_sequence: int = 0
    ) -> GetVelocityResponse:
        """Tells how often an asset changed hands in so many days up to today; 0 means 30."""
        request = GetVelocityRequest(asset=asset, days=days, minimum_sequence=minimum_sequence)
        return await self.call(self.statistics_calls.GetVelocity, request)

    async def wealth_distribution(
        self, *, minimum_sequence: int = 0
    ) -> GetWealthDistributionResponse:
        """Tells how wealth in Bronze equivalents is spread: Gini, Lorenz points, top shares."""
        request = GetWealthDistributionRequest(minimum_sequence=minimum_sequence)
        return await self.call(self.statistics_calls.GetWealthDistribution, request)

    async def active_people(self, *, minimum_sequence: int = 0) -> GetActivePeopleResponse:
        """Tells how many people were active today, in seven and in thirty days."""
        request = GetActivePeopleRequest(minimum_sequence=minimum_sequence)
        return await self.call(self.statistics_calls.GetActivePeople, request)

    async def pool_depths(
        self, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[PoolDepth]:
        """Yields pools with what swaps of 1, 5 and 10 % of a reserve would come to, as of now."""
        request = ListPoolDepthsRequest(page_size=page_size, minimum_sequence=minimum_sequence)
        async for page in self.pages(self.statistics_calls.ListPoolDepths, request):
            for pool in page.pools:
                yield pool

    async def participation(self, *, minimum_sequence: int = 0) -> GetParticipationResponse:
        """Tells how tier queues are played and how the Parliament works, as of now."""
        request = GetParticipationRequest(minimum_sequence=minimum_sequence)
        return await self.call(self.statistics_calls.GetParticipation, request)

    async def write_supplies(
        self,
        file: TextIO,
        *,
        asset: str = "",
        start: date | None = None,
        end: date | None = None,
    ) -> int:
        """Writes daily supplies as CSV with a header, in minor units; returns how many rows.

        Args:
            file: Opened with `newline=""`, as the csv module has it.
        """
        writer, count = csv.writer(file), 0
        writer.writerow(SUPPLY_COLUMNS)
        async for row in self.daily_supplies(asset=asset, start=start, end=end, page_size=1_000):
            writer.writerow((row.day, row.asset, row.minted, row.burned, row.circulating))
            count += 1
        return count

    async def write_flows(
        self,
        file: TextIO,
        *,
        asset: str = "",
        kind: Transaction.Kind = Transaction.KIND_UNSPECIFIED,
        start: date | None = None,
        end: date | None = None,
    ) -> int:
        """Writes daily flows as CSV with a header, in minor units; returns how many rows.

        Args:
            file: Opened with `newline=""`, as the csv module has it.
        """
        writer, count = csv.writer(file), 0
        writer.writerow(FLOW_COLUMNS)
        async for row in self.daily_flows(
            asset=asset, kind=kind, start=start, end=end, page_size=1_000
        ):
            # A kind that is newer than this program stands there as its number.
            known = row.kind in Transaction.Kind.values()
            cause = Transaction.Kind.Name(row.kind).removeprefix("KIND_") if known else row.kind
            writer.writerow(
                (
                    *(row.day, row.asset, cause, row.party),
                    *(row.transaction_count, row.moved, row.minted, row.burned),
                )
            )
            count += 1
        return count

    async def write_activity(
        self, file: TextIO, *, start: date | None = None, end: date | None = None
    ) -> int:
        """Writes active people by day as CSV with a header; returns how many rows.

        Args:
            file: Opened with `newline=""`, as the csv module has it.
        """
        writer, count = csv.writer(file), 0
        writer.writerow(ACTIVITY_COLUMNS)
        async for row in self.daily_activity(start=start, end=end, page_size=1_000):
            writer.writerow((row.day, row.active_people))
            count += 1
        return count


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""
