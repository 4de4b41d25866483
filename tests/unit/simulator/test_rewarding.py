"""What people do for rewards: the calls that they make, and what they tell of the answers."""

from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from ticketonomics.rewards.v1.reward_pb2 import Reward
from ticketonomics.rewards.v1.rewards_service_pb2 import ReportActivityResponse
from ticketonomics_simulator.behaviours import chatting, claiming, tapping
from ticketonomics_simulator.behaviours.behaviour import Scene
from ticketonomics_simulator.community import Community
from ticketonomics_simulator.fees import Fee
from ticketonomics_simulator.people import Person, imagine_people
from ticketonomics_simulator.wallets import Wallets


@pytest.fixture
def scene() -> Scene:
    people = [Person(c, f"id{c.number}", f"users/id{c.number}") for c in imagine_people(1, 2)]
    return Scene(Community(seed=1, people=people, wallets=Wallets(Fee())), people[0], Random(1))


class Client:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self, answer: Any) -> None:
        self.asked: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        self._answer = answer

    async def _call(self, *words: Any, **named: Any) -> Any:
        self.asked.append((words, named))
        return self._answer

    claim_daily = tap = report_activity = _call


async def test_a_claim_tells_of_the_streak(scene: Scene) -> None:
    client: Any = Client(Reward(amount=120, daily=Reward.Daily(streak_days=3)))
    story = await claiming.plan(scene).do(client, "id")
    assert story == f"{scene.person.name} claims 1.20 BRONZE on day 3 of a streak"
    assert client.asked == [((), {"request_id": "id"})]


async def test_taps_that_do_not_count_are_no_story(scene: Scene) -> None:
    act = tapping.plan(scene)
    client: Any = Client(Reward(amount=2, tap=Reward.Tap(counted=21)))
    assert await act.do(client, "id") == f"{scene.person.name} taps 21 times for 0.02 BRONZE"
    ((words, named),) = client.asked
    assert 5 <= words[0] <= 120
    assert named == {"request_id": "id"}
    nothing: Any = Client(Reward())
    assert await act.do(nothing, "id") is None


async def test_a_message_that_does_not_count_is_no_story(scene: Scene) -> None:
    act = chatting.plan(scene)
    client: Any = Client(SimpleNamespace(not_counted=0, reward=Reward(amount=16)))
    assert await act.do(client, "id") == f"{scene.person.name} chats, and earns 0.16 BRONZE"
    ((words, named),) = client.asked
    assert (words, named["request_id"]) == ((scene.person.person_id,), "id")
    assert len(named["message"]) > 5
    too_soon = ReportActivityResponse.NOT_COUNTED_TOO_SOON
    spam: Any = Client(SimpleNamespace(not_counted=too_soon, reward=Reward()))
    assert await act.do(spam, "id") is None
