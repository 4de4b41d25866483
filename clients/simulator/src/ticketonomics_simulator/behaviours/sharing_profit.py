"""Shops share what they earned with their owner and their backers."""

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Deed, Payment, Purpose
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import WHOLE, bronze

COMFORTABLE_TILL = 150 * WHOLE


def plan(scene: Scene) -> Deed | None:
    """Pays half of what a well-filled till has above its reserve, in equal parts."""
    shop = scene.community.shop_of(scene.person)
    if shop is None:
        return None
    owners = dict.fromkeys((scene.person, *shop.backers))
    profit = (scene.wallets.available(shop.address) - COMFORTABLE_TILL) // 2
    share = profit // len(owners)
    if share < 5 * WHOLE:
        return None
    backers = len(owners) - 1
    together = f" and {backers} backer{'s' * (backers > 1)}" if backers else ""
    each = " each" if backers else ""
    return Deed(
        person=scene.person,
        acts_in_person=False,
        purpose=Purpose.DIVIDEND,
        payments=tuple(Payment(shop.address, owner.account, share) for owner in owners),
        memo=f"dividend of {shop.name}",
        story=f"{shop.name} pays {scene.person.name}{together} a dividend of {bronze(share)}{each}",
    )


BEHAVIOUR = Behaviour("share profit", {Kind.PROACTIVE: 2.0}, plan)
