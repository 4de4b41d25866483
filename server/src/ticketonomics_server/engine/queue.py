"""What waits for an economy's next block. Bounded: a full queue refuses at once."""

import asyncio
from collections import deque
from collections.abc import Sequence
from time import perf_counter

from ticketonomics_server import metrics
from ticketonomics_server.engine.command import Caller, Command, Slice, Submission
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.slices import is_wanted

MAX_BLOCK_COMMANDS = 8_192
MAX_BLOCK_WEIGHT = 32_768
QUEUED_BLOCKS = 4
MAX_QUEUED_COMMANDS = QUEUED_BLOCKS * MAX_BLOCK_COMMANDS

# A block begins when the event loop has been idle for so many turns, or after so long. A turn that
# took longer, or brought a command, was not idle.
_IDLE_TURNS = 10
_IDLE_TURN_SECONDS = 50e-6
_LONGEST_GATHERING_SECONDS = 0.005
# So many share the cost of a block well; the next ones may be decoded while it commits.
ENOUGH_COMMANDS = 500


class CommandQueue:
    """Submissions in the order of their arrival."""

    def __init__(self, economy: str) -> None:
        self._waiting: deque[Submission] = deque()
        self._commands = 0
        self._weight = 0
        self._arrival = asyncio.Event()
        self._plenty = asyncio.Event()
        self._closed = False
        metrics.queued_commands.labels(economy).set_function(lambda: self._commands)

    @property
    def commands(self) -> int:
        """How many commands wait."""
        return self._commands

    @property
    def closed(self) -> bool:
        """Whether new commands are refused."""
        return self._closed

    def close(self) -> None:
        """Refuses new commands; those that wait may still be taken."""
        self._closed = True
        self._arrival.set()
        self._plenty.set()

    async def submit(
        self,
        caller: Caller,
        commands: Sequence[Command],
        *,
        weight: int = 0,
        timeout_seconds: float | None = None,
    ) -> Submission:
        """Queues commands and returns when each has its outcome, durably.

        Args:
            weight: Postings in all, for the limits of queue and block.
            timeout_seconds: They are not started after this time; once started, they are finished.

        Raises:
            Rejection: DRAINING or QUEUE_FULL; nothing was started.
        """
        self._guard_room(len(commands), weight)
        loop = asyncio.get_running_loop()
        submission = Submission(
            caller=caller,
            commands=commands,
            weight=weight,
            deadline=None if timeout_seconds is None else loop.time() + timeout_seconds,
            done=loop.create_future(),
        )
        if not commands:
            return submission
        self._waiting.append(submission)
        self._count(len(commands), weight)
        self._arrival.set()
        if self._commands >= ENOUGH_COMMANDS:
            self._plenty.set()
        try:
            await submission.done
        except asyncio.CancelledError:
            submission.abandoned = True
            raise
        return submission

    def _guard_room(self, commands: int, weight: int) -> None:
        if self._closed:
            raise Rejection(Reason.DRAINING, "the server is shutting down", retry_seconds=1.0)
        full = (
            self._commands + commands > QUEUED_BLOCKS * MAX_BLOCK_COMMANDS
            or self._weight + weight > QUEUED_BLOCKS * MAX_BLOCK_WEIGHT
        )
        if full:
            raise Rejection(Reason.QUEUE_FULL, "the economy's queue is full", retry_seconds=0.2)

    def _count(self, commands: int, weight: int) -> None:
        self._commands += commands
        self._weight += weight

    async def arrival(self) -> None:
        """Returns when something waits, or when the queue is closed."""
        if not self._waiting and not self._closed:
            self._arrival.clear()
            await self._arrival.wait()

    async def plenty(self) -> None:
        """Returns when enough wait for a block of their own, or when `stir` is called."""
        if self._commands < ENOUGH_COMMANDS:
            self._plenty.clear()
            await self._plenty.wait()

    def stir(self) -> None:
        """Lets `plenty` return."""
        self._plenty.set()

    async def gather(self) -> None:
        """Lets callers who are just arriving join the block, while the loop has other work to do.

        Larger blocks cost less a command, and nothing is lost by waiting for a busy processor.
        """
        idle_turns = 0
        now = perf_counter()
        deadline = now + _LONGEST_GATHERING_SECONDS
        while idle_turns < _IDLE_TURNS and now < deadline and self._commands < ENOUGH_COMMANDS:
            known, began = self._commands, now
            await asyncio.sleep(0)
            now = perf_counter()
            idle = self._commands == known and now - began < _IDLE_TURN_SECONDS
            idle_turns = idle_turns + 1 if idle else 0

    def take(self) -> list[Slice]:
        """Takes the next block's commands, leaving out what nobody waits for any more."""
        taken: list[Slice] = []
        commands = weight = 0
        while self._waiting:
            submission = self._waiting[0]
            size = len(submission.commands)
            if taken and (
                commands + size > MAX_BLOCK_COMMANDS
                or weight + submission.weight > MAX_BLOCK_WEIGHT
            ):
                break
            self._waiting.popleft()
            self._count(-size, -submission.weight)
            part = Slice(submission, 0, size)
            if is_wanted(part):
                taken.append(part)
                commands += size
                weight += submission.weight
        return taken

    def take_all(self) -> list[Slice]:
        """Takes everything, for an answer without a block."""
        waiting = [Slice(one, 0, len(one.commands)) for one in self._waiting]
        self._waiting.clear()
        self._count(-self._commands, -self._weight)
        return waiting
