"""Stories of queues and of the Parliament, and what must have become of them.

What they move is of the tickets' own assets, which the campaign's books leave out: `verify` draws
every round again, counts every ballot, and adds up every balance.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from ticketonomics.identity.v1 import identity_service_pb2 as identity
from ticketonomics.ledger.v1 import ledger_service_pb2 as ledger
from ticketonomics.parliament.v1 import parliament_service_pb2 as parliament
from ticketonomics.parliament.v1.proposal_pb2 import Ballot
from ticketonomics.queues.v1 import queue_service_pb2 as queues

if TYPE_CHECKING:
    from .stories import Step, Story

TIER, SIZE = "BRONZE", "small"
# Of the campaign's small queue, so that rounds fill all the time.
PLACES = 3
FUNDS = 20_000
# How long the campaign's Parliament discusses, votes, and waits for a veto: each.
PERIOD_SECONDS = 1
_UNTIL_OPEN_SECONDS = 1.4

WAITING, FINISHED, EXPIRED = 1, 4, 5
_ENDED = 4

Ask = Callable[..., Awaitable[Any]]


class Round(NamedTuple):
    """A round as it stands, with who is in it."""

    state: int
    places: int
    people: tuple[str, ...]


class Proposal(NamedTuple):
    """A proposal as it stands, with its ballots: person and choice."""

    state: int
    escrow: int
    tally: tuple[int, int, int]
    ballots: dict[str, int]


@dataclass(slots=True)
class Rooms:
    """What was changed in a round of the campaign, or is not over."""

    rounds: dict[str, Round] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)


async def _move_in(ask: Ask, random: Random) -> str:
    """Somebody comes, and gets some tickets."""
    person = identity.GetOrCreatePersonRequest(provider="story", subject=str(random.random()))
    person_id = (await ask("GetOrCreatePerson", person)).person.person_id
    gift = ledger.MintRequest(
        destination=f"users/{person_id}", asset=TIER, amount=FUNDS, reason="welcome"
    )
    await ask("Mint", gift)
    return str(person_id)


async def queue(ask: Ask, random: Random) -> None:
    """Somebody queues, and sometimes thinks better of it."""
    person_id = await _move_in(ask, random)
    place = {"tier": TIER, "size": SIZE, "person_id": person_id}
    joining = queues.JoinQueueRequest(**place, nonce=random.randbytes(8))
    await ask("JoinQueue", joining, person_id)
    if random.random() < 0.3:
        await ask("LeaveQueue", queues.LeaveQueueRequest(**place), person_id)


async def vote(ask: Ask, random: Random) -> None:
    """Somebody proposes, votes when voting opens, and may change the vote."""
    person_id = await _move_in(ask, random)
    proposing = parliament.CreateProposalRequest(person_id=person_id, title="More benches")
    made = await ask("CreateProposal", proposing, person_id)
    proposal_id = made.proposal.proposal_id
    if random.random() < 0.2:
        withdrawal = parliament.WithdrawProposalRequest(proposal_id=proposal_id)
        await ask("WithdrawProposal", withdrawal, person_id)
        return
    await asyncio.sleep(_UNTIL_OPEN_SECONDS)
    # Each another one: the same again is no vote, and leaves no trace that a retry could find.
    choices = (Ballot.CHOICE_YES, Ballot.CHOICE_NO, Ballot.CHOICE_ABSTAIN)
    for choice in random.sample(choices, random.randint(1, 2)):
        casting = parliament.CastVoteRequest(
            proposal_id=proposal_id, person_id=person_id, choice=choice
        )
        await ask("CastVote", casting, person_id)


def check_rooms(stories: Sequence["Story"], rooms: Rooms) -> Iterator[str]:
    """Runs every check of these stories."""
    yield from _check_rounds(stories, rooms)
    yield from _check_proposals(stories, rooms)


def _check_rounds(stories: Sequence["Story"], rooms: Rooms) -> Iterator[str]:
    told: dict[str, set[str]] = defaultdict(set)
    for story in stories:
        joined, left = story.find("JoinQueue"), story.find("LeaveQueue")
        if joined is not None and left is None:
            told[joined.answers[0].round.round_id].add(joined.request.person_id)
    for round_id, people in told.items():
        found = rooms.rounds.get(round_id)
        if found is None or not people <= set(found.people):
            yield f"lost: {people} joined round {round_id}, which is {found}"
    queueing = [story.find("GetOrCreatePerson") for story in stories if story.plot == "queue"]
    everybody = {step.answers[0].person.person_id for step in queueing if step is not None}
    for round_id, found in rooms.rounds.items():
        full = len(found.people) == found.places
        if len(set(found.people)) != len(found.people):
            yield f"round {round_id} has somebody twice: {found}"
        if found.state != (FINISHED if full else WAITING):
            yield f"round {round_id} is {found}: it was to be drawn if it is full, and not before"
        for person_id in everybody.intersection(found.people) - told[round_id]:
            yield f"invented: {person_id} is in round {round_id} and was not told so"


def _check_proposals(stories: Sequence["Story"], rooms: Rooms) -> Iterator[str]:
    told = set()
    for story in stories:
        made = story.find("CreateProposal")
        if made is None:
            continue
        proposal_id = made.answers[0].proposal.proposal_id
        told.add(proposal_id)
        found = rooms.proposals.get(proposal_id)
        if found is None:
            yield f"lost: proposal {proposal_id} was acknowledged"
            continue
        votes = [s for s in story.steps if s.method == "CastVote"]
        wanted = _last_choice(votes)
        if found.ballots != wanted:
            yield f"the ballots of {proposal_id} are {found.ballots}, those told are {wanted}"
        counted = tuple(sum(c == choice for c in found.ballots.values()) for choice in (1, 2, 3))
        if found.tally != counted:
            yield f"the tally of {proposal_id} is {found.tally}, its ballots are {counted}"
        if found.state < _ENDED or found.escrow:
            yield f"proposal {proposal_id} is not over: {found}"
    for proposal_id in rooms.proposals.keys() - told:
        yield f"invented: nobody was told of proposal {proposal_id}"


def _last_choice(votes: Sequence["Step"]) -> dict[str, int]:
    """The ballot that accepted votes of one person leave."""
    return {vote.request.person_id: vote.request.choice for vote in votes if vote.accepted}
