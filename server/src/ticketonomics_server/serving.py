"""`ticketonomics-server serve`: from settings to a running server, and down again on a signal."""

import asyncio
import gc
import signal

import structlog
import uvloop

from ticketonomics_server.app import open_app
from ticketonomics_server.bootstrap import operator_key_file
from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.embedded import EmbeddedPostgres, EmbeddedPostgresError

WATCH_SECONDS = 0.5

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


class PostgresEndedError(EmbeddedPostgresError):
    """The embedded Postgres ended without being asked to."""


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop_or_die, stop, number)
    if settings.database_url is not None:
        await _serve_on(settings, settings.database_url.get_secret_value(), stop)
        return
    async with EmbeddedPostgres(settings.data_folder, progress=_tell_progress) as postgres:
        watch = asyncio.create_task(_watch(postgres, stop))
        try:
            await _serve_on(settings, postgres.dsn, stop)
        finally:
            watch.cancel()
        if not postgres.alive:
            raise PostgresEndedError(
                "the embedded Postgres ended; its log is in the data folder. Start the server again"
            )


async def _serve_on(settings: Settings, url: str, stop: asyncio.Event) -> None:
    async with open_app(settings, url) as port:
        log.info(
            "serving",
            address=settings.listen.rsplit(":", 1)[0] + f":{port}",
            economy=settings.economy,
            operator_key=str(operator_key_file(settings.data_folder, settings.economy)),
        )
        await stop.wait()
    log.info("stopped")


async def _watch(postgres: EmbeddedPostgres, stop: asyncio.Event) -> None:
    """Stops the server when its Postgres is gone: another one would have another address."""
    while postgres.alive:  # noqa: ASYNC110 - nobody tells of the end of what is not our child.
        await asyncio.sleep(WATCH_SECONDS)
    log.critical("the embedded Postgres ended")
    stop.set()


def _tell_progress(line: str) -> None:
    log.info("Postgres is starting", postgres=line)


def _stop_or_die(stop: asyncio.Event, number: int) -> None:
    if stop.is_set():
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
    stop.set()
