"""The sequencer of one economy: takes what waits, decides it, commits it as a block, answers."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from time import perf_counter

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
from ticketonomics_server.engine.incident import report_incident
from ticketonomics_server.engine.queue import CommandQueue, answer_all, is_wanted
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.session import Session, UnknownCommitError, is_passing, sqlstate
from ticketonomics_server.engine.state import State
from ticketonomics_server.engine.writing import write_block
from ticketonomics_server.storage.writes import StaleStateError

KEPT_KEYS = 500_000
PATIENCE_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 1.0
CLOSE_IDLE_SECONDS = 600.0

# The event loop gets its turn after this many decisions.
_DECISIONS_A_TURN = 512

OnCommit = Callable[[Block, Sequence[Accepted]], None]
Connect = Callable[[int], Awaitable[Session]]

log = structlog.get_logger(__name__)


class UnknownOutcomeError(ConnectionError):
    """A block may be committed or not, and nobody could be asked in time."""


class Sequencer:
    """Makes one economy's blocks. Every server has one for each economy that it serves.

    Args:
        connect: Opens a prepared session.
        on_commit: Called with every block that this server committed, in order.

    Attributes:
        submit: Queues commands; see `CommandQueue.submit`.
    """

    def __init__(
        self,
        *,
        economy_id: int,
        economy: str,
        registry: Registry,
        connect: Connect,
        on_commit: OnCommit,
    ) -> None:
        self.economy = economy
        self.clock = ClockWatch()
        self._economy_id = economy_id
        self._registry = registry
        self._connect = connect
        self._on_commit = on_commit
        self._state = State(table.row_type for table in registry.tables)
        self._kept_at: Head | None = None
        self._session: Session | None = None
        self._queue = CommandQueue(economy)
        self.submit = self._queue.submit
        self._working: list[Slice] = []

    @property
    def queued_commands(self) -> int:
        """How many commands wait for a block."""
        return self._queue.commands

    # --- the loop -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Makes blocks until `drain`; then finishes what waits and ends."""
        try:
            while not self._queue.closed or self._queue.commands:
                await self._wait()
                await self._queue.gather()
                self._working = self._queue.take()
                if self._working:
                    await self._commit_or_split(self._working)
                elif self._session is not None and self._session.begun:
                    await self._end_unused(self._session)
        finally:
            self._queue.close()
            await self._drop_session()
            # Only when a drain takes too long: what became of these is not known.
            answer_all(self._working, _unknown())
            answer_all(
                self._queue.take_all(),
                Rejection(Reason.DRAINING, "the server is shutting down", retry_seconds=1.0),
            )

    async def drain(self) -> None:
        """Refuses new commands; `run` returns when the accepted ones are done."""
        self._queue.close()

    async def _wait(self) -> None:
        """Waits for commands, and keeps an idle session alive for a while."""
        idle_seconds = 0.0
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                    await self._queue.arrival()
                return
            except TimeoutError:
                idle_seconds += KEEP_ALIVE_SECONDS
                await self._keep_alive(idle_seconds)

    async def _keep_alive(self, idle_seconds: float) -> None:
        if self._session is None:
            return
        if idle_seconds >= CLOSE_IDLE_SECONDS:
            await self._drop_session()
            return
        try:
            await self._session.keep_alive()
        except Exception as error:  # noqa: BLE001 - whatever it is, the next block opens a new session.
            log.info("an idle session was lost", economy=self.economy, error=repr(error))
            await self._drop_session()

    async def _end_unused(self, session: Session) -> None:
        """Lets go of a lock that was kept for commands that nobody wants any more."""
        try:
            await session.roll_back()
        except Exception as error:  # noqa: BLE001 - whatever it is, the session cannot be used.
            log.info("a session was lost", economy=self.economy, error=repr(error))
            await self._drop_session()

    async def _commit_or_split(self, slices: list[Slice]) -> None:
        """Commits a block; where it fails for good, splits it until the culprit is alone."""
        try:
            try:
                await self._commit_with_retries(slices)
            except StaleStateError as error:
                # Somebody changed a row beside the engine; what is loaded anew is true.
                log.warning("the kept rows were stale", economy=self.economy, error=str(error))
                await self._commit_with_retries(slices)
        except Exception as error:  # noqa: BLE001 - anything that lasts is a poisoned command.
            if is_passing(error):
                answer_all(slices, _give_up(error))
            elif len(slices) == 1 and slices[0].size == 1:
                answer_all(slices, report_incident(error, "a block of one command failed"))
            else:
                log.warning("a block is split", economy=self.economy, error=repr(error))
                for half in _halves(slices):
                    await self._commit_or_split(half)

    async def _commit_with_retries(self, slices: list[Slice]) -> None:
        try:
            await self._commit(slices)
        except Exception as error:
            if not is_passing(error):
                raise
            log.info("a block is tried again", economy=self.economy, error=repr(error))
            await self._retry(slices, doubtful=isinstance(error, UnknownOutcomeError))

    async def _retry(self, slices: list[Slice], *, doubtful: bool) -> None:
        """Tries a block again until it is committed, fails for good, or takes too long.

        Args:
            doubtful: Whether an earlier try may be committed after all.
        """
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(is_passing),
            wait=wait_random_exponential(multiplier=0.02, max=1.0),
            stop=stop_after_delay(PATIENCE_SECONDS),
            reraise=True,
        ):
            with attempt:
                metrics.block_retries.inc()
                try:
                    await self._commit(slices)
                except UnknownOutcomeError:
                    doubtful = True
                    raise
                except Exception as error:
                    if doubtful:
                        raise UnknownOutcomeError("an earlier try may be committed") from error
                    raise

    async def _commit(self, slices: list[Slice]) -> None:
        """Tries once to make a block; whatever goes wrong, nothing is kept."""
        try:
            draft, block = await self._attempt(slices)
        except BaseException:
            await self._distrust()
            raise
        self._state.end_block()
        if block is not None:
            self._kept_at = block.head
            metrics.block_entries.observe(len(draft.entries))
            self._tell(block, draft.entries)
        draft.answer()
        if self._state.size > KEPT_KEYS:
            self._state.drop()

    def _tell(self, block: Block, entries: Sequence[Accepted]) -> None:
        try:
            self._on_commit(block, entries)
        except Exception as error:  # noqa: BLE001 - committed is committed, whoever cannot hear it.
            report_incident(error, "a block could not be told", height=block.height)

    async def _attempt(self, slices: list[Slice]) -> tuple[Draft, Block | None]:
        stopwatch = _Stopwatch()
        session = await self._lock()
        # Waiting for the lock, or for the database, may have taken long.
        slices = [part for part in slices if is_wanted(part)]
        await session.begin()
        stopwatch.lap("lock")
        draft = await self._load(session, slices)
        stopwatch.lap("load")
        async for part in _turns(slices):
            draft.decide(part)
        block = draft.build(self.economy)
        stopwatch.lap("decide")
        if block is None:
            await session.roll_back()
            return draft, None
        await write_block(session, self._registry, self._state, draft, block)
        stopwatch.lap("write")
        await self._commit_durably(session, block)
        stopwatch.lap("commit")
        return draft, block

    async def _load(self, session: Session, slices: list[Slice]) -> Draft:
        """Looks at the head, and loads the rows that the commands declare and that are not kept."""
        keys = Keys(set)
        request_ids = []
        for part in slices:
            for command in part.submission.commands[part.start : part.stop]:
                request_ids.append(command.request_id)
                self._registry.commands[type(command)].declare(command, keys)
        view = await session.look(request_ids)
        self.clock.observe(view.now)
        if self._kept_at != view.head:
            self._state.drop()
            self._kept_at = view.head
            metrics.dropped_states.inc()
        for table in self._registry.tables:
            # Looks each wanted key up; a subtraction of key views would walk through all kept ones.
            wanted = keys.get(table.row_type, set())
            missing = wanted.difference(self._state.rows[table.row_type])
            if missing:
                await table.load(session.connection, self._economy_id, missing, self._state)
        return Draft(
            handlings=self._registry.commands,
            state=self._state,
            head=view.head,
            time=view.now,
            entropy=os.urandom(32),
            seen=view.seen,
            timers_held=self.clock.jumped,
        )

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

    async def _commit_durably(self, session: Session, block: Block) -> None:
        """Commits, and where nothing says whether it happened, finds out.

        The old session is gone or will be: Postgres ends it before anybody else gets the lock. So
        whoever holds the lock sees whether the block is there.
        """
        try:
            await session.commit(block.last_sequence, lead_on=self._queue.commands > 0)
        except UnknownCommitError as error:
            log.warning("a commit is looked up", economy=self.economy, height=block.height)
            try:
                committed = await self._was_committed(block)
            except Exception as failure:
                raise UnknownOutcomeError("the block may be committed") from failure
            if not committed:
                metrics.unknown_commits.labels("absent").inc()
                raise ConnectionError("the block was not committed") from error
            metrics.unknown_commits.labels("committed").inc()

    async def _was_committed(self, block: Block) -> bool:
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(is_passing),
            wait=wait_random_exponential(multiplier=0.05, max=1.0),
            stop=stop_after_delay(PATIENCE_SECONDS),
            reraise=True,
        ):
            with attempt:
                await self._drop_session()
                session = await self._lock()
                found = await session.committed_hash(block.height)
                await session.unlock()
        return found == block.hash

    async def _distrust(self) -> None:
        """Forgets the kept rows and the session: nobody knows what became of them."""
        self._state.drop()
        self._kept_at = None
        await self._drop_session()

    async def _drop_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(Exception):
                await session.close()


def _give_up(error: BaseException) -> Rejection:
    if sqlstate(error).startswith(("40", "55")):
        return Rejection(
            Reason.CONTENTION, "all retries met contention; nothing was applied", retry_seconds=0.5
        )
    log.warning("a block was given up", error=repr(error))
    return _unknown()


def _unknown() -> Rejection:
    return Rejection(
        Reason.DATABASE_UNAVAILABLE,
        "the database cannot be reached; try again with the same request id",
        retry_seconds=1.0,
    )


def _halves(slices: list[Slice]) -> tuple[list[Slice], list[Slice]]:
    if len(slices) == 1:
        first, second = slices[0].split()
        return [first], [second]
    middle = len(slices) // 2
    return slices[:middle], slices[middle:]


async def _turns(slices: Sequence[Slice]) -> AsyncIterator[Slice]:
    """Cuts slices into pieces, and lets the event loop turn now and then."""
    decided = 0
    for part in slices:
        for start in range(part.start, part.stop, _DECISIONS_A_TURN):
            piece = Slice(part.submission, start, min(start + _DECISIONS_A_TURN, part.stop))
            yield piece
            decided += piece.size
            if decided >= _DECISIONS_A_TURN:
                decided = 0
                await asyncio.sleep(0)


_PHASES = {
    phase: metrics.block_phase_seconds.labels(phase)
    for phase in ("lock", "load", "decide", "write", "commit")
}


class _Stopwatch:
    """Measures the phases of a block."""

    def __init__(self) -> None:
        self._began = perf_counter()

    def lap(self, phase: str) -> None:
        now = perf_counter()
        _PHASES[phase].observe(now - self._began)
        self._began = now
