import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from ticketonomics.errors.v1.reason_pb2 import Reason
from ticketonomics.ledger.v1.transaction_pb2 import Refusal
from ticketonomics_client import RefusedError, UnavailableError
from ticketonomics_client.errors import translate
from ticketonomics_client.policies import DEFAULT_POLICY
from ticketonomics_client.retrying import conclude, pause_seconds


def bare(code: grpc.StatusCode) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details="text")


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.ABORTED,
    ],
)
def test_a_status_that_is_not_the_ledgers_means_nobody_answered(code: grpc.StatusCode) -> None:
    error = translate(bare(code), request_id="id")
    assert isinstance(error, UnavailableError)
    assert error.retryable
    assert (error.code, error.request_id) == (code, "id")


@pytest.mark.parametrize(
    "code",
    [
        # gRPC's own "message larger than max": trying again would not make it smaller.
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INVALID_ARGUMENT,
    ],
)
def test_a_refusal_without_a_reason_is_not_tried_again(code: grpc.StatusCode) -> None:
    error = translate(bare(code))
    assert isinstance(error, RefusedError)
    assert not error.retryable
    assert error.reason == Reason.REASON_UNSPECIFIED


def test_trailers_that_are_no_status_are_ignored() -> None:
    garbage = grpc.aio.Metadata(("grpc-status-details-bin", b"\xff\xff"))
    error = grpc.aio.AioRpcError(
        grpc.StatusCode.NOT_FOUND, grpc.aio.Metadata(), garbage, details="text"
    )
    assert translate(error).message == "text"


def test_a_reason_of_somebody_elses_domain_is_not_the_ledgers() -> None:
    info = error_details_pb2.ErrorInfo(reason="QUEUE_FULL", domain="proxy.example.org")
    status = status_pb2.Status(code=grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], message="text")
    status.details.add().Pack(info)
    trailers = grpc.aio.Metadata(("grpc-status-details-bin", status.SerializeToString()))
    error = grpc.aio.AioRpcError(
        grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.aio.Metadata(), trailers, details="text"
    )
    assert not translate(error).retryable


def test_a_refused_transaction_becomes_an_error_with_its_facts() -> None:
    refusal = Refusal(
        reason="INSUFFICIENT_FUNDS",
        message="too little",
        metadata={"available": "3", "last_sequence": "17"},
    )
    error = RefusedError.from_refusal(refusal, request_id="id")
    assert error.reason == Reason.REASON_INSUFFICIENT_FUNDS
    assert error.metadata["available"] == "3"
    assert error.last_sequence == 17
    assert str(error) == "INSUFFICIENT_FUNDS: too little"
    assert not error.retryable


def test_a_reason_of_a_newer_server_keeps_its_name() -> None:
    error = RefusedError("later", reason_name="OUT_OF_FASHION")
    assert error.reason == Reason.REASON_UNSPECIFIED
    assert error.reason_name == "OUT_OF_FASHION"


def test_a_copy_for_another_caller_is_equal_but_not_the_same() -> None:
    error = RefusedError("full", reason_name="QUEUE_FULL", retry_delay_seconds=2.0)
    copy = error.about("other")
    assert copy is not error
    assert (copy.reason, copy.retry_delay_seconds) == (error.reason, 2.0)
    assert (error.request_id, copy.request_id) == ("", "other")


@pytest.mark.parametrize(
    ("reason", "code", "unknown"),
    [
        ("QUEUE_FULL", grpc.StatusCode.RESOURCE_EXHAUSTED, True),
        ("RATE_LIMITED", grpc.StatusCode.RESOURCE_EXHAUSTED, True),
        ("CREDENTIALS_INVALID", grpc.StatusCode.UNAUTHENTICATED, True),
        ("PERSON_BLOCKED", grpc.StatusCode.PERMISSION_DENIED, True),
        ("INSUFFICIENT_FUNDS", grpc.StatusCode.FAILED_PRECONDITION, False),
        ("REQUEST_ID_REUSED", grpc.StatusCode.ALREADY_EXISTS, False),
    ],
)
def test_a_refusal_at_the_door_does_not_settle_an_unanswered_attempt(
    reason: str, code: grpc.StatusCode, unknown: bool
) -> None:
    error = RefusedError("no", reason_name=reason, code=code, request_id="id")
    concluded = conclude(error, in_doubt=True)
    assert isinstance(concluded, UnavailableError) == unknown
    assert (concluded.reason, concluded.request_id) == (error.reason, "id")
    assert conclude(error, in_doubt=False) is error


def test_a_pause_honours_the_server_and_adds_bounded_jitter() -> None:
    asked = RefusedError("full", reason_name="QUEUE_FULL", retry_delay_seconds=3.0)
    pauses = {pause_seconds(attempt, asked) for attempt in range(1, 5000)}
    assert min(pauses) >= 3.0
    assert max(pauses) <= 3.0 + DEFAULT_POLICY.longest_pause_seconds
    assert len(pauses) > 1000
