"""One call: its metadata, its deadline, its retries, and the pages of a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Protocol, TypeVar

import grpc.aio
from google.protobuf.message import Message
from ticketonomics.amm.v1.amm_service_pb2 import SwapRequest
from ticketonomics.ledger.v1.ledger_service_pb2 import (
    BurnRequest,
    CreateHoldRequest,
    MintRequest,
    TransferRequest,
)

from ticketonomics_client.connection import Connection
from ticketonomics_client.errors import ClosedError, translate
from ticketonomics_client.policies import Policy, policy_of
from ticketonomics_client.retrying import with_retries
from ticketonomics_client.tracing import with_trace

if TYPE_CHECKING:  # These exist in the generated type stubs only.
    from ticketonomics.amm.v1.amm_service_pb2_grpc import AmmServiceAsyncStub
    from ticketonomics.identity.v1.identity_service_pb2_grpc import IdentityServiceAsyncStub
    from ticketonomics.ledger.v1.ledger_service_pb2_grpc import LedgerServiceAsyncStub
    from ticketonomics.operator.v1.operator_service_pb2_grpc import OperatorServiceAsyncStub
    from ticketonomics.parameters.v1.parameter_service_pb2_grpc import ParameterServiceAsyncStub
    from ticketonomics.parliament.v1.parliament_service_pb2_grpc import ParliamentServiceAsyncStub
    from ticketonomics.payments.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub
    from ticketonomics.prices.v1.price_service_pb2_grpc import PriceServiceAsyncStub
    from ticketonomics.progression.v1.progression_service_pb2_grpc import (
        ProgressionServiceAsyncStub,
    )
    from ticketonomics.proofs.v1.proof_service_pb2_grpc import ProofServiceAsyncStub
    from ticketonomics.queues.v1.queue_service_pb2_grpc import QueueServiceAsyncStub
    from ticketonomics.rewards.v1.rewards_service_pb2_grpc import RewardsServiceAsyncStub
    from ticketonomics.spending.v1.spending_service_pb2_grpc import SpendingServiceAsyncStub
    from ticketonomics.statistics.v1.statistics_service_pb2_grpc import StatisticsServiceAsyncStub
    from ticketonomics.webhooks.v1.webhook_service_pb2_grpc import WebhookServiceAsyncStub


class PageRequest(Protocol):
    """A request of one page of a list."""

    page_token: str


class Page(Protocol):
    """One page of a list."""

    next_page_token: str


Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)
ListRequest = TypeVar("ListRequest", bound=PageRequest)
ListResponse = TypeVar("ListResponse", bound=Page)

_TRANSACTIONS = (TransferRequest, MintRequest, BurnRequest, SwapRequest)


class Caller:
    """Somebody who calls: an application, or an application that acts for a person."""

    def __init__(
        self, connection: Connection, *, acting_for: str, timeout_seconds: float | None
    ) -> None:
        self._connection = connection
        self._timeout_seconds = timeout_seconds
        # What every call carries: who calls, and for whom.
        self.metadata = connection.metadata(acting_for)

    @property
    def ledger(self) -> LedgerServiceAsyncStub:
        """The generated stub of LedgerService, for `call`."""
        return self._connection.ledger

    @property
    def identity(self) -> IdentityServiceAsyncStub:
        """The generated stub of IdentityService, for `call`."""
        return self._connection.identity

    @property
    def payments(self) -> PaymentServiceAsyncStub:
        """The generated stub of PaymentService, for `call`."""
        return self._connection.payments

    @property
    def spending(self) -> SpendingServiceAsyncStub:
        """The generated stub of SpendingService, for `call`."""
        return self._connection.spending

    @property
    def parliament(self) -> ParliamentServiceAsyncStub:
        """The generated stub of ParliamentService, for `call`."""
        return self._connection.parliament

    @property
    def operator(self) -> OperatorServiceAsyncStub:
        """The generated stub of OperatorService, for `call`."""
        return self._connection.operator

    @property
    def proofs(self) -> ProofServiceAsyncStub:
        """The generated stub of ProofService, for `call`."""
        return self._connection.proofs

    @property
    def reward_calls(self) -> RewardsServiceAsyncStub:
        """The generated stub of RewardsService."""
        return self._connection.reward_calls

    @property
    def webhook_calls(self) -> WebhookServiceAsyncStub:
        """The generated stub of WebhookService."""
        return self._connection.webhook_calls

    @property
    def amm(self) -> AmmServiceAsyncStub:
        """The generated stub of AmmService, for `call`."""
        return self._connection.amm

    @property
    def parameter_calls(self) -> ParameterServiceAsyncStub:
        """The generated stub of ParameterService, for `call`."""
        return self._connection.parameter_calls

    @property
    def price_calls(self) -> PriceServiceAsyncStub:
        """The generated stub of PriceService."""
        return self._connection.price_calls

    @property
    def queue_calls(self) -> QueueServiceAsyncStub:
        """The generated stub of QueueService, for `call`."""
        return self._connection.queue_calls

    @property
    def progression(self) -> ProgressionServiceAsyncStub:
        """The generated stub of ProgressionService."""
        return self._connection.progression

    @property
    def statistics_calls(self) -> StatisticsServiceAsyncStub:
        """The generated stub of StatisticsService."""
        return self._connection.statistics_calls

    async def call(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Request, Response],
        request: Request,
        *,
        timeout_seconds: float | None = None,
    ) -> Response:
        """Calls any unary method of the generated stubs, with retries.

        Args:
            method: Such as `client.ledger.GetSupply`.
            request: Sent unchanged in every attempt, so with the same request id.
            timeout_seconds: For all attempts together; the client's own when None, and the
                method's own when the client has none.

        Raises:
            RefusedError: The ledger said no, and nothing changed.
            UnavailableError: Nobody answered in time; the outcome may be unknown.
        """
        policy = policy_of(request)
        timeout = self._patience(policy, timeout_seconds)
        request_id = _request_id(request)
        clock = asyncio.get_running_loop().time
        deadline = clock() + timeout

        async def attempt() -> Response:
            return await self.attempt(
                method, request, timeout_seconds=deadline - clock(), request_id=request_id
            )

        return await with_retries(
            attempt, timeout_seconds=timeout, mutating=bool(request_id), policy=policy
        )

    async def attempt(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Request, Response],
        request: Request,
        *,
        timeout_seconds: float,
        request_id: str = "",
    ) -> Response:
        """Calls once, without retries. Raises what `call` raises."""
        try:
            self.check_open()
            return await method(
                request, timeout=max(0.0, timeout_seconds), metadata=with_trace(self.metadata)
            )
        except grpc.aio.AioRpcError as error:
            raise translate(error, request_id=request_id) from error
        except asyncio.CancelledError:
            self.raise_if_closed()
            raise

    async def pages(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[ListRequest, ListResponse],
        request: ListRequest,
    ) -> AsyncIterator[ListResponse]:
        """Calls a listing method page after page, until there is no next one."""
        while True:
            # A protocol cannot say that what has its fields is a message too.
            page: ListResponse = await self.call(method, request)  # type: ignore[type-var]
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def _patience(self, policy: Policy, timeout_seconds: float | None) -> float:
        """Returns the first that was said: with the call, with the client, in the contracts."""
        for said in (timeout_seconds, self._timeout_seconds):
            if said is not None:
                return said
        return policy.timeout_seconds

    def check_open(self) -> None:
        """Raises ClosedError when the client is closed."""
        if self._connection.closed:
            raise ClosedError("the client is closed")

    def raise_if_closed(self) -> None:
        """Raises ClosedError when it was closing the channel that cancelled a call.

        Nobody cancelled the task then, so a CancelledError would look like a bug of the caller's.
        """
        task = asyncio.current_task()
        if not (task and task.cancelling()):
            self.check_open()


def _request_id(request: Message) -> str:
    if isinstance(request, _TRANSACTIONS):
        return request.transaction_id
    if isinstance(request, CreateHoldRequest):
        return request.hold_id
    return str(getattr(request, "request_id", ""))
