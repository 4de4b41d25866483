"""People come back each day for their reward, and sooner or later find that they have it."""

from ticketonomics_client import Principal

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Act
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.tickets import bronze

# Claimed already, or others were quicker: part of a player's day.
EXPECTED = frozenset({"REWARD_NOT_DUE", "REWARD_BUDGET_SPENT", "RATE_LIMITED"})


def plan(scene: Scene) -> Act:
    """Claims the reward of the day."""
    person = scene.person

    async def do(client: Principal, request_id: str) -> str | None:
        reward = await client.claim_daily(request_id=request_id)
        days = reward.daily.streak_days
        return f"{person.name} claims {bronze(reward.amount)} on day {days} of a streak"

    return Act(person=person, name="claims", do=do, expected=EXPECTED)


BEHAVIOUR = Behaviour(
    "claim", {Kind.TAPPER: 1.0, Kind.CONSUMER: 0.6, Kind.PROACTIVE: 0.3, Kind.BOT: 2.0}, plan
)
