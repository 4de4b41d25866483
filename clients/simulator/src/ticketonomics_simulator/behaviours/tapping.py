"""People tap for a while; their client sends what came together."""

from ticketonomics_client import Principal

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Act
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import bronze

EXPECTED = frozenset({"REWARD_LIMIT_REACHED", "REWARD_BUDGET_SPENT", "RATE_LIMITED"})


def plan(scene: Scene) -> Act:
    """Sends a batch of taps, sometimes more than there is energy for."""
    person, taps = scene.person, scene.random.randint(5, 120)

    async def do(client: Principal, request_id: str) -> str | None:
        reward = await client.tap(taps, request_id=request_id)
        if not reward.tap.counted:
            return None
        return f"{person.name} taps {reward.tap.counted} times for {bronze(reward.amount)}"

    return Act(person=person, name="taps", do=do, expected=EXPECTED)


BEHAVIOUR = Behaviour("tap", {Kind.TAPPER: 4.0, Kind.CONSUMER: 0.5, Kind.BOT: 12.0}, plan)
