"""Calls about pools, trade with them, and liquidity."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from ticketonomics.amm.v1.amm_service_pb2 import (
    AddLiquidityRequest,
    CreatePoolRequest,
    CreateSwapsRequest,
    GetPoolRequest,
    ListPoolHistoryRequest,
    ListPoolsRequest,
    ListPositionsRequest,
    PausePoolRequest,
    QuoteRequest,
    QuoteResponse,
    RemoveLiquidityRequest,
    ResumePoolRequest,
    SetPoolFeeRequest,
    SwapRequest,
)
from ticketonomics.amm.v1.pool_pb2 import Pool, PoolEvent, Position
from ticketonomics.amm.v1.swap_pb2 import Swap

from ticketonomics_client.calling import Caller
from ticketonomics_client.errors import RefusedError, UnavailableError
from ticketonomics_client.identifiers import new_id
from ticketonomics_client.swaps import SwapDraft, SwapReceipt, swap_outcome
from ticketonomics_client.times import timestamp


class AmmCalls(Caller):
    """Pools, swaps and liquidity. Amounts are in minor units."""

    # --- pools --------------------------------------------------------------------------------

    async def create_pool(
        self,
        pool_id: str,
        *,
        base_asset: str,
        quote_asset: str,
        account: str,
        base_amount: int,
        quote_amount: int,
        fee_bps: int | None = None,
        sink_bps: int | None = None,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Pool:
        """Makes a pool of two assets, with its first liquidity and the asset of its shares.

        Args:
            pool_id: 1–21 of a–z, 0–9, `_` and `-`, beginning with a letter.
            base_asset: Code of the asset that is priced: the material.
            quote_asset: Code of the asset that prices are in: the ticket.
            account: Gives the first liquidity and receives the shares.
            base_amount: First reserve; its ratio to `quote_amount` is the first price.
            quote_amount: First reserve of the quote asset.
            fee_bps: Fee on what is given, in basis points; None means the economy's parameter.
            sink_bps: Part of the fee that is burned, in basis points; None means the parameter.
            request_id: A new UUID when not given.
        """
        request = CreatePoolRequest(
            request_id=request_id or new_id(),
            pool_id=pool_id,
            base_asset=base_asset,
            quote_asset=quote_asset,
            account=account,
            base_amount=base_amount,
            quote_amount=quote_amount,
            fee_bps=fee_bps,
            sink_bps=sink_bps,
        )
        return (await self.call(self.amm.CreatePool, request, timeout_seconds=timeout_seconds)).pool

    async def set_pool_fee(
        self,
        pool_id: str,
        *,
        fee_bps: int,
        sink_bps: int,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Pool:
        """Charges another fee, or burns another part of it; both in basis points."""
        request = SetPoolFeeRequest(
            request_id=request_id or new_id(), pool_id=pool_id, fee_bps=fee_bps, sink_bps=sink_bps
        )
        return (await self.call(self.amm.SetPoolFee, request, timeout_seconds=timeout_seconds)).pool

    async def pause_pool(
        self,
        pool_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Pool:
        """Stops a pool's trade; liquidity can still be removed."""
        request = PausePoolRequest(request_id=request_id or new_id(), pool_id=pool_id)
        return (await self.call(self.amm.PausePool, request, timeout_seconds=timeout_seconds)).pool

    async def resume_pool(
        self,
        pool_id: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Pool:
        """Lets a paused pool trade again."""
        request = ResumePoolRequest(request_id=request_id or new_id(), pool_id=pool_id)
        return (await self.call(self.amm.ResumePool, request, timeout_seconds=timeout_seconds)).pool

    async def pool(self, pool_id: str, *, minimum_sequence: int = 0) -> Pool:
        """Reads one pool, with its reserves and its price."""
        request = GetPoolRequest(pool_id=pool_id, minimum_sequence=minimum_sequence)
        return (await self.call(self.amm.GetPool, request)).pool

    async def pools(
        self, *, asset: str = "", page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Pool]:
        """Yields pools in the order of their creation.

        Args:
            asset: Only those with this asset on a side; empty for all.
            page_size: How many travel together; 0 means 100.
            minimum_sequence: Least sequence number that the answer must have seen.
        """
        request = ListPoolsRequest(
            asset=asset, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.amm.ListPools, request):
            for found in page.pools:
                yield found

    async def pool_history(
        self, pool_id: str, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[PoolEvent]:
        """Yields swaps, and liquidity added and removed, newest first."""
        request = ListPoolHistoryRequest(
            pool_id=pool_id, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.amm.ListPoolHistory, request):
            for event in page.events:
                yield event

    async def positions(
        self, account: str, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Position]:
        """Yields the shares of pools that an account has, and what removing them would give."""
        request = ListPositionsRequest(
            account=account, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.amm.ListPositions, request):
            for position in page.positions:
                yield position

    # --- trade --------------------------------------------------------------------------------

    async def quote(
        self,
        pool_id: str,
        *,
        asset_in: str,
        asset_out: str,
        amount_in: int | None = None,
        amount_out: int | None = None,
        minimum_sequence: int = 0,
    ) -> QuoteResponse:
        """Tells what a swap would come to now; others may trade before it does.

        Args:
            asset_in: Code of what would be given.
            asset_out: Code of what would be received.
            amount_in: Exactly so much is given; or None, and `amount_out` is set.
            amount_out: At least so much is received; or None, and `amount_in` is set.
            minimum_sequence: Least sequence number that the answer must have seen.
        """
        request = QuoteRequest(
            pool_id=pool_id,
            asset_in=asset_in,
            asset_out=asset_out,
            amount_in=amount_in,
            amount_out=amount_out,
            minimum_sequence=minimum_sequence,
        )
        return await self.call(self.amm.Quote, request)

    async def swap(
        self,
        pool_id: str,
        *,
        account: str,
        asset_in: str,
        asset_out: str,
        amount_in: int | None = None,
        amount_out: int | None = None,
        limit_amount: int = 0,
        deadline_time: datetime | None = None,
        transaction_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Swap:
        """Trades with a pool.

        Args:
            account: Who gives and receives; the caller must have the right to debit it.
            asset_in: Code of what is given.
            asset_out: Code of what is received.
            amount_in: Exactly so much is given, the fee included; or None, and `amount_out` is set.
            amount_out: At least so much is received, for the smallest amount that gives it.
            limit_amount: Least received for `amount_in`, most given for `amount_out`; 0 for none.
            deadline_time: After it the swap does not happen any more, with a time zone.
            transaction_id: A new UUID when not given.

        Raises:
            RefusedError: Nothing moved: LIMIT_NOT_MET, TRADE_EXPIRED, INSUFFICIENT_FUNDS or other.
            UnavailableError: Nobody answered in time. The same call with the error's `request_id`
                as `transaction_id` is safe, and tells what became of it.
        """
        request = SwapRequest(
            transaction_id=transaction_id or new_id(),
            pool_id=pool_id,
            account=account,
            asset_in=asset_in,
            asset_out=asset_out,
            amount_in=amount_in,
            amount_out=amount_out,
            limit_amount=limit_amount,
            deadline_time=timestamp(deadline_time),
        )
        return (await self.call(self.amm.Swap, request, timeout_seconds=timeout_seconds)).swap

    async def create_swaps(
        self, drafts: Sequence[SwapDraft], *, timeout_seconds: float | None = None
    ) -> list[SwapReceipt | RefusedError]:
        """Makes up to 8,192 swaps in one call, each accepted or refused on its own.

        Later ones see what earlier ones left. Repeating the call with the same drafts is safe.

        Returns:
            What became of each, in the order of the drafts.

        Raises:
            RefusedError: The call as a whole was refused.
            UnavailableError: Nobody answered in time; each may have happened or not.
        """
        request = CreateSwapsRequest(swaps=[draft.to_proto() for draft in drafts])
        answer = await self.call(self.amm.CreateSwaps, request, timeout_seconds=timeout_seconds)
        if len(answer.results) != len(drafts):
            raise UnavailableError("the answer does not fit the batch")
        return [
            swap_outcome(draft.transaction_id, result)
            for draft, result in zip(drafts, answer.results, strict=True)
        ]

    # --- liquidity ----------------------------------------------------------------------------

    async def add_liquidity(
        self,
        pool_id: str,
        *,
        account: str,
        base_amount: int,
        quote_amount: int,
        minimum_base_amount: int = 0,
        minimum_quote_amount: int = 0,
        deadline_time: datetime | None = None,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> PoolEvent:
        """Adds liquidity in the ratio of the reserves, and gives shares for it.

        Args:
            account: Gives both assets and receives the shares.
            base_amount: Most that is given of the base asset.
            quote_amount: Most that is given of the quote asset.
            minimum_base_amount: Refused if less would be taken; 0 for no limit.
            minimum_quote_amount: Refused if less would be taken; 0 for no limit.
            deadline_time: After it nothing happens any more, with a time zone.
            request_id: A new UUID when not given.
        """
        request = AddLiquidityRequest(
            request_id=request_id or new_id(),
            pool_id=pool_id,
            account=account,
            base_amount=base_amount,
            quote_amount=quote_amount,
            minimum_base_amount=minimum_base_amount,
            minimum_quote_amount=minimum_quote_amount,
            deadline_time=timestamp(deadline_time),
        )
        return (
            await self.call(self.amm.AddLiquidity, request, timeout_seconds=timeout_seconds)
        ).event

    async def remove_liquidity(
        self,
        pool_id: str,
        *,
        account: str,
        shares: int,
        minimum_base_amount: int = 0,
        minimum_quote_amount: int = 0,
        deadline_time: datetime | None = None,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> PoolEvent:
        """Burns shares, and gives their part of both reserves.

        Args:
            account: Has the shares and receives the assets.
            shares: How many are burned, in minor units.
            minimum_base_amount: Refused if it would give less; 0 for no limit.
            minimum_quote_amount: Refused if it would give less; 0 for no limit.
            deadline_time: After it nothing happens any more, with a time zone.
            request_id: A new UUID when not given.
        """
        request = RemoveLiquidityRequest(
            request_id=request_id or new_id(),
            pool_id=pool_id,
            account=account,
            shares=shares,
            minimum_base_amount=minimum_base_amount,
            minimum_quote_amount=minimum_quote_amount,
            deadline_time=timestamp(deadline_time),
        )
        return (
            await self.call(self.amm.RemoveLiquidity, request, timeout_seconds=timeout_seconds)
        ).event
