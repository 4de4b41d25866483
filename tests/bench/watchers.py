"""The client process that watches: many open streams, and what comes out of them."""

import asyncio
import time
from collections.abc import AsyncIterable, Callable, Coroutine
from dataclasses import dataclass, field

import grpc
from ticketonomics.ledger.v1.ledger_service_pb2 import WatchTransactionsResponse

from . import bare_server
from .gate import Gate
from .jobs import WatchJob, WatchResult
from .senders import LEDGER_SERVICE, credentials

# One connection would make one flow-control window the limit, which real watchers do not share.
_STREAMS_PER_CHANNEL = 100
_OPEN_SECONDS = 60.0

Open = Callable[..., AsyncIterable[WatchTransactionsResponse]]


async def watch_streams(job: WatchJob, gate: Gate) -> WatchResult:
    """Count what comes: of the bare server for some seconds, of ours up to the last entry sent."""
    # A local pool keeps a channel from sharing the connection of the others.
    channels = [
        grpc.aio.insecure_channel(job.target, options=[("grpc.use_local_subchannel_pool", 1)])
        for _ in range(-(-job.concurrency // _STREAMS_PER_CHANNEL))
    ]
    method = bare_server.WATCH if job.bare else f"{LEDGER_SERVICE}/WatchTransactions"
    calls: list[Open] = [
        channel.unary_stream(method, response_deserializer=WatchTransactionsResponse.FromString)
        for channel in channels
    ]
    metadata = credentials(job.api_key)
    watch = Watch(lambda number: calls[number % len(calls)](b"", metadata=metadata), job)
    try:
        async with asyncio.timeout(_OPEN_SECONDS):
            await watch.open()
        await gate.pass_when_ready()
        watch.start_counting()
        if job.bare:
            await channels[0].unary_unary(bare_server.BEGIN, request_serializer=bytes)(b"")
            await watch.run(job.seconds)
        else:
            await watch.run_until(int(await gate.read()), job.seconds)
        return watch.result()
    finally:
        await watch.close()
        for channel in channels:
            await channel.close()


@dataclass(slots=True)
class Stream:
    """What one stream has received."""

    transactions: int = 0
    messages: int = 0
    cursor: int = 0
    last_sequence: int = 0
    ordered: bool = True
    opened: asyncio.Event = field(default_factory=asyncio.Event)


class Watch:
    """Reads all streams at once, and counts."""

    def __init__(
        self,
        open_stream: Callable[[int], AsyncIterable[WatchTransactionsResponse]],
        job: WatchJob,
    ) -> None:
        """Prepare as many streams as the job says, each begun by its number."""
        self._open_stream = open_stream
        self._job = job
        self._streams = [Stream() for _ in range(job.concurrency)]
        self._readers: list[asyncio.Task[None]] = []
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._delays_us: list[int] = []
        self._began = 0.0
        self._ended = 0.0
        self._caught_up = True

    async def open(self) -> None:
        """Open all streams, and wait until each has had its first message."""
        self._readers = [
            asyncio.create_task(self._read(number, stream))
            for number, stream in enumerate(self._streams)
        ]
        await self._unless_failed(self._opened())

    def start_counting(self) -> None:
        """Forget what came before the clock started."""
        for stream in self._streams:
            stream.transactions = stream.messages = 0
        self._delays_us.clear()
        self._began = self._ended = 0.0

    async def run(self, seconds: float) -> None:
        """Go on for some seconds."""
        await self._unless_failed(asyncio.sleep(seconds))

    async def run_until(self, sequence: int, seconds: float) -> None:
        """Go on until each stream has seen the entry `sequence`, but not longer than `seconds`."""
        deadline = time.monotonic() + seconds
        while any(stream.cursor < sequence for stream in self._streams):
            if time.monotonic() > deadline:
                self._caught_up = False
                return
            await self.run(0.05)

    def result(self) -> WatchResult:
        """Sum up what was counted."""
        counts = [stream.transactions for stream in self._streams]
        return WatchResult(
            delivered=sum(counts),
            messages=sum(stream.messages for stream in self._streams),
            seconds=self._ended - self._began,
            caught_up=self._caught_up,
            fewest=min(counts),
            most=max(counts),
            ordered=all(stream.ordered for stream in self._streams),
            delays_us=self._delays_us,
        )

    async def close(self) -> None:
        """End all streams."""
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    async def _opened(self) -> None:
        for stream in self._streams:
            await stream.opened.wait()

    async def _unless_failed(self, waiting: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(waiting)
        await asyncio.wait({task, self._failed}, return_when=asyncio.FIRST_COMPLETED)
        if self._failed.done():
            task.cancel()
            self._failed.result()

    async def _read(self, number: int, stream: Stream) -> None:
        try:
            async for message in self._open_stream(number):
                self._take(stream, message)
            raise EOFError("a stream ended")
        except (grpc.RpcError, EOFError) as error:
            if not self._failed.done():
                self._failed.set_exception(error)

    def _take(self, stream: Stream, message: WatchTransactionsResponse) -> None:
        stream.messages += 1
        stream.cursor = message.cursor
        stream.opened.set()
        if not message.transactions:
            return
        stream.transactions += len(message.transactions)
        self._ended = time.monotonic()
        self._began = self._began or self._ended
        if not self._job.bare:
            # Looking at each transaction would cost the client more than the streams cost the
            # server. Together with their number, the ends of the messages leave no room for a gap
            # or a repeat.
            stream.ordered &= message.transactions[0].sequence > stream.last_sequence
            stream.last_sequence = message.transactions[-1].sequence
        if self._job.delays:
            now_ns = time.time_ns()
            for transaction in message.transactions:
                at = transaction.commit_time
                self._delays_us.append((now_ns - at.seconds * 1_000_000_000 - at.nanos) // 1_000)
