"""What a method is open to: the server says it, and what it does not name is open to nobody."""

import asyncio
from enum import Enum
from time import monotonic

import grpc.aio
from ticketonomics.operator.v1.operator_service_pb2 import ListMethodsRequest
from ticketonomics.operator.v1.operator_service_pb2_grpc import OperatorServiceStub

from ticketonomics_gateway.problems import from_rpc_error

# A server of another version is noticed by then.
_FRESH_SECONDS = 60.0
_TIMEOUT_SECONDS = 5.0
_PAGE_SIZE = 1_000


class Access(Enum):
    """Who may call a method, as far as the gateway is concerned."""

    PUBLIC = "public"
    PERSONAL = "personal"
    APPLICATIONS = "applications"


class MethodAccess:
    """The server's own list of methods, kept for a while.

    Args:
        metadata: What tells the server who asks.
    """

    def __init__(self, channel: grpc.aio.Channel, metadata: tuple[tuple[str, str], ...]) -> None:
        self._stub = OperatorServiceStub(channel)
        self._metadata = metadata
        self._known: dict[str, Access] = {}
        self._read_at = 0.0
        self._reading: asyncio.Task[None] | None = None

    async def of(self, path: str) -> Access:
        """Tells whom a method is open to.

        Args:
            path: The method as gRPC calls it.

        Raises:
            Problem: The server was never asked, and does not answer.
        """
        if not self._known:
            await asyncio.shield(self._read_once())
        elif monotonic() - self._read_at > _FRESH_SECONDS:
            # What was known goes on being true until the server says otherwise.
            self._read_once()
        return self._known.get(path, Access.APPLICATIONS)

    def _read_once(self) -> asyncio.Task[None]:
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(self._forget_task)
        return self._reading

    def _forget_task(self, done: asyncio.Task[None]) -> None:
        self._reading = None
        if not done.cancelled():
            # Fetched, or asyncio would complain where nobody waited.
            done.exception()

    async def _read(self) -> None:
        # Whether it succeeds or not, it is not asked again at once.
        self._read_at = monotonic()
        known: dict[str, Access] = {}
        request = ListMethodsRequest(page_size=_PAGE_SIZE)
        while True:
            try:
                page = await self._stub.ListMethods(
                    request, metadata=self._metadata, timeout=_TIMEOUT_SECONDS
                )
            except grpc.aio.AioRpcError as error:
                raise from_rpc_error(error) from error
            for method in page.methods:
                known[method.name] = _access(public=method.public, personal=method.personal)
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        self._known = known


def _access(*, public: bool, personal: bool) -> Access:
    if public:
        return Access.PUBLIC
    return Access.PERSONAL if personal else Access.APPLICATIONS
