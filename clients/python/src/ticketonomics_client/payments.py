"""Calls about transfers that happen later, and requests to pay."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from ticketonomics.ledger.v1.transaction_pb2 import Posting
from ticketonomics.payments.v1.payment_request_pb2 import PaymentRequest
from ticketonomics.payments.v1.payment_service_pb2 import (
    AcceptPaymentRequestRequest,
    CancelPaymentRequestRequest,
    CancelScheduleRequest,
    CreateScheduleRequest,
    DeclinePaymentRequestRequest,
    GetPaymentRequestRequest,
    GetScheduleRequest,
    ListPaymentRequestsRequest,
    ListScheduleRunsRequest,
    ListSchedulesRequest,
    PauseScheduleRequest,
    RequestPaymentRequest,
    ResumeScheduleRequest,
)
from ticketonomics.payments.v1.schedule_pb2 import Repeat, RetryPolicy, Schedule, ScheduleRun

from ticketonomics_client.calling import Caller
from ticketonomics_client.identifiers import new_id
from ticketonomics_client.times import timestamp


class PaymentCalls(Caller):
    """Scheduled transfers and requests to pay. Amounts are in minor units."""

    # --- schedules ----------------------------------------------------------------------------

    async def create_schedule(
        self,
        postings: Sequence[Posting],
        *,
        first_time: datetime,
        repeat: Repeat | None = None,
        retry_policy: RetryPolicy | None = None,
        stop_after_failures: int = 0,
        memo: str = "",
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Schedule:
        """Makes a transfer that happens later, once or again and again.

        Args:
            postings: 1–16 movements, which happen together or not at all in each run.
            first_time: When it runs first, with a time zone; at most ten years away.
            repeat: How it repeats; None means once.
            retry_policy: What happens when a run is refused; None means 3 attempts, one hour apart.
            stop_after_failures: After so many failed runs in a row it stops; 0 means never.
            memo: Free text of each run's transaction.
            request_id: A new UUID when not given.
        """
        request = CreateScheduleRequest(
            request_id=request_id or new_id(),
            postings=postings,
            memo=memo,
            first_time=timestamp(first_time),
            repeat=repeat,
            retry_policy=retry_policy,
            stop_after_failures=stop_after_failures,
        )
        return (
            await self.call(self.payments.CreateSchedule, request, timeout_seconds=timeout_seconds)
        ).schedule

    async def pause_schedule(
        self,
        schedule_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Schedule:
        """Lets a schedule rest; a run that is being retried is given up."""
        request = PauseScheduleRequest(request_id=request_id or new_id(), schedule_id=schedule_id)
        return (
            await self.call(self.payments.PauseSchedule, request, timeout_seconds=timeout_seconds)
        ).schedule

    async def resume_schedule(
        self,
        schedule_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Schedule:
        """Lets a paused schedule go on from now; what fell into the pause is skipped."""
        request = ResumeScheduleRequest(request_id=request_id or new_id(), schedule_id=schedule_id)
        return (
            await self.call(self.payments.ResumeSchedule, request, timeout_seconds=timeout_seconds)
        ).schedule

    async def cancel_schedule(
        self,
        schedule_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Schedule:
        """Ends a schedule for good."""
        request = CancelScheduleRequest(request_id=request_id or new_id(), schedule_id=schedule_id)
        return (
            await self.call(self.payments.CancelSchedule, request, timeout_seconds=timeout_seconds)
        ).schedule

    async def schedule(self, schedule_id: str, *, minimum_sequence: int = 0) -> Schedule:
        """Reads one schedule."""
        request = GetScheduleRequest(schedule_id=schedule_id, minimum_sequence=minimum_sequence)
        return (await self.call(self.payments.GetSchedule, request)).schedule

    async def schedules(
        self,
        *,
        account: str = "",
        state: Schedule.State = Schedule.STATE_UNSPECIFIED,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[Schedule]:
        """Yields the schedules that take from an account, newest first.

        Args:
            account: Empty means that of the person acted for; with `ledger.private`, all.
            state: Only those in this state; unspecified means all.
            page_size: How many travel together; 0 means 100.
            minimum_sequence: Least sequence number that the answer must have seen.
        """
        request = ListSchedulesRequest(
            account=account, state=state, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.payments.ListSchedules, request):
            for schedule in page.schedules:
                yield schedule

    async def schedule_runs(
        self, schedule_id: str, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[ScheduleRun]:
        """Yields what became of a schedule's runs, newest first."""
        request = ListScheduleRunsRequest(
            schedule_id=schedule_id, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.payments.ListScheduleRuns, request):
            for run in page.runs:
                yield run

    # --- requests to pay ----------------------------------------------------------------------

    async def request_payment(
        self,
        *,
        payee: str,
        payer: str,
        asset: str,
        amount: int,
        memo: str = "",
        expire_time: datetime | None = None,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> PaymentRequest:
        """Asks a payer for an amount.

        Args:
            payee: Account that wants to be paid; the caller must have the right to debit it.
            payer: Account that is asked.
            asset: Code of the asset.
            amount: In minor units.
            memo: Free text, which only the two sides see.
            expire_time: When it ends by itself, at most 90 days away; None means in 7 days.
            request_id: A new UUID when not given.
        """
        request = RequestPaymentRequest(
            request_id=request_id or new_id(),
            payee=payee,
            payer=payer,
            asset=asset,
            amount=amount,
            memo=memo,
            expire_time=timestamp(expire_time),
        )
        return (
            await self.call(self.payments.RequestPayment, request, timeout_seconds=timeout_seconds)
        ).payment_request

    async def accept_payment_request(
        self,
        payment_request_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> PaymentRequest:
        """Pays what was asked for, and closes the request, both or neither."""
        request = AcceptPaymentRequestRequest(
            request_id=request_id or new_id(), payment_request_id=payment_request_id
        )
        return (
            await self.call(
                self.payments.AcceptPaymentRequest, request, timeout_seconds=timeout_seconds
            )
        ).payment_request

    async def decline_payment_request(
        self,
        payment_request_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> PaymentRequest:
        """Says no to a request, as its payer."""
        request = DeclinePaymentRequestRequest(
            request_id=request_id or new_id(), payment_request_id=payment_request_id
        )
        return (
            await self.call(
                self.payments.DeclinePaymentRequest, request, timeout_seconds=timeout_seconds
            )
        ).payment_request

    async def cancel_payment_request(
        self,
        payment_request_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> PaymentRequest:
        """Takes a request back, as its payee."""
        request = CancelPaymentRequestRequest(
            request_id=request_id or new_id(), payment_request_id=payment_request_id
        )
        return (
            await self.call(
                self.payments.CancelPaymentRequest, request, timeout_seconds=timeout_seconds
            )
        ).payment_request

    async def payment_request(
        self, payment_request_id: str, *, minimum_sequence: int = 0
    ) -> PaymentRequest:
        """Reads one request to pay."""
        request = GetPaymentRequestRequest(
            payment_request_id=payment_request_id, minimum_sequence=minimum_sequence
        )
        return (await self.call(self.payments.GetPaymentRequest, request)).payment_request

    async def payment_requests(
        self,
        *,
        account: str = "",
        outgoing: bool = False,
        state: PaymentRequest.State = PaymentRequest.STATE_UNSPECIFIED,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[PaymentRequest]:
        """Yields the requests that an account gets, newest first.

        Args:
            account: Empty means that of the person acted for.
            outgoing: Those that the account makes instead.
            state: Only those in this state; unspecified means all.
            page_size: How many travel together; 0 means 100.
            minimum_sequence: Least sequence number that the answer must have seen.
        """
        directions = ListPaymentRequestsRequest
        request = ListPaymentRequestsRequest(
            account=account,
            direction=directions.DIRECTION_OUTGOING if outgoing else directions.DIRECTION_INCOMING,
            state=state,
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.payments.ListPaymentRequests, request):
            for found in page.payment_requests:
                yield found
