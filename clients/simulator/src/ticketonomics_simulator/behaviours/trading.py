"""People buy and sell iron at the community's market."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Act
from ticketonomics_simulator.market import MATERIAL, POOL
from ticketonomics_simulator.people import Kind, Person
from ticketonomics_simulator.tickets import ASSET, WHOLE, bronze

if TYPE_CHECKING:
    from ticketonomics_client import Principal

# Without a market nobody trades; and while somebody looks at the price, others trade.
EXPECTED = frozenset(
    {
        *("POOL_NOT_FOUND", "ASSET_NOT_FOUND", "POOL_PAUSED", "LIMIT_NOT_MET"),
        *("INSUFFICIENT_FUNDS", "AMOUNT_TOO_SMALL", "INSUFFICIENT_LIQUIDITY"),
    }
)
# So much less than quoted is still welcome: 2 %.
SLIPPAGE_PERCENT = 2
# From here on somebody is a whale.
WHALE = 5_000 * WHOLE


@dataclass(slots=True)
class Trade:
    """One swap: asked again with its request id it is the same to the last digit.

    Attributes:
        spends: Tickets that are given; 0 to sell iron instead.
        part: Of the iron, so many hundredths are sold.
    """

    person: Person
    spends: int
    part: int
    amount: int = 0
    limit: int = 0

    async def __call__(self, principal: "Principal", request_id: str) -> str | None:
        """Looks at the price, then trades at about that price or not at all."""
        given, received = (ASSET, MATERIAL) if self.spends else (MATERIAL, ASSET)
        if not self.limit:
            await self._look(principal, given, received)
        if not self.limit:
            return None
        swap = await principal.swap(
            POOL,
            account=self.person.account,
            asset_in=given,
            asset_out=received,
            amount_in=self.amount,
            limit_amount=self.limit,
            transaction_id=request_id,
        )
        if self.spends:
            paid = bronze(swap.amount_in)
            return f"{self.person.name} buys {swap.amount_out:,} {MATERIAL} for {paid}"
        earned = bronze(swap.amount_out)
        return f"{self.person.name} sells {swap.amount_in:,} {MATERIAL} for {earned}"

    async def _look(self, principal: "Principal", given: str, received: str) -> None:
        amount = self.spends
        if not amount:
            balance = await principal.balance(self.person.account, MATERIAL)
            amount = balance.available * self.part // 100
        if not amount:
            return
        quote = await principal.quote(POOL, asset_in=given, asset_out=received, amount_in=amount)
        self.amount = amount
        self.limit = max(1, quote.amount_out * (100 - SLIPPAGE_PERCENT) // 100)


def plan_purchase(scene: Scene) -> Act | None:
    """Buys for a part of what the person has."""
    most = min(scene.purse // 4, 40 * WHOLE)
    if most < 3 * WHOLE:
        return None
    return _act(Trade(scene.person, scene.random.randint(3 * WHOLE, most), 0))


def plan_sale(scene: Scene) -> Act:
    """Sells a part of the iron, if the person has any."""
    return _act(Trade(scene.person, 0, scene.random.randint(20, 100)))


def plan_plunge(scene: Scene) -> Act | None:
    """Who has very much trades very much at once, and moves the price for everybody."""
    if scene.purse < WHALE:
        return None
    part = scene.random.randint(20, 40)
    return _act(Trade(scene.person, scene.purse * part // 100, 0))


def _act(trade: Trade) -> Act:
    return Act(person=trade.person, name="swaps", do=trade, expected=EXPECTED)


BUYING = Behaviour(
    "buy iron", {Kind.TAPPER: 0.2, Kind.CONSUMER: 1.8, Kind.PROACTIVE: 0.8}, plan_purchase
)
SELLING = Behaviour(
    "sell iron", {Kind.TAPPER: 0.1, Kind.CONSUMER: 1.2, Kind.PROACTIVE: 0.7}, plan_sale
)
PLUNGING = Behaviour(
    "plunge", {Kind.TAPPER: 2.0, Kind.CONSUMER: 2.0, Kind.PROACTIVE: 2.0}, plan_plunge
)
