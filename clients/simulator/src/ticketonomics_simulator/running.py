"""A run from beginning to end: access, set-up, life, farewell."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from ticketonomics_client import Client

from ticketonomics_simulator.access import end_key, simulator_key
from ticketonomics_simulator.behaviours import BEHAVIOURS
from ticketonomics_simulator.community import Community
from ticketonomics_simulator.governing import govern
from ticketonomics_simulator.minting import FaucetKeeper, MintBudget, daily_budget
from ticketonomics_simulator.observing import Observer
from ticketonomics_simulator.pacing import Pacer
from ticketonomics_simulator.patience import Patience
from ticketonomics_simulator.performing import Performer
from ticketonomics_simulator.scenario import Scenario
from ticketonomics_simulator.settling import enrich, recent_mints, settle
from ticketonomics_simulator.showing import Show
from ticketonomics_simulator.simulation import Simulation
from ticketonomics_simulator.summary import farewell
from ticketonomics_simulator.tally import Tally

# Short, so that a server that is away is noticed soon; whoever waits asks again.
CALL_SECONDS = 3.0

Say = Callable[[str], None]
Result = TypeVar("Result")


@dataclass(slots=True, frozen=True, kw_only=True)
class Options:
    """What a run is asked for.

    Attributes:
        target: The server.
        api_key: An operator's, or one with the simulator's scopes.
        insecure: Whether to speak to another machine in clear text.
        people: How many.
        seed: Which community.
        rate_per_second: Transactions a second.
        duration_seconds: 0 means for ever.
        daily_budget: New tickets a day; 0 means what fits the people and the rate.
        scenario: What the community lives through; usual days without one.
    """

    target: str
    api_key: str
    insecure: bool = False
    people: int = 60
    seed: int = 1
    rate_per_second: float = 5.0
    duration_seconds: float = 0.0
    daily_budget: int = 0
    scenario: Scenario | None = None


class _Doorstep:
    """Tells once that the server is not up yet, and once that it is."""

    def __init__(self, target: str, say: Say) -> None:
        self._target = target
        self._say = say
        self._waiting = False

    def server_is_away(self) -> None:
        if not self._waiting:
            self._waiting = True
            self._say(f"Waiting for the ledger at {self._target}")

    def server_is_there(self) -> None:
        if self._waiting:
            self._waiting = False
            self._say("The ledger is there")


async def run(options: Options, *, show: Show, say: Say, stop: asyncio.Event) -> Tally:
    """Lives on the ledger until told to stop, and returns what was counted.

    Args:
        options: What to do.
        show: Shows the simulation while it runs.
        say: Writes a line before and after.
        stop: Ends the run when set, also while it waits for the server.

    Raises:
        SetUpError: The economy or the key does not fit.
        KeyLostError: The key was revoked on the way.
        RefusedError: The ledger refused something that the set-up needs.
        ValueError: The target or the key is malformed.
    """
    doorstep = Patience(_Doorstep(options.target, say))
    async with _client(options, options.api_key) as operator:
        key = await _unless(
            stop, simulator_key(operator, api_key=options.api_key, patience=doorstep)
        )
        if key is None:
            return Tally()
        async with _client(options, key.secret) as client:
            try:
                community = await _unless(
                    stop,
                    settle(
                        client,
                        operator,
                        seed=options.seed,
                        count=options.people,
                        bots=options.scenario.bots if options.scenario else 0,
                        patience=doorstep,
                    ),
                )
                await _unless(stop, govern(operator, patience=doorstep))
                return await _live(options, client, community, show=show, say=say, stop=stop)
            finally:
                await end_key(client, key)


async def _live(
    options: Options,
    client: Client,
    community: Community | None,
    *,
    show: Show,
    say: Say,
    stop: asyncio.Event,
) -> Tally:
    tally = Tally()
    if community is None:
        return tally
    patience = Patience(tally)
    daily = options.daily_budget or daily_budget(options.people, options.rate_per_second)
    budget = MintBudget(daily, await recent_mints(client, patience=patience))
    keeper = FaucetKeeper(client, community, tally, budget=budget, patience=patience)
    scenario = options.scenario
    if scenario is not None:
        say(f"{scenario.title}: {scenario.shows}")
        await enrich(
            client,
            community,
            whales=scenario.whales,
            tickets=scenario.whale_tickets,
            patience=patience,
        )
    newest = await patience.ask(client.block)
    simulation = Simulation(
        community,
        BEHAVIOURS,
        performer=Performer(client, community, tally, patience=patience),
        observer=Observer(client, community, tally, keeper=keeper, patience=patience),
        pacer=Pacer(options.rate_per_second),
        # Moves on with the ledger, so that a restart does not live the same days again.
        first_turn=newest.last_sequence,
        scenario=scenario,
    )
    showing = asyncio.create_task(show.run(community, tally))

    def end_when_failed(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            stop.set()

    # A show that fails must not leave people before a frozen screen.
    showing.add_done_callback(end_when_failed)
    try:
        seconds = options.duration_seconds or (scenario.seconds if scenario else 0)
        await simulation.run(stop, duration_seconds=seconds)
    finally:
        showing.cancel()
        with suppress(asyncio.CancelledError):
            await showing
        for line in farewell(community, tally):
            say(line)
    return tally


def _client(options: Options, api_key: str) -> Client:
    return Client(
        options.target,
        api_key=api_key,
        insecure=options.insecure,
        timeout_seconds=CALL_SECONDS,
    )


async def _unless(stop: asyncio.Event, work: Coroutine[None, None, Result]) -> Result | None:
    """Returns what comes of the work, or None when told to stop before."""
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
