"""Each behaviour in a situation that calls for it, and in one that does not."""

from random import Random

import pytest
from ticketonomics.ledger.v1.account_pb2 import Balance
from ticketonomics.queues.v1.queue_service_pb2 import JoinQueueResponse
from ticketonomics.queues.v1.round_pb2 import Entry, Round
from ticketonomics_simulator.behaviours import (
    BEHAVIOURS,
    PAYING,
    buying,
    donating,
    dreaming,
    earning,
    founding,
    investing,
    paying,
    queueing,
    sharing_profit,
    tipping,
    wages,
    welcoming,
)
from ticketonomics_simulator.behaviours.behaviour import Scene
from ticketonomics_simulator.community import Community
from ticketonomics_simulator.deeds import Purpose
from ticketonomics_simulator.fees import Fee
from ticketonomics_simulator.people import Kind, Person, imagine_people
from ticketonomics_simulator.shops import shop_of
from ticketonomics_simulator.tickets import FAUCET, WHOLE
from ticketonomics_simulator.wallets import Wallets


def scene(
    *, purse: int = 0, faucet: int = 0, till: int | None = None, others_till: int | None = None
) -> Scene:
    """A person among nine others, maybe with a shop, maybe with somebody else's shop in town.

    Amounts are whole tickets.
    """
    people = [
        Person(character, f"id{character.number:05}", f"users/id{character.number:05}")
        for character in imagine_people(1, 10)
    ]
    wallets = Wallets(Fee(bps=100))
    community = Community(seed=1, people=people, wallets=wallets)
    wallets.credit(people[0].account, purse * WHOLE)
    wallets.credit(FAUCET, faucet * WHOLE)
    for owner, amount in ((people[0], till), (people[1], others_till)):
        if amount is not None:
            shop = shop_of(owner)
            community.open_shop(shop)
            wallets.credit(shop.address, amount * WHOLE)
    return Scene(community, people[0], Random(1))


CALLED_FOR = [
    (earning, {"faucet": 100}),
    (tipping, {"purse": 50}),
    (paying, {"purse": 50}),
    (buying, {"purse": 100, "others_till": 0}),
    (founding, {"purse": 100}),
    (wages, {"till": 200}),
    (investing, {"purse": 100, "others_till": 0}),
    (sharing_profit, {"till": 400}),
    (donating, {"purse": 1000}),
    (dreaming, {"purse": 10}),
]

OUT_OF_PLACE = [
    (earning, {"faucet": 1}),
    (tipping, {"purse": 1}),
    (paying, {"purse": 3}),
    (buying, {"purse": 100}),
    (buying, {"purse": 100, "till": 50}),
    (buying, {"purse": 1, "others_till": 0}),
    (founding, {"purse": 49}),
    (founding, {"purse": 100, "till": 0}),
    (wages, {"purse": 500}),
    (wages, {"till": 40}),
    (investing, {"purse": 100, "till": 0}),
    (investing, {"purse": 59, "others_till": 0}),
    (sharing_profit, {"till": 150}),
    (donating, {"purse": 450}),
    (dreaming, {"purse": 2_000_000}),
    (welcoming, {"faucet": 1000}),
]


@pytest.mark.parametrize(("module", "situation"), CALLED_FOR)
def test_people_do_what_is_called_for(module, situation) -> None:
    now = scene(**situation)
    deed = module.plan(now)
    assert deed is not None
    assert deed.person is now.person
    assert now.person.name in deed.story
    assert deed.memo
    for payment in deed.payments:
        own = payment.source == now.person.account
        assert deed.acts_in_person == own
        assert payment.amount > 0
    if deed.purpose is not Purpose.DREAM:
        amounts = [payment.amount for payment in deed.payments]
        assert now.wallets.can_pay(deed.payments[0].source, *amounts)


@pytest.mark.parametrize(("module", "situation"), OUT_OF_PLACE)
def test_people_leave_what_makes_no_sense(module, situation) -> None:
    assert module.plan(scene(**situation)) is None


def test_a_newcomer_is_welcomed_once() -> None:
    now = scene(faucet=1000)
    now.person.newcomer = True
    deed = welcoming.plan(now)
    assert deed is not None
    now.wallets.begin(deed.payments)
    assert welcoming.plan(now) is None


def test_every_module_is_in_the_list_and_every_kind_has_something_to_do() -> None:
    modules = {module for module, _ in CALLED_FOR} | {welcoming}
    assert {m.BEHAVIOUR.name for m in modules} == {b.name for b in PAYING}
    for kind in Kind:
        assert any(kind in behaviour.appetite for behaviour in BEHAVIOURS)


def test_planning_changes_nothing() -> None:
    now = scene(purse=1000, faucet=1000, till=1000, others_till=1000)
    before = (now.wallets.total, now.wallets.changes, len(now.community.shops))
    for behaviour in BEHAVIOURS:
        behaviour.plan(now)
    assert (now.wallets.total, now.wallets.changes, len(now.community.shops)) == before


async def test_people_queue_for_the_tier_that_they_have_reached() -> None:
    class Queues:
        """Answers as the SDK does, of a person with so many Silver tickets."""

        def __init__(self, silver: int) -> None:
            self.silver = silver
            self.joined: list[tuple[str, str, str]] = []

        async def balance(self, account: str, asset: str) -> Balance:
            return Balance(account=account, asset=asset, available=self.silver)

        async def join_queue(
            self, tier: str, size: str, person_id: str, *, request_id: str
        ) -> JoinQueueResponse:
            self.joined.append((tier, person_id, request_id))
            return JoinQueueResponse(
                round=Round(reward_tier="NEXT", places=20), entry=Entry(position=3)
            )

    for silver, tier in ((0, "BRONZE"), (99, "BRONZE"), (100, "SILVER")):
        now, queues = scene(purse=5), Queues(silver)
        act = queueing.plan(now)
        assert act is not None
        assert await act.do(queues, "id") == (
            f"{now.person.name} queues for NEXT, as number 3 of 20"
        )
        assert queues.joined == [(tier, now.person.person_id, "id")]
    assert queueing.plan(scene(purse=4)) is None
