"""What somebody decided to do, before the ledger is asked."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ticketonomics_simulator.people import Person
from ticketonomics_simulator.shops import Shop

if TYPE_CHECKING:
    from ticketonomics_client import Principal


class Purpose(StrEnum):
    """Why money moves; the summary counts gifts and purchases apart."""

    WELCOME = "welcome"
    EARNING = "earning"
    GIFT = "gift"
    PAYMENT = "payment"
    PURCHASE = "purchase"
    WAGES = "wages"
    INVESTMENT = "investment"
    DIVIDEND = "dividend"
    DREAM = "dream"


@dataclass(slots=True, frozen=True)
class Payment:
    """One movement of BRONZE between two accounts."""

    source: str
    destination: str
    amount: int


@dataclass(slots=True, frozen=True, kw_only=True)
class Deed:
    """Something to do at the ledger.

    Attributes:
        person: Whose idea it is.
        acts_in_person: Whether the money is the person's own, so that the ledger is called on the
            person's behalf. Otherwise the application pays, for the community or an organisation.
        purpose: Why.
        payments: What is paid; several happen together or not at all.
        memo: What the ledger records with it.
        story: What happened, in human words.
        refused_story: What to tell when the ledger says no; the story and the reason when empty.
        founds: An organisation whose account is opened first.
    """

    person: Person
    acts_in_person: bool = True
    purpose: Purpose
    payments: tuple[Payment, ...]
    memo: str
    story: str
    refused_story: str = ""
    founds: Shop | None = None

    @property
    def amount(self) -> int:
        """All payments together, without fees."""
        return sum(payment.amount for payment in self.payments)


@dataclass(slots=True, frozen=True, kw_only=True)
class Act:
    """Something to do at the ledger that is no payment between accounts: a vote, a swap, a claim.

    What it does to balances is not worked out beforehand: the next reading of them tells.

    Attributes:
        person: Whose idea it is.
        name: What the summary counts it as, such as `votes`.
        do: Does it on the person's behalf with a request id, which stays the same when it is asked
            again; looks first where it must. Returns what happened, in human words; None where it
            turned out to make no sense, which is not counted.
        expected: Reasons that are part of life, such as a round that somebody else filled: they
            are not counted as refusals.
    """

    person: Person
    name: str
    do: Callable[["Principal", str], Awaitable[str | None]]
    expected: frozenset[str] = frozenset()
