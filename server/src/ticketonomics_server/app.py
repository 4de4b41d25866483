"""The composition root: what the server is made of, how it starts, and how it stops."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
import prometheus_client
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc
from ticketonomics.amm.v1 import amm_service_pb2, amm_service_pb2_grpc
from ticketonomics.identity.v1 import identity_service_pb2, identity_service_pb2_grpc
from ticketonomics.ledger.v1 import ledger_service_pb2, ledger_service_pb2_grpc
from ticketonomics.operator.v1 import operator_service_pb2, operator_service_pb2_grpc
from ticketonomics.parameters.v1 import parameter_service_pb2, parameter_service_pb2_grpc
from ticketonomics.parliament.v1 import parliament_service_pb2, parliament_service_pb2_grpc
from ticketonomics.payments.v1 import payment_service_pb2, payment_service_pb2_grpc
from ticketonomics.prices.v1 import price_service_pb2, price_service_pb2_grpc
from ticketonomics.progression.v1 import progression_service_pb2, progression_service_pb2_grpc
from ticketonomics.proofs.v1 import proof_service_pb2, proof_service_pb2_grpc
from ticketonomics.queues.v1 import queue_service_pb2, queue_service_pb2_grpc
from ticketonomics.rewards.v1 import rewards_service_pb2, rewards_service_pb2_grpc
from ticketonomics.spending.v1 import spending_service_pb2, spending_service_pb2_grpc
from ticketonomics.statistics.v1 import statistics_service_pb2, statistics_service_pb2_grpc
from ticketonomics.webhooks.v1 import webhook_service_pb2, webhook_service_pb2_grpc

from ticketonomics_server.amm.servicer import AmmServicer
from ticketonomics_server.bootstrap import found_economy
from ticketonomics_server.domains import make_domains
from ticketonomics_server.engine.domain import Registry
from ticketonomics_server.engine.economies import Economies
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.timers import TimerRunner
from ticketonomics_server.identity.authentication import Authenticator
from ticketonomics_server.identity.servicer import IdentityServicer
from ticketonomics_server.identity.uses import KeyUses
from ticketonomics_server.ledger.servicer import LedgerServicer
from ticketonomics_server.operator.servicer import OperatorServicer
from ticketonomics_server.parameters.servicer import ParameterServicer
from ticketonomics_server.parliament.servicer import ParliamentServicer
from ticketonomics_server.payments.servicer import PaymentServicer
from ticketonomics_server.prices.housekeeping import Housekeeping
from ticketonomics_server.prices.servicer import PriceServicer
from ticketonomics_server.progression.servicer import ProgressionServicer
from ticketonomics_server.proofs.following import LogFollower
from ticketonomics_server.proofs.servicer import ProofServicer
from ticketonomics_server.proofs.signing import Signer
from ticketonomics_server.queues.room import QueueRoom
from ticketonomics_server.rewards.servicer import RewardsServicer
from ticketonomics_server.rpc.admission import Admission
from ticketonomics_server.rpc.call import ANYBODY, Call
from ticketonomics_server.rpc.handlers import GenericHandlers
from ticketonomics_server.rpc.interceptor import CallInterceptor
from ticketonomics_server.rpc.limits import RateLimits
from ticketonomics_server.rpc.servicing import Servicing
from ticketonomics_server.settings import Settings, wants_tracing
from ticketonomics_server.spending.servicer import SpendingServicer
from ticketonomics_server.statistics.figures import Figures
from ticketonomics_server.statistics.following import StatisticsFollower
from ticketonomics_server.statistics.servicer import StatisticsServicer
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.due_timers import find_due_timers
from ticketonomics_server.storage.economies import find_economy, find_economy_name
from ticketonomics_server.storage.embedded import refuse_unsafe_durability
from ticketonomics_server.storage.migrating import migrate
from ticketonomics_server.streams import streams_of
from ticketonomics_server.tls import Certificate
from ticketonomics_server.webhooks.room import WebhookRoom

if TYPE_CHECKING:
    from ticketonomics_server.tracing import Tracing

MAX_MESSAGE_BYTES = 16 << 20
SERVICES = [
    service.full_name
    for module in (
        ledger_service_pb2,
        identity_service_pb2,
        proof_service_pb2,
        payment_service_pb2,
        spending_service_pb2,
        parliament_service_pb2,
        webhook_service_pb2,
        amm_service_pb2,
        queue_service_pb2,
        parameter_service_pb2,
        price_service_pb2,
        progression_service_pb2,
        statistics_service_pb2,
        rewards_service_pb2,
        operator_service_pb2,
    )
    for service in module.DESCRIPTOR.services_by_name.values()
]

# The services that need nothing but the economies and the database.
ROOMS: Sequence[tuple[Callable[[Any, Any], None], type[Servicing]]] = (
    (ledger_service_pb2_grpc.add_LedgerServiceServicer_to_server, LedgerServicer),
    (identity_service_pb2_grpc.add_IdentityServiceServicer_to_server, IdentityServicer),
    (payment_service_pb2_grpc.add_PaymentServiceServicer_to_server, PaymentServicer),
    (spending_service_pb2_grpc.add_SpendingServiceServicer_to_server, SpendingServicer),
    (parameter_service_pb2_grpc.add_ParameterServiceServicer_to_server, ParameterServicer),
    (amm_service_pb2_grpc.add_AmmServiceServicer_to_server, AmmServicer),
    (parliament_service_pb2_grpc.add_ParliamentServiceServicer_to_server, ParliamentServicer),
    (price_service_pb2_grpc.add_PriceServiceServicer_to_server, PriceServicer),
)

log = structlog.get_logger(__name__)


class App:
    """A running server on a database that is migrated."""

    def __init__(
        self, settings: Settings, database: Database, tracing: "Tracing | None" = None
    ) -> None:
        self._tracing = tracing
        self._settings = settings
        self._database = database
        self._economy_ids: dict[str, Call] = {}
        self._queues = QueueRoom(settings, database)
        registry = Registry(make_domains(self._queues.ring.keys))
        self.economies = Economies(
            registry=registry,
            connect=database.connect_sequencer,
            find_name=self._find_economy_name,
            streams=streams_of(database),
            on_made=self._tracing.block if self._tracing else lambda _: None,
        )
        self._uses = KeyUses(database.connect)
        self._authenticator = Authenticator(database.snapshot, self._uses.note)
        self._timers = TimerRunner(
            registry=registry,
            find_due=partial(find_due_timers, database),
            sequencer=self.economies.sequencer,
        )
        self._signer = Signer(settings, database)
        self._follower = LogFollower(database, self._signer)
        self._statistics = StatisticsFollower(database)
        self._webhooks = WebhookRoom(settings, database, self.economies)
        admission = Admission(
            identify=self._authenticator.identify,
            find_economy=self._find_public_call,
            default_economy=settings.economy,
            limits=RateLimits(settings.anonymous_rate_limit_rps),
        )
        self._interceptor = self._build_interceptor(admission)
        self._health = HealthServicer()
        self._certificate = _certificate(settings)
        self._server = self._build_server()

    def _build_interceptor(self, admission: Admission) -> CallInterceptor:
        build: Callable[..., CallInterceptor] = CallInterceptor
        if self._tracing is not None:
            build = self._tracing.interceptor
        return build(
            admission,
            last_sequence=self.economies.last_sequence,
            max_streams=self._settings.max_streams,
        )

    def _build_server(self) -> grpc.aio.Server:
        server = grpc.aio.server(
            interceptors=[self._interceptor],
            options=[
                ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
                ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
                # Two servers on one port would take each other's calls.
                ("grpc.so_reuseport", 0),
                ("grpc.keepalive_time_ms", 60_000),
                ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
                ("grpc.keepalive_permit_without_calls", 1),
            ],
        )
        handlers: Any = GenericHandlers(server)
        for add, servicer in ROOMS:
            add(servicer(self.economies, self._database), handlers)
        webhook_service_pb2_grpc.add_WebhookServiceServicer_to_server(
            self._webhooks.servicer, handlers
        )
        queue_service_pb2_grpc.add_QueueServiceServicer_to_server(
            self._queues.servicer(self.economies), handlers
        )
        rewards_service_pb2_grpc.add_RewardsServiceServicer_to_server(
            RewardsServicer(self.economies, self._database, self._webhooks.sealer), handlers
        )
        proof_service_pb2_grpc.add_ProofServiceServicer_to_server(
            ProofServicer(self._database, self._signer, self._follower), handlers
        )
        figures = Figures(self._database, self._statistics)
        statistics_service_pb2_grpc.add_StatisticsServiceServicer_to_server(
            StatisticsServicer(self._database, figures), handlers
        )
        progression_service_pb2_grpc.add_ProgressionServiceServicer_to_server(
            ProgressionServicer(self._database, figures), handlers
        )
        operator_service_pb2_grpc.add_OperatorServiceServicer_to_server(
            OperatorServicer(
                self.economies,
                self._database,
                open_streams=lambda: self._interceptor.open_streams,
                max_streams=self._settings.max_streams,
            ),
            handlers,
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, handlers)
        names = (*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME)
        reflection_pb2_grpc.add_ServerReflectionServicer_to_server(
            reflection.aio.ReflectionServicer(names), handlers
        )
        return server

    def listen(self) -> int:
        """Opens the port and returns its number."""
        listen = self._settings.listen
        if self._certificate is None:
            return self._server.add_insecure_port(listen)
        return self._server.add_secure_port(listen, self._certificate.credentials())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """Serves while the context is open, and drains at its end. Gives the port."""
        await self._queues.ring.load()
        async with _background(
            self._database.listen(self.economies.hear),
            self.economies.beat(),
            self._timers.run(),
            self._queues.ring.run(),
            self._uses.run(),
            self._follower.run(),
            self._statistics.run(),
            self._webhooks.deliveries.run(),
            Housekeeping(self._database).run(),
            *([self._certificate.watch()] if self._certificate else ()),
        ):
            await found_economy(
                self._database, self.economies, self._settings.economy, self._settings.data_folder
            )
            await self._publish_signing_key()
            port = self.listen()
            await self._server.start()
            for name in ("", *SERVICES):
                await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
            try:
                yield port
            finally:
                await self._drain()

    async def _publish_signing_key(self) -> None:
        try:
            if await self._signer.publish() is None:
                log.warning("this server has no signing key, and signs no heads")
        except Rejection as rejection:
            log.warning("this server signs no heads", why=rejection.message)

    async def _drain(self) -> None:
        """Tells balancers, refuses new commands, finishes accepted ones, then closes the port."""
        log.info("draining")
        await self._health.enter_graceful_shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._settings.drain_seconds):
                await asyncio.gather(self.economies.drain(), self._webhooks.deliveries.stop())
        await self._server.stop(self._settings.drain_seconds)
        try:
            await self._uses.write()
        except Exception as error:  # noqa: BLE001 - when a key was last used is worth no fuss now.
            log.warning("key uses were not written", error=repr(error))

    # --- what the parts ask of the database ---------------------------------------------------

    async def _find_economy_name(self, economy_id: int) -> str:
        async with self._database.snapshot() as connection:
            name = await find_economy_name(connection, economy_id)
        if name is None:
            raise Rejection(Reason.ECONOMY_NOT_FOUND, "there is no such economy")
        return name

    async def _find_public_call(self, name: str) -> Call:
        if call := self._economy_ids.get(name):
            return call
        async with self._database.snapshot() as connection:
            economy_id = await find_economy(connection, name)
        if economy_id is None:
            raise Rejection(Reason.ECONOMY_NOT_FOUND, f"there is no economy {name}", economy=name)
        call = self._economy_ids[name] = Call(economy_id, name, ANYBODY)
        return call


@asynccontextmanager
async def open_app(settings: Settings, database_url: str) -> AsyncIterator[int]:
    """Migrates the database, serves while the context is open, and gives the port.

    Args:
        database_url: That of the embedded Postgres, or the one set.
    """
    database = Database(database_url, read_connections=settings.read_connections)
    try:
        await refuse_unsafe_durability(database_url)
        await migrate(database)
        with _metrics_port(settings):
            async with (
                _tracing(settings) as tracing,
                App(settings, database, tracing).running() as port,
            ):
                yield port
    finally:
        await database.close()


@asynccontextmanager
async def _tracing(settings: Settings) -> AsyncIterator["Tracing | None"]:
    if not wants_tracing(settings):
        yield None
        return
    # Imported only here: without spans nobody waits for it, and it takes no memory.
    from ticketonomics_server.tracing import Tracing

    tracing = Tracing(settings.otlp_endpoint)
    try:
        yield tracing
    finally:
        await tracing.close()


def _certificate(settings: Settings) -> Certificate | None:
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    return Certificate(settings.tls_certificate, settings.tls_key, settings.tls_client_ca)


@contextlib.contextmanager
def _metrics_port(settings: Settings) -> Iterator[None]:
    if settings.metrics_listen is None:
        yield
        return
    host, port = settings.metrics_listen.rsplit(":", 1)
    server, thread = prometheus_client.start_http_server(int(port), host)
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


@asynccontextmanager
async def _background(*coroutines: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs what goes on beside the calls, and ends it with the context."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
