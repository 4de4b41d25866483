"""People buy things from shops."""

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Deed, Payment, Purpose
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import WHOLE, bronze


def plan(scene: Scene) -> Deed | None:
    """Buys one good from somebody else's shop, at about its usual price."""
    shop = scene.community.shop_of_another(scene.random, scene.person)
    if shop is None:
        return None
    good = scene.random.choice(shop.trade.goods)
    price = round(good.price * WHOLE * scene.random.uniform(0.8, 1.2))
    if not scene.wallets.can_pay(scene.person.account, price):
        return None
    return Deed(
        person=scene.person,
        purpose=Purpose.PURCHASE,
        payments=(Payment(scene.person.account, shop.address, price),),
        memo=good.name,
        story=f"{scene.person.name} buys {good.name} at {shop.name} for {bronze(price)}",
    )


BEHAVIOUR = Behaviour("buy", {Kind.TAPPER: 1.0, Kind.CONSUMER: 6.0, Kind.PROACTIVE: 1.5}, plan)
