"""`LedgerService`: each method decodes, calls, encodes, and does nothing else."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.transaction_pb2 import TransactionResult

from ticketonomics_server.engine.command import Submission
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.ledger import (
    decode,
    decode_imports,
    encode,
    histories,
    queries,
    selection,
)
from ticketonomics_server.ledger.queries import JournalTransaction
from ticketonomics_server.ledger.servicer_holds import HoldServicer
from ticketonomics_server.ledger.statements import read_statement
from ticketonomics_server.ledger.watching import Filter, follow
from ticketonomics_server.rpc.call import Call, Context, current_call
from ticketonomics_server.rpc.fields import (
    check_address,
    check_asset_code,
    invalid,
)
from ticketonomics_server.rpc.paging import (
    BEHIND_ALL,
    make_token,
    next_token,
    page_size,
    read_token,
)
from ticketonomics_server.rpc.submitting import Done, submit_all
from ticketonomics_server.storage.reading import reading

R = TypeVar("R", rpc.TransferResponse, rpc.MintResponse, rpc.BurnResponse)

MAX_WATCHED_ACCOUNTS = 100


class LedgerServicer(HoldServicer):
    """Balances and everything that moves them."""

    # --- changes ------------------------------------------------------------------------------

    async def Transfer(
        self, request: rpc.TransferRequest, context: Context
    ) -> rpc.TransferResponse:
        call = current_call()
        done = await self._submit(call, context, decode.decode_transfer(call.caller, request))
        return await self._tell_transaction(rpc.TransferResponse(), call, done)

    async def CreateTransactions(
        self, request: rpc.CreateTransactionsRequest, context: Context
    ) -> rpc.CreateTransactionsResponse:
        call = current_call()
        decoded, weight = decode.decode_batch(call.caller, request)
        results, last_sequence = await self._decide_batch(call, context, decoded, weight)
        return rpc.CreateTransactionsResponse(results=results, last_sequence=last_sequence)

    async def ImportTransactions(
        self, request: rpc.ImportTransactionsRequest, context: Context
    ) -> rpc.ImportTransactionsResponse:
        call = current_call()
        decoded, weight = decode_imports.decode_imports(call.caller, request)
        results, last_sequence = await self._decide_batch(call, context, decoded, weight)
        return rpc.ImportTransactionsResponse(results=results, last_sequence=last_sequence)

    async def _decide_batch(
        self, call: Call, context: Context, decoded: Sequence[Any], weight: int
    ) -> tuple[list[TransactionResult], int]:
        """Submits what of a batch is well-formed; the results are in the order of the batch."""
        commands = [command for command in decoded if type(command) is not Rejection]
        if not commands:
            last_sequence = self._economies.last_sequence(call.economy_id)
            return [encode.encode_result(refusal) for refusal in decoded], last_sequence
        submission = await submit_all(self._economies, call, context, commands, weight=weight)
        outcomes = iter(submission.outcomes)
        results = [
            encode.encode_result(command if type(command) is Rejection else next(outcomes))
            for command in decoded
        ]
        return results, submission.last_sequence

    async def Mint(self, request: rpc.MintRequest, context: Context) -> rpc.MintResponse:
        call = current_call()
        done = await self._submit(call, context, decode.decode_mint(call.caller, request))
        return await self._tell_transaction(rpc.MintResponse(), call, done)

    async def Burn(self, request: rpc.BurnRequest, context: Context) -> rpc.BurnResponse:
        call = current_call()
        done = await self._submit(call, context, decode.decode_burn(call.caller, request))
        return await self._tell_transaction(rpc.BurnResponse(), call, done)

    async def OpenAccount(
        self, request: rpc.OpenAccountRequest, context: Context
    ) -> rpc.OpenAccountResponse:
        call = current_call()
        done = await self._submit(call, context, decode.decode_open_account(call.caller, request))
        return rpc.OpenAccountResponse(**await self._account_fields(call, done, request.address))

    async def CloseAccount(
        self, request: rpc.CloseAccountRequest, context: Context
    ) -> rpc.CloseAccountResponse:
        call = current_call()
        done = await self._submit(call, context, decode.decode_close_account(call.caller, request))
        return rpc.CloseAccountResponse(**await self._account_fields(call, done, request.address))

    async def CreateAsset(
        self, request: rpc.CreateAssetRequest, context: Context
    ) -> rpc.CreateAssetResponse:
        call = current_call()
        done = await self._submit(call, context, decode.decode_create_asset(call.caller, request))
        fields = await self._asset_fields(call, done, request.asset.code)
        return rpc.CreateAssetResponse(**fields)

    async def SetTransferFee(
        self, request: rpc.SetTransferFeeRequest, context: Context
    ) -> rpc.SetTransferFeeResponse:
        call = current_call()
        command = decode.decode_set_transfer_fee(call.caller, request)
        done = await self._submit(call, context, command)
        return rpc.SetTransferFeeResponse(**await self._asset_fields(call, done, request.asset))

    async def _tell_transaction(self, response: R, call: Call, done: Done) -> R:
        """Tells the caller's own transaction: as decided, or in a replay as the journal has it."""
        if done.replayed:
            async with reading(self._database, call.economy_id, done.sequence) as snapshot:
                (found,) = await queries.read_transactions(snapshot, [done.sequence])
        else:
            found = JournalTransaction(done.sequence, _time(done.submission), done.value)
        encode.write_transaction(response.transaction, found, with_text=True)
        response.replayed = done.replayed
        response.last_sequence = done.last_sequence
        return response

    async def _account_fields(self, call: Call, done: Done, address: str) -> dict[str, Any]:
        row = done.value
        if done.replayed:
            async with reading(self._database, call.economy_id, done.sequence) as snapshot:
                row = await queries.find_account(snapshot, address)
        return {
            "account": encode.encode_account(row),
            "replayed": done.replayed,
            "last_sequence": done.last_sequence,
        }

    async def _asset_fields(self, call: Call, done: Done, code: str) -> dict[str, Any]:
        row = done.value
        if done.replayed:
            async with reading(self._database, call.economy_id, done.sequence) as snapshot:
                row = await queries.find_asset(snapshot, code)
        return {
            "asset": encode.encode_asset(row),
            "replayed": done.replayed,
            "last_sequence": done.last_sequence,
        }

    # --- transactions -------------------------------------------------------------------------

    async def GetTransaction(
        self, request: rpc.GetTransactionRequest, context: Context
    ) -> rpc.GetTransactionResponse:
        call = current_call()
        async with self._reading(call, request) as snapshot:
            sequence = await selection.requested_sequence(snapshot, request)
            found = await queries.read_transactions(snapshot, [sequence])
        if not found:
            raise Rejection(
                Reason.TRANSACTION_NOT_FOUND,
                "there is no such transaction",
                transaction=request.transaction_id or request.sequence,
            )
        return rpc.GetTransactionResponse(
            transaction=encode.encode_for(call.caller, found[0]),
            last_sequence=snapshot.last_sequence,
        )

    async def ListTransactions(
        self, request: rpc.ListTransactionsRequest, context: Context
    ) -> rpc.ListTransactionsResponse:
        call = current_call()
        size = page_size(request)
        token = read_token(request, int)
        selection.check_kinds([request.kind] if request.kind else [], "kind")
        async with self._reading(call, request) as snapshot:
            after, below = await selection.requested_range(snapshot, request, token)
            sequences, more = await selection.list_sequences(snapshot, request, after, below, size)
            found = await queries.read_transactions(snapshot, sequences)
        if request.kind:
            found = [t for t in found if t.posted.kind == int(request.kind)]
        return rpc.ListTransactionsResponse(
            transactions=[encode.encode_for(call.caller, t) for t in reversed(found)],
            next_page_token=make_token(request, more) if more else "",
            last_sequence=snapshot.last_sequence,
        )

    async def WatchTransactions(
        self, request: rpc.WatchTransactionsRequest, context: Context
    ) -> AsyncIterator[Any]:
        call = current_call()
        if len(request.accounts) > MAX_WATCHED_ACCOUNTS:
            raise invalid("accounts", f"has more than {MAX_WATCHED_ACCOUNTS} addresses")
        selection.check_kinds(request.kinds, "kinds")
        async with reading(self._database, call.economy_id) as snapshot:
            for address in request.accounts:
                await queries.find_account(snapshot, check_address(address, "accounts"))
            if request.asset:
                await queries.find_asset(snapshot, check_asset_code(request.asset, "asset"))
        economy = await self._economies.get(call.economy_id)
        economy.feed.hear(snapshot.last_sequence)
        cursor = snapshot.last_sequence
        if request.HasField("after_sequence"):
            cursor = request.after_sequence
            if not 0 <= cursor <= snapshot.last_sequence:
                raise invalid("after_sequence", "is not a sequence number of this economy yet")
        async for message in follow(economy.feed, call.caller, Filter(request), cursor):
            yield message

    # --- balances -----------------------------------------------------------------------------

    async def GetBalance(
        self, request: rpc.GetBalanceRequest, context: Context
    ) -> rpc.GetBalanceResponse:
        check_address(request.account, "account")
        check_asset_code(request.asset, "asset")
        async with self._reading(current_call(), request) as snapshot:
            account = await queries.find_account(snapshot, request.account)
            asset = await queries.find_asset(snapshot, request.asset)
            at = await selection.requested_moment(snapshot, request)
            rows = await histories.list_balances(
                snapshot,
                account_id=account.account_id,
                asset_id=asset.asset_id,
                behind=(0, 0),
                limit=1,
                at=at,
            )
        nothing = histories.BalanceRow(0, 0, request.account, request.asset, 0, 0)
        return rpc.GetBalanceResponse(
            balance=encode.encode_balance(rows[0] if rows else nothing),
            last_sequence=snapshot.last_sequence if at is None else at,
        )

    async def ListBalances(
        self, request: rpc.ListBalancesRequest, context: Context
    ) -> rpc.ListBalancesResponse:
        size = page_size(request)
        token = read_token(request, int, int)
        async with self._reading(current_call(), request) as snapshot:
            account = asset = None
            if request.account:
                check_address(request.account, "account")
                account = (await queries.find_account(snapshot, request.account)).account_id
            if request.asset:
                check_asset_code(request.asset, "asset")
                asset = (await queries.find_asset(snapshot, request.asset)).asset_id
            at = await selection.requested_moment(snapshot, request)
            rows = await histories.list_balances(
                snapshot,
                account_id=account,
                asset_id=asset,
                behind=(token[0], token[1]) if token else (0, 0),
                limit=size + 1,
                at=at,
            )
        return rpc.ListBalancesResponse(
            balances=[encode.encode_balance(row) for row in rows[:size]],
            next_page_token=next_token(request, rows, size, "account_id", "asset_id"),
            last_sequence=snapshot.last_sequence if at is None else at,
        )

    async def GetStatement(
        self, request: rpc.GetStatementRequest, context: Context
    ) -> rpc.GetStatementResponse:
        call = current_call()
        check_address(request.account, "account")
        check_asset_code(request.asset, "asset")
        async with self._reading(call, request) as snapshot:
            return await read_statement(snapshot, call.caller, request)

    # --- accounts, assets, supply, blocks -----------------------------------------------------

    async def GetAccount(
        self, request: rpc.GetAccountRequest, context: Context
    ) -> rpc.GetAccountResponse:
        check_address(request.address, "address")
        async with self._reading(current_call(), request) as snapshot:
            row = await queries.find_account(snapshot, request.address)
        return rpc.GetAccountResponse(
            account=encode.encode_account(row), last_sequence=snapshot.last_sequence
        )

    async def ListAccounts(
        self, request: rpc.ListAccountsRequest, context: Context
    ) -> rpc.ListAccountsResponse:
        size = page_size(request)
        (behind,) = read_token(request, int) or (0,)
        if len(request.prefix) > 128 or "\0" in request.prefix:
            raise invalid("prefix", "is not the beginning of an address")
        async with self._reading(current_call(), request) as snapshot:
            rows = await queries.list_accounts(
                snapshot, prefix=request.prefix, behind=behind, limit=size + 1
            )
        return rpc.ListAccountsResponse(
            accounts=[encode.encode_account(row) for row in rows[:size]],
            next_page_token=next_token(request, rows, size, "account_id"),
            last_sequence=snapshot.last_sequence,
        )

    async def GetAsset(
        self, request: rpc.GetAssetRequest, context: Context
    ) -> rpc.GetAssetResponse:
        check_asset_code(request.code, "code")
        async with self._reading(current_call(), request) as snapshot:
            row = await queries.find_asset(snapshot, request.code)
        return rpc.GetAssetResponse(
            asset=encode.encode_asset(row), last_sequence=snapshot.last_sequence
        )

    async def ListAssets(
        self, request: rpc.ListAssetsRequest, context: Context
    ) -> rpc.ListAssetsResponse:
        size = page_size(request)
        (behind,) = read_token(request, int) or (0,)
        async with self._reading(current_call(), request) as snapshot:
            rows = await queries.list_assets(snapshot, behind=behind, limit=size + 1)
        return rpc.ListAssetsResponse(
            assets=[encode.encode_asset(row) for row in rows[:size]],
            next_page_token=next_token(request, rows, size, "asset_id"),
            last_sequence=snapshot.last_sequence,
        )

    async def GetSupply(
        self, request: rpc.GetSupplyRequest, context: Context
    ) -> rpc.GetSupplyResponse:
        check_asset_code(request.asset, "asset")
        async with self._reading(current_call(), request) as snapshot:
            asset = await queries.find_asset(snapshot, request.asset)
            supply = await queries.read_supply(snapshot, asset.asset_id)
        return rpc.GetSupplyResponse(
            supply=encode.encode_supply(asset, supply), last_sequence=snapshot.last_sequence
        )

    async def GetBlock(
        self, request: rpc.GetBlockRequest, context: Context
    ) -> rpc.GetBlockResponse:
        if request.height < 0:
            raise invalid("height", "is negative")
        async with self._reading(current_call(), request) as snapshot:
            row = await queries.find_block(snapshot, request.height)
        return rpc.GetBlockResponse(
            block=encode.encode_block(row), last_sequence=snapshot.last_sequence
        )

    async def ListBlocks(
        self, request: rpc.ListBlocksRequest, context: Context
    ) -> rpc.ListBlocksResponse:
        size = page_size(request)
        (below,) = read_token(request, int) or (BEHIND_ALL,)
        async with self._reading(current_call(), request) as snapshot:
            rows = await queries.list_blocks(snapshot, below=below, limit=size + 1)
        return rpc.ListBlocksResponse(
            blocks=[encode.encode_block(row) for row in rows[:size]],
            next_page_token=next_token(request, rows, size, "height"),
            last_sequence=snapshot.last_sequence,
        )


def _time(submission: Submission) -> Any:
    assert submission.block_time is not None, "a finished submission has its block's time"
    return submission.block_time
