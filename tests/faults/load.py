"""The load: tasks that call both servers until they are told to stop."""

import asyncio
from collections.abc import Awaitable, Callable

from .calling import HOT, Caller
from .drawing import RICH, Drawing
from .records import Attempt, Draft, Verdict
from .stories import Teller

_SINGLES = 5
_BATCHES = 2
_READERS = 1
_TELLERS = 4

# A caller who got no answer tries again so often at once; the rest is left for later.
_RETRIES_AT_ONCE = 2
_PAUSE_SECONDS = 0.05
# One that is away answers at once that it is.
_LONG_PAUSE_SECONDS = 0.4


class Load:
    """What one client process does to the servers in one round."""

    def __init__(self, caller: Caller, drawing: Drawing) -> None:
        self._caller = caller
        self._drawing = drawing
        self._random = drawing.random
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Lets every task end after the call that it is in."""
        self._stop.set()

    async def run(self) -> None:
        """Calls until `stop`."""
        self._drawing.forget()
        teller = Teller(self._caller, self._random, self._stop.is_set)
        async with asyncio.TaskGroup() as group:
            for work, tasks, pause_seconds in (
                (self._send_single, _SINGLES, 0.03),
                (self._send_batch, _BATCHES, 0.4),
                (self._read, _READERS, 0.03),
                (teller.tell, _TELLERS, 0.05),
            ):
                for _ in range(tasks):
                    group.create_task(self._repeat(work, pause_seconds))

    async def _repeat(self, work: Callable[[], Awaitable[None]], pause_seconds: float) -> None:
        while not self._stop.is_set():
            await work()
            await asyncio.sleep(self._random.uniform(0, pause_seconds))

    async def _send_single(self) -> None:
        draw = self._random.random()
        if draw < 0.05 and (abuse := self._drawing.abuse()):
            await self._caller.transfer(self._server(), abuse)
            return
        draft = self._drawing.single()
        if draw < 0.2:
            # The same through both servers at once.
            both = (self._caller.transfer(server, draft) for server in (0, 1))
            self._note(*await asyncio.gather(*both))
            return
        server = self._server()
        attempt = await self._caller.transfer(server, draft)
        for _ in range(_RETRIES_AT_ONCE):
            if attempt.verdict is not Verdict.UNKNOWN:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
            server = 1 - server
            attempt = await self._caller.transfer(server, draft)
        self._note(attempt)
        if attempt.verdict is Verdict.UNKNOWN:
            await asyncio.sleep(_LONG_PAUSE_SECONDS)

    async def _send_batch(self) -> None:
        drafts = self._drawing.batch()
        server = self._server()
        attempts = await self._caller.send_batch(server, drafts)
        unknown = _unknown(attempts)
        if unknown:
            await asyncio.sleep(_LONG_PAUSE_SECONDS)
        if unknown and self._random.random() < 0.5:
            attempts += await self._caller.send_batch(1 - server, unknown)
        elif self._random.random() < 0.1:
            attempts += await self._caller.send_batch(1 - server, drafts)
        self._note(*attempts)

    async def _read(self) -> None:
        known = self._drawing.acknowledged()
        if known is not None and self._random.random() < 0.5:
            await self._caller.look_up(self._server(), known.transaction_id)
        else:
            await self._caller.read_balance(self._server(), self._random.choice((HOT, RICH[0])))

    def _server(self) -> int:
        return self._random.randrange(2)

    def _note(self, *attempts: Attempt) -> None:
        for attempt in attempts:
            if attempt.accepted and len(attempt.draft.movements) == 1:
                self._drawing.remember(attempt.draft)


def _unknown(attempts: list[Attempt]) -> list[Draft]:
    return [attempt.draft for attempt in attempts if attempt.verdict is Verdict.UNKNOWN]
