"""Numbered calls, sent so many at a time or so many a second, until each outcome is known."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import grpc
import tenacity
from ticketonomics_client.errors import UnavailableError

Answer = TypeVar("Answer")

# A call that ends so may or may not have happened. It is sent again with the same ids, which the
# ledger promises to be safe, until the outcome is known; anything else ends the benchmark.
_UNKNOWN_OUTCOMES = frozenset(
    {
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.UNAVAILABLE,
    }
)


def _outcome_is_unknown(error: BaseException) -> bool:
    if isinstance(error, UnavailableError):
        return True
    return isinstance(error, grpc.aio.AioRpcError) and error.code() in _UNKNOWN_OUTCOMES


class Load(Generic[Answer]):
    """Calls `send(0)`, `send(1)`, … and keeps what they return.

    Attributes:
        answers: By number, of all calls that were answered.
        latencies_us: Of the calls that were answered at once, in the order of their answers.
        repeated: Calls that had to be sent again.
        seconds: From the first call to the last answer.
    """

    def __init__(self, send: Callable[[int], Awaitable[Answer]], count: int) -> None:
        """Prepare at most `count` calls."""
        self._send = send
        self._count = count
        self._unknown: list[int] = []
        self.answers: dict[int, Answer] = {}
        self.latencies_us: list[int] = []
        self.repeated = 0
        self.seconds = 0.0

    async def saturate(self, in_flight: int, seconds: float) -> None:
        """Keep `in_flight` calls open for `seconds`, or until all calls have been sent."""
        numbers = iter(range(self._count))
        started = time.perf_counter()
        deadline = started + seconds

        async def caller() -> None:
            while time.perf_counter() < deadline:
                number = next(numbers, None)
                if number is None:
                    return
                await self._call(number)

        async with asyncio.TaskGroup() as group:
            for _ in range(in_flight):
                group.create_task(caller())
        self.seconds = time.perf_counter() - started
        await self._settle()

    async def pace(self, calls_per_second: float, seconds: float) -> None:
        """Begin calls at an even pace, whether the earlier ones have been answered or not."""
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(min(self._count, round(calls_per_second * seconds))):
                due = started + number / calls_per_second
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(self._call(number))
        self.seconds = time.perf_counter() - started
        await self._settle()

    async def _call(self, number: int) -> None:
        begun = time.perf_counter_ns()
        try:
            self.answers[number] = await self._send(number)
        except (grpc.aio.AioRpcError, UnavailableError) as error:
            if not _outcome_is_unknown(error):
                raise
            self._unknown.append(number)
        else:
            self.latencies_us.append((time.perf_counter_ns() - begun) // 1_000)

    async def _settle(self) -> None:
        self.repeated = len(self._unknown)
        for number in self._unknown:
            async for attempt in tenacity.AsyncRetrying(
                retry=tenacity.retry_if_exception(_outcome_is_unknown),
                wait=tenacity.wait_exponential(multiplier=0.1, max=2),
                stop=tenacity.stop_after_delay(30),
                reraise=True,
            ):
                with attempt:
                    self.answers[number] = await self._send(number)
