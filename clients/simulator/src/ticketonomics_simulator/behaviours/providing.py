"""Proactive people provide liquidity to the market, and sometimes take it back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.behaviours.trading import EXPECTED
from ticketonomics_simulator.deeds import Act
from ticketonomics_simulator.market import MATERIAL, POOL
from ticketonomics_simulator.people import Kind, Person
from ticketonomics_simulator.tickets import WHOLE, bronze

if TYPE_CHECKING:
    from ticketonomics_client import Principal


@dataclass(slots=True)
class Provision:
    """Adds what the person has of iron, and at most so many tickets."""

    person: Person
    tickets: int
    iron: int = 0

    async def __call__(self, principal: "Principal", request_id: str) -> str | None:
        """Adds liquidity, if there is any iron to add."""
        if not self.iron:
            balance = await principal.balance(self.person.account, MATERIAL)
            self.iron = balance.available
        if not self.iron:
            return None
        event = await principal.add_liquidity(
            POOL,
            account=self.person.account,
            base_amount=self.iron,
            quote_amount=self.tickets,
            request_id=request_id,
        )
        worth = f"{event.base_amount:,} {MATERIAL} and {bronze(event.quote_amount)}"
        return f"{self.person.name} provides {worth} to the market"


@dataclass(slots=True)
class Withdrawal:
    """Takes back a part of what the person has provided."""

    person: Person
    part: int
    shares: int = 0

    async def __call__(self, principal: "Principal", request_id: str) -> str | None:
        """Removes liquidity, if the person has provided any."""
        if not self.shares:
            async for position in principal.positions(self.person.account):
                if position.pool_id == POOL:
                    self.shares = position.shares * self.part // 100
        if not self.shares:
            return None
        event = await principal.remove_liquidity(
            POOL, account=self.person.account, shares=self.shares, request_id=request_id
        )
        worth = f"{event.base_amount:,} {MATERIAL} and {bronze(event.quote_amount)}"
        return f"{self.person.name} takes {worth} back from the market"


def plan(scene: Scene) -> Act | None:
    """Mostly provides up to a third of what the person has; sometimes takes a part back."""
    if scene.random.random() < 0.2:
        withdrawal = Withdrawal(scene.person, scene.random.randint(25, 100))
        return Act(
            person=scene.person, name="withdrawals of liquidity", do=withdrawal, expected=EXPECTED
        )
    if scene.purse < 30 * WHOLE:
        return None
    tickets = scene.random.randint(scene.purse // 8, scene.purse // 3)
    provision = Provision(scene.person, tickets)
    return Act(person=scene.person, name="provisions of liquidity", do=provision, expected=EXPECTED)


BEHAVIOUR = Behaviour("provide", {Kind.PROACTIVE: 1.0}, plan)
