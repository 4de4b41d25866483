"""Shop owners pay wages."""

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Deed, Payment, Purpose
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import WHOLE, bronze

RESERVE = 40 * WHOLE


def plan(scene: Scene) -> Deed | None:
    """Pays two to four people from the shop's account, all or none of them."""
    shop = scene.community.shop_of(scene.person)
    if shop is None:
        return None
    workers = scene.community.others(scene.random, scene.person, scene.random.randint(2, 4))
    spare = scene.wallets.available(shop.address) - RESERVE
    wage = min(30 * WHOLE, spare // (2 * max(1, len(workers))))
    if (
        not workers
        or wage < 4 * WHOLE
        or not scene.wallets.can_pay(shop.address, *[wage] * len(workers))
    ):
        return None
    names = " and ".join(filter(None, (", ".join(w.name for w in workers[:-1]), workers[-1].name)))
    return Deed(
        person=scene.person,
        acts_in_person=False,
        purpose=Purpose.WAGES,
        payments=tuple(Payment(shop.address, worker.account, wage) for worker in workers),
        memo=f"wages of {shop.name}",
        story=f"{shop.name} pays {names} {bronze(wage)} each for a day's work",
    )


BEHAVIOUR = Behaviour("pay wages", {Kind.PROACTIVE: 4.0}, plan)
