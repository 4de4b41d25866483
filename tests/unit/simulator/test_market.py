"""Trade at the market: what is asked, and that asking again asks the same."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
from ticketonomics.amm.v1.amm_service_pb2 import QuoteResponse
from ticketonomics.amm.v1.pool_pb2 import PoolEvent, Position
from ticketonomics.amm.v1.swap_pb2 import Swap
from ticketonomics.ledger.v1.account_pb2 import Balance
from ticketonomics_simulator.behaviours import providing, trading
from ticketonomics_simulator.behaviours.behaviour import Scene
from ticketonomics_simulator.community import Community
from ticketonomics_simulator.deeds import Act
from ticketonomics_simulator.fees import Fee
from ticketonomics_simulator.people import Person, imagine_people
from ticketonomics_simulator.tickets import WHOLE
from ticketonomics_simulator.wallets import Wallets


def scene(purse: int, seed: int) -> Scene:
    """A person with so many whole tickets."""
    character = imagine_people(1, 1)[0]
    person = Person(character, "id", "users/id")
    wallets = Wallets(Fee(bps=100))
    wallets.credit(person.account, purse * WHOLE)
    return Scene(Community(seed=1, people=[person], wallets=wallets), person, Random(seed))


@dataclass
class Market:
    """A pool whose price doubles with every look."""

    iron: int = 0
    looks: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def balance(self, account: str, asset: str) -> Balance:
        return Balance(account=account, asset=asset, available=self.iron)

    async def quote(self, pool_id: str, **_: Any) -> QuoteResponse:
        self.looks += 1
        return QuoteResponse(amount_out=1_000 >> self.looks)

    async def swap(self, pool_id: str, **asked: Any) -> Swap:
        self.asked.append(asked)
        return Swap(amount_in=asked["amount_in"], amount_out=asked["limit_amount"])

    async def add_liquidity(self, pool_id: str, **asked: Any) -> PoolEvent:
        self.asked.append(asked)
        return PoolEvent(base_amount=asked["base_amount"], quote_amount=asked["quote_amount"])

    async def remove_liquidity(self, pool_id: str, **asked: Any) -> PoolEvent:
        self.asked.append(asked)
        return PoolEvent(base_amount=1, quote_amount=1, shares=asked["shares"])

    async def positions(self, account: str) -> Any:
        yield Position(pool_id="another", account=account, shares=77)
        yield Position(pool_id="iron-bronze", account=account, shares=400)


BUYING, SELLING, PLUNGING = trading.BUYING, trading.SELLING, trading.PLUNGING


def acts(behaviour: Any, purse: int) -> list[Act]:
    planned = [behaviour.plan(scene(purse, seed)) for seed in range(60)]
    return [act for act in planned if act is not None]


@pytest.mark.parametrize("behaviour", [BUYING, SELLING, providing.BEHAVIOUR])
async def test_asking_again_asks_the_same(behaviour: Any) -> None:
    for act in acts(behaviour, 100):
        market: Any = Market(iron=50)
        first = await act.do(market, "an id")
        assert first is not None
        assert act.person.name in first
        assert await act.do(market, "an id") == first
        assert market.asked[0] == market.asked[1]


async def test_people_buy_and_sell_within_their_means() -> None:
    for behaviour, given, least, most in (
        (BUYING, "BRONZE", 3 * WHOLE, 25 * WHOLE),
        (SELLING, "IRON", 10, 50),
    ):
        for act in acts(behaviour, 100):
            market: Any = Market(iron=50)
            await act.do(market, "an id")
            (asked,) = market.asked
            assert asked["limit_amount"] == 490
            assert asked["asset_in"] == given
            assert least <= asked["amount_in"] <= most


async def test_only_whales_plunge() -> None:
    assert not acts(PLUNGING, 4_999)
    for act in acts(PLUNGING, 10_000):
        market: Any = Market()
        await act.do(market, "an id")
        (asked,) = market.asked
        assert 2_000 * WHOLE <= asked["amount_in"] <= 4_000 * WHOLE


async def test_who_has_nothing_does_nothing() -> None:
    assert not acts(BUYING, 11)
    assert acts(SELLING, 11)
    for act in acts(SELLING, 11):
        market: Any = Market()
        assert await act.do(market, "an id") is None
        assert not market.asked


async def test_a_part_of_the_shares_is_taken_back() -> None:
    market: Any = Market(iron=50)
    for act in acts(providing.BEHAVIOUR, 100):
        await act.do(market, "an id")
    shares = [asked["shares"] for asked in market.asked if "shares" in asked]
    assert shares
    assert all(100 <= taken <= 400 for taken in shares)
    assert len(shares) < len(market.asked) / 2
