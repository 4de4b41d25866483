"""Delivers the events of one webhook: reads the ledger, sends in order, tries again."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from ticketonomics.ledger.v1.ledger_service_pb2 import WatchTransactionsRequest

from ticketonomics_server import metrics
from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.feed import Feed, Page
from ticketonomics_server.engine.incident import report_incident
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity.model import split_scopes
from ticketonomics_server.identity.queries import find_application
from ticketonomics_server.ledger.model import MINT, SINK
from ticketonomics_server.ledger.queries import JournalTransaction, read_transactions
from ticketonomics_server.ledger.watching import Filter
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import reading
from ticketonomics_server.webhooks.encode import encode_body, event_id, transaction_event
from ticketonomics_server.webhooks.model import Webhook, split_accounts, split_kinds
from ticketonomics_server.webhooks.ordering import EventQueue, QueuedEvent
from ticketonomics_server.webhooks.posting import Poster
from ticketonomics_server.webhooks.progress import BacklogRow, Changes, DisableReason, Progress
from ticketonomics_server.webhooks.retrying import RetryPolicy
from ticketonomics_server.webhooks.sending import GONE, Outcome

# Attempts of one webhook at once; of one that fails, one after the other.
MAX_SENDING = 8
FAILING_AFTER = 5
_PAUSE_SECONDS = 1.0
_READ_AT_ONCE = 500
# Answers that ask to be left alone: with Retry-After they hold all events of the webhook.
_SLOW_DOWN = (429, 503)
_SYSTEM = frozenset({MINT, SINK})


@dataclass(slots=True, frozen=True)
class Means:
    """What all couriers of a server share.

    Attributes:
        reads: Keeps couriers from taking all connections for reads.
    """

    database: Database
    poster: Poster
    policy: RetryPolicy
    reads: asyncio.Semaphore


class Courier:
    """One webhook on the one server that holds its economy's delivery lock.

    Attributes:
        webhook: As it is now; whoever changes it calls `change`.
        disabled: Whether it has been given up.
    """

    def __init__(
        self,
        means: Means,
        *,
        economy_id: int,
        economy: str,
        webhook: Webhook,
        progress: Progress,
        feed: Feed,
        settled: set[int],
    ) -> None:
        self._means = means
        self._economy_id = economy_id
        self._economy = economy
        self._feed = feed
        self._progress = progress
        self._queue = EventQueue(progress.cursor, settled)
        self._changed = False
        self._kept: dict[int, BacklogRow] = {}
        self._done: list[int] = []
        self._failures = 0
        self._held_until = 0.0
        self._halted = False
        self._turn = asyncio.Event()
        self._room = asyncio.Event()
        self._work: list[asyncio.Task[None]] = []
        self._attempts: set[asyncio.Task[None]] = set()
        self.disabled = False
        self.change(webhook)

    def change(self, webhook: Webhook) -> None:
        """Goes on with another URL, filter or secret."""
        self.webhook = webhook
        self._watched = frozenset(split_accounts(webhook.accounts))
        self._filter = Filter(
            WatchTransactionsRequest(
                accounts=sorted(self._watched),
                asset=webhook.asset,
                kinds=split_kinds(webhook.kinds),  # type: ignore[arg-type]
            )
        )

    # --- beginning and ending -----------------------------------------------------------------

    async def begin(self, waiting: Sequence[BacklogRow]) -> None:
        """Takes up what waited, and begins to read and to send."""
        await self.take_up(waiting)
        for work, name in ((self._read, "reads"), (self._send, "sends")):
            task = asyncio.create_task(self._keep_going(work), name=f"webhook {name}")
            self._work.append(task)

    async def take_up(self, rows: Sequence[BacklogRow]) -> None:
        """Takes in events that the database says wait."""
        for start in range(0, len(rows), _READ_AT_ONCE):
            part = {row.event_sequence: row for row in rows[start : start + _READ_AT_ONCE]}
            for found in await self._read_transactions(list(part)):
                row = part[found.sequence]
                due = row.attempt_time.timestamp() if row.attempt_time else 0.0
                self._queue.settled.discard(row.event_sequence)
                self._queue.add(
                    QueuedEvent(
                        row.event_sequence, self._accounts(found), row.attempts, due, saved=True
                    )
                )
        self._turn.set()

    @property
    def room(self) -> int:
        """How many events more may be taken up."""
        return 0 if self._queue.full else _READ_AT_ONCE

    async def stop(self, patience_seconds: float | None = None) -> None:
        """Ends, once the attempts that are under way have ended, by default whatever they take."""
        self._halted = True
        await self._cancel(self._work)
        if self._attempts:
            await asyncio.wait(set(self._attempts), timeout=patience_seconds)
        await self._cancel(list(self._attempts))

    async def abandon(self) -> None:
        """Ends at once: another server may deliver now."""
        self._halted = True
        await self._cancel([*self._work, *self._attempts])

    async def _cancel(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def changes(self, *, last: bool = False) -> Changes | None:
        """Tells what is to be written; None where it is what was written before.

        Args:
            last: Whether this courier has ended.
        """
        held_up = self._queue.held_up() + (self._queue.overtaken() if last else [])
        for event in held_up:
            self._keep(event)
        cursor = self._queue.cursor
        if cursor == self._progress.cursor and not (self._changed or self._kept or self._done):
            return None
        self._progress.cursor = cursor
        kept, done = list(self._kept.values()), self._done
        self._kept, self._done, self._changed = {}, [], False
        return Changes(
            self._economy_id, self.webhook.webhook_id, self._progress, kept=kept, done=done
        )

    @property
    def waiting(self) -> int:
        return len(self._queue)

    async def _keep_going(self, work: Callable[[], Awaitable[None]]) -> None:
        while not self._halted:
            try:
                await work()
            except Rejection as rejection:
                if rejection.reason is Reason.DRAINING:
                    return
            except Exception as error:  # noqa: BLE001 - a fault here must not end deliveries.
                report_incident(error, "a webhook faltered", webhook=self.webhook.webhook_id)
            await asyncio.sleep(_PAUSE_SECONDS)

    # --- reading ------------------------------------------------------------------------------

    async def _read(self) -> None:
        """Follows the ledger, as long as there is room for what it finds."""
        queue = self._queue
        async with aclosing(self._feed.follow(queue.read_to)) as pages:  # type: ignore[type-var]
            async for page in pages:
                if page is None:
                    continue
                self._take_in(page)
                while queue.full:
                    self._room.clear()
                    await self._room.wait()

    def _take_in(self, page: Page) -> None:
        queue = self._queue
        for found in page.items:
            if found.sequence > queue.read_to and self._filter.wants(found):
                queue.add(QueuedEvent(found.sequence, self._accounts(found)))
        queue.read_to = max(queue.read_to, page.last_sequence)
        self._turn.set()

    def _accounts(self, found: JournalTransaction) -> frozenset[str]:
        """The accounts of whose order the receiver can be sure."""
        touched = frozenset(side for posting in found.posted.postings for side in posting[:2])
        return touched & self._watched if self._watched else touched - _SYSTEM

    async def _read_transactions(self, sequences: list[int]) -> list[JournalTransaction]:
        async with (
            self._means.reads,
            reading(self._means.database, self._economy_id) as snapshot,
        ):
            return await read_transactions(snapshot, sequences)

    # --- sending ------------------------------------------------------------------------------

    async def _send(self) -> None:
        """Sends what may be sent, and sleeps until something may."""
        while not self._halted:
            self._turn.clear()
            now = datetime.now(UTC).timestamp()
            limit = 1 if self._failures >= FAILING_AFTER else MAX_SENDING
            held = now < self._held_until
            batch = [] if held else self._queue.take(now, limit - len(self._attempts))
            if batch:
                await self._dispatch(batch)
                continue
            due = self._held_until if held else self._queue.next_due()
            busy = len(self._attempts) >= limit
            timeout = None if due is None or busy else max(0.0, due - now)
            try:
                await asyncio.wait_for(self._turn.wait(), timeout)
            except TimeoutError:
                continue

    async def _dispatch(self, batch: list[QueuedEvent]) -> None:
        try:
            bodies = await self._prepare([event.sequence for event in batch])
        except BaseException:
            for event in batch:
                self._queue.put_back(event)
            raise
        for event in batch:
            task = asyncio.create_task(self._attempt(event, bodies[event.sequence]))
            self._attempts.add(task)
            task.add_done_callback(self._attempt_ended)

    async def _prepare(self, sequences: list[int]) -> dict[int, bytes]:
        """Encodes transactions as far as the application may see them now."""
        async with (
            self._means.reads,
            reading(self._means.database, self._economy_id) as snapshot,
        ):
            application = await find_application(snapshot, self.webhook.application_id)
            transactions = await read_transactions(snapshot, sequences)
        caller = Caller(application.application_id, split_scopes(application.scopes))
        webhook_id = self.webhook.webhook_id
        return {
            found.sequence: encode_body(transaction_event(self._economy, webhook_id, caller, found))
            for found in transactions
        }

    async def _attempt(self, event: QueuedEvent, body: bytes) -> None:
        try:
            identifier = event_id(self.webhook.webhook_id, event.sequence)
            outcome = await self._means.poster.post(self.webhook, identifier, body)
        except BaseException as error:
            self._queue.put_back(event)
            if isinstance(error, Exception):
                report_incident(error, "an attempt faltered", webhook=self.webhook.webhook_id)
                self._held_until = datetime.now(UTC).timestamp() + _PAUSE_SECONDS
            raise
        if outcome.delivered:
            self._delivered(event)
        else:
            self._failed(event, outcome)

    def _attempt_ended(self, task: asyncio.Task[None]) -> None:
        self._attempts.discard(task)
        if not task.cancelled():
            # Reported already.
            task.exception()
        self._turn.set()

    def _delivered(self, event: QueuedEvent) -> None:
        self._failures, self._changed = 0, True
        progress = self._progress
        progress.delivered_count += 1
        progress.last_success_time, progress.failing_since = datetime.now(UTC), None
        self._finish(event)
        if event.saved:
            self._kept.pop(event.sequence, None)
            self._done.append(event.sequence)

    def _failed(self, event: QueuedEvent, outcome: Outcome) -> None:
        now, progress, policy = datetime.now(UTC), self._progress, self._means.policy
        self._failures, self._changed = self._failures + 1, True
        event.attempts += 1
        progress.last_failure_time, progress.last_failure = now, outcome.failure
        progress.failing_since = progress.failing_since or now
        if event.attempts >= policy.attempts and outcome.status != GONE:
            self._finish(event)
            self._keep(event, outcome, dead_time=now)
            metrics.webhook_attempts.labels("dead").inc()
        else:
            asked = outcome.retry_after_seconds
            wait = policy.wait_seconds(event.attempts, asked, random.random)
            event.due = now.timestamp() + wait
            self._queue.put_back(event)
            self._keep(event, outcome)
            if asked and outcome.status in _SLOW_DOWN:
                self._held_until = max(self._held_until, event.due)
        if outcome.status == GONE:
            self._disable(DisableReason.GONE, now)
        elif now - progress.failing_since >= policy.disable_after:
            self._disable(DisableReason.FAILING, now)

    def _finish(self, event: QueuedEvent) -> None:
        self._queue.finish(event)
        if not self._queue.full:
            self._room.set()

    def _keep(
        self,
        event: QueuedEvent,
        outcome: Outcome | None = None,
        *,
        dead_time: datetime | None = None,
    ) -> None:
        """Has an event saved with the next changes: then the cursor may pass it."""
        event.saved = True
        due = datetime.fromtimestamp(event.due, UTC) if event.due else datetime.now(UTC)
        self._kept[event.sequence] = BacklogRow(
            event.sequence,
            event.attempts,
            None if dead_time else due,
            dead_time,
            outcome.status if outcome else 0,
            outcome.failure if outcome else "",
        )

    def _disable(self, reason: DisableReason, now: datetime) -> None:
        progress = self._progress
        progress.disable_sequence = self.webhook.enable_sequence
        progress.disable_reason, progress.disable_time = reason, now
        self.disabled = self._halted = True
