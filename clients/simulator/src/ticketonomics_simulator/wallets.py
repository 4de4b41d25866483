"""What everybody has, as far as the simulator knows without asking the ledger at every step."""

from collections import Counter
from collections.abc import Iterable, Mapping

from ticketonomics_simulator.deeds import Payment
from ticketonomics_simulator.fees import Fee


class Wallets:
    """Estimates of balances, by account.

    Money leaves a wallet when its owner decides to spend it and reaches the other one when the
    ledger has accepted, so that plans made while a payment is under way never count on money that
    may not come. Others may pay into these accounts too: `adopt` takes over what the ledger says.
    """

    def __init__(self, fee: Fee) -> None:
        self.fee = fee
        self._available: dict[str, int] = {}
        self._sum = 0
        self._under_way: Counter[str] = Counter()
        self._last_change: dict[str, int] = {}
        self._changes = 0

    def available(self, account: str) -> int:
        """Returns what the account can spend."""
        return self._available.get(account, 0)

    def can_pay(self, account: str, *amounts: int) -> bool:
        """Tells whether the account can make payments of these amounts, fees included."""
        needed = sum(amount + self.fee.on(amount) for amount in amounts)
        return needed <= self.available(account)

    @property
    def total(self) -> int:
        """What all accounts have together, without what is under way."""
        return self._sum

    def is_busy(self, account: str) -> bool:
        """Tells whether a payment from or to the account is under way."""
        return self._under_way[account] > 0

    def begin(self, payments: Iterable[Payment]) -> None:
        """Takes the money out of the payers' wallets before the ledger is asked."""
        for payment in payments:
            self._add(payment.source, -payment.amount - self.fee.on(payment.amount))
            self._under_way.update((payment.source, payment.destination))

    def accept(self, payments: Iterable[Payment]) -> None:
        """Puts the money into the other wallets."""
        for payment in payments:
            self._add(payment.destination, payment.amount)
            self._settle(payment)

    def refuse(self, payments: Iterable[Payment]) -> None:
        """Puts the money back where it came from."""
        for payment in payments:
            self._add(payment.source, payment.amount + self.fee.on(payment.amount))
            self._settle(payment)

    def credit(self, account: str, amount: int) -> None:
        """Counts new money that the ledger has already booked."""
        self._add(account, amount)
        self._touch(account)

    @property
    def changes(self) -> int:
        """How often anything was settled so far: the moment that `adopt` asks for."""
        return self._changes

    def adopt(self, available: Mapping[str, int], *, read_at: int) -> None:
        """Takes over balances that the ledger told.

        Args:
            available: By account.
            read_at: `changes` when the reading began. What has moved since, or is still under way,
                is known better here and stays.
        """
        for account, amount in available.items():
            stale = self._last_change.get(account, 0) > read_at
            if not stale and not self.is_busy(account):
                self._add(account, amount - self.available(account))

    def _add(self, account: str, amount: int) -> None:
        self._available[account] = self.available(account) + amount
        self._sum += amount

    def _settle(self, payment: Payment) -> None:
        self._under_way.subtract((payment.source, payment.destination))
        self._touch(payment.source)
        self._touch(payment.destination)

    def _touch(self, account: str) -> None:
        self._changes += 1
        self._last_change[account] = self._changes
