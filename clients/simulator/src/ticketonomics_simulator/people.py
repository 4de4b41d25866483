"""Who lives in the community, and what they are like: always the same for the same seed."""

from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from ticketonomics_simulator.words import NAMES, TRADES, Trade


class Kind(StrEnum):
    """The three kinds of player, and those that only pretend to be one."""

    TAPPER = "tapper"
    CONSUMER = "consumer"
    PROACTIVE = "proactive"
    BOT = "bot"


# Of every ten people. The smallest community has one of each kind.
_TEN = (
    (Kind.PROACTIVE, Kind.TAPPER, Kind.CONSUMER)
    + (Kind.TAPPER,) * 4
    + (Kind.CONSUMER,) * 2
    + (Kind.PROACTIVE,)
)


@dataclass(slots=True, frozen=True)
class Character:
    """What a person is like.

    Attributes:
        number: Place in the community, from 0.
        name: Unique in the community.
        kind: How they play.
        activity: How often they do something, compared with others: 0.4–2.
        kindness: How much they give, compared with others: 0.5–2.
        trade: What they would sell if they had a shop.
    """

    number: int
    name: str
    kind: Kind
    activity: float
    kindness: float
    trade: Trade


@dataclass(slots=True, eq=False)
class Person:
    """A character with a place in the ledger.

    Attributes:
        character: What they are like.
        person_id: The ledger's id.
        account: The ledger's address.
        newcomer: Whether they are still to be welcomed.
    """

    character: Character
    person_id: str
    account: str
    newcomer: bool = False

    @property
    def name(self) -> str:
        """What others call them."""
        return self.character.name

    @property
    def kind(self) -> Kind:
        """How they play."""
        return self.character.kind


def imagine_people(seed: int, count: int, *, bots: int = 0) -> list[Character]:
    """Invents a community. The first people of a larger one are those of a smaller one.

    Args:
        seed: Which community.
        count: How many people, bots included.
        bots: How many of them are bots: the last ones.
    """
    names = list(NAMES)
    Random(f"{seed}/names").shuffle(names)
    people = [_imagine(seed, number, names) for number in range(count)]
    first_bot = max(count - bots, 0)
    return people[:first_bot] + [
        replace(character, name=f"Bot {number}", kind=Kind.BOT, activity=2.0)
        for number, character in enumerate(people[first_bot:], start=1)
    ]


def _imagine(seed: int, number: int, names: list[str]) -> Character:
    random = Random(f"{seed}/person/{number}")
    generation, place = divmod(number, len(names))
    return Character(
        number=number,
        name=f"{names[place]} {generation + 1}" if generation else names[place],
        kind=_TEN[number % len(_TEN)],
        activity=random.uniform(0.4, 2.0),
        kindness=random.uniform(0.5, 2.0),
        trade=random.choice(TRADES),
    )
