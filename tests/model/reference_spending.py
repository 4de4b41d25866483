"""Allowances and budgets of one application, the game, as a book of rules."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from tests.model.reference_ledger import TRANSFER, Posting, RefusedError
from tests.model.reference_payments import ReferencePayments

# As in the contract.
TOTAL, HOUR, DAY, WEEK = 1, 2, 3, 4
_LENGTH = {HOUR: timedelta(hours=1), DAY: timedelta(days=1), WEEK: timedelta(days=7)}
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)

Amounts = dict[tuple[str, str], int]


def number_of_period(period: int, time: datetime) -> int:
    """Numbers the periods of a length; all that is for all time lies in the same."""
    return (time - _MONDAY) // _LENGTH[period] if period in _LENGTH else 0


@dataclass
class Limit:
    """Attributes:
    spent: What was taken, by the number of the period.
    since: When its counting began: a moment's number.
    """

    amount: int
    period: int
    expire: datetime | None
    since: int
    spent: dict[int, int] = field(default_factory=dict)


@dataclass
class ReferenceSpending(ReferencePayments):
    """Knows who asks as well: the operator, or while `caller` says so the game.

    Attributes:
        limits: By the person's account, empty for the budget, and the asset.
        taken: When the game made its holds: the time, and a moment's number.
    """

    till: str = ""
    caller: str = ""
    limits: dict[tuple[str, str], Limit] = field(default_factory=dict)
    taken: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    _moments: count = field(default_factory=lambda: count(1))

    # --- terms --------------------------------------------------------------------------------

    def grant(
        self, account: str, code: str, amount: int, period: int, expire: datetime | None
    ) -> bool:
        self._guard_person(account)
        if code not in self.assets:
            raise RefusedError("ASSET_NOT_FOUND")
        if expire is not None and expire <= self.now:
            raise RefusedError("INVALID_FIELD")
        return self._set((account, code), amount, period, expire)

    def set_budget(self, code: str, amount: int, period: int) -> bool:
        if code not in self.assets:
            raise RefusedError("ASSET_NOT_FOUND")
        return self._set(("", code), amount, period, None)

    def revoke(self, account: str, code: str) -> None:
        self._guard_person(account)
        if self.limits.pop((account, code), None) is None:
            raise RefusedError("ALLOWANCE_NOT_FOUND")

    def remove_budget(self, code: str) -> None:
        if self.limits.pop(("", code), None) is None:
            raise RefusedError("BUDGET_NOT_FOUND")

    def _guard_person(self, account: str) -> None:
        if self.accounts[account] == "closed":
            raise RefusedError("PERSON_MERGED")
        if self.accounts[account] == "blocked":
            raise RefusedError("PERSON_BLOCKED")

    def _set(self, key: tuple[str, str], amount: int, period: int, expire: datetime | None) -> bool:
        """Whether it changes anything."""
        known = self.limits.get(key)
        if known and (known.amount, known.period, known.expire) == (amount, period, expire):
            return False
        if known and known.period == period:
            known.amount, known.expire = amount, expire
        else:
            self.limits[key] = Limit(amount, period, expire, next(self._moments))
        return True

    # --- what the game does -------------------------------------------------------------------

    def game_transact(self, request_id: str, postings: list[Posting]) -> None:
        self.caller = "game"
        try:
            self.transact(request_id, TRANSFER, postings)
        finally:
            self.caller = ""

    def game_hold(self, hold_id: str, postings: list[Posting]) -> None:
        self.caller = "game"
        try:
            self.hold(hold_id, postings)
        finally:
            self.caller = ""
        self.taken[hold_id] = self.now, next(self._moments)

    def _guard_right(self, kind: int, source: str, code: str) -> None:
        if not self.caller or source == self.till:
            return
        allowance = self.limits.get((source, code)) if source else None
        if allowance is None or (allowance.expire and allowance.expire <= self.now):
            raise RefusedError("NOT_ACCOUNT_OWNER")
        if not allowance.amount:
            raise RefusedError("ALLOWANCE_ASKS")

    def _spend(self, net: Amounts) -> None:
        if not self.caller:
            return
        taken: dict[tuple[str, str], int] = {}
        for (account, code), delta in net.items():
            for who in (account, ""):
                if delta < 0 and (who, code) in self.limits:
                    taken[who, code] = taken.get((who, code), 0) - delta
        # Those of people first.
        for key in sorted(taken, reverse=True):
            limit, number = self._now(key)
            if taken[key] > limit.amount - limit.spent.get(number, 0):
                raise RefusedError("ALLOWANCE_EXCEEDED" if key[0] else "BUDGET_EXCEEDED")
        for key, amount in taken.items():
            limit, number = self._now(key)
            limit.spent[number] = limit.spent.get(number, 0) + amount

    def _now(self, key: tuple[str, str]) -> tuple[Limit, int]:
        limit = self.limits[key]
        return limit, number_of_period(limit.period, self.now)

    def _give_back(self, hold_id: str, amounts: Amounts) -> None:
        if hold_id not in self.taken:
            return
        time, moment = self.taken[hold_id]
        for (account, code), amount in amounts.items():
            for key in ((account, code), ("", code)):
                limit = self.limits.get(key)
                if limit is not None and limit.since < moment:
                    limit.spent[number_of_period(limit.period, time)] -= amount
