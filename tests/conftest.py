"""A real Postgres for all tests of a run, a database of its own for each, and a real server."""

import logging
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from uuid import uuid4

import asyncpg
import grpc
import pytest
import structlog
from ticketonomics.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from ticketonomics.ledger.v1.ledger_service_pb2_grpc import LedgerServiceStub
from ticketonomics.operator.v1.operator_service_pb2_grpc import OperatorServiceStub
from ticketonomics.payments.v1.payment_service_pb2_grpc import PaymentServiceStub
from ticketonomics.proofs.v1.proof_service_pb2_grpc import ProofServiceStub
from ticketonomics.spending.v1.spending_service_pb2_grpc import SpendingServiceStub
from ticketonomics_server.app import MAX_MESSAGE_BYTES, open_app
from ticketonomics_server.bootstrap import operator_key_file
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.embedded import EmbeddedPostgres
from ticketonomics_server.storage.migrating import migrate

# Whoever starts the tests in the background may have Ctrl-C ignored, which child processes inherit;
# some tests send it to theirs.
signal.signal(signal.SIGINT, signal.default_int_handler)

TEMPLATE = "ticketonomics_template"
_ENOUGH_MEMORY_BYTES = 2 << 30
_numbers = count(1)
_LONGEST = tuple(Path(__file__).parent / folder for folder in ("web", "model"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with what takes longest, so that processes which share the tests end together."""
    items.sort(key=lambda item: not any(item.path.is_relative_to(long) for long in _LONGEST))


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    # Not pytest's own folder: as root, Postgres runs as a user who may not enter that one.
    with TemporaryDirectory(prefix="ticketonomics-tests-", dir=_quickest()) as folder:
        Path(folder).chmod(0o755)
        # It has many databases, each for a moment, and never much to recover.
        with EmbeddedPostgres(Path(folder) / "data", settings={"max_wal_size": "512MB"}) as running:
            yield running


def _quickest() -> str | None:
    """Memory where there is enough of it: there a commit is as real, and waits for no disk.

    What must survive a crash is tried elsewhere, on disks: by `tests/faults` and by the tests of
    the embedded Postgres.
    """
    memory = Path("/dev/shm")
    plenty = memory.is_dir() and disk_usage(memory).free > _ENOUGH_MEMORY_BYTES
    return str(memory) if plenty else None


def database_dsn(postgres: EmbeddedPostgres, name: str) -> str:
    return postgres.dsn.replace("/ticketonomics?", f"/{name}?")


@asynccontextmanager
async def migrated(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    """A migrated database that no other test uses."""
    admin = await asyncpg.connect(postgres.admin_dsn)
    owner = await asyncpg.connect(postgres.dsn)
    role = await owner.fetchval("SELECT current_user")
    await owner.close()
    if not await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE):
        await admin.execute(f'CREATE DATABASE {TEMPLATE} OWNER "{role}"')
        template = Database(database_dsn(postgres, TEMPLATE))
        await migrate(template)
        await template.close()
    name = f"test_{next(_numbers)}"
    await admin.execute(f'CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER "{role}"')
    yield database_dsn(postgres, name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def database_url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    async with migrated(postgres) as url:
        yield url


@pytest.fixture
async def another_database_url(postgres: EmbeddedPostgres) -> AsyncIterator[str]:
    async with migrated(postgres) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@dataclass
class Server:
    """A running server, and the operator's way to call it."""

    target: str
    operator_key: str
    database_url: str
    data_folder: Path
    channel: grpc.aio.Channel
    anonymous: grpc.aio.Channel

    @property
    def ledger(self) -> LedgerServiceStub:
        return LedgerServiceStub(self.channel)

    @property
    def identity(self) -> IdentityServiceStub:
        return IdentityServiceStub(self.channel)

    @property
    def operator(self) -> OperatorServiceStub:
        return OperatorServiceStub(self.channel)

    @property
    def payments(self) -> PaymentServiceStub:
        return PaymentServiceStub(self.channel)

    @property
    def spending(self) -> SpendingServiceStub:
        return SpendingServiceStub(self.channel)

    @property
    def proofs(self) -> ProofServiceStub:
        return ProofServiceStub(self.channel)

    @asynccontextmanager
    async def connect(self, key: str, acting_for: str = "") -> AsyncIterator[grpc.aio.Channel]:
        """Opens a channel that calls with a key, maybe for a person."""
        metadata = [("authorization", f"Bearer {key}")]
        if acting_for:
            metadata.append(("ticketonomics-acting-for", acting_for))
        async with _channel(self.target, metadata) as channel:
            yield channel


class _Metadata:
    def __init__(self, metadata: list[tuple[str, str]]) -> None:
        self._metadata = metadata

    async def intercept_unary_unary(self, continuation, details, request):
        return await continuation(self._extend(details), request)

    async def intercept_unary_stream(self, continuation, details, request):
        return await continuation(self._extend(details), request)

    def _extend(self, details):
        metadata = grpc.aio.Metadata(*(details.metadata or ()), *self._metadata)
        return grpc.aio.ClientCallDetails(
            details.method, details.timeout, metadata, details.credentials, details.wait_for_ready
        )


class _UnaryMetadata(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, both: _Metadata) -> None:
        self._both = both

    async def intercept_unary_unary(self, continuation, details, request):
        return await self._both.intercept_unary_unary(continuation, details, request)


class _StreamMetadata(grpc.aio.UnaryStreamClientInterceptor):
    def __init__(self, both: _Metadata) -> None:
        self._both = both

    async def intercept_unary_stream(self, continuation, details, request):
        return await self._both.intercept_unary_stream(continuation, details, request)


def _channel(target: str, metadata: list[tuple[str, str]]) -> grpc.aio.Channel:
    both = _Metadata(metadata)
    return grpc.aio.insecure_channel(
        target,
        options=[("grpc.max_receive_message_length", MAX_MESSAGE_BYTES)],
        interceptors=[_UnaryMetadata(both), _StreamMetadata(both)],
    )


@asynccontextmanager
async def run_server(
    database_url: str, data_folder: Path, *, port: int = 0, **settings: object
) -> AsyncIterator[Server]:
    """Runs the ordinary server in this process, on a port of its own."""
    listen = f"127.0.0.1:{port}"
    chosen = Settings(data_folder=data_folder, listen=listen, drain_seconds=5, **settings)
    async with open_app(chosen, database_url) as bound:
        key = operator_key_file(data_folder, chosen.economy).read_text().strip()
        target = f"127.0.0.1:{bound}"
        async with (
            _channel(target, [("authorization", f"Bearer {key}")]) as channel,
            _channel(target, []) as anonymous,
        ):
            yield Server(target, key, database_url, data_folder, channel, anonymous)


@pytest.fixture
async def server(database_url: str, tmp_path: Path) -> AsyncIterator[Server]:
    async with run_server(database_url, tmp_path) as running:
        yield running


@pytest.fixture(autouse=True)
def no_errors_logged() -> Iterator[list[str]]:
    """Fails a test that made the server log an error, unless the test takes it off the list."""
    errors: list[str] = []

    def collect(_logger: object, method: str, event: dict[str, object]) -> dict[str, object]:
        if method in {"error", "critical"}:
            errors.append(f"{event.get('event')} {event.get('exc_info') or event}")
        return event

    structlog.configure(
        processors=[
            collect,
            structlog.stdlib.add_log_level,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    yield errors
    assert not errors, f"the server logged errors: {errors}"


def new_id() -> str:
    return str(uuid4())
