"""`SpendingService`: each method decodes, calls, encodes, and does nothing else."""

from datetime import UTC, datetime

from ticketonomics.spending.v1 import spending_service_pb2 as rpc
from ticketonomics.spending.v1.spending_service_pb2_grpc import SpendingServiceServicer

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity.decide_applications import guard_own_application
from ticketonomics_server.identity.decode import check_application_id, check_person_id
from ticketonomics_server.ledger.encode import READ_PRIVATE
from ticketonomics_server.rpc.call import Context, current_call
from ticketonomics_server.rpc.fields import check_asset_code
from ticketonomics_server.rpc.paging import BEHIND_ALL, next_token, page_size, read_token
from ticketonomics_server.rpc.servicing import Servicing
from ticketonomics_server.spending import decode, encode, queries
from ticketonomics_server.spending.rights import CONSENT


class SpendingServicer(Servicing, SpendingServiceServicer):
    """What applications may take."""

    # --- allowances ---------------------------------------------------------------------------

    async def GrantAllowance(
        self, request: rpc.GrantAllowanceRequest, context: Context
    ) -> rpc.GrantAllowanceResponse:
        call = current_call()
        command = decode.decode_grant_allowance(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_limit(
                snapshot, command.application_id, command.person_id, command.asset
            )
        return rpc.GrantAllowanceResponse(
            allowance=encode.encode_allowance(found, _now()) if found else None,
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def RevokeAllowance(
        self, request: rpc.RevokeAllowanceRequest, context: Context
    ) -> rpc.RevokeAllowanceResponse:
        call = current_call()
        command = decode.decode_revoke_allowance(call.caller, request)
        done = await self._submit(call, context, command)
        return rpc.RevokeAllowanceResponse(replayed=done.replayed, last_sequence=done.last_sequence)

    async def GetAllowance(
        self, request: rpc.GetAllowanceRequest, context: Context
    ) -> rpc.GetAllowanceResponse:
        call = current_call()
        person_id = check_person_id(request.person_id)
        application_id = check_application_id(request.application_id)
        asset = check_asset_code(request.asset, "asset")
        _choose(call.caller, application_id, person_id)
        async with self._reading(call, request) as snapshot:
            found = await queries.find_allowance(snapshot, application_id, person_id, asset)
        return rpc.GetAllowanceResponse(
            allowance=encode.encode_allowance(found, _now()), last_sequence=snapshot.last_sequence
        )

    async def ListAllowances(
        self, request: rpc.ListAllowancesRequest, context: Context
    ) -> rpc.ListAllowancesResponse:
        call, size = current_call(), page_size(request)
        after = read_token(request, str, str, str) or ("", "", "")
        application_id, person_id = _choose(
            call.caller, *_check_filters(request.application_id, request.person_id)
        )
        async with self._reading(call, request) as snapshot:
            found = await queries.list_allowances(
                snapshot,
                application_id=application_id,
                person_id=person_id,
                after=(after[0], after[1], after[2]),
                limit=size + 1,
            )
        now = _now()
        return rpc.ListAllowancesResponse(
            allowances=[encode.encode_allowance(row, now) for row in found[:size]],
            next_page_token=next_token(
                request, found, size, "application_id", "person_id", "asset"
            ),
            last_sequence=snapshot.last_sequence,
        )

    # --- budgets ------------------------------------------------------------------------------

    async def SetBudget(
        self, request: rpc.SetBudgetRequest, context: Context
    ) -> rpc.SetBudgetResponse:
        call = current_call()
        command = decode.decode_set_budget(call.caller, request)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_limit(snapshot, command.application_id, "", command.asset)
        return rpc.SetBudgetResponse(
            budget=encode.encode_budget(found, _now()) if found else None,
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def RemoveBudget(
        self, request: rpc.RemoveBudgetRequest, context: Context
    ) -> rpc.RemoveBudgetResponse:
        call = current_call()
        command = decode.decode_remove_budget(call.caller, request)
        done = await self._submit(call, context, command)
        return rpc.RemoveBudgetResponse(replayed=done.replayed, last_sequence=done.last_sequence)

    async def ListBudgets(
        self, request: rpc.ListBudgetsRequest, context: Context
    ) -> rpc.ListBudgetsResponse:
        call, size = current_call(), page_size(request)
        (after,) = read_token(request, str) or ("",)
        application_id = check_application_id(request.application_id)
        guard_own_application(call.caller, application_id)
        async with self._reading(call, request) as snapshot:
            found = await queries.list_budgets(
                snapshot, application_id, after=after, limit=size + 1
            )
        now = _now()
        return rpc.ListBudgetsResponse(
            budgets=[encode.encode_budget(row, now) for row in found[:size]],
            next_page_token=next_token(request, found, size, "asset"),
            last_sequence=snapshot.last_sequence,
        )

    # --- history ------------------------------------------------------------------------------

    async def ListSpendingRecords(
        self, request: rpc.ListSpendingRecordsRequest, context: Context
    ) -> rpc.ListSpendingRecordsResponse:
        call, size = current_call(), page_size(request)
        below = read_token(request, int, str, str, str) or (BEHIND_ALL, "", "", "")
        application_id, person_id = _choose(
            call.caller, *_check_filters(request.application_id, request.person_id)
        )
        async with self._reading(call, request) as snapshot:
            found = await queries.list_records(
                snapshot,
                application_id=application_id,
                person_id=person_id,
                below=(below[0], below[1], below[2], below[3]),
                limit=size + 1,
            )
        return rpc.ListSpendingRecordsResponse(
            records=[encode.encode_record(row) for row in found[:size]],
            next_page_token=next_token(
                request, found, size, "sequence", "application_id", "person_id", "asset"
            ),
            last_sequence=snapshot.last_sequence,
        )


def _now() -> datetime:
    return datetime.now(UTC)


def _check_filters(application_id: str, person_id: str) -> tuple[str, str]:
    return (
        check_application_id(application_id) if application_id else "",
        check_person_id(person_id) if person_id else "",
    )


def _choose(caller: Caller, application_id: str, person_id: str) -> tuple[str, str]:
    """Returns the application and the person whose allowances a caller sees; empty for all.

    Guards: SCOPE_MISSING.
    """
    if caller.person_id:
        if person_id not in ("", caller.person_id):
            raise _missing(READ_PRIVATE)
        if CONSENT in caller.scopes:
            return application_id, caller.person_id
        person_id = caller.person_id
    elif caller.may(READ_PRIVATE):
        return application_id, person_id
    if application_id not in ("", caller.application_id):
        raise _missing(CONSENT if caller.person_id else READ_PRIVATE)
    return caller.application_id, person_id


def _missing(scope: str) -> Rejection:
    return Rejection(Reason.SCOPE_MISSING, f"this needs the scope {scope}", scope=scope)
