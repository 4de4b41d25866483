"""The community's life: turn after turn, at its pace, until somebody stops it."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

from ticketonomics_client import RefusedError

from ticketonomics_simulator.behaviours.behaviour import Behaviour
from ticketonomics_simulator.choosing import choose_deed
from ticketonomics_simulator.community import Community
from ticketonomics_simulator.deeds import Act, Deed
from ticketonomics_simulator.observing import Observer
from ticketonomics_simulator.pacing import Pacer
from ticketonomics_simulator.performing import Performer
from ticketonomics_simulator.scenario import Phase, Scenario

MAX_UNDER_WAY = 64
# For what is under way when the end comes.
FAREWELL_SECONDS = 3.0
LAST_LOOK_SECONDS = 1.0


class Simulation:
    """Takes turns, and sees to it that no failure goes unnoticed."""

    def __init__(
        self,
        community: Community,
        behaviours: Sequence[Behaviour],
        *,
        performer: Performer,
        observer: Observer,
        pacer: Pacer,
        first_turn: int = 0,
        scenario: Scenario | None = None,
    ) -> None:
        """Makes a simulation.

        Args:
            community: Who lives.
            behaviours: What they do.
            performer: Carries out what they decide.
            observer: Keeps in touch with the ledger.
            pacer: How fast turns come.
            first_turn: Where to begin, so that a restart does not live the same days again.
            scenario: What the community lives through; usual days without one.
        """
        self._community = community
        self._behaviours = behaviours
        self._performer = performer
        self._observer = observer
        self._pacer = pacer
        self._turn = first_turn
        self._scenario = scenario
        self._phase: Phase | None = None
        self._liked = behaviours
        self._places = asyncio.Semaphore(MAX_UNDER_WAY)
        self._under_way: set[asyncio.Task[None]] = set()
        self._failures: asyncio.Queue[BaseException] = asyncio.Queue()

    async def run(self, stop: asyncio.Event, *, duration_seconds: float = 0) -> None:
        """Lives until told to stop, or for so long, and waits a moment for what is under way.

        Args:
            stop: Ends the simulation when set.
            duration_seconds: 0 means for ever.

        Raises:
            KeyLostError: The ledger does not take the simulator's key any more.
        """
        stopping = asyncio.create_task(stop.wait())
        working = [
            asyncio.create_task(self._live()),
            asyncio.create_task(self._raise_failures()),
        ]
        try:
            done, _ = await asyncio.wait(
                {stopping, *working},
                timeout=duration_seconds or None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done.intersection(working):
                task.result()
        finally:
            await _cancel(stopping, *working)
            await self._say_farewell()

    async def _live(self) -> None:
        # Before anybody can earn, the faucet needs something.
        await self._observer.look()
        observing = asyncio.create_task(self._observer.observe())
        observing.add_done_callback(self._note_failure)
        began = time.monotonic()
        try:
            while True:
                self._follow_scenario(time.monotonic() - began)
                await self._pacer.take()
                await self._places.acquire()
                deed = choose_deed(self._community, self._liked, self._turn)
                self._turn += 1
                if deed is None:
                    self._places.release()
                else:
                    self._start(deed)
        finally:
            await _cancel(observing)

    def _follow_scenario(self, seconds: float) -> None:
        if self._scenario is None:
            return
        phase = self._scenario.phase_at(seconds)
        if phase is not self._phase:
            self._phase = phase
            self._liked = phase.shape(self._behaviours)
            self._pacer.hurry(phase.pace)
            self._observer.tell(phase.story)

    def _start(self, deed: Deed | Act) -> None:
        if isinstance(deed, Act):
            task = asyncio.create_task(self._performer.act(deed))
        else:
            self._community.wallets.begin(deed.payments)
            task = asyncio.create_task(self._performer.perform(deed))
        self._under_way.add(task)
        task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._places.release()
        self._note_failure(task)

    def _note_failure(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failures.put_nowait(error)

    async def _raise_failures(self) -> None:
        raise await self._failures.get()

    async def _say_farewell(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=FAREWELL_SECONDS)
        await _cancel(*self._under_way)
        # So that the closing summary is not a second old. It may be, if nobody answers any more.
        with suppress(TimeoutError, RefusedError):
            async with asyncio.timeout(LAST_LOOK_SECONDS):
                await self._observer.read_economy()
                await self._observer.read_figures()


async def _cancel(*tasks: asyncio.Task[bool] | asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
