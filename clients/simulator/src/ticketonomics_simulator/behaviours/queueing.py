"""People queue for tickets of the next tier."""

from typing import TYPE_CHECKING

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Act
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import ASSET, WHOLE

if TYPE_CHECKING:
    from ticketonomics_client import Principal

NEXT_TIER = "SILVER"
SIZES = ("small", "small", "small", "medium", "large")
# What life brings: a place that the person has already, tickets that went elsewhere meanwhile, and
# queues that nobody has opened here.
EXPECTED = frozenset(
    {"ALREADY_IN_ROUND", "INSUFFICIENT_FUNDS", "QUEUE_NOT_OPEN", "DRAW_KEY_MISSING"}
)


def plan(scene: Scene) -> Act | None:
    """Stakes a ticket: of the next tier for whoever has won one, else of the first."""
    if scene.purse < 5 * WHOLE:
        return None
    person, size = scene.person, scene.random.choice(SIZES)

    async def queue(client: "Principal", request_id: str) -> str:
        won = await client.balance(person.account, NEXT_TIER)
        tier = NEXT_TIER if won.available >= WHOLE else ASSET
        made = await client.join_queue(tier, size, person.person_id, request_id=request_id)
        found = made.round
        return (
            f"{person.name} queues for {found.reward_tier}, as number {made.entry.position}"
            f" of {found.places}"
        )

    return Act(person=person, name="queue entries", do=queue, expected=EXPECTED)


BEHAVIOUR = Behaviour(
    "queue", {Kind.TAPPER: 3.0, Kind.CONSUMER: 0.5, Kind.PROACTIVE: 0.5, Kind.BOT: 1.0}, plan
)
