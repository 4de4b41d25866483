"""A server whose economy trades without a market: a domain of the tests records the trades."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics.prices.v1 import price_service_pb2 as rpc
from ticketonomics.prices.v1.price_service_pb2_grpc import PriceServiceStub
from ticketonomics_client import Client
from ticketonomics_server import app
from ticketonomics_server.domains import make_domains
from ticketonomics_server.engine.command import Accepted, Caller

from tests.conftest import Server, run_server
from tests.integration.trading_domain import TRADING, Deal, Trade, trade

CALLER = Caller("tester")


@dataclass
class Market:
    """A server, who trades on it, and who looks."""

    server: Server
    app: app.App
    client: Client
    last_sequence: int = 0

    async def submit(self, *trades: Trade) -> list[int]:
        """Trades, and returns the entries."""
        sequencer = await self.app.economies.sequencer(1)
        submission = await sequencer.submit(CALLER, trades)
        self.last_sequence = submission.last_sequence
        return [o.sequence for o in submission.outcomes if isinstance(o, Accepted)]

    async def trade(self, *deals: Deal) -> list[int]:
        """Trades once for each deal, each an entry of its own."""
        return await self.submit(*map(trade, deals))

    @property
    def stub(self) -> PriceServiceStub:
        return PriceServiceStub(self.server.channel)

    @asynccontextmanager
    async def watching(
        self, *instruments: str, after: int | None = None, channel: grpc.aio.Channel | None = None
    ) -> AsyncIterator[Any]:
        """The bare stream, without the SDK's resuming."""
        request = rpc.WatchPricesRequest(instruments=instruments, after_sequence=after)
        call = PriceServiceStub(channel or self.server.channel).WatchPrices(request)
        try:
            yield call
        finally:
            call.cancel()


@asynccontextmanager
async def open_market(
    monkeypatch: pytest.MonkeyPatch, database_url: str, data_folder: Path, **settings: object
) -> AsyncIterator[Market]:
    """Runs a server with the domain that trades."""
    apps: list[app.App] = []

    class Noted(app.App):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            apps.append(self)

    with monkeypatch.context() as patched:
        patched.setattr(app, "make_domains", lambda draws: (*make_domains(draws), TRADING))
        patched.setattr(app, "App", Noted)
        async with (
            run_server(database_url, data_folder, **settings) as server,
            Client(server.target, api_key=server.operator_key) as client,
        ):
            yield Market(server, apps[-1], client)


async def create_assets(client: Client, codes: Sequence[str] = ("IRON", "COPPER")) -> None:
    for code in codes:
        await client.create_asset(Asset(code=code, kind=Asset.KIND_MATERIAL, name=code, decimals=2))
