"""People earn a little from the community's faucet."""

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Deed, Payment, Purpose
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import FAUCET, WHOLE, bronze
from ticketonomics_simulator.words import TAPS


def plan(scene: Scene) -> Deed | None:
    """Pays somebody for a small task, as generously as the community's wealth suggests."""
    earned = round(scene.random.uniform(2, 7) * scene.community.generosity * WHOLE)
    if not scene.wallets.can_pay(FAUCET, earned):
        return None
    task = scene.random.choice(TAPS)
    return Deed(
        person=scene.person,
        acts_in_person=False,
        purpose=Purpose.EARNING,
        payments=(Payment(FAUCET, scene.person.account, earned),),
        memo=task,
        story=f"{scene.person.name} earns {bronze(earned)} for {task}",
    )


BEHAVIOUR = Behaviour("earn", {Kind.TAPPER: 5.0, Kind.CONSUMER: 2.5, Kind.PROACTIVE: 1.0}, plan)
