"""People tip each other."""

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Deed, Payment, Purpose
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import WHOLE, bronze
from ticketonomics_simulator.words import TIP_REASONS


def plan(scene: Scene) -> Deed | None:
    """Gives somebody a few tickets; kind people give more."""
    tip = round(scene.random.uniform(1, 5) * scene.person.character.kindness) * WHOLE
    others = scene.community.others(scene.random, scene.person)
    if not others or not scene.wallets.can_pay(scene.person.account, tip):
        return None
    (friend,) = others
    thanks = scene.random.choice(TIP_REASONS)
    return Deed(
        person=scene.person,
        purpose=Purpose.GIFT,
        payments=(Payment(scene.person.account, friend.account, tip),),
        memo=f"for {thanks}",
        story=f"{scene.person.name} tips {friend.name} {bronze(tip)} for {thanks}",
    )


BEHAVIOUR = Behaviour("tip", {Kind.TAPPER: 4.0, Kind.CONSUMER: 1.0, Kind.PROACTIVE: 0.5}, plan)
