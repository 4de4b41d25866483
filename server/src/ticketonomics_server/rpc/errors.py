"""One table from reasons to gRPC statuses, and the details that go with them."""

from collections.abc import Sequence

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.rpc.call import Context

DOMAIN = "ticketonomics"
DETAILS_KEY = "grpc-status-details-bin"

_CODE = grpc.StatusCode
# Which of a refusal's facts a precondition was about.
_SUBJECTS = ("account", "asset", "api_key", "hold", "economy", "application", "proposal")
_QUOTA_SUBJECTS = ("subject", "account", "application", "source")
# They tell that a limit is reached, in a `QuotaFailure`.
_QUOTAS = (
    Reason.RATE_LIMITED,
    Reason.NAME_CHANGED_TOO_OFTEN,
    Reason.HANDLE_CHANGED_TOO_OFTEN,
    Reason.ALLOWANCE_EXCEEDED,
    Reason.BUDGET_EXCEEDED,
    Reason.REWARD_NOT_DUE,
    Reason.REWARD_LIMIT_REACHED,
    Reason.REWARD_BUDGET_SPENT,
)

STATUS_OF_REASON: dict[Reason, grpc.StatusCode] = {
    Reason.INVALID_FIELD: _CODE.INVALID_ARGUMENT,
    Reason.TEXT_NOT_CLEAN: _CODE.INVALID_ARGUMENT,
    Reason.TEXT_TOO_LONG: _CODE.INVALID_ARGUMENT,
    Reason.AMOUNT_OUT_OF_RANGE: _CODE.INVALID_ARGUMENT,
    Reason.SAME_ACCOUNT: _CODE.INVALID_ARGUMENT,
    Reason.POSTING_COUNT: _CODE.INVALID_ARGUMENT,
    Reason.BATCH_SIZE: _CODE.INVALID_ARGUMENT,
    Reason.INVALID_PAGE_TOKEN: _CODE.INVALID_ARGUMENT,
    Reason.ACCOUNT_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.ASSET_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.TRANSACTION_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.BLOCK_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.PERSON_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.APPLICATION_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.API_KEY_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.ECONOMY_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.SCHEDULE_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.PAYMENT_REQUEST_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.REQUEST_ID_REUSED: _CODE.ALREADY_EXISTS,
    Reason.ACCOUNT_EXISTS: _CODE.ALREADY_EXISTS,
    Reason.ASSET_EXISTS: _CODE.ALREADY_EXISTS,
    Reason.INSUFFICIENT_FUNDS: _CODE.FAILED_PRECONDITION,
    Reason.BALANCE_OVERFLOW: _CODE.FAILED_PRECONDITION,
    Reason.ACCOUNT_CLOSED: _CODE.FAILED_PRECONDITION,
    Reason.ACCOUNT_NOT_EMPTY: _CODE.FAILED_PRECONDITION,
    Reason.ACCOUNT_BLOCKED: _CODE.FAILED_PRECONDITION,
    Reason.ECONOMY_SUSPENDED: _CODE.FAILED_PRECONDITION,
    Reason.SUPPLY_CAP_EXCEEDED: _CODE.FAILED_PRECONDITION,
    Reason.API_KEY_INACTIVE: _CODE.FAILED_PRECONDITION,
    Reason.SCHEDULE_ENDED: _CODE.FAILED_PRECONDITION,
    Reason.PAYMENT_REQUEST_CLOSED: _CODE.FAILED_PRECONDITION,
    Reason.TOO_MANY_PAYMENT_REQUESTS: _CODE.FAILED_PRECONDITION,
    Reason.TOO_MANY_SCHEDULES: _CODE.FAILED_PRECONDITION,
    Reason.CREDENTIALS_MISSING: _CODE.UNAUTHENTICATED,
    Reason.CREDENTIALS_INVALID: _CODE.UNAUTHENTICATED,
    Reason.CREDENTIALS_EXPIRED: _CODE.UNAUTHENTICATED,
    Reason.SCOPE_MISSING: _CODE.PERMISSION_DENIED,
    Reason.NOT_ACCOUNT_OWNER: _CODE.PERMISSION_DENIED,
    Reason.PERSON_BLOCKED: _CODE.PERMISSION_DENIED,
    Reason.ACCOUNT_RESERVED: _CODE.PERMISSION_DENIED,
    Reason.QUEUE_FULL: _CODE.RESOURCE_EXHAUSTED,
    Reason.RATE_LIMITED: _CODE.RESOURCE_EXHAUSTED,
    Reason.CONTENTION: _CODE.ABORTED,
    Reason.DRAINING: _CODE.UNAVAILABLE,
    Reason.DATABASE_UNAVAILABLE: _CODE.UNAVAILABLE,
    Reason.SEQUENCE_NOT_REACHED: _CODE.UNAVAILABLE,
    Reason.DEADLINE_PASSED: _CODE.DEADLINE_EXCEEDED,
    Reason.PERSON_MERGED: _CODE.FAILED_PRECONDITION,
    Reason.PERSON_ERASED: _CODE.FAILED_PRECONDITION,
    Reason.LINK_CODE_INVALID: _CODE.FAILED_PRECONDITION,
    Reason.IDENTITY_TAKEN: _CODE.ALREADY_EXISTS,
    Reason.IDENTITY_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.LAST_IDENTITY: _CODE.FAILED_PRECONDITION,
    Reason.SAME_PERSON: _CODE.INVALID_ARGUMENT,
    Reason.TOO_MANY_PARTS: _CODE.FAILED_PRECONDITION,
    Reason.BALANCE_HELD: _CODE.FAILED_PRECONDITION,
    Reason.NAME_CHANGED_TOO_OFTEN: _CODE.RESOURCE_EXHAUSTED,
    Reason.HANDLE_TAKEN: _CODE.ALREADY_EXISTS,
    Reason.HANDLE_CHANGED_TOO_OFTEN: _CODE.RESOURCE_EXHAUSTED,
    Reason.HANDLE_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.INTERNAL: _CODE.INTERNAL,
    Reason.SIGNING_KEY_NOT_ACTIVE: _CODE.UNAVAILABLE,
    Reason.LOG_BEHIND: _CODE.UNAVAILABLE,
    Reason.STATISTICS_BEHIND: _CODE.UNAVAILABLE,
    Reason.HOLD_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.HOLD_NOT_OPEN: _CODE.FAILED_PRECONDITION,
    Reason.CAPTURE_EXCEEDS_HOLD: _CODE.FAILED_PRECONDITION,
    Reason.NOT_HOLD_OWNER: _CODE.PERMISSION_DENIED,
    Reason.ALLOWANCE_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.ALLOWANCE_ASKS: _CODE.FAILED_PRECONDITION,
    Reason.ALLOWANCE_EXCEEDED: _CODE.RESOURCE_EXHAUSTED,
    Reason.BUDGET_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.BUDGET_EXCEEDED: _CODE.RESOURCE_EXHAUSTED,
    Reason.WEBHOOK_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.TOO_MANY_WEBHOOKS: _CODE.FAILED_PRECONDITION,
    Reason.DEAD_LETTER_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.WEBHOOK_KEY_MISSING: _CODE.UNAVAILABLE,
    Reason.APPLICATION_ONLY: _CODE.PERMISSION_DENIED,
    Reason.PARAMETER_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.PARAMETER_OUT_OF_BOUNDS: _CODE.INVALID_ARGUMENT,
    Reason.PARAMETER_OF_PARLIAMENT: _CODE.PERMISSION_DENIED,
    Reason.PARAMETER_ONE_WAY: _CODE.FAILED_PRECONDITION,
    Reason.INSTRUMENT_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.POOL_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.POOL_EXISTS: _CODE.ALREADY_EXISTS,
    Reason.POOL_PAUSED: _CODE.FAILED_PRECONDITION,
    Reason.ASSET_NOT_IN_POOL: _CODE.INVALID_ARGUMENT,
    Reason.LIMIT_NOT_MET: _CODE.FAILED_PRECONDITION,
    Reason.TRADE_EXPIRED: _CODE.FAILED_PRECONDITION,
    Reason.INSUFFICIENT_LIQUIDITY: _CODE.FAILED_PRECONDITION,
    Reason.AMOUNT_TOO_SMALL: _CODE.FAILED_PRECONDITION,
    Reason.ASSET_RESERVED: _CODE.PERMISSION_DENIED,
    Reason.QUEUE_NOT_OPEN: _CODE.FAILED_PRECONDITION,
    Reason.ALREADY_IN_ROUND: _CODE.ALREADY_EXISTS,
    Reason.NOT_IN_ROUND: _CODE.FAILED_PRECONDITION,
    Reason.ROUND_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.DRAW_KEY_MISSING: _CODE.UNAVAILABLE,
    Reason.CONVERSION_OFF: _CODE.FAILED_PRECONDITION,
    Reason.REWARD_NOT_DUE: _CODE.RESOURCE_EXHAUSTED,
    Reason.REWARD_LIMIT_REACHED: _CODE.RESOURCE_EXHAUSTED,
    Reason.REWARD_BUDGET_SPENT: _CODE.RESOURCE_EXHAUSTED,
    Reason.AD_NETWORK_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.AD_NETWORK_EXISTS: _CODE.ALREADY_EXISTS,
    Reason.AD_NETWORK_PAUSED: _CODE.FAILED_PRECONDITION,
    Reason.AD_SIGNATURE_INVALID: _CODE.PERMISSION_DENIED,
    Reason.AD_VIEW_REPLAYED: _CODE.ALREADY_EXISTS,
    Reason.REFERRAL_CODE_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.REFERRAL_REFUSED: _CODE.FAILED_PRECONDITION,
    Reason.FLAG_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.PROPOSAL_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.VOTING_NOT_OPEN: _CODE.FAILED_PRECONDITION,
    Reason.NOT_ELIGIBLE: _CODE.FAILED_PRECONDITION,
    Reason.PROPOSAL_STATE: _CODE.FAILED_PRECONDITION,
    Reason.BALLOT_NOT_FOUND: _CODE.NOT_FOUND,
    Reason.TOO_MANY_PROPOSALS: _CODE.FAILED_PRECONDITION,
    Reason.PARAMETER_OF_OPERATOR: _CODE.PERMISSION_DENIED,
    Reason.NOT_PROPOSER: _CODE.PERMISSION_DENIED,
    Reason.POLICY_LIMIT_EXCEEDED: _CODE.FAILED_PRECONDITION,
    Reason.PERSON_ONLY: _CODE.PERMISSION_DENIED,
}


def to_status(rejection: Rejection) -> status_pb2.Status:
    """Builds the `google.rpc.Status` of a refusal, with `ErrorInfo` and the fitting detail."""
    code = STATUS_OF_REASON[rejection.reason]
    details: list[Message] = [
        error_details_pb2.ErrorInfo(
            reason=rejection.reason, domain=DOMAIN, metadata=rejection.metadata
        ),
        *_details(code, rejection),
    ]
    if rejection.retry_seconds is not None:
        delay = Duration()
        delay.FromMilliseconds(round(rejection.retry_seconds * 1_000))
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    return status_pb2.Status(
        code=code.value[0], message=rejection.message, details=[_pack(d) for d in details]
    )


def _details(code: grpc.StatusCode, rejection: Rejection) -> Sequence[Message]:
    facts = rejection.metadata
    if code is _CODE.INVALID_ARGUMENT:
        malformed = error_details_pb2.BadRequest.FieldViolation(
            field=facts.get("field", ""), description=rejection.message
        )
        return (error_details_pb2.BadRequest(field_violations=[malformed]),)
    if code is _CODE.NOT_FOUND:
        kind = rejection.reason.removesuffix("_NOT_FOUND").lower()
        name = facts.get(kind, "")
        return (error_details_pb2.ResourceInfo(resource_type=kind, resource_name=name),)
    if code is _CODE.FAILED_PRECONDITION:
        subject = next((facts[name] for name in _SUBJECTS if name in facts), "")
        unmet = error_details_pb2.PreconditionFailure.Violation(
            type=rejection.reason, subject=subject, description=rejection.message
        )
        return (error_details_pb2.PreconditionFailure(violations=[unmet]),)
    if rejection.reason in _QUOTAS:
        subject = next((facts[name] for name in _QUOTA_SUBJECTS if facts.get(name)), "")
        spent = error_details_pb2.QuotaFailure.Violation(
            subject=subject, description=rejection.message
        )
        return (error_details_pb2.QuotaFailure(violations=[spent]),)
    return ()


def _pack(message: Message) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed


async def abort(context: Context, rejection: Rejection) -> None:
    """Ends the call with the refusal's status. Only the outermost interceptor calls this."""
    code, status = STATUS_OF_REASON[rejection.reason], to_status(rejection)
    trailers: list[tuple[str, str | bytes]] = [(DETAILS_KEY, status.SerializeToString())]
    if code is _CODE.RESOURCE_EXHAUSTED and rejection.retry_seconds is None:
        # The service config retries this code: here, that would not help.
        trailers.append(("grpc-retry-pushback-ms", "-1"))
    await context.abort(code, rejection.message, trailing_metadata=tuple(trailers))
