"""Makes one block: decides it under the lock, writes and commits it, and finds out about doubt."""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence

import structlog
from tenacity import (
    AsyncRetrying,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from ticketonomics_server import metrics
from ticketonomics_server.engine.block import Block, Head
from ticketonomics_server.engine.clock import ClockWatch
from ticketonomics_server.engine.command import Accepted, Slice
from ticketonomics_server.engine.domain import Keys, Registry
from ticketonomics_server.engine.draft import Draft
from ticketonomics_server.engine.flight import Flight, observe_phase
from ticketonomics_server.engine.incident import report_incident
from ticketonomics_server.engine.pace import Lap, MadeBlock, OnMade, Pace, Stopwatch
from ticketonomics_server.engine.session import Session, UnknownCommitError, is_passing
from ticketonomics_server.engine.slices import is_wanted, turns
from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.writing import gather_writes
from ticketonomics_server.storage.writes import Write, execute

KEPT_KEYS = 500_000
PATIENCE_SECONDS = 10.0

OnCommit = Callable[[Block, Sequence[Accepted]], None]
Connect = Callable[[int], Awaitable[Session]]

log = structlog.get_logger(__name__)


class UnknownOutcomeError(ConnectionError):
    """A block may be committed or not, and nobody could be asked in time."""


def patiently() -> AsyncRetrying:
    """Tries again whatever may pass, for a while."""
    return AsyncRetrying(
        retry=retry_if_exception(is_passing),
        wait=wait_random_exponential(multiplier=0.02, max=1.0),
        stop=stop_after_delay(PATIENCE_SECONDS),
        reraise=True,
    )


@contextlib.contextmanager
def _telling(block: Block) -> Iterator[None]:
    """Keeps whoever cannot hear of a block from keeping it from others."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - committed is committed, whoever cannot hear it.
        report_incident(error, "a block could not be told", height=block.height)


class BlockMaker:
    """Has an economy's kept rows and its session, and makes blocks with them.

    Args:
        connect: Opens a prepared session.
        on_commit: Called with every block that was committed, in order.
        on_made: Called with the times of every block that was committed.
        leads_on: Tells, when a block is committed, whether the lock is kept for another one.

    Attributes:
        distrusted: How often everything was forgotten: what was decided before is void.
    """

    def __init__(
        self,
        *,
        economy_id: int,
        economy: str,
        registry: Registry,
        connect: Connect,
        on_commit: OnCommit,
        leads_on: Callable[[], bool],
        on_made: OnMade,
    ) -> None:
        self.clock = ClockWatch()
        self.pace = Pace()
        self._on_made = on_made
        self.distrusted = 0
        self._economy_id = economy_id
        self._economy = economy
        self._registry = registry
        self._connect = connect
        self._on_commit = on_commit
        self._leads_on = leads_on
        self._state = State(table.row_type for table in registry.tables)
        self._kept_at: Head | None = None
        self._session: Session | None = None

    @property
    def full(self) -> bool:
        """Whether so much is kept that it is dropped when the block in flight has landed."""
        return self._state.size > KEPT_KEYS

    # --- making a block -----------------------------------------------------------------------

    async def decide(self, slices: list[Slice], below: Flight | None) -> Flight:
        """Decides a block under the lock, and leaves the state as it will be after it.

        Args:
            below: The block in flight that this one stands on; the lock is kept from it.
        """
        laps: list[Lap] = []
        stopwatch = Stopwatch(laps, observe_phase)
        session = await self._lock()
        # Waiting for the lock, or for the database, may have taken long.
        slices = [part for part in slices if is_wanted(part)]
        stopwatch.lap("lock")
        draft, alone = await self._load(session, slices, below)
        stopwatch.lap("load")
        async for part in turns(slices):
            draft.decide(part)
        block = draft.build(self._economy)
        writes: list[Write] = []
        if block is not None:
            writes = gather_writes(self._economy_id, self._registry, self._state, draft, block)
            self._kept_at = block.head
        self._state.end_block()
        stopwatch.lap("decide")
        return Flight(slices, draft, block, writes, last=block is None or not alone, laps=laps)

    async def _load(
        self, session: Session, slices: list[Slice], below: Flight | None
    ) -> tuple[Draft, bool]:
        """Looks at the head, and loads the rows that the commands declare and that are not kept.

        Returns:
            A draft on the loaded state, and whether no other server waits for the lock.
        """
        keys = Keys(set)
        request_ids = []
        for part in slices:
            caller = part.submission.caller
            for command in part.submission.commands[part.start : part.stop]:
                request_ids.append(command.request_id)
                self._registry.commands[type(command)].declare(command, caller, keys)
        view = await session.look(request_ids)
        self.clock.observe(view.now)
        head, seen = view.head, view.seen
        if below is not None and below.block is not None:
            # It may be committed by now or not; what it accepted is known here.
            head = below.block.head
            seen |= {request.request_id: request for request in below.draft.requests}
        else:
            if self._kept_at != head:
                metrics.dropped_states.inc()
            if self._kept_at != head or self.full:
                self._state.drop()
            self._kept_at = head
        for table in self._registry.tables:
            # Looks each wanted key up; a subtraction of key views would walk through all kept ones.
            wanted = keys.get(table.row_type, set())
            missing = wanted.difference(self._state.rows[table.row_type])
            if missing:
                if below is not None and below.task is not None and not table.by_key:
                    await asyncio.wait([below.task])
                await table.load(session.reader, self._economy_id, missing, self._state)
        draft = Draft(
            handlings=self._registry.commands,
            state=self._state,
            head=head,
            time=view.now,
            entropy=os.urandom(32),
            seen=seen,
            timers_held=self.clock.jumped,
        )
        return draft, view.alone

    def send_off(self, flight: Flight) -> None:
        """Begins to write a block; `conclude` tells what comes of it."""
        flight.task = asyncio.create_task(self._persist(flight))

    async def _persist(self, flight: Flight) -> None:
        """Writes and commits a block, then answers. Touches nothing that the next one stands on."""
        session = self._session
        assert session is not None, "it was decided under the lock"
        if flight.block is None:
            await session.let_go()
        else:
            stopwatch = Stopwatch(flight.laps, observe_phase)
            await session.begin()
            await execute(session.connection, flight.writes)
            stopwatch.lap("write")
            flight.last = flight.last or not self._leads_on()
            await session.commit(flight.block.last_sequence, lead_on=not flight.last)
            stopwatch.lap("commit")
        self._accomplish(flight)

    def _accomplish(self, flight: Flight) -> None:
        """Tells streams and callers what is durable now."""
        if flight.block is not None:
            entries = flight.draft.entries
            metrics.block_entries.observe(len(entries))
            made = MadeBlock(self._economy, flight.block.height, len(entries), flight.laps)
            self.pace.note(made)
            with _telling(flight.block):
                self._on_made(made)
            with _telling(flight.block):
                self._on_commit(flight.block, entries)
        flight.draft.answer()

    # --- sessions and doubtful commits --------------------------------------------------------

    async def _lock(self) -> Session:
        if self._session is None:
            try:
                self._session = await self._connect(self._economy_id)
            except Exception as error:
                # Whatever keeps the database from being reached is no fault of a command.
                raise ConnectionError("the database cannot be reached") from error
        await self._session.lock()
        return self._session

    async def conclude(self, flight: Flight) -> None:
        """Waits for a block's commit, and where nothing says whether it happened, finds out.

        The old session is gone or will be: Postgres ends it before anybody else gets the lock. So
        whoever holds the lock sees whether the block is there.
        """
        assert flight.task is not None, "it was sent off"
        try:
            await flight.task
        except UnknownCommitError as error:
            assert flight.block is not None, "only a block is committed"
            await self.distrust()
            log.warning("a commit is looked up", economy=self._economy, height=flight.block.height)
            try:
                committed = await self._was_committed(flight.block)
            except Exception as failure:
                raise UnknownOutcomeError("the block may be committed") from failure
            if not committed:
                metrics.unknown_commits.labels("absent").inc()
                raise ConnectionError("the block was not committed") from error
            metrics.unknown_commits.labels("committed").inc()
            self._accomplish(flight)

    async def _was_committed(self, block: Block) -> bool:
        async for attempt in patiently():
            with attempt:
                await self.close()
                session = await self._lock()
                found = await session.committed_hash(block.height)
                await session.let_go()
        return found == block.hash

    async def distrust(self) -> None:
        """Forgets the kept rows and the session: nobody knows what became of them."""
        self.distrusted += 1
        self._state.drop()
        self._kept_at = None
        await self.close()

    async def let_go(self) -> None:
        """Lets go of a lock that was kept for commands that nobody wants any more."""
        if self._session is None:
            return
        try:
            await self._session.let_go()
        except Exception as error:  # noqa: BLE001 - whatever it is, the session cannot be used.
            log.info("a session was lost", economy=self._economy, error=repr(error))
            await self.distrust()

    async def keep_alive(self) -> None:
        """Keeps an idle session from being ended."""
        if self._session is None:
            return
        try:
            await self._session.keep_alive()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next block opens a new session.
            log.info("an idle session was lost", economy=self._economy, error=repr(error))
            await self.close()

    async def close(self) -> None:
        """Ends the session; the next block opens another one."""
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(Exception):
                await session.close()
