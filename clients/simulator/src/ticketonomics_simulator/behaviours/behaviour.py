"""What a behaviour is, and what it sees when it decides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from ticketonomics_simulator.community import Community
from ticketonomics_simulator.deeds import Act, Deed
from ticketonomics_simulator.people import Kind, Person
from ticketonomics_simulator.wallets import Wallets


@dataclass(slots=True, frozen=True)
class Scene:
    """One person's turn.

    Attributes:
        community: Everybody.
        person: Whose turn it is.
        random: The only source of chance; belongs to this turn, so that turns repeat exactly.
    """

    community: Community
    person: Person
    random: Random

    @property
    def wallets(self) -> Wallets:
        """What everybody has."""
        return self.community.wallets

    @property
    def purse(self) -> int:
        """What the person has."""
        return self.wallets.available(self.person.account)


@dataclass(slots=True, frozen=True)
class Behaviour:
    """Something that people do.

    Attributes:
        name: A verb, such as `tip`.
        appetite: How much each kind of player likes it, compared with other behaviours; kinds that
            are missing never do it.
        plan: Decides what exactly to do, or None when it makes no sense now. Changes nothing.
    """

    name: str
    appetite: Mapping[Kind, float]
    plan: Callable[[Scene], Deed | Act | None]
