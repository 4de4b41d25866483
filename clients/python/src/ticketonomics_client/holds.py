"""Calls about holds: amounts set aside until they are captured, released, or expire."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime

from ticketonomics.ledger.v1.hold_pb2 import Hold
from ticketonomics.ledger.v1.ledger_service_pb2 import (
    CaptureHoldRequest,
    CaptureHoldResponse,
    CreateHoldRequest,
    GetHoldRequest,
    ListHoldsRequest,
    ReleaseHoldRequest,
)
from ticketonomics.ledger.v1.transaction_pb2 import Posting

from ticketonomics_client.calling import Caller
from ticketonomics_client.identifiers import new_id
from ticketonomics_client.times import timestamp


class HoldCalls(Caller):
    """Holds. Amounts are in minor units."""

    async def create_hold(
        self,
        postings: Sequence[Posting],
        *,
        expire_time: datetime | None = None,
        memo: str = "",
        metadata: Mapping[str, str] | None = None,
        hold_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Hold:
        """Sets amounts aside, and the transfer fees on top.

        Args:
            postings: 1–256 movements, which end together: captured, released or expired.
            expire_time: When it ends by itself, at most 400 days from now; after 7 days by default.
            memo: Free text, at most 256 characters.
            metadata: At most 16 pairs.
            hold_id: Its request id; a new UUID when not given.

        Raises:
            RefusedError: The ledger said no, and nothing is held.
            UnavailableError: Nobody answered in time. The same call with the error's `request_id`
                as `hold_id` is safe, and tells what became of it.
        """
        request = CreateHoldRequest(
            hold_id=hold_id or new_id(),
            postings=postings,
            expire_time=timestamp(expire_time),
            memo=memo,
            metadata=metadata,
        )
        return (
            await self.call(self.ledger.CreateHold, request, timeout_seconds=timeout_seconds)
        ).hold

    async def capture_hold(
        self,
        hold_id: str,
        *,
        amounts: Sequence[int] = (),
        memo: str = "",
        metadata: Mapping[str, str] | None = None,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> CaptureHoldResponse:
        """Moves what a hold has set aside; what is not moved is available again.

        Args:
            hold_id: Id of the hold.
            amounts: How much of each posting, in the hold's order, 0 to what is held; the whole
                hold by default.
            memo: Free text of the transaction.
            metadata: The transaction's pairs.
            request_id: Also the transaction's id; a new UUID when not given.

        Returns:
            The hold and the transaction.

        Raises:
            RefusedError: The ledger said no, and the hold is as it was.
            UnavailableError: Nobody answered in time; the same call with the error's `request_id`
                is safe.
        """
        request = CaptureHoldRequest(
            request_id=request_id or new_id(),
            hold_id=hold_id,
            amounts=amounts,
            memo=memo,
            metadata=metadata,
        )
        return await self.call(self.ledger.CaptureHold, request, timeout_seconds=timeout_seconds)

    async def release_hold(
        self, hold_id: str, *, request_id: str | None = None, timeout_seconds: float | None = None
    ) -> Hold:
        """Ends a hold without moving anything: all of it is available again."""
        request = ReleaseHoldRequest(request_id=request_id or new_id(), hold_id=hold_id)
        return (
            await self.call(self.ledger.ReleaseHold, request, timeout_seconds=timeout_seconds)
        ).hold

    async def hold(self, hold_id: str, *, minimum_sequence: int = 0) -> Hold:
        """Reads one hold."""
        request = GetHoldRequest(hold_id=hold_id, minimum_sequence=minimum_sequence)
        return (await self.call(self.ledger.GetHold, request)).hold

    async def holds(
        self,
        *,
        account: str = "",
        state: Hold.State = Hold.STATE_UNSPECIFIED,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[Hold]:
        """Yields holds, newest first: with an account on either side, in a state, or all."""
        request = ListHoldsRequest(
            account=account,
            state=state,
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.ledger.ListHolds, request):
            for hold in page.holds:
                yield hold
