"""New money: how much may come into being, and when."""

from collections import deque
from collections.abc import Iterable

from ticketonomics_client import new_id

from ticketonomics_simulator.community import Community
from ticketonomics_simulator.ledger import Ledger
from ticketonomics_simulator.patience import Patience
from ticketonomics_simulator.tally import Tally
from ticketonomics_simulator.tickets import ASSET, FAUCET, WHOLE, bronze

HOUR_SECONDS = 3600.0
PORTIONS_AN_HOUR = 12

Mint = tuple[float, int]


def daily_budget(people: int, rate_per_second: float) -> int:
    """Returns a budget, in minor units, that keeps an economy of this size alive.

    Every transaction burns one or two tickets as its fee, so that much must be able to come back,
    and an hour's share must suffice to give all people something to begin with.
    """
    return round(24 * 200 * people + 2 * rate_per_second * 24 * HOUR_SECONDS) * WHOLE


class MintBudget:
    """How much may be minted, evenly through the day.

    Any hour takes at most its 24th part. A budget that could be spent by noon would leave the
    faucet dry until midnight.
    """

    def __init__(self, daily: int, earlier: Iterable[Mint] = ()) -> None:
        """Makes a budget.

        Args:
            daily: In minor units, at least 24.
            earlier: What was minted in the last hour before the start: time and amount.
        """
        self.hourly = daily // 24
        self._mints: deque[Mint] = deque(sorted(earlier))

    @property
    def portion(self) -> int:
        """What is minted at once when the faucet is low."""
        return max(1, self.hourly // PORTIONS_AN_HOUR)

    def left(self, now: float) -> int:
        """Returns what may still be minted now."""
        while self._mints and self._mints[0][0] <= now - HOUR_SECONDS:
            self._mints.popleft()
        return max(0, self.hourly - sum(amount for _, amount in self._mints))

    def spend(self, now: float, amount: int) -> None:
        """Counts what was minted."""
        self._mints.append((now, amount))


class FaucetKeeper:
    """Fills the faucet when it is low."""

    def __init__(
        self,
        ledger: Ledger,
        community: Community,
        tally: Tally,
        *,
        budget: MintBudget,
        patience: Patience,
    ) -> None:
        self._ledger = ledger
        self._community = community
        self._tally = tally
        self._budget = budget
        self._patience = patience
        self._was_dry = False

    async def top_up(self, now: float) -> None:
        """Mints a portion if the faucet is low and the budget allows it.

        Args:
            now: Seconds since 1970.

        Raises:
            RefusedError: The ledger does not mint, for example because of a supply cap.
        """
        portion = self._budget.portion
        if self._community.wallets.available(FAUCET) >= max(1, portion // 4):
            return
        amount = min(portion, self._budget.left(now))
        if not amount:
            if not self._was_dry:
                self._was_dry = True
                self._tally.tell("The faucet is dry: this hour's budget of new tickets is spent")
            return
        self._was_dry = False
        # Counted first: an answer that never comes must not lead to a second portion.
        self._budget.spend(now, amount)
        transaction_id = new_id()
        await self._patience.ask(
            lambda: self._ledger.mint(
                destination=FAUCET,
                asset=ASSET,
                amount=amount,
                reason="community faucet, within the daily budget",
                transaction_id=transaction_id,
            )
        )
        self._community.wallets.credit(FAUCET, amount)
        self._tally.tell(f"The community mints {bronze(amount)} for its faucet")
