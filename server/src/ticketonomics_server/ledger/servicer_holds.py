"""The part of `LedgerService` that is about holds."""

from ticketonomics.ledger.v1 import ledger_service_pb2 as rpc
from ticketonomics.ledger.v1.hold_pb2 import Hold as HoldMessage
from ticketonomics.ledger.v1.ledger_service_pb2_grpc import LedgerServiceServicer

from ticketonomics_server.ledger import decode_holds, encode, queries, queries_holds
from ticketonomics_server.rpc.call import Call, Context, current_call
from ticketonomics_server.rpc.fields import check_address, check_uuid
from ticketonomics_server.rpc.paging import BEHIND_ALL, next_token, page_size, read_token
from ticketonomics_server.rpc.servicing import Servicing
from ticketonomics_server.rpc.submitting import Done

# Each may have 256 postings, and an answer has 16 MiB.
MOST_HOLDS = 100
# Nobody knows how many postings a hold has before it is loaded. Most have few, some have 256.
END_WEIGHT = 16


class HoldServicer(Servicing, LedgerServiceServicer):
    """Amounts set aside, and what becomes of them."""

    async def CreateHold(
        self, request: rpc.CreateHoldRequest, context: Context
    ) -> rpc.CreateHoldResponse:
        call = current_call()
        command = decode_holds.decode_create_hold(call.caller, request)
        weight = len(command.postings)
        done = await self._submit(call, context, command, weight=weight)
        return rpc.CreateHoldResponse(
            hold=encode.encode_hold(done.value, command.text)
            if not done.replayed
            else await self._hold_now(call, command.request_id, done),
            replayed=done.replayed,
            last_sequence=done.last_sequence,
        )

    async def CaptureHold(
        self, request: rpc.CaptureHoldRequest, context: Context
    ) -> rpc.CaptureHoldResponse:
        call = current_call()
        command = decode_holds.decode_capture_hold(call.caller, request)
        weight = max(len(command.amounts), END_WEIGHT)
        done = await self._submit(call, context, command, weight=weight)
        async with self._reading_back(call, done) as snapshot:
            (found,) = await queries.read_transactions(snapshot, [done.sequence])
            hold, text = await queries_holds.find_hold(snapshot, command.hold_id)
        return rpc.CaptureHoldResponse(
            hold=encode.encode_hold_for(call.caller, hold, text),
            transaction=encode.encode_transaction(found, with_text=True),
            replayed=done.replayed,
            last_sequence=done.last_sequence,
        )

    async def ReleaseHold(
        self, request: rpc.ReleaseHoldRequest, context: Context
    ) -> rpc.ReleaseHoldResponse:
        call = current_call()
        command = decode_holds.decode_release_hold(call.caller, request)
        done = await self._submit(call, context, command, weight=END_WEIGHT)
        return rpc.ReleaseHoldResponse(
            hold=await self._hold_now(call, command.hold_id, done),
            replayed=done.replayed,
            last_sequence=done.last_sequence,
        )

    async def _hold_now(self, call: Call, hold_id: bytes, done: Done) -> HoldMessage:
        async with self._reading_back(call, done) as snapshot:
            hold, text = await queries_holds.find_hold(snapshot, hold_id)
        return encode.encode_hold_for(call.caller, hold, text)

    async def GetHold(self, request: rpc.GetHoldRequest, context: Context) -> rpc.GetHoldResponse:
        call = current_call()
        hold_id = check_uuid(request.hold_id, "hold_id")
        async with self._reading(call, request) as snapshot:
            hold, text = await queries_holds.find_hold(snapshot, hold_id)
        return rpc.GetHoldResponse(
            hold=encode.encode_hold_for(call.caller, hold, text),
            last_sequence=snapshot.last_sequence,
        )

    async def ListHolds(
        self, request: rpc.ListHoldsRequest, context: Context
    ) -> rpc.ListHoldsResponse:
        call = current_call()
        size = min(page_size(request), MOST_HOLDS)
        (below,) = read_token(request, int) or (BEHIND_ALL,)
        state = decode_holds.check_state(request.state)
        async with self._reading(call, request) as snapshot:
            account = None
            if request.account:
                check_address(request.account, "account")
                account = (await queries.find_account(snapshot, request.account)).account_id
            found = await queries_holds.list_holds(
                snapshot, account_id=account, state=state, below=below, limit=size + 1
            )
        return rpc.ListHoldsResponse(
            holds=[encode.encode_hold_for(call.caller, *row) for row in found[:size]],
            next_page_token=next_token(
                request, [hold for hold, _ in found], size, "create_sequence"
            ),
            last_sequence=snapshot.last_sequence,
        )
