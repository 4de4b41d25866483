"""Proactive people invest in each other's shops."""

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Deed, Payment, Purpose
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import WHOLE, bronze


def plan(scene: Scene) -> Deed | None:
    """Puts up to a third of what the person has into somebody else's shop."""
    shop = scene.community.shop_of_another(scene.random, scene.person)
    if shop is None or scene.purse < 60 * WHOLE:
        return None
    stake = scene.random.randint(scene.purse // 8, scene.purse // 3)
    return Deed(
        person=scene.person,
        purpose=Purpose.INVESTMENT,
        payments=(Payment(scene.person.account, shop.address, stake),),
        memo=f"investment in {shop.name}",
        story=f"{scene.person.name} invests {bronze(stake)} in {shop.name}",
    )


BEHAVIOUR = Behaviour("invest", {Kind.PROACTIVE: 1.5}, plan)
