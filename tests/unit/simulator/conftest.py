"""A community of a seed on a ledger in memory."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ticketonomics_simulator.behaviours import PAYING
from ticketonomics_simulator.choosing import choose_deed
from ticketonomics_simulator.community import Community
from ticketonomics_simulator.deeds import Deed
from ticketonomics_simulator.minting import FaucetKeeper, MintBudget, daily_budget
from ticketonomics_simulator.patience import Patience
from ticketonomics_simulator.people import Person, imagine_people
from ticketonomics_simulator.performing import Performer
from ticketonomics_simulator.tally import Tally
from ticketonomics_simulator.tickets import FAUCET
from ticketonomics_simulator.wallets import Wallets

# Tests are imported by path, so their neighbours are found only by being told where they are.
sys.path.insert(0, str(Path(__file__).parent))

from standing_in import StandIn


@dataclass
class Clock:
    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


class Town:
    """Everything that a simulation has, with a clock that the test turns."""

    def __init__(self, *, seed: int = 1, count: int = 30, rate_per_second: float = 5.0) -> None:
        self.ledger = StandIn(opened=[FAUCET])
        people = [
            Person(character, f"id{character.number:05}", f"users/id{character.number:05}", True)
            for character in imagine_people(seed, count)
        ]
        self.community = Community(seed=seed, people=people, wallets=Wallets(self.ledger.fee))
        self.clock = Clock()
        self.tally = Tally(clock=self.clock, wall_clock=self.clock)
        self.patience = Patience(self.tally, sleep=self.clock.sleep)
        self.performer = Performer(
            self.ledger, self.community, self.tally, patience=self.patience, clock=self.clock
        )
        self.rate_per_second = rate_per_second
        self.budget = MintBudget(daily_budget(count, rate_per_second))
        self.keeper = FaucetKeeper(
            self.ledger, self.community, self.tally, budget=self.budget, patience=self.patience
        )
        self.turn = 0

    async def live(self, turns: int) -> None:
        """Takes turns, each answered before the next."""
        for _ in range(turns):
            await self.keeper.top_up(self.clock.now)
            deed = choose_deed(self.community, PAYING, self.turn)
            self.turn += 1
            if isinstance(deed, Deed):
                self.community.wallets.begin(deed.payments)
                await self.performer.perform(deed)
            self.clock.now += 1 / self.rate_per_second


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def make_town() -> type[Town]:
    return Town
