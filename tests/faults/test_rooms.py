"""The checks of queues and votes find what they are for."""

from types import SimpleNamespace
from typing import Any

from ticketonomics.parliament.v1 import parliament_service_pb2 as parliament
from ticketonomics.queues.v1 import queue_service_pb2 as queues

from tests.faults.records import Verdict
from tests.faults.rooms import FINISHED, WAITING, Proposal, Rooms, Round, check_rooms
from tests.faults.stories import Step, Story


def step(method: str, request: Any = None, **answer: Any) -> Step:
    return Step(method, request, "", Verdict.ACCEPTED, [SimpleNamespace(**answer)])


def queueing(person: str, *more: Step) -> Story:
    return Story(
        "queue",
        [
            step("GetOrCreatePerson", person=SimpleNamespace(person_id=person)),
            step(
                "JoinQueue",
                queues.JoinQueueRequest(person_id=person),
                round=SimpleNamespace(round_id="r1"),
            ),
            *more,
        ],
    )


def voting(*choices: Any) -> Story:
    votes = [
        step("CastVote", parliament.CastVoteRequest(person_id="ann", choice=choice))
        for choice in choices
    ]
    made = step("CreateProposal", None, proposal=SimpleNamespace(proposal_id="p1"))
    return Story("vote", [made, *votes])


def found(*stories: Story, rounds: Any = None, proposals: Any = None) -> list[str]:
    return list(check_rooms(stories, Rooms(rounds or {}, proposals or {})))


ANN, BOB = queueing("ann"), queueing("bob")
OVER = Proposal(5, 0, (1, 0, 0), {"ann": 1})


def test_what_is_as_told_is_fine() -> None:
    assert found(ANN, rounds={"r1": Round(WAITING, 3, ("ann", "old"))}) == []
    assert found(ANN, BOB, rounds={"r1": Round(FINISHED, 2, ("ann", "bob"))}) == []
    left = queueing("ann", step("LeaveQueue", queues.LeaveQueueRequest(person_id="ann")))
    assert found(left, rounds={"r1": Round(WAITING, 3, ())}) == []
    assert found(voting(2, 1), proposals={"p1": OVER}) == []


def test_entries_that_are_lost_twice_or_invented() -> None:
    assert "lost" in found(ANN)[0]
    assert "lost" in found(ANN, rounds={"r1": Round(WAITING, 3, ("bob",))})[0]
    assert "twice" in found(ANN, rounds={"r1": Round(WAITING, 3, ("ann", "ann"))})[0]
    left = queueing("ann", step("LeaveQueue", queues.LeaveQueueRequest(person_id="ann")))
    assert "invented" in found(left, rounds={"r1": Round(WAITING, 3, ("ann",))})[0]


def test_rounds_that_are_not_drawn_or_too_early() -> None:
    for state, people in ((2, ("ann", "bob")), (FINISHED, ("ann",))):
        (told,) = found(ANN, rounds={"r1": Round(state, 2, people)})
        assert "to be drawn" in told


def test_ballots_and_ends_that_are_not_as_told() -> None:
    assert "lost" in found(voting(1))[0]
    assert "ballots" in found(voting(1, 2), proposals={"p1": OVER})[0]
    miscounted = OVER._replace(tally=(2, 0, 0))
    assert "tally" in found(voting(1), proposals={"p1": miscounted})[0]
    for open_one in (OVER._replace(state=3), OVER._replace(escrow=1)):
        assert "not over" in found(voting(1), proposals={"p1": open_one})[0]
    assert "invented" in found(proposals={"p1": OVER})[0]
