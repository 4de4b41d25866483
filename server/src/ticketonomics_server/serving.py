"""`ticketonomics-server serve`: from settings to a running server, and down again on a signal."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
import uvloop

from ticketonomics_server.app import open_app
from ticketonomics_server.bootstrap import operator_key_file
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.embedded import EmbeddedPostgres

log = structlog.get_logger(__name__)


def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT, then drains. A second signal ends it at once."""
    _tame_garbage_collection()
    uvloop.run(_serve(settings))


def _tame_garbage_collection() -> None:
    """Lets the cycle collector run seldom: kept rows and blocks are many objects and no cycles.

    With Python's own thresholds it took a third of the time of a busy server.
    """
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncIterator[str]:
    """Gives the database that is set, or starts the embedded one and stops it at the end."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    async with EmbeddedPostgres(settings.data_folder, progress=_tell_progress) as postgres:
        yield postgres.dsn


def _tell_progress(line: str) -> None:
    log.info("Postgres is starting", postgres=line)


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop_or_die, stop, number)
    async with database_url(settings) as url, open_app(settings, url) as port:
        log.info(
            "serving",
            address=settings.listen.rsplit(":", 1)[0] + f":{port}",
            economy=settings.economy,
            operator_key=str(operator_key_file(settings.data_folder, settings.economy)),
        )
        await stop.wait()
    log.info("stopped")


def _stop_or_die(stop: asyncio.Event, number: int) -> None:
    if stop.is_set():
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
    stop.set()
