"""People vote on what is proposed."""

from typing import TYPE_CHECKING

from ticketonomics_client import Ballot, Proposal, RefusedError

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Act
from ticketonomics_simulator.people import Kind

if TYPE_CHECKING:
    from ticketonomics_client import Principal

WORDS = {
    Ballot.CHOICE_YES: "for",
    Ballot.CHOICE_NO: "against",
    Ballot.CHOICE_ABSTAIN: "neither for nor against",
}
EXPECTED = frozenset({"VOTING_NOT_OPEN", "NOT_ELIGIBLE"})


def plan(scene: Scene) -> Act:
    """Votes on something that the person has not voted on, mostly for it."""
    person = scene.person
    (choice,) = scene.random.choices(tuple(WORDS), weights=(6, 3, 1))

    async def do(principal: "Principal", request_id: str) -> str | None:
        async for found in principal.proposals(state=Proposal.STATE_VOTING, page_size=5):
            if await _has_voted(principal, found.proposal_id, person.person_id):
                continue
            await principal.cast_vote(found.proposal_id, choice, request_id=request_id)
            return f"{person.name} votes {WORDS[choice]} “{found.title}”"
        return None

    return Act(person=person, name="votes", do=do, expected=EXPECTED)


async def _has_voted(principal: "Principal", proposal_id: str, person_id: str) -> bool:
    try:
        await principal.ballot(proposal_id, person_id)
    except RefusedError as error:
        if error.reason_name == "BALLOT_NOT_FOUND":
            return False
        raise
    return True


BEHAVIOUR = Behaviour("vote", {Kind.CONSUMER: 2.0, Kind.PROACTIVE: 1.5, Kind.TAPPER: 0.3}, plan)
