"""The community as it is now: its people, its shops, and what they have."""

from itertools import accumulate
from random import Random

from ticketonomics_simulator.people import Person
from ticketonomics_simulator.shops import Shop
from ticketonomics_simulator.tickets import FAUCET, WHOLE
from ticketonomics_simulator.wallets import Wallets

# What people and shops would have on average if the faucet got its way.
COMFORTABLE_WEALTH = 150 * WHOLE


class Community:
    """Everything that decisions depend on."""

    def __init__(self, *, seed: int, people: list[Person], wallets: Wallets) -> None:
        self.seed = seed
        self.people = people
        self.wallets = wallets
        self.shops: list[Shop] = []
        self._shop_of: dict[Person, Shop] = {}
        self._shop_at: dict[str, Shop] = {}
        self._activity = list(accumulate(person.character.activity for person in people))

    def somebody(self, random: Random) -> Person:
        """Picks who does something next; active people more often."""
        return random.choices(self.people, cum_weights=self._activity)[0]

    def others(self, random: Random, person: Person, count: int = 1) -> list[Person]:
        """Picks up to so many different people who are not this one."""
        chosen = random.sample(self.people, min(count + 1, len(self.people)))
        return [other for other in chosen if other is not person][:count]

    def open_shop(self, shop: Shop) -> None:
        """Adds a shop; adding its owner's a second time changes nothing."""
        if shop.owner not in self._shop_of:
            self._shop_of[shop.owner] = self._shop_at[shop.address] = shop
            self.shops.append(shop)

    def shop_of(self, owner: Person) -> Shop | None:
        """Returns the person's own shop."""
        return self._shop_of.get(owner)

    def shop_at(self, address: str) -> Shop | None:
        """Returns the shop with this account."""
        return self._shop_at.get(address)

    def shop_of_another(self, random: Random, person: Person) -> Shop | None:
        """Picks a shop that is not this person's."""
        shops = random.sample(self.shops, min(2, len(self.shops)))
        return next((shop for shop in shops if shop.owner is not person), None)

    @property
    def wealth(self) -> int:
        """What people and shops have; the faucet is not counted."""
        return self.wallets.total - self.wallets.available(FAUCET)

    @property
    def generosity(self) -> float:
        """How freely the faucet gives: more when the community is poor, less when it is rich.

        Fees burn what the faucet pays out. This finds the balance between the two for any number
        of people and any pace, so that the economy neither dries up nor inflates in the long run.
        """
        comfortable = COMFORTABLE_WEALTH * (len(self.people) + len(self.shops))
        return min(3.0, max(0.1, comfortable / max(1, self.wealth)))
