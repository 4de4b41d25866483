"""Refusals as `application/problem+json` (RFC 9457): the ledger's, and the gateway's own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil

import grpc
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

DOMAIN = "ticketonomics"
MEDIA_TYPE = "application/problem+json"
# Nobody else's, and it leads nowhere: the reason is what one looks up in docs/errors.md.
_TYPE = "urn:ticketonomics:problem:"
# nginx's, for a caller who is gone; no standard has one.
CLIENT_CLOSED_REQUEST = 499

_CODE = grpc.StatusCode
# As google/rpc/code.proto has it.
STATUS_OF_CODE: dict[grpc.StatusCode, int] = {
    _CODE.CANCELLED: CLIENT_CLOSED_REQUEST,
    _CODE.UNKNOWN: 500,
    _CODE.INVALID_ARGUMENT: 400,
    _CODE.DEADLINE_EXCEEDED: 504,
    _CODE.NOT_FOUND: 404,
    _CODE.ALREADY_EXISTS: 409,
    _CODE.PERMISSION_DENIED: 403,
    _CODE.UNAUTHENTICATED: 401,
    _CODE.RESOURCE_EXHAUSTED: 429,
    _CODE.FAILED_PRECONDITION: 400,
    _CODE.ABORTED: 409,
    _CODE.OUT_OF_RANGE: 400,
    _CODE.UNIMPLEMENTED: 501,
    _CODE.INTERNAL: 500,
    _CODE.UNAVAILABLE: 503,
    _CODE.DATA_LOSS: 500,
}
_CODES = {code.value[0]: code for code in grpc.StatusCode}

# What the gateway refuses by itself, where the contracts have no reason for it. docs/gateway.md
# lists them.
ROUTE_NOT_FOUND = "ROUTE_NOT_FOUND"
METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
MEDIA_TYPE_UNSUPPORTED = "MEDIA_TYPE_UNSUPPORTED"
BODY_TOO_LARGE = "BODY_TOO_LARGE"
HEADERS_TOO_LARGE = "HEADERS_TOO_LARGE"
REQUEST_MALFORMED = "REQUEST_MALFORMED"
REQUEST_TOO_SLOW = "REQUEST_TOO_SLOW"
SERVER_UNAVAILABLE = "SERVER_UNAVAILABLE"
CALLER_GONE = "CALLER_GONE"
CSRF_TOKEN_INVALID = "CSRF_TOKEN_INVALID"
ORIGIN_FOREIGN = "ORIGIN_FOREIGN"
# The contracts' own, which the gateway gives, too.
INVALID_FIELD = "INVALID_FIELD"
RATE_LIMITED = "RATE_LIMITED"
DEADLINE_PASSED = "DEADLINE_PASSED"
INTERNAL = "INTERNAL"
CREDENTIALS_MISSING = "CREDENTIALS_MISSING"
CREDENTIALS_INVALID = "CREDENTIALS_INVALID"
CREDENTIALS_EXPIRED = "CREDENTIALS_EXPIRED"
SCOPE_MISSING = "SCOPE_MISSING"
PERSON_NOT_FOUND = "PERSON_NOT_FOUND"
DRAINING = "DRAINING"

# Where nobody gave a reason: the call did not reach the ledger, or it fell on the way. What gRPC
# says then names addresses and files, so it is not told to callers.
_UNEXPLAINED: dict[grpc.StatusCode, tuple[str, str]] = {
    _CODE.UNAVAILABLE: (SERVER_UNAVAILABLE, "the ledger cannot be reached at the moment"),
    _CODE.DEADLINE_EXCEEDED: (
        DEADLINE_PASSED,
        "the ledger did not answer in time; the same request with the same id tells what became "
        "of it",
    ),
    _CODE.CANCELLED: (CALLER_GONE, "the caller went away"),
    _CODE.UNIMPLEMENTED: (ROUTE_NOT_FOUND, "the ledger does not have this method"),
    _CODE.RESOURCE_EXHAUSTED: (BODY_TOO_LARGE, "the request or its answer is too large"),
}
_FAULT = (INTERNAL, "something went wrong here")
_UNAVAILABLE_RETRY_SECONDS = 1.0


@dataclass(slots=True, frozen=True)
class Violation:
    """One field that is wrong, by its name in the contract or in JSON."""

    field: str
    description: str


class Problem(Exception):  # noqa: N818 - RFC 9457's word for it.
    """A refusal that becomes the answer.

    Args:
        status: The HTTP code.
        reason: For branching on, such as `INSUFFICIENT_FUNDS`.
        detail: For people who develop, in English.
        retry_after_seconds: How long to wait before the same again.
        headers: What the answer has beside the ordinary ones.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        detail: str,
        *,
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[Violation] = (),
        retry_after_seconds: float | None = None,
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.status = int(status)
        self.reason = reason
        self.detail = detail
        self.metadata = dict(metadata or {})
        self.violations = tuple(violations)
        self.retry_after_seconds = retry_after_seconds
        self.headers = tuple(headers)

    def document(self, request_id: str = "") -> dict[str, object]:
        """Returns the problem document."""
        document: dict[str, object] = {
            "type": _TYPE + self.reason,
            "title": self.reason.replace("_", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
            "reason": self.reason,
            "domain": DOMAIN,
            "metadata": self.metadata,
        }
        if self.violations:
            document["violations"] = [
                {"field": one.field, "description": one.description} for one in self.violations
            ]
        if self.retry_after_seconds is not None:
            document["retryAfterSeconds"] = self.retry_after_seconds
        document["requestId"] = request_id
        return document

    def body(self, request_id: str = "") -> bytes:
        """Returns the problem document as JSON."""
        document = self.document(request_id)
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(
            errors="replace"
        )

    def all_headers(self) -> list[tuple[bytes, bytes]]:
        """Returns the headers that belong to it, without the length."""
        headers = [(b"content-type", MEDIA_TYPE.encode()), *self.headers]
        if self.retry_after_seconds is not None:
            # Whole seconds, and never too early.
            headers.append((b"retry-after", b"%d" % ceil(self.retry_after_seconds)))
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers.append((b"www-authenticate", b'Bearer realm="ticketonomics"'))
        return headers


def invalid_field(field: str, description: str) -> Problem:
    """Makes the refusal of one field of a request.

    Args:
        field: Its path as the caller wrote it; empty for the request itself.
    """
    return Problem(
        HTTPStatus.BAD_REQUEST,
        INVALID_FIELD,
        f"{field}: {description}" if field else description,
        metadata={"field": field},
        violations=(Violation(field, description),),
    )


def from_rpc_error(error: grpc.RpcError) -> Problem:
    """Makes the problem of a call that the ledger refused, or that did not reach it."""
    assert isinstance(error, grpc.aio.AioRpcError)
    try:
        status = rpc_status.from_call(error)
    except ValueError:
        # Its details contradict its code: not ours, then.
        status = None
    if status is not None:
        return from_status(status)
    return _unexplained(error.code())


def from_status(status: status_pb2.Status) -> Problem:
    """Makes the problem of a `google.rpc.Status`, such as one result of a batch."""
    code = _CODES.get(status.code, _CODE.UNKNOWN)
    info = error_details_pb2.ErrorInfo()
    retry = error_details_pb2.RetryInfo()
    bad = error_details_pb2.BadRequest()
    spent = error_details_pb2.QuotaFailure()
    for detail in status.details:
        # Each takes what is of its type, and nothing else.
        for message in (info, retry, bad, spent):
            detail.Unpack(message)
    retries = retry.HasField("retry_delay")
    if not info.reason:
        return _unexplained(code)
    return Problem(
        STATUS_OF_CODE.get(code, 500),
        info.reason,
        status.message,
        metadata=info.metadata,
        violations=[
            *(Violation(one.field, one.description) for one in bad.field_violations),
            *(Violation(one.subject, one.description) for one in spent.violations),
        ],
        retry_after_seconds=retry.retry_delay.ToTimedelta().total_seconds() if retries else None,
    )


def _unexplained(code: grpc.StatusCode) -> Problem:
    reason, detail = _UNEXPLAINED.get(code, _FAULT)
    retry = _UNAVAILABLE_RETRY_SECONDS if code is _CODE.UNAVAILABLE else None
    # Without a reason it is no judgement about the request, whatever the code: a gateway's fault.
    status = STATUS_OF_CODE.get(code, 500)
    if reason == INTERNAL:
        status = 500
    elif reason == BODY_TOO_LARGE:
        status = 413
    return Problem(status, reason, detail, retry_after_seconds=retry)
