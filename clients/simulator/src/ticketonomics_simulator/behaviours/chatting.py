"""People talk, and a bot reports that they did; what they say stays with them."""

from ticketonomics_client import Principal

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Act
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import bronze
from ticketonomics_simulator.words import TAPS

EXPECTED = frozenset({"REWARD_BUDGET_SPENT", "RATE_LIMITED"})


def plan(scene: Scene) -> Act:
    """Says something, which may come too soon to count."""
    person = scene.person
    message = f"I am busy with {scene.random.choice(TAPS)}, number {scene.random.randint(1, 999)}"

    async def do(client: Principal, request_id: str) -> str | None:
        answer = await client.report_activity(
            person.person_id, channel="lobby", message=message, request_id=request_id
        )
        if answer.not_counted:
            return None
        return f"{person.name} chats, and earns {bronze(answer.reward.amount)}"

    return Act(person=person, name="messages", do=do, expected=EXPECTED)


BEHAVIOUR = Behaviour("chat", {Kind.TAPPER: 0.8, Kind.CONSUMER: 0.8, Kind.PROACTIVE: 0.8}, plan)
