"""`ticketonomics-gateway serve`: from settings to a running gateway, and down again on a signal."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager

import structlog
import uvicorn
import uvloop
from starlette.types import ASGIApp

from ticketonomics_gateway.app import Gateway, wrapped
from ticketonomics_gateway.contracts import Method
from ticketonomics_gateway.protocol import limited_protocol
from ticketonomics_gateway.settings import Settings, wants_tracing

_BACKLOG = 2_048

log = structlog.get_logger(__name__)


def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT, then drains. A second signal ends it at once."""
    # With Python's own thresholds the cycle collector takes a part of the time of a busy gateway.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop_or_die, stop, number)
    async with open_gateway(settings) as port:
        address = settings.listen.rsplit(":", 1)[0] + f":{port}"
        log.info("serving", address=address, server=settings.server)
        await stop.wait()
        log.info("draining")
    log.info("stopped")


class _Server(uvicorn.Server):
    """uvicorn's, without its own handling of signals.

    Args:
        gateway: Told before connections are closed, so that its streams end first.
    """

    def __init__(self, config: uvicorn.Config, gateway: Gateway) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self._gateway = gateway

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to us."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tells when it is up."""
        await super().startup(sockets)
        self.up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tells that it goes down."""
        await self._gateway.drain()
        await super().shutdown(sockets)


@asynccontextmanager
async def open_gateway(
    settings: Settings, methods: Sequence[Method] | None = None
) -> AsyncIterator[int]:
    """Serves while the context is open, and drains at its end. Gives the port.

    Raises:
        OSError: The address cannot be listened on, or the TLS files cannot be read.
    """
    gateway = Gateway(settings, methods)
    async with _tracing(settings) as around:
        server = _Server(_config(settings, around(wrapped(gateway))), gateway)
        with _listen(settings.listen) as listening:
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            up = asyncio.create_task(server.up.wait())
            try:
                await asyncio.wait({serving, up}, return_when=asyncio.FIRST_COMPLETED)
                if not server.started:
                    raise OSError("the gateway did not start")
                yield listening.getsockname()[1]
            finally:
                up.cancel()
                server.should_exit = True
                await serving


def _config(settings: Settings, app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=limited_protocol(settings),
        ws="websockets-sansio",
        log_config=None,
        access_log=False,
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=settings.drain_seconds,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )


@asynccontextmanager
async def _tracing(settings: Settings) -> AsyncIterator[Callable[[ASGIApp], ASGIApp]]:
    """Gives what puts spans around an application."""
    if not wants_tracing(settings):
        yield lambda app: app
        return
    # Imported only here: without spans nobody waits for it, and it takes no memory.
    from ticketonomics_gateway.tracing import Traced, Tracing

    tracing = Tracing(settings.otlp_endpoint)
    try:
        yield lambda app: Traced(app, tracing)
    finally:
        await tracing.close()


def _listen(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, int(port)), family=family, backlog=_BACKLOG)


def _stop_or_die(stop: asyncio.Event, number: int) -> None:
    if stop.is_set():
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
    stop.set()
