"""Delivers events of all economies: each economy's on one server at a time, by an advisory lock.

The lock belongs to a database session, and all that is written about deliveries goes over that
session: a server that is killed, frozen or cut off loses it, and can write nothing more.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
import structlog

from ticketonomics_server import metrics
from ticketonomics_server.engine.economies import Economies
from ticketonomics_server.engine.incident import report_incident
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.session import is_passing
from ticketonomics_server.storage.database import Database
from ticketonomics_server.webhooks.courier import Courier, Means
from ticketonomics_server.webhooks.model import Webhook, WebhookState
from ticketonomics_server.webhooks.posting import Poster
from ticketonomics_server.webhooks.progress import (
    Changes,
    clean_up,
    find_requeued,
    open_progress,
    save_changes,
    take_requeued,
)
from ticketonomics_server.webhooks.retrying import RetryPolicy
from ticketonomics_server.webhooks.tables import webhooks

# The first key of the locks; the second is the economy's id.
LOCK_CLASS = 0x71C9
TICK_SECONDS = 1.0
# How long a server that ends waits for receivers.
STOP_SECONDS = 5.0
# Of a server that stands still, the session ends after so long, and with it the locks.
SESSION_SETTINGS = {
    "application_name": "ticketonomics webhooks",
    "idle_session_timeout": "10000",
    "idle_in_transaction_session_timeout": "5000",
    "statement_timeout": "10000",
    "lock_timeout": "5000",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
_READS = 2

_LOCK = f"""
SELECT economy_id, pg_try_advisory_lock({LOCK_CLASS}, economy_id) AS locked FROM (
    SELECT DISTINCT economy_id FROM webhooks WHERE NOT economy_id = ANY($1::int[])
) AS others
"""
_COLUMNS = ", ".join(f"w.{c.name}" for c in webhooks.columns if c.name != "economy_id")
_WEBHOOKS = f"""
SELECT w.economy_id, e.name AS economy, e.suspend_time IS NOT NULL AS suspended,
       coalesce(p.disable_sequence >= w.enable_sequence, false) AS disabled, {_COLUMNS}
FROM webhooks w JOIN economies e USING (economy_id)
LEFT JOIN webhook_progress p USING (economy_id, webhook_id)
WHERE w.economy_id = ANY($1::int[])
"""

_Key = tuple[int, str]

log = structlog.get_logger(__name__)


class Deliveries:
    """Runs a courier for each webhook of the economies whose locks this server holds."""

    def __init__(
        self, database: Database, economies: Economies, poster: Poster, policy: RetryPolicy
    ) -> None:
        self._database = database
        self._economies = economies
        self._poster = poster
        self._means = Means(database, poster, policy, asyncio.Semaphore(_READS))
        self._couriers: dict[_Key, Courier] = {}
        self._ending: dict[_Key, asyncio.Task[None]] = {}
        self._held: set[int] = set()
        self._known: set[_Key] = set()
        self._untidy = False
        self._told = False
        self._nudge = asyncio.Event()
        self._stopping = False
        self._ended = asyncio.Event()

    def nudge(self) -> None:
        """Has a look at once: a webhook was changed on this server."""
        self._nudge.set()

    async def run(self) -> None:
        """Delivers until it is stopped or cancelled."""
        try:
            while not self._stopping:
                try:
                    await self._work()
                except Exception as error:  # noqa: BLE001 - the next session may do better.
                    if is_passing(error) or isinstance(error, Rejection):
                        log.warning("deliveries were interrupted", error=repr(error))
                    else:
                        report_incident(error, "deliveries were interrupted")
                    # The session that was lost has nudged: without this, every try would at once
                    # be followed by the next.
                    self._nudge.clear()
                    if not self._stopping:
                        await self._pause()
        finally:
            await self._poster.close()
            self._ended.set()

    async def stop(self) -> None:
        """Ends attempts that are under way, and lets another server go on."""
        self._stopping = True
        self._nudge.set()
        await self._ended.wait()

    async def _work(self) -> None:
        """Holds one session. Whatever ends it ends all couriers: the locks are lost with it."""
        connection: asyncpg.Connection = await asyncpg.connect(
            self._database.url,
            target_session_attrs="primary",
            timeout=5.0,
            command_timeout=15.0,
            server_settings=SESSION_SETTINGS,
        )
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: self._lose(lost))
        try:
            while not self._stopping:
                self._nudge.clear()
                await self._tick(connection)
                await self._pause()
                if lost.is_set():
                    raise ConnectionError("the session of the deliveries was lost")
            await self._finish(connection)
            await connection.close()
        finally:
            await self._abandon()
            connection.terminate()

    def _lose(self, lost: asyncio.Event) -> None:
        lost.set()
        self._nudge.set()

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._nudge.wait(), TICK_SECONDS)
        except TimeoutError:
            return

    async def _tick(self, connection: asyncpg.Connection) -> None:
        await self._save(connection)
        if not (self._held or await self._poster.ready()):
            await self._tell_no_key(connection)
            return
        rows = await connection.fetch(_LOCK, list(self._held))
        gained = {row["economy_id"] for row in rows if row["locked"]}
        self._held |= gained
        if not self._held:
            return
        found = await connection.fetch(_WEBHOOKS, list(self._held))
        known = {(row["economy_id"], row["webhook_id"]) for row in found}
        for key in self._couriers.keys() - known:
            self._end(key)
        self._untidy |= bool(gained or self._known - known)
        self._known = known
        # Couriers of deleted webhooks write once more when they end.
        if self._untidy and not self._couriers.keys() - known:
            await clean_up(connection, list(self._held))
            self._untidy = False
        for row in found:
            await self._look_at(connection, row)
        await self._take_requeued(connection)

    async def _tell_no_key(self, connection: asyncpg.Connection) -> None:
        """Leaves deliveries to other servers: without a key this one could only fail."""
        if not self._told and await connection.fetchval("SELECT EXISTS (SELECT FROM webhooks)"):
            self._told = True
            log.warning("this server has no key of webhooks' secrets, and delivers nothing")

    async def _save(self, connection: asyncpg.Connection) -> None:
        """Writes what became of all webhooks, and takes away the couriers that have ended."""
        ended = [key for key, task in self._ending.items() if task.done()]
        changes: list[Changes] = []
        for key, courier in self._couriers.items():
            if change := courier.changes(last=key in ended):
                changes.append(change)
        if changes:
            await save_changes(connection, changes)
        for key in ended:
            del self._couriers[key], self._ending[key]
        metrics.webhook_waiting_events.set(sum(c.waiting for c in self._couriers.values()))

    async def _look_at(self, connection: asyncpg.Connection, row: Any) -> None:
        """Begins, changes or ends the courier of a webhook."""
        fields = dict(row)
        economy_id, economy = fields.pop("economy_id"), fields.pop("economy")
        resting = fields.pop("suspended") | fields.pop("disabled")
        webhook = Webhook(**fields)
        resting |= webhook.state != WebhookState.ACTIVE
        key = economy_id, webhook.webhook_id
        courier = self._couriers.get(key)
        if courier is None:
            if not (resting or self._economies.draining):
                await self._begin(connection, key, economy, webhook)
        elif resting or courier.disabled or _starts_anew(courier.webhook, webhook):
            self._end(key)
        elif courier.webhook.change_sequence != webhook.change_sequence:
            courier.change(webhook)

    async def _begin(
        self, connection: asyncpg.Connection, key: _Key, economy: str, webhook: Webhook
    ) -> None:
        feed = (await self._economies.get(key[0])).feed
        progress, waiting, settled = await open_progress(connection, key[0], webhook)
        # What it begins behind is there; the feed may not have heard of it yet.
        feed.hear(max(progress.cursor, webhook.start_after))
        courier = Courier(
            self._means,
            economy_id=key[0],
            economy=economy,
            webhook=webhook,
            progress=progress,
            feed=feed,
            settled=settled,
        )
        self._couriers[key] = courier
        await courier.begin(waiting)

    def _end(self, key: _Key, *, patience_seconds: float | None = None) -> None:
        if key not in self._ending:
            ending = self._couriers[key].stop(patience_seconds)
            self._ending[key] = asyncio.create_task(ending)

    async def _take_requeued(self, connection: asyncpg.Connection) -> None:
        for key in await find_requeued(connection, list(self._held)):
            courier = self._couriers.get(key)
            if courier is None or key in self._ending or not courier.room:
                continue
            await courier.take_up(await take_requeued(connection, *key, courier.room))

    async def _finish(self, connection: asyncpg.Connection) -> None:
        """Ends all couriers in peace."""
        for key in list(self._couriers):
            self._end(key, patience_seconds=STOP_SECONDS)
        await asyncio.gather(*self._ending.values())
        await self._save(connection)

    async def _abandon(self) -> None:
        couriers: Sequence[Courier] = list(self._couriers.values())
        tasks = list(self._ending.values())
        self._couriers, self._ending, self._held, self._known = {}, {}, set(), set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(courier.abandon() for courier in couriers))


def _starts_anew(before: Webhook, now: Webhook) -> bool:
    """Whether it was replayed or enabled since: then its courier begins again from the rows."""
    return (before.start_sequence, before.enable_sequence) != (
        now.start_sequence,
        now.enable_sequence,
    )
