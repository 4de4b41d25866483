"""The sequencer of one economy: takes what waits, makes blocks of it, and deals with failures."""

import asyncio

import structlog

from ticketonomics_server import metrics
from ticketonomics_server.engine.clock import ClockWatch
from ticketonomics_server.engine.command import Slice
from ticketonomics_server.engine.domain import Registry
from ticketonomics_server.engine.flight import Flight
from ticketonomics_server.engine.incident import report_incident
from ticketonomics_server.engine.maker import (
    BlockMaker,
    Connect,
    OnCommit,
    UnknownOutcomeError,
    patiently,
)
from ticketonomics_server.engine.pace import OnMade, Pace
from ticketonomics_server.engine.queue import ENOUGH_COMMANDS, CommandQueue
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.session import is_passing, sqlstate
from ticketonomics_server.engine.slices import answer_all, halves
from ticketonomics_server.storage.writes import StaleStateError

KEEP_ALIVE_SECONDS = 1.0
CLOSE_IDLE_SECONDS = 600.0

log = structlog.get_logger(__name__)


class Sequencer:
    """Makes one economy's blocks. Every server has one for each economy that it serves.

    While a block is on its way to the disk, the next one is decided, on the state that the first
    leaves behind; it is sent off, and answered, after the first. Whenever anything goes wrong, what
    was decided ahead is forgotten, and blocks are made one by one until that is over.

    Args:
        connect: Opens a prepared session.
        on_commit: Called with every block that this server committed, in order.
        on_made: Called with their times.

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
        on_made: OnMade = lambda _: None,
    ) -> None:
        self.economy = economy
        self._queue = CommandQueue(economy)
        self._maker = BlockMaker(
            economy_id=economy_id,
            economy=economy,
            registry=registry,
            connect=connect,
            on_commit=on_commit,
            on_made=on_made,
            leads_on=lambda: self._ahead or self._queue.commands > 0,
        )
        self.submit = self._queue.submit
        self._working: list[Slice] = []
        self._flight: Flight | None = None
        self._ahead = False

    @property
    def clock(self) -> ClockWatch:
        """Watches the database's clock."""
        return self._maker.clock

    @property
    def pace(self) -> Pace:
        """What was made, and where its time went."""
        return self._maker.pace

    @property
    def queued_commands(self) -> int:
        """How many commands wait for a block."""
        return self._queue.commands

    # --- the loop -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Makes blocks until `drain`; then finishes what waits and ends."""
        try:
            while not self._queue.closed or self._queue.commands or self._flight:
                await self._wait()
                await self._queue.gather()
                self._working = self._queue.take()
                if self._working:
                    await self._advance(self._working)
                elif self._flight is None:
                    await self._maker.let_go()
        finally:
            self._queue.close()
            # Only when a drain takes too long: what became of these is not known.
            if self._flight is not None:
                if self._flight.task is not None:
                    self._flight.task.cancel()
                answer_all(self._flight.slices, _unknown())
            answer_all(self._working, _unknown())
            await self._maker.close()
            answer_all(
                self._queue.take_all(),
                Rejection(Reason.DRAINING, "the server is shutting down", retry_seconds=1.0),
            )

    async def drain(self) -> None:
        """Refuses new commands; `run` returns when the accepted ones are done."""
        self._queue.close()

    async def _wait(self) -> None:
        """Waits for commands: beside a flight for many, else for any."""
        while (flight := self._flight) is not None:
            assert flight.task is not None, "a flight is kept once it has begun"
            if flight.last or flight.task.done():
                await self._land()
            elif self._queue.commands >= ENOUGH_COMMANDS:
                return
            else:
                await self._queue.plenty()
        idle_seconds = 0.0
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                    await self._queue.arrival()
                return
            except TimeoutError:
                idle_seconds += KEEP_ALIVE_SECONDS
                if idle_seconds < CLOSE_IDLE_SECONDS:
                    await self._maker.keep_alive()
                else:
                    await self._maker.close()

    # --- a block ahead ------------------------------------------------------------------------

    async def _advance(self, slices: list[Slice]) -> None:
        """Decides a block, on top of the one in flight, and sends it off when that has landed."""
        if self._flight is not None and (self._flight.last or self._maker.full):
            await self._land()
        distrusted = self._maker.distrusted
        failure = None
        self._ahead = True
        try:
            flight = await self._maker.decide(slices, self._flight)
        except Exception as error:  # noqa: BLE001 - it is dealt with when the block before is safe.
            failure = error
        await self._land()
        self._ahead = False
        if failure is None and self._maker.distrusted == distrusted:
            self._launch(flight)
            return
        if failure is not None:
            await self._maker.distrust()
        await self._commit_or_split(slices, failure)

    async def _land(self) -> None:
        """Waits until the block in flight is durable, or has been dealt with otherwise."""
        flight = self._flight
        if flight is None:
            return
        try:
            await self._maker.conclude(flight)
        except Exception as error:  # noqa: BLE001 - it is dealt with as any other failure.
            await self._maker.distrust()
            await self._commit_or_split(flight.slices, error)
        self._flight = None

    def _launch(self, flight: Flight) -> None:
        self._maker.send_off(flight)
        assert flight.task is not None
        flight.task.add_done_callback(lambda _: self._queue.stir())
        self._flight = flight

    # --- what may fail ------------------------------------------------------------------------

    async def _commit_or_split(self, slices: list[Slice], failure: Exception | None = None) -> None:
        """Commits a block; where it fails for good, splits it until the culprit is alone.

        Args:
            failure: Of the first try, where that was made elsewhere.
        """
        try:
            try:
                await self._commit_with_retries(slices, failure)
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
                for half in halves(slices):
                    await self._commit_or_split(half)

    async def _commit_with_retries(
        self, slices: list[Slice], failure: Exception | None = None
    ) -> None:
        try:
            if failure is not None:
                raise failure
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
        async for attempt in patiently():
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
        """Tries once to make a block, with nothing ahead; if that goes wrong, nothing is kept."""
        try:
            flight = await self._maker.decide(slices, None)
            self._maker.send_off(flight)
            await self._maker.conclude(flight)
        except BaseException:
            await self._maker.distrust()
            raise


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
