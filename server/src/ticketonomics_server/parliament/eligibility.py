"""Who may vote: one rule after the other, judged by facts that no longer change. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from ticketonomics_server.identity.model import Person, PersonState
from ticketonomics_server.parameters.model import Parameter
from ticketonomics_server.parliament.parameters import (
    ACTIVE_DAYS,
    ACTIVITY_WINDOW,
    AGE,
    IDENTITIES,
)
from ticketonomics_server.progression.model import Progress, day_of


class Rule(IntEnum):
    """As in the contract's `EligibilityRule.Rule`."""

    IDENTITY = 1
    AGE = 2
    ACTIVITY = 3
    STANDING = 4


class Rules(NamedTuple):
    """What a vote asks of those who take part."""

    age_seconds: int
    identities: int
    active_days: int
    window_days: int


class Judgement(NamedTuple):
    """How somebody stands to one rule."""

    rule: Rule
    needed: int
    has: int

    @property
    def met(self) -> bool:
        return self.has >= self.needed


SOURCES: tuple[Parameter, ...] = (AGE, IDENTITIES, ACTIVE_DAYS, ACTIVITY_WINDOW)


def judge(
    rules: Rules,
    time: datetime,
    person: Person,
    link_times: Iterable[datetime],
    progress: Progress | None,
) -> list[Judgement]:
    """Judges a person by the rules of a vote.

    Args:
        time: When voting opens: what happened later does not count, but for the person's standing.
        link_times: When each of the person's identities was linked.
        progress: None for somebody who never took part.
    """
    identities = sum(1 for linked in link_times if linked <= time)
    # Rounded down, so that who comes later than this time has less than 0.
    age_seconds = (time - person.create_time) // timedelta(seconds=1)
    days = progress.active_before(day_of(time), rules.window_days) if progress else 0
    return [
        Judgement(Rule.IDENTITY, rules.identities, identities),
        Judgement(Rule.AGE, rules.age_seconds, age_seconds),
        Judgement(Rule.ACTIVITY, rules.active_days, days),
        Judgement(Rule.STANDING, 1, int(person.state == PersonState.ACTIVE)),
    ]
