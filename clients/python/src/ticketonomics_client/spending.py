"""Calls about what applications may take: allowances of people, and budgets."""

from collections.abc import AsyncIterator
from datetime import datetime

from ticketonomics.spending.v1.limit_pb2 import (
    PERIOD_UNSPECIFIED,
    Allowance,
    Budget,
    Period,
    SpendingRecord,
)
from ticketonomics.spending.v1.spending_service_pb2 import (
    GetAllowanceRequest,
    GrantAllowanceRequest,
    ListAllowancesRequest,
    ListBudgetsRequest,
    ListSpendingRecordsRequest,
    RemoveBudgetRequest,
    RevokeAllowanceRequest,
    SetBudgetRequest,
)

from ticketonomics_client.calling import Caller
from ticketonomics_client.identifiers import new_id
from ticketonomics_client.times import timestamp


class SpendingCalls(Caller):
    """What applications may take. Amounts are in minor units, fees included."""

    # --- allowances ---------------------------------------------------------------------------

    async def grant_allowance(
        self,
        person_id: str,
        *,
        application_id: str,
        asset: str,
        amount: int = 0,
        period: Period = PERIOD_UNSPECIFIED,
        ask_each_time: bool = False,
        expire_time: datetime | None = None,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Allowance:
        """Lets an application take from a person's account; sets the terms anew if it does already.

        Args:
            person_id: For whom the caller acts.
            application_id: Which application.
            asset: Code of the asset.
            amount: The most in a period, fees included; 0 with `ask_each_time`.
            period: How long it counts; unspecified with `ask_each_time`.
            ask_each_time: It takes nothing by itself, but may ask by `request_payment`.
            expire_time: From then on it allows nothing; None for never.
            request_id: A new UUID when not given.
        """
        request = GrantAllowanceRequest(
            request_id=request_id or new_id(),
            person_id=person_id,
            application_id=application_id,
            asset=asset,
            amount=amount,
            period=period,
            ask_each_time=ask_each_time,
            expire_time=timestamp(expire_time),
        )
        method = self.spending.GrantAllowance
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).allowance

    async def revoke_allowance(
        self,
        person_id: str,
        *,
        application_id: str,
        asset: str,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> None:
        """Takes an allowance away: as the person, or as the application that needs it no more."""
        request = RevokeAllowanceRequest(
            request_id=request_id or new_id(),
            person_id=person_id,
            application_id=application_id,
            asset=asset,
        )
        await self.call(self.spending.RevokeAllowance, request, timeout_seconds=timeout_seconds)

    async def allowance(
        self, person_id: str, *, application_id: str, asset: str, minimum_sequence: int = 0
    ) -> Allowance:
        """Reads one allowance, with what is left of it now."""
        request = GetAllowanceRequest(
            person_id=person_id,
            application_id=application_id,
            asset=asset,
            minimum_sequence=minimum_sequence,
        )
        return (await self.call(self.spending.GetAllowance, request)).allowance

    async def allowances(
        self,
        *,
        person_id: str = "",
        application_id: str = "",
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[Allowance]:
        """Yields the allowances of a person, or those that an application has.

        Args:
            person_id: Only that person's; empty means the person acted for, or else anybody's.
            application_id: Only that application's; empty means all that the caller sees.
            page_size: How many travel together; 0 means 100.
            minimum_sequence: Least sequence number that the answer must have seen.
        """
        request = ListAllowancesRequest(
            person_id=person_id,
            application_id=application_id,
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.spending.ListAllowances, request):
            for allowance in page.allowances:
                yield allowance

    # --- budgets ------------------------------------------------------------------------------

    async def set_budget(
        self,
        application_id: str,
        *,
        asset: str,
        amount: int,
        period: Period,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Budget:
        """Limits what an application takes in all; sets the terms anew if it is limited already.

        Args:
            application_id: Which application.
            asset: Code of the asset.
            amount: The most in a period, fees included; minting and burning count, too.
            period: How long it counts.
            request_id: A new UUID when not given.
        """
        request = SetBudgetRequest(
            request_id=request_id or new_id(),
            application_id=application_id,
            asset=asset,
            amount=amount,
            period=period,
        )
        method = self.spending.SetBudget
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).budget

    async def remove_budget(
        self,
        application_id: str,
        *,
        asset: str,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> None:
        """Takes a budget away: what the application takes is limited by its rights alone."""
        request = RemoveBudgetRequest(
            request_id=request_id or new_id(), application_id=application_id, asset=asset
        )
        await self.call(self.spending.RemoveBudget, request, timeout_seconds=timeout_seconds)

    async def budgets(
        self, application_id: str, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Budget]:
        """Yields an application's budgets, with what is left of them now."""
        request = ListBudgetsRequest(
            application_id=application_id, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.spending.ListBudgets, request):
            for budget in page.budgets:
                yield budget

    # --- history ------------------------------------------------------------------------------

    async def spending_records(
        self,
        *,
        person_id: str = "",
        application_id: str = "",
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[SpendingRecord]:
        """Yields what happened to allowances and budgets, newest first.

        Args:
            person_id: Only of that person's allowances; empty means those of the person acted for,
                or else any.
            application_id: Only of that application; empty means any that the caller sees.
            page_size: How many travel together; 0 means 100.
            minimum_sequence: Least sequence number that the answer must have seen.
        """
        request = ListSpendingRecordsRequest(
            person_id=person_id,
            application_id=application_id,
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.spending.ListSpendingRecords, request):
            for record in page.records:
                yield record
