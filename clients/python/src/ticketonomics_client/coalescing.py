"""Many transfers, one call: what arrives while a batch is in flight forms the next one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import grpc
from ticketonomics.ledger.v1.ledger_service_pb2 import (
    CreateTransactionsRequest,
    CreateTransactionsResponse,
)
from ticketonomics.ledger.v1.transaction_pb2 import TransactionInput

from ticketonomics_client.errors import TicketonomicsError, UnavailableError
from ticketonomics_client.retrying import conclude, pause_seconds
from ticketonomics_client.transactions import Receipt, outcome

MAX_TRANSACTIONS = 8192
MAX_POSTINGS = 32_768
# Below the 16 MiB that a server takes, with room for the framing of each transaction.
MAX_BYTES = 12 * 1024 * 1024
# Each culprit costs about 13 splits of a full batch; a call-wide refusal must not cost thousands.
MAX_SPLITS = 64

Send = Callable[[CreateTransactionsRequest, float], Awaitable[CreateTransactionsResponse]]


@dataclass(slots=True, eq=False)
class _Waiter:
    transaction: TransactionInput
    deadline: float
    future: asyncio.Future[Receipt]

    def fail(self, error: TicketonomicsError) -> None:
        if not self.future.done():
            self.future.set_exception(error.about(self.transaction.transaction_id))


class Coalescer:
    """Sends transactions of one principal in batches, one in flight at a time, in arrival order.

    Nothing here is made for each transaction but its message and its future: the worker task
    lives while there is work, and a single timer watches over all deadlines.
    """

    def __init__(self, send: Send) -> None:
        """Makes a coalescer.

        Args:
            send: Makes one attempt at a batch within so many seconds; raises TicketonomicsError.
        """
        self._send = send
        self._waiting: deque[_Waiter] = deque()
        self._in_flight: Sequence[_Waiter] = ()
        self._worker: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def submit(self, transaction: TransactionInput, *, timeout_seconds: float) -> Receipt:
        """Sends a transaction with the next batch and waits for what became of it.

        A caller that is cancelled, or whose time is over, leaves the others alone. Its transaction
        is not sent any more, unless it is in flight already.

        Raises:
            RefusedError: The ledger said no, and nothing changed.
            UnavailableError: Nobody answered in time; the outcome may be unknown.
        """
        loop = asyncio.get_running_loop()
        waiter = _Waiter(transaction, loop.time() + timeout_seconds, loop.create_future())
        self._waiting.append(waiter)
        if self._worker is None:
            self._worker = loop.create_task(self._work(), name="ticketonomics-coalescer")
        self._watch(waiter.deadline)
        return await waiter.future

    async def drain(self) -> None:
        """Waits until nobody waits any more, at most for the deadlines, then stops."""
        while waiting := [w.future for w in self._everybody() if not w.future.done()]:
            await asyncio.wait(waiting)
        if self._worker is not None:
            # All that is left are answers for callers who have gone.
            self._worker.cancel()
            await asyncio.wait([self._worker])
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _work(self) -> None:
        try:
            while batch := self._take():
                self._in_flight = batch
                await self._deliver(batch)
        except BaseException:
            # A bug here, or a loop that shuts down, must not leave callers waiting.
            for waiter in self._everybody():
                waiter.fail(UnavailableError("the client stopped before an answer came"))
            self._waiting.clear()
            raise
        finally:
            self._in_flight = ()
            self._worker = None

    def _take(self) -> list[_Waiter]:
        batch: list[_Waiter] = []
        postings = size = 0
        while self._waiting and len(batch) < MAX_TRANSACTIONS:
            waiter = self._waiting[0]
            if not waiter.future.done():
                postings += len(waiter.transaction.postings)
                size += waiter.transaction.ByteSize()
                if batch and (postings > MAX_POSTINGS or size > MAX_BYTES):
                    break
                batch.append(waiter)
            self._waiting.popleft()
        return batch

    async def _deliver(self, batch: Sequence[_Waiter]) -> None:
        """Settles every waiter of a batch.

        A server may refuse a whole batch for one malformed transaction. The batch is then split
        until the culprit stands alone, so that it takes nobody along.
        """
        parts = deque([batch])
        splits = 0
        while parts:
            part = parts.popleft()
            error = await self._settle(part)
            if error is None:
                continue
            malformed = error.code is grpc.StatusCode.INVALID_ARGUMENT
            if malformed and len(part) > 1 and splits < MAX_SPLITS:
                splits += 1
                middle = len(part) // 2
                parts.extendleft((part[middle:], part[:middle]))
                continue
            for waiter in part:
                waiter.fail(error)

    async def _settle(self, batch: Sequence[_Waiter]) -> TicketonomicsError | None:
        """Sends a batch until it is answered; returns a refusal of the batch as a whole."""
        clock = asyncio.get_running_loop().time
        attempt, in_doubt = 0, False
        while batch := [waiter for waiter in batch if not waiter.future.done()]:
            attempt += 1
            try:
                _hand_out(batch, await self._attempt(batch))
            except TicketonomicsError as error:
                concluded = conclude(error, in_doubt=in_doubt)
                if not error.retryable:
                    return concluded
                in_doubt = in_doubt or isinstance(error, UnavailableError)
                pause = pause_seconds(attempt, error)
                # Who has no time for another attempt is told what is known now.
                for waiter in batch:
                    if waiter.deadline <= clock() + pause:
                        waiter.fail(concluded)
                if not all(waiter.future.done() for waiter in batch):
                    await asyncio.sleep(pause)
        return None

    async def _attempt(self, batch: Sequence[_Waiter]) -> CreateTransactionsResponse:
        request = CreateTransactionsRequest(transactions=[w.transaction for w in batch])
        deadline = max(waiter.deadline for waiter in batch)
        answer = await self._send(request, deadline - asyncio.get_running_loop().time())
        if len(answer.results) != len(batch):
            # Asking again is the way to learn what became of them; the ids make it safe.
            raise UnavailableError("the answer does not fit the batch")
        return answer

    def _watch(self, deadline: float) -> None:
        if self._timer is not None:
            if self._timer.when() <= deadline:
                return
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(deadline, self._expire)

    def _everybody(self) -> chain[_Waiter]:
        return chain(self._in_flight, self._waiting)

    def _expire(self) -> None:
        """Fails those whose time is over, and looks again when the next one's is."""
        self._timer = None
        now = asyncio.get_running_loop().time()
        left: list[float] = []
        for waiter in self._everybody():
            if waiter.future.done():
                continue
            if waiter.deadline <= now:
                waiter.fail(UnavailableError("no answer came in time"))
            else:
                left.append(waiter.deadline)
        if left:
            self._watch(min(left))


def _hand_out(batch: Sequence[_Waiter], answer: CreateTransactionsResponse) -> None:
    for waiter, result in zip(batch, answer.results, strict=True):
        if waiter.future.done():
            continue
        got = outcome(waiter.transaction.transaction_id, result)
        if isinstance(got, Receipt):
            waiter.future.set_result(got)
        else:
            waiter.future.set_exception(got)
