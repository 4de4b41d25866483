"""Proactive people propose something to the Parliament."""

from typing import TYPE_CHECKING

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.deeds import Act
from ticketonomics_simulator.governing import RULES
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.words import WISHES

if TYPE_CHECKING:
    from ticketonomics_client import Principal

MOST_OPEN = 3
EXPECTED = frozenset({"TOO_MANY_PROPOSALS", "NOT_ELIGIBLE", "INSUFFICIENT_FUNDS"})


def plan(scene: Scene) -> Act | None:
    """Proposes a text, or another quorum, unless there is enough to talk about."""
    if scene.purse < 2 * RULES["parliament.deposit"]:
        return None
    person, wish = scene.person, scene.random.choice(WISHES)
    quorum = scene.random.choice((None, None, 500, 1_000, 1_500))

    async def do(principal: "Principal", request_id: str) -> str | None:
        open_ones = [
            found
            async for found in principal.proposals(page_size=MOST_OPEN)
            if not found.HasField("end_time")
        ]
        if len(open_ones) >= MOST_OPEN:
            return None
        title = wish if quorum is None else f"A quorum of {quorum / 100:g} %"
        await principal.create_proposal(
            title,
            body=f"{person.name} thinks so.",
            setting=None if quorum is None else ("parliament.quorum", quorum),
            request_id=request_id,
        )
        return f"{person.name} proposes to the Parliament: {title}"

    return Act(person=person, name="proposals", do=do, expected=EXPECTED)


BEHAVIOUR = Behaviour("propose", {Kind.PROACTIVE: 0.4}, plan)
