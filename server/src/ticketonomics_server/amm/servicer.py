"""`AmmService`: each method decodes, calls, encodes, and does nothing else."""

from datetime import datetime
from typing import Any, cast

from ticketonomics.amm.v1 import amm_service_pb2 as rpc
from ticketonomics.amm.v1.amm_service_pb2_grpc import AmmServiceServicer

from ticketonomics_server.amm import decode, encode, model, queries
from ticketonomics_server.amm.decide import guard_pair, paused
from ticketonomics_server.amm.trading import guard_reserve, work_out
from ticketonomics_server.engine.command import Accepted
from ticketonomics_server.ledger.model import PostedTransaction
from ticketonomics_server.ledger.queries import (
    JournalTransaction,
    find_account,
    read_transactions,
)
from ticketonomics_server.rpc.call import Call, Context, current_call
from ticketonomics_server.rpc.fields import check_address, check_asset_code
from ticketonomics_server.rpc.paging import BEHIND_ALL, next_token, page_size, read_token
from ticketonomics_server.rpc.servicing import Servicing
from ticketonomics_server.rpc.submitting import Done, submit_all
from ticketonomics_server.storage.reading import reading


class AmmServicer(Servicing, AmmServiceServicer):
    """Pools, and trade with them."""

    # --- pools --------------------------------------------------------------------------------

    async def CreatePool(
        self, request: rpc.CreatePoolRequest, context: Context
    ) -> rpc.CreatePoolResponse:
        call = current_call()
        command = decode.decode_create_pool(call.caller, request)
        done = await self._submit(call, context, command, weight=4)
        return rpc.CreatePoolResponse(**await self._pool_fields(call, done, command.pool_id))

    async def SetPoolFee(
        self, request: rpc.SetPoolFeeRequest, context: Context
    ) -> rpc.SetPoolFeeResponse:
        call = current_call()
        command = decode.decode_set_pool_fee(call.caller, request)
        done = await self._submit(call, context, command)
        return rpc.SetPoolFeeResponse(**await self._pool_fields(call, done, command.pool_id))

    async def PausePool(
        self, request: rpc.PausePoolRequest, context: Context
    ) -> rpc.PausePoolResponse:
        call = current_call()
        command = decode.decode_pause(model.PausePool, call.caller, request)
        done = await self._submit(call, context, command)
        return rpc.PausePoolResponse(**await self._pool_fields(call, done, command.pool_id))

    async def ResumePool(
        self, request: rpc.ResumePoolRequest, context: Context
    ) -> rpc.ResumePoolResponse:
        call = current_call()
        command = decode.decode_pause(model.ResumePool, call.caller, request)
        done = await self._submit(call, context, command)
        return rpc.ResumePoolResponse(**await self._pool_fields(call, done, command.pool_id))

    async def _pool_fields(self, call: Call, done: Done, pool_id: str) -> dict[str, Any]:
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_pool(snapshot, pool_id)
        return {
            "pool": encode.encode_pool(found),
            "replayed": done.replayed,
            "last_sequence": snapshot.last_sequence,
        }

    async def GetPool(self, request: rpc.GetPoolRequest, context: Context) -> rpc.GetPoolResponse:
        pool_id = decode.check_pool_id(request.pool_id)
        async with self._reading(current_call(), request) as snapshot:
            found = await queries.find_pool(snapshot, pool_id)
        return rpc.GetPoolResponse(
            pool=encode.encode_pool(found), last_sequence=snapshot.last_sequence
        )

    async def ListPools(
        self, request: rpc.ListPoolsRequest, context: Context
    ) -> rpc.ListPoolsResponse:
        size = page_size(request)
        (behind,) = read_token(request, int) or (0,)
        asset = check_asset_code(request.asset, "asset") if request.asset else ""
        async with self._reading(current_call(), request) as snapshot:
            found = await queries.list_pools(snapshot, asset=asset, behind=behind, limit=size + 1)
        return rpc.ListPoolsResponse(
            pools=[encode.encode_pool(pool) for pool in found[:size]],
            next_page_token=next_token(request, found, size, "create_sequence"),
            last_sequence=snapshot.last_sequence,
        )

    async def ListPoolHistory(
        self, request: rpc.ListPoolHistoryRequest, context: Context
    ) -> rpc.ListPoolHistoryResponse:
        size = page_size(request)
        (below,) = read_token(request, int) or (BEHIND_ALL,)
        pool_id = decode.check_pool_id(request.pool_id)
        async with self._reading(current_call(), request) as snapshot:
            pool = await queries.find_pool(snapshot, pool_id)
            found = await queries.list_pool_history(snapshot, pool, below=below, limit=size + 1)
        return rpc.ListPoolHistoryResponse(
            events=[encode.encode_event(pool, transaction) for transaction in found[:size]],
            next_page_token=next_token(request, found, size, "sequence"),
            last_sequence=snapshot.last_sequence,
        )

    async def ListPositions(
        self, request: rpc.ListPositionsRequest, context: Context
    ) -> rpc.ListPositionsResponse:
        size = page_size(request)
        (behind,) = read_token(request, int) or (0,)
        address = check_address(request.account, "account")
        async with self._reading(current_call(), request) as snapshot:
            account = await find_account(snapshot, address)
            found = await queries.list_positions(
                snapshot,
                account=address,
                account_id=account.account_id,
                behind=behind,
                limit=size + 1,
            )
        return rpc.ListPositionsResponse(
            positions=[encode.encode_position(position) for position in found[:size]],
            next_page_token=next_token(request, found, size, "create_sequence"),
            last_sequence=snapshot.last_sequence,
        )

    # --- trade --------------------------------------------------------------------------------

    async def Quote(self, request: rpc.QuoteRequest, context: Context) -> rpc.QuoteResponse:
        pool_id = decode.check_pool_id(request.pool_id)
        asset_in, asset_out = decode.decode_pair(request)
        exact_in, amount = decode.decode_exact(request)
        async with self._reading(current_call(), request) as snapshot:
            pool = await queries.find_pool(snapshot, pool_id)
        guard_pair(pool, asset_in, asset_out)
        if pool.state == model.PoolState.PAUSED:
            raise paused(pool_id)
        reserve_in, reserve_out = pool.reserves(asset_in)
        trade = work_out(
            exact_in=exact_in,
            amount=amount,
            reserve_in=reserve_in,
            reserve_out=reserve_out,
            fee_bps=pool.fee_bps,
            sink_bps=pool.sink_bps,
            asset_out=asset_out,
        )
        guard_reserve(pool.account, asset_in, reserve_in, trade)
        return encode.encode_quote(pool, asset_in, trade, snapshot.last_sequence)

    async def Swap(self, request: rpc.SwapRequest, context: Context) -> rpc.SwapResponse:
        call = current_call()
        command = decode.decode_swap(call.caller, request)
        done = await self._submit(call, context, command, weight=model.SWAP_POSTINGS)
        found = await self._find_transaction(call, done)
        return rpc.SwapResponse(
            swap=encode.encode_swap(command, found.sequence, found.posted, found.commit_time),
            replayed=done.replayed,
            last_sequence=done.last_sequence,
        )

    async def CreateSwaps(
        self, request: rpc.CreateSwapsRequest, context: Context
    ) -> rpc.CreateSwapsResponse:
        call = current_call()
        outcomes: list[object] = list(decode.decode_swaps(call.caller, request))
        commands = [command for command in outcomes if type(command) is model.Swap]
        if not commands:
            last_sequence = self._economies.last_sequence(call.economy_id)
        else:
            weight = len(commands) * model.SWAP_POSTINGS
            submission = await submit_all(self._economies, call, context, commands, weight=weight)
            decided = iter(submission.outcomes)
            outcomes = [next(decided) if type(o) is model.Swap else o for o in outcomes]
            last_sequence = submission.last_sequence
        replayed = await self._read_replayed(call, outcomes, last_sequence)
        return rpc.CreateSwapsResponse(
            results=[encode.encode_result(outcome, replayed) for outcome in outcomes],
            last_sequence=last_sequence,
        )

    async def _read_replayed(
        self, call: Call, outcomes: list[object], last_sequence: int
    ) -> dict[int, PostedTransaction]:
        """Reads what swaps of a batch came to that had happened before."""
        sequences = [o.sequence for o in outcomes if isinstance(o, Accepted) and o.replayed]
        if not sequences:
            return {}
        async with reading(self._database, call.economy_id, last_sequence) as snapshot:
            found = await read_transactions(snapshot, sequences)
        return {transaction.sequence: transaction.posted for transaction in found}

    # --- liquidity ----------------------------------------------------------------------------

    async def AddLiquidity(
        self, request: rpc.AddLiquidityRequest, context: Context
    ) -> rpc.AddLiquidityResponse:
        call = current_call()
        pool = await self._find_pair(call, request.pool_id)
        command = decode.decode_add_liquidity(call.caller, request, pool)
        done = await self._submit(call, context, command, weight=3)
        return rpc.AddLiquidityResponse(**await self._event_fields(call, done, pool))

    async def RemoveLiquidity(
        self, request: rpc.RemoveLiquidityRequest, context: Context
    ) -> rpc.RemoveLiquidityResponse:
        call = current_call()
        pool = await self._find_pair(call, request.pool_id)
        command = decode.decode_remove_liquidity(call.caller, request, pool)
        done = await self._submit(call, context, command, weight=3)
        return rpc.RemoveLiquidityResponse(**await self._event_fields(call, done, pool))

    async def _find_pair(self, call: Call, pool_id: str) -> queries.ShownPool:
        """A pool's assets never change, so that they can be read before the block."""
        decode.check_pool_id(pool_id)
        async with reading(self._database, call.economy_id) as snapshot:
            return await queries.find_pool(snapshot, pool_id)

    async def _event_fields(self, call: Call, done: Done, pool: model.Pool) -> dict[str, Any]:
        found = await self._find_transaction(call, done)
        return {
            "event": encode.encode_event(pool, found),
            "replayed": done.replayed,
            "last_sequence": done.last_sequence,
        }

    async def _find_transaction(self, call: Call, done: Done) -> JournalTransaction:
        """The caller's transaction: as decided, or in a replay as the journal has it."""
        if done.replayed:
            async with reading(self._database, call.economy_id, done.sequence) as snapshot:
                (found,) = await read_transactions(snapshot, [done.sequence])
            return found
        time = cast(datetime, done.submission.block_time)
        return JournalTransaction(done.sequence, time, done.value)
