"""People pay each other for this and that."""

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Deed, Payment, Purpose
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import WHOLE, bronze
from ticketonomics_simulator.words import PAYMENT_REASONS


def plan(scene: Scene) -> Deed | None:
    """Settles a small debt."""
    amount = scene.random.randint(3 * WHOLE, 30 * WHOLE)
    others = scene.community.others(scene.random, scene.person)
    if not others or not scene.wallets.can_pay(scene.person.account, amount):
        return None
    (friend,) = others
    debt = scene.random.choice(PAYMENT_REASONS)
    return Deed(
        person=scene.person,
        purpose=Purpose.PAYMENT,
        payments=(Payment(scene.person.account, friend.account, amount),),
        memo=debt,
        story=f"{scene.person.name} pays {friend.name} {bronze(amount)} for {debt}",
    )


BEHAVIOUR = Behaviour("pay", {Kind.TAPPER: 0.5, Kind.CONSUMER: 2.0, Kind.PROACTIVE: 0.5}, plan)
