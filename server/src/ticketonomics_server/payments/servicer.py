"""`PaymentService`: each method decodes, calls, encodes, and does nothing else."""

from typing import Any

from ticketonomics.payments.v1 import payment_service_pb2 as rpc
from ticketonomics.payments.v1.payment_service_pb2_grpc import PaymentServiceServicer

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.payments import decode, encode, model, queries
from ticketonomics_server.payments.decide import made_by_itself
from ticketonomics_server.payments.model import unpack_postings
from ticketonomics_server.rpc.call import Context, current_call
from ticketonomics_server.rpc.fields import check_address, invalid
from ticketonomics_server.rpc.paging import BEHIND_ALL, next_token, page_size, read_token
from ticketonomics_server.rpc.servicing import Servicing
from ticketonomics_server.storage.reading import Snapshot, reading

_BEHIND_ALL_RUNS = 2**31 - 1


class PaymentServicer(Servicing, PaymentServiceServicer):
    """Transfers that happen later, and requests to pay."""

    # --- schedules ----------------------------------------------------------------------------

    async def CreateSchedule(
        self, request: rpc.CreateScheduleRequest, context: Context
    ) -> rpc.CreateScheduleResponse:
        call = current_call()
        command = decode.decode_create_schedule(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_created_schedule(snapshot, done.sequence)
        return rpc.CreateScheduleResponse(
            schedule=encode.encode_schedule(found),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def PauseSchedule(
        self, request: rpc.PauseScheduleRequest, context: Context
    ) -> rpc.PauseScheduleResponse:
        return rpc.PauseScheduleResponse(
            **await self._manage(model.PauseSchedule, request, context)
        )

    async def ResumeSchedule(
        self, request: rpc.ResumeScheduleRequest, context: Context
    ) -> rpc.ResumeScheduleResponse:
        return rpc.ResumeScheduleResponse(
            **await self._manage(model.ResumeSchedule, request, context)
        )

    async def CancelSchedule(
        self, request: rpc.CancelScheduleRequest, context: Context
    ) -> rpc.CancelScheduleResponse:
        return rpc.CancelScheduleResponse(
            **await self._manage(model.CancelSchedule, request, context)
        )

    async def _manage(
        self, kind: type[model.PauseSchedule], request: Any, context: Context
    ) -> dict[str, Any]:
        call = current_call()
        identifier = decode.check_payment_id(request.schedule_id, "schedule_id")
        async with reading(self._database, call.economy_id) as snapshot:
            found = await queries.find_schedule(snapshot, identifier)
        command = decode.decode_manage_schedule(kind, call.caller, request, found)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_schedule(snapshot, identifier)
        return {
            "schedule": encode.encode_schedule(found),
            "replayed": done.replayed,
            "last_sequence": snapshot.last_sequence,
        }

    async def GetSchedule(
        self, request: rpc.GetScheduleRequest, context: Context
    ) -> rpc.GetScheduleResponse:
        call = current_call()
        async with self._reading(call, request) as snapshot:
            found = await _find_visible_schedule(call.caller, snapshot, request.schedule_id)
        return rpc.GetScheduleResponse(
            schedule=encode.encode_schedule(found), last_sequence=snapshot.last_sequence
        )

    async def ListSchedules(
        self, request: rpc.ListSchedulesRequest, context: Context
    ) -> rpc.ListSchedulesResponse:
        call, size = current_call(), page_size(request)
        (below,) = read_token(request, int) or (BEHIND_ALL,)
        state = decode.check_schedule_state(request.state)
        account = _chosen_account(call.caller, request.account, or_all=True)
        async with self._reading(call, request) as snapshot:
            found = await queries.list_schedules(
                snapshot, account=account, state=state, below=below, limit=size + 1
            )
        return rpc.ListSchedulesResponse(
            schedules=[encode.encode_schedule(row) for row in found[:size]],
            next_page_token=next_token(request, found, size, "create_sequence"),
            last_sequence=snapshot.last_sequence,
        )

    async def ListScheduleRuns(
        self, request: rpc.ListScheduleRunsRequest, context: Context
    ) -> rpc.ListScheduleRunsResponse:
        call, size = current_call(), page_size(request)
        (below,) = read_token(request, int) or (_BEHIND_ALL_RUNS,)
        if not 0 < below <= _BEHIND_ALL_RUNS:
            raise invalid("page_token", "is of no run")
        async with self._reading(call, request) as snapshot:
            schedule = await _find_visible_schedule(call.caller, snapshot, request.schedule_id)
            found = await queries.list_runs(
                snapshot, schedule.schedule_id, below=below, limit=size + 1
            )
        return rpc.ListScheduleRunsResponse(
            runs=[encode.encode_run(schedule, run) for run in found[:size]],
            next_page_token=next_token(request, found, size, "run"),
            last_sequence=snapshot.last_sequence,
        )

    # --- requests to pay ----------------------------------------------------------------------

    async def RequestPayment(
        self, request: rpc.RequestPaymentRequest, context: Context
    ) -> rpc.RequestPaymentResponse:
        call = current_call()
        command = decode.decode_request_payment(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_created_payment_request(
                snapshot, command.payee, done.sequence
            )
        return rpc.RequestPaymentResponse(
            payment_request=encode.encode_payment_request(found),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def AcceptPaymentRequest(
        self, request: rpc.AcceptPaymentRequestRequest, context: Context
    ) -> rpc.AcceptPaymentRequestResponse:
        fields = await self._close(model.AcceptPaymentRequest, request, context)
        return rpc.AcceptPaymentRequestResponse(**fields)

    async def DeclinePaymentRequest(
        self, request: rpc.DeclinePaymentRequestRequest, context: Context
    ) -> rpc.DeclinePaymentRequestResponse:
        fields = await self._close(model.DeclinePaymentRequest, request, context)
        return rpc.DeclinePaymentRequestResponse(**fields)

    async def CancelPaymentRequest(
        self, request: rpc.CancelPaymentRequestRequest, context: Context
    ) -> rpc.CancelPaymentRequestResponse:
        fields = await self._close(model.CancelPaymentRequest, request, context)
        return rpc.CancelPaymentRequestResponse(**fields)

    async def _close(
        self, kind: type[model.AcceptPaymentRequest], request: Any, context: Context
    ) -> dict[str, Any]:
        call = current_call()
        identifier = decode.check_payment_id(request.payment_request_id, "payment_request_id")
        # Its terms never change, so that they can be read before the block.
        async with reading(self._database, call.economy_id) as snapshot:
            found = await queries.find_payment_request(snapshot, identifier)
        command = decode.decode_close_payment_request(kind, call.caller, request, found)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_payment_request(snapshot, identifier)
        return {
            "payment_request": encode.encode_payment_request(found),
            "replayed": done.replayed,
            "last_sequence": snapshot.last_sequence,
        }

    async def GetPaymentRequest(
        self, request: rpc.GetPaymentRequestRequest, context: Context
    ) -> rpc.GetPaymentRequestResponse:
        call = current_call()
        identifier = decode.check_payment_id(request.payment_request_id, "payment_request_id")
        async with self._reading(call, request) as snapshot:
            found = await queries.find_payment_request(snapshot, identifier)
        encode.guard_seeing(call.caller, (found.payer, found.payee))
        return rpc.GetPaymentRequestResponse(
            payment_request=encode.encode_payment_request(found),
            last_sequence=snapshot.last_sequence,
        )

    async def ListPaymentRequests(
        self, request: rpc.ListPaymentRequestsRequest, context: Context
    ) -> rpc.ListPaymentRequestsResponse:
        call, size = current_call(), page_size(request)
        (below,) = read_token(request, int) or (BEHIND_ALL,)
        state = decode.check_request_state(request.state)
        outgoing = decode.check_direction(request.direction)
        account = _chosen_account(call.caller, request.account)
        async with self._reading(call, request) as snapshot:
            found = await queries.list_payment_requests(
                snapshot,
                account=account,
                outgoing=outgoing,
                state=state,
                below=below,
                limit=size + 1,
            )
        return rpc.ListPaymentRequestsResponse(
            payment_requests=[encode.encode_payment_request(row) for row in found[:size]],
            next_page_token=next_token(request, found, size, "create_sequence"),
            last_sequence=snapshot.last_sequence,
        )


async def _find_visible_schedule(
    caller: Caller, snapshot: Snapshot, identifier: str
) -> queries.ShownSchedule:
    decode.check_payment_id(identifier, "schedule_id")
    found = await queries.find_schedule(snapshot, identifier)
    if not made_by_itself(found, caller):
        encode.guard_seeing(caller, [p.source for p in unpack_postings(found.postings)])
    return found


def _chosen_account(caller: Caller, account: str, *, or_all: bool = False) -> str:
    """Returns the account whose payments are listed; empty for everybody's."""
    if not account and caller.person_id:
        return f"users/{caller.person_id}"
    if not account and or_all and encode.reads_all(caller):
        return ""
    check_address(account, "account")
    encode.guard_seeing(caller, (account,))
    return account
