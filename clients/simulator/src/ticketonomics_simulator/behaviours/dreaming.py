"""Now and then somebody wants more than they can afford, and the ledger says no."""

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Deed, Payment, Purpose
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import FAUCET, WHOLE, bronze
from ticketonomics_simulator.words import CASTLES

PRICE = 1_000_000 * WHOLE


def plan(scene: Scene) -> Deed | None:
    """Tries to buy a castle: the only overdraft that anybody attempts on purpose."""
    if scene.wallets.can_pay(scene.person.account, PRICE):
        return None
    castle = scene.random.choice(CASTLES)
    name = scene.person.name
    return Deed(
        person=scene.person,
        purpose=Purpose.DREAM,
        payments=(Payment(scene.person.account, FAUCET, PRICE),),
        memo=castle,
        story=f"{name} buys {castle} for {bronze(PRICE)}",
        refused_story=f"{name} tries to buy {castle} for {bronze(PRICE)}, with "
        f"{bronze(scene.purse)} in the purse: the ledger says no",
    )


BEHAVIOUR = Behaviour("dream", dict.fromkeys(Kind, 0.015), plan)
