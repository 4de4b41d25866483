"""What the load sends: drawn from a seed, mostly good, sometimes to be refused."""

from collections import deque
from random import Random
from uuid import UUID

from .calling import HOT
from .records import Draft, Movement

RICH = tuple(f"orgs/rich-{number:02}" for number in range(40))
# So little that some transfers find too little, depending on who comes first.
POOR = tuple(f"orgs/poor-{number}" for number in range(4))
RICH_FUNDS = 1_000_000_000
POOR_FUNDS = 500

_BATCH_SIZES = (1, 2, 7, 40, 150, 400)
_REMEMBERED = 500


class Drawing:
    """Draws transactions, and remembers some of those that were acknowledged."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)
        self._acknowledged: deque[Draft] = deque(maxlen=_REMEMBERED)

    def remember(self, draft: Draft) -> None:
        self._acknowledged.append(draft)

    def forget(self) -> None:
        self._acknowledged.clear()

    def acknowledged(self) -> Draft | None:
        """Draws one that was acknowledged in this round."""
        return self.random.choice(self._acknowledged) if self._acknowledged else None

    def single(self) -> Draft:
        """Draws a transaction of one movement."""
        draw = self.random.random()
        if draw < 0.15:
            return self._draft(Movement(self.random.choice(RICH), HOT, self._amount()))
        if draw < 0.25:
            source, destination = self.random.sample(POOR, 2)
            return self._draft(Movement(source, destination, self.random.randint(1, 400)))
        if draw < 0.35:
            return self._draft(self._bad())
        return self._draft(self._good())

    def batch(self) -> list[Draft]:
        """Draws transactions of one or more movements each."""
        drafts = []
        for _ in range(self.random.choice(_BATCH_SIZES)):
            movements = [self._good() for _ in range(self.random.choice((1, 1, 1, 2, 8)))]
            if self.random.random() < 0.03:
                movements.append(self._bad())
            drafts.append(self._draft(*movements))
        if self.random.random() < 0.2 and (known := self.acknowledged()):
            drafts.append(known)
        return drafts

    def abuse(self) -> Draft | None:
        """Draws an acknowledged id with another body."""
        known = self.acknowledged()
        if known is None:
            return None
        first = known.movements[0]
        other = first._replace(amount=first.amount + 1)
        return Draft(known.transaction_id, (other,))

    def _good(self) -> Movement:
        source, destination = self.random.sample(RICH, 2)
        return Movement(source, destination, self._amount())

    def _bad(self) -> Movement:
        good = self._good()
        return self.random.choice(
            (
                good._replace(amount=RICH_FUNDS * len(RICH)),
                good._replace(amount=0),
                good._replace(destination="orgs/nobody"),
                good._replace(source="system/mint"),
            )
        )

    def _amount(self) -> int:
        return self.random.randint(1, 100)

    def _draft(self, *movements: Movement) -> Draft:
        id_ = UUID(int=self.random.getrandbits(128), version=4)
        return Draft(str(id_), movements)
