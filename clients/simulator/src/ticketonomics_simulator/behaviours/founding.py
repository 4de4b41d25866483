"""Proactive people found shops."""

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Deed, Payment, Purpose
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.shops import shop_of
from ticketonomics_simulator.tickets import WHOLE, bronze


def plan(scene: Scene) -> Deed | None:
    """Opens the person's shop with about half of what the person has."""
    person = scene.person
    if scene.community.shop_of(person) is not None or scene.purse < 50 * WHOLE:
        return None
    if scene.wallets.is_busy(person.account):
        # Maybe with this very thing.
        return None
    shop = shop_of(person)
    capital = scene.purse // 2
    return Deed(
        person=person,
        purpose=Purpose.INVESTMENT,
        payments=(Payment(person.account, shop.address, capital),),
        memo="founding capital",
        story=f"{person.name} founds {shop.name} with {bronze(capital)}",
        founds=shop,
    )


BEHAVIOUR = Behaviour("found", {Kind.PROACTIVE: 3.0}, plan)
