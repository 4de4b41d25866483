"""Organisations that people found."""

from collections import deque
from dataclasses import dataclass, field

from ticketonomics_simulator.people import Person
from ticketonomics_simulator.words import Trade

REMEMBERED_BACKERS = 5


@dataclass(slots=True, eq=False)
class Shop:
    """A shop or company with an account of its own.

    Attributes:
        name: Such as `Mira's Bakery`.
        address: Its account.
        owner: Who founded it.
        trade: What it sells.
        backers: Who invested last; they share in dividends.
    """

    name: str
    address: str
    owner: Person
    trade: Trade
    backers: deque[Person] = field(default_factory=lambda: deque(maxlen=REMEMBERED_BACKERS))


def shop_of(owner: Person) -> Shop:
    """Returns the shop that this person has or could found.

    The address ends with the beginning of the owner's id: a namesake's shop, or a real one of the
    same name, must not be taken for this one after a restart, because its money would be spent.
    """
    name = f"{owner.name}'s {owner.character.trade.name}"
    slug = name.lower().replace("'", "").replace(" ", "-")
    return Shop(
        name=name,
        address=f"orgs/{slug}-{owner.person_id[:5]}",
        owner=owner,
        trade=owner.character.trade,
    )
