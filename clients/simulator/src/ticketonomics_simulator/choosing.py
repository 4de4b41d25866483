"""Who does what next."""

from collections.abc import Iterator, Sequence
from random import Random

from ticketonomics_simulator.behaviours.behaviour import Behaviour, Scene
from ticketonomics_simulator.community import Community
from ticketonomics_simulator.deeds import Act, Deed
from ticketonomics_simulator.people import Kind

ATTEMPTS = 5


def choose_deed(
    community: Community, behaviours: Sequence[Behaviour], turn: int
) -> Deed | Act | None:
    """Decides one turn.

    Every turn has chance of its own, drawn from the seed and its number, so that one payment that
    was refused or came late does not change all later turns.

    Returns:
        What to do, or None when nobody who was asked can do anything.
    """
    random = Random(f"{community.seed}/turn/{turn}")
    for _ in range(ATTEMPTS):
        scene = Scene(community, community.somebody(random), random)
        for behaviour in _by_appetite(behaviours, scene.person.kind, random):
            deed = behaviour.plan(scene)
            if deed is not None:
                return deed
    return None


def _by_appetite(
    behaviours: Sequence[Behaviour], kind: Kind, random: Random
) -> Iterator[Behaviour]:
    """Yields behaviours in a random order in which the liked ones tend to come first.

    A weighted shuffle after Efraimidis and Spirakis, "Weighted random sampling with a reservoir",
    2006.
    """
    liked = [
        (random.random() ** (1 / b.appetite[kind]), b) for b in behaviours if kind in b.appetite
    ]
    liked.sort(key=lambda pair: pair[0], reverse=True)
    for _, behaviour in liked:
        yield behaviour
