"""The channel to the server: its options, its encryption, and what every call carries along."""

from __future__ import annotations

import asyncio
import ipaddress
from functools import cached_property
from typing import TYPE_CHECKING

import grpc
import grpc.aio
from ticketonomics.amm.v1.amm_service_pb2_grpc import AmmServiceStub
from ticketonomics.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from ticketonomics.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub
from ticketonomics.operator.v1.operator_service_pb2_grpc import OperatorServiceStub
from ticketonomics.parameters.v1.parameter_service_pb2_grpc import ParameterServiceStub
from ticketonomics.parliament.v1.parliament_service_pb2_grpc import ParliamentServiceStub
from ticketonomics.payments.v1.payment_service_pb2_grpc import PaymentServiceStub
from ticketonomics.prices.v1.price_service_pb2_grpc import PriceServiceStub
from ticketonomics.progression.v1.progression_service_pb2_grpc import ProgressionServiceStub
from ticketonomics.proofs.v1.proof_service_pb2_grpc import ProofServiceStub
from ticketonomics.queues.v1.queue_service_pb2_grpc import QueueServiceStub
from ticketonomics.rewards.v1.rewards_service_pb2_grpc import RewardsServiceStub
from ticketonomics.spending.v1.spending_service_pb2_grpc import SpendingServiceStub
from ticketonomics.statistics.v1.statistics_service_pb2_grpc import StatisticsServiceStub
from ticketonomics.webhooks.v1.webhook_service_pb2_grpc import WebhookServiceStub

from ticketonomics_client.tls import TlsFiles

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

MAX_MESSAGE_BYTES = 16 * 1024 * 1024

CHANNEL_OPTIONS = (
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    # A connection that died silently is noticed within 40 s, on streams too. Servers answer pings
    # that come more often than they send data with GOAWAY; heartbeats every 15 s keep us below.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # gRPC's own default grows to two minutes, much longer than a server takes to restart. Ours
    # makes an outage about a second longer than it is.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)


class Connection:
    """One channel, shared by everybody whom a client acts for. Opened by its first call."""

    def __init__(
        self,
        target: str,
        *,
        api_key: str | None,
        economy: str,
        tls: bool | TlsFiles | grpc.ChannelCredentials | None,
        insecure: bool,
    ) -> None:
        self._target = target
        self._credentials = _credentials(target, tls=tls, insecure=insecure)
        # A key belongs to an economy, so it needs no naming.
        self._metadata = (
            ("authorization", f"Bearer {_header('api_key', api_key)}")
            if api_key
            else ("ticketonomics-economy", _header("economy", economy)),
        )
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    @cached_property
    def channel(self) -> grpc.aio.Channel:
        """The channel; made at first use, because it belongs to the running event loop."""
        # Without this, making a channel outside of a loop fails much later, and obscurely.
        asyncio.get_running_loop()
        if self._credentials is None:
            return grpc.aio.insecure_channel(self._target, options=CHANNEL_OPTIONS)
        return grpc.aio.secure_channel(self._target, self._credentials, options=CHANNEL_OPTIONS)

    @cached_property
    def ledger(self) -> LedgerServiceAsyncStub:
        """The generated stub of LedgerService."""
        return LedgerServiceStub(self.channel)

    @cached_property
    def identity(self) -> IdentityServiceAsyncStub:
        """The generated stub of IdentityService."""
        return IdentityServiceStub(self.channel)

    @cached_property
    def payments(self) -> PaymentServiceAsyncStub:
        """The generated stub of PaymentService."""
        return PaymentServiceStub(self.channel)

    @cached_property
    def spending(self) -> SpendingServiceAsyncStub:
        """The generated stub of SpendingService."""
        return SpendingServiceStub(self.channel)

    @cached_property
    def queue_calls(self) -> QueueServiceAsyncStub:
        """The generated stub of QueueService."""
        return QueueServiceStub(self.channel)

    @cached_property
    def parameter_calls(self) -> ParameterServiceAsyncStub:
        """The generated stub of ParameterService."""
        return ParameterServiceStub(self.channel)

    @cached_property
    def parliament(self) -> ParliamentServiceAsyncStub:
        """The generated stub of ParliamentService."""
        return ParliamentServiceStub(self.channel)

    @cached_property
    def operator(self) -> OperatorServiceAsyncStub:
        """The generated stub of OperatorService."""
        return OperatorServiceStub(self.channel)

    @cached_property
    def proofs(self) -> ProofServiceAsyncStub:
        """The generated stub of ProofService."""
        return ProofServiceStub(self.channel)

    @cached_property
    def reward_calls(self) -> RewardsServiceAsyncStub:
        """The generated stub of RewardsService."""
        return RewardsServiceStub(self.channel)

    @cached_property
    def webhook_calls(self) -> WebhookServiceAsyncStub:
        """The generated stub of WebhookService."""
        return WebhookServiceStub(self.channel)

    @cached_property
    def price_calls(self) -> PriceServiceAsyncStub:
        """The generated stub of PriceService."""
        return PriceServiceStub(self.channel)

    @cached_property
    def amm(self) -> AmmServiceAsyncStub:
        """The generated stub of AmmService."""
        return AmmServiceStub(self.channel)

    @cached_property
    def progression(self) -> ProgressionServiceAsyncStub:
        """The generated stub of ProgressionService."""
        return ProgressionServiceStub(self.channel)

    @cached_property
    def statistics_calls(self) -> StatisticsServiceAsyncStub:
        """The generated stub of StatisticsService."""
        return StatisticsServiceStub(self.channel)

    def metadata(self, acting_for: str) -> tuple[tuple[str, str], ...]:
        """Returns what every call of this person, or of the application itself, carries."""
        if not acting_for:
            return self._metadata
        return (
            *self._metadata,
            ("ticketonomics-acting-for", _header("person_id", acting_for)),
        )

    async def close(self) -> None:
        """Closes the channel; calls that are still open end with UnavailableError."""
        if not self._closed:
            self._closed = True
            if "channel" in self.__dict__:
                await self.channel.close()


def is_loopback(target: str) -> bool:
    """Tells whether a gRPC target never leaves this machine."""
    if target.startswith(("unix:", "unix-abstract:")):
        return True
    for scheme in ("dns:///", "dns:", "ipv4:", "ipv6:"):
        target = target.removeprefix(scheme)
    host = target.rpartition(":")[0] if not target.endswith("]") else target
    host = (host or target).strip("[]")
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _credentials(
    target: str, *, tls: bool | TlsFiles | grpc.ChannelCredentials | None, insecure: bool
) -> grpc.ChannelCredentials | None:
    if insecure and tls:
        raise ValueError("tls and insecure exclude each other")
    if isinstance(tls, grpc.ChannelCredentials):
        return tls
    if isinstance(tls, TlsFiles):
        return tls.credentials()
    if tls is None:
        tls = not (insecure or is_loopback(target))
    if tls:
        return grpc.ssl_channel_credentials()
    if not insecure and not is_loopback(target):
        raise ValueError(
            f"{target} is another machine: without TLS everybody on the way could read the API "
            "key; leave tls alone, or say insecure=True if the network itself is trusted"
        )
    return None


def _header(name: str, value: str) -> str:
    if not (value and value.isascii() and value.isprintable() and value == value.strip()):
        # The value itself stays out of the message: it may be a secret.
        raise ValueError(f"{name} must be printable ASCII without spaces around it")
    return value
