"""The rich give to the community."""

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.community import COMFORTABLE_WEALTH
from ticketonomics_simulator.deeds import Deed, Payment, Purpose
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import FAUCET, WHOLE, bronze

RICH = 3 * COMFORTABLE_WEALTH


def plan(scene: Scene) -> Deed | None:
    """Gives away a third of what is more than riches, so that money does not pile up for ever."""
    gift = (scene.purse - RICH) // 3
    if gift < 10 * WHOLE:
        return None
    return Deed(
        person=scene.person,
        purpose=Purpose.GIFT,
        payments=(Payment(scene.person.account, FAUCET, gift),),
        memo="for the community chest",
        story=f"{scene.person.name} gives {bronze(gift)} to the community chest",
    )


BEHAVIOUR = Behaviour("donate", dict.fromkeys(Kind, 0.5), plan)
