"""Newcomers get something to begin with."""

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Deed, Payment, Purpose
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import FAUCET, WHOLE, bronze


def plan(scene: Scene) -> Deed | None:
    """Pays a newcomer the welcome gift, once."""
    person = scene.person
    if not person.newcomer or scene.purse or scene.wallets.is_busy(person.account):
        return None
    gift = scene.random.randint(60, 120) * WHOLE
    if not scene.wallets.can_pay(FAUCET, gift):
        return None
    return Deed(
        person=person,
        acts_in_person=False,
        purpose=Purpose.WELCOME,
        payments=(Payment(FAUCET, person.account, gift),),
        memo="welcome gift",
        story=f"{person.name} joins the community and is welcomed with {bronze(gift)}",
    )


# Far above all others: nobody does anything else before.
BEHAVIOUR = Behaviour("welcome", dict.fromkeys(Kind, 1000.0), plan)
