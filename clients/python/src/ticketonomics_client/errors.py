"""What a failed call raises: the ledger's refusals, and calls that nobody answered."""

from collections.abc import Mapping
from typing import Self, cast

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from ticketonomics.errors.v1.reason_pb2 import Reason
from ticketonomics.ledger.v1.transaction_pb2 import Refusal

DOMAIN = "ticketonomics"

# The call itself was refused for now, so the same request may be accepted a moment later.
_PASSING_REASONS = frozenset(
    {
        Reason.REASON_QUEUE_FULL,
        Reason.REASON_RATE_LIMITED,
        Reason.REASON_CONTENTION,
        Reason.REASON_DEADLINE_PASSED,
    }
)

# Checked before the ledger looks whether it knows the request id, so they say nothing about what
# became of an earlier attempt with the same id.
_ENTRANCE_CODES = frozenset({grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED})

# Without a reason of the ledger's, these come from the network, a proxy or gRPC itself.
_UNANSWERED_CODES = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.ABORTED,
    }
)


class TicketonomicsError(Exception):
    """A call that did not succeed.

    Attributes:
        reason: Why, for branching on; `REASON_UNSPECIFIED` when the ledger gave none, or one that
            this version of the SDK does not know.
        reason_name: The same as text without the prefix, such as `INSUFFICIENT_FUNDS`; empty when
            the ledger gave none.
        message: For developers, in English. Not for branching on.
        metadata: Facts about it: field, account, available, required, `last_sequence` and the like.
        code: The gRPC status; None for one transaction's refusal within a batch.
        retry_delay_seconds: How long the server asks callers to wait; 0 when it did not say.
        request_id: The request or transaction id that was sent; empty for reads. The same request
            with the same id is safe to send again and tells what became of it.
    """

    def __init__(
        self,
        message: str,
        *,
        reason_name: str = "",
        metadata: Mapping[str, str] | None = None,
        code: grpc.StatusCode | None = None,
        retry_delay_seconds: float = 0.0,
        request_id: str = "",
    ) -> None:
        super().__init__(f"{reason_name}: {message}" if reason_name else message)
        self.message = message
        self.reason_name = reason_name
        self.reason = _reason(reason_name)
        self.metadata = dict(metadata or {})
        self.code = code
        self.retry_delay_seconds = retry_delay_seconds
        self.request_id = request_id

    @property
    def last_sequence(self) -> int | None:
        """Newest entry that the ledger had seen when it answered, if it said so."""
        value = self.metadata.get("last_sequence", "")
        return int(value) if value.isascii() and value.isdigit() else None

    @property
    def retryable(self) -> bool:
        """Whether the same request with the same id may succeed a moment later."""
        return self.reason in _PASSING_REASONS

    def about(self, request_id: str) -> Self:
        """Returns a copy for one request: callers of one batch must not share an exception."""
        return type(self)(
            self.message,
            reason_name=self.reason_name,
            metadata=self.metadata,
            code=self.code,
            retry_delay_seconds=self.retry_delay_seconds,
            request_id=request_id,
        )


class RefusedError(TicketonomicsError):
    """The ledger refused the request and changed nothing."""

    @property
    def settles(self) -> bool:
        """Whether this proves that no earlier attempt with the same id was accepted either."""
        return not self.retryable and self.code not in _ENTRANCE_CODES

    @classmethod
    def from_refusal(cls, refusal: Refusal, *, request_id: str) -> Self:
        """Makes the error of one refused transaction of a batch."""
        return cls(
            refusal.message,
            reason_name=refusal.reason,
            metadata=refusal.metadata,
            request_id=request_id,
        )


class UnavailableError(TicketonomicsError):
    """Nobody answered in time, so a mutating request may have happened or not.

    Sending it again with the same `request_id` is safe and tells which.
    """

    @property
    def retryable(self) -> bool:
        """Always: the ids make it safe."""
        return True


class ClosedError(UnavailableError):
    """The client was closed before an answer came, or before the call."""

    @property
    def retryable(self) -> bool:
        """Never: a closed client stays closed."""
        return False


class SecretLostError(TicketonomicsError):
    """A key or a webhook was made, but an earlier answer had its secret: nobody can tell it again.

    Either that answer was lost on its way, or the request id was used before. Rotate the secret, or
    revoke the key, with a new request id; it cannot be used.
    """

    @property
    def api_key_id(self) -> str:
        """The key that nobody can use."""
        return self.metadata["api_key_id"]

    @property
    def webhook_id(self) -> str:
        """The webhook whose secret nobody knows."""
        return self.metadata["webhook_id"]


def translate(error: grpc.aio.AioRpcError, *, request_id: str = "") -> TicketonomicsError:
    """Turns gRPC's error into the one that callers branch on."""
    code = error.code()
    message = error.details() or code.name
    info, retry_delay_seconds = _details(error)
    unanswered = code is grpc.StatusCode.UNAVAILABLE or (info is None and code in _UNANSWERED_CODES)
    kind = UnavailableError if unanswered else RefusedError
    return kind(
        message,
        reason_name=info.reason if info else "",
        metadata=info.metadata if info else None,
        code=code,
        retry_delay_seconds=retry_delay_seconds,
        request_id=request_id,
    )


def _details(error: grpc.aio.AioRpcError) -> tuple[error_details_pb2.ErrorInfo | None, float]:
    try:
        status = rpc_status.from_call(error)
    except (ValueError, DecodeError):
        # A proxy replaced the status but let the trailers through: they are about another status.
        return None, 0.0
    found, retry_delay_seconds = None, 0.0
    for detail in status.details if status else ():
        info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
        if detail.Unpack(info) and info.domain == DOMAIN:
            found = info
        elif detail.Unpack(retry):
            retry_delay_seconds = max(0.0, retry.retry_delay.ToTimedelta().total_seconds())
    return found, retry_delay_seconds


def _reason(name: str) -> Reason:
    try:
        return cast(Reason, Reason.Value(f"REASON_{name}"))
    except ValueError:
        return Reason.REASON_UNSPECIFIED
