"""A receiver of webhooks on a real socket, and an economy that gives it something to receive."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import aiohttp.test_utils
from aiohttp import web
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics_client import Client, Event, verify_webhook

from tests.conftest import Server

PATIENCE_SECONDS = 30
# What servers of these tests are told, so that loopback will do and waits are short.
QUICK: dict[str, Any] = {
    "webhook_allow_http": True,
    "webhook_allow_private": True,
    "webhook_retry_seconds": 0.05,
    "webhook_attempts": 3,
}


@dataclass
class Received:
    """A request that came."""

    headers: dict[str, str]
    body: bytes
    path: str
    request: web.Request
    at: float = field(default_factory=monotonic)

    def check(self, secret: str) -> Event:
        return verify_webhook(self.headers, self.body, secret)

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def sequence(self) -> int:
        """The entry; 0 for a test event."""
        return 0 if "_test_" in self.id else int(self.id.rsplit("_", 1)[1])


Answer = Callable[[Received], Awaitable[web.StreamResponse]]


async def _fine(_: Received) -> web.StreamResponse:
    return web.Response()


class Receiver:
    """Collects what it gets, and answers as the test likes; by default 200."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answer: Answer = _fine
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        received = Received(dict(request.headers), await request.read(), request.path, request)
        self.received.append(received)
        return await self.answer(received)

    def fail(self, *statuses: int, headers: dict[str, str] | None = None) -> None:
        """Answers the first requests with these statuses, and all others with 200."""
        left = list(statuses)

        async def answer(_: Received) -> web.StreamResponse:
            return web.Response(status=left.pop(0) if left else 200, headers=headers)

        self.answer = answer

    @property
    def sequences(self) -> list[int]:
        return [received.sequence for received in self.received]

    async def wait(self, count: int) -> list[Received]:
        """Waits until so many came."""
        await until(lambda: len(self.received) >= count)
        return self.received

    async def wait_for(self, sequences: Sequence[int]) -> None:
        """Waits until events of all these entries came."""
        await until(lambda: set(sequences) <= set(self.sequences))


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", receiver.handle)
    server = aiohttp.test_utils.TestServer(application, host="127.0.0.1")
    await server.start_server(ssl=tls)
    try:
        receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.port}/hooks"
        yield receiver
    finally:
        await server.close()


async def until(condition: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> Any:
    """Waits until something is so; what comes from elsewhere sets no event."""
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.02)


@dataclass
class Shop:
    """An application with accounts of its own, and the operator who pays into them."""

    operator: Client
    client: Client
    application_id: str

    @property
    def till(self) -> str:
        return f"apps/{self.application_id}/till"

    @property
    def safe(self) -> str:
        return f"apps/{self.application_id}/safe"

    async def pay(self, account: str = "", memo: str = "") -> int:
        """Pays 1 into an account, by default the till; returns the entry."""
        receipt = await self.operator.transfer(
            source="orgs/bank", destination=account or self.till, asset="COIN", amount=1, memo=memo
        )
        return receipt.sequence


@asynccontextmanager
async def open_shop(server: Server, *scopes: str) -> AsyncIterator[Shop]:
    async with Client(server.target, api_key=server.operator_key) as operator:
        if not [asset async for asset in operator.assets()]:
            await operator.create_asset(Asset(code="COIN", kind=Asset.KIND_TICKET, name="Coin"))
            await operator.open_account("orgs/bank")
            await operator.mint(
                destination="orgs/bank", asset="COIN", amount=10_000, reason="start"
            )
        application = await operator.create_application(
            name="shop", scopes=scopes, rate_limit_rps=100_000
        )
        key = await operator.create_api_key(application.application_id)
        async with Client(server.target, api_key=key.secret) as client:
            shop = Shop(operator, client, application.application_id)
            await client.open_account(shop.till)
            await client.open_account(shop.safe)
            yield shop
