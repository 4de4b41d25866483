"""Every rule of eligibility, at its edge."""

from datetime import timedelta

import pytest
from ticketonomics_server.identity.model import Person, PersonState
from ticketonomics_server.parliament.eligibility import Rule, Rules, judge
from ticketonomics_server.progression.model import Progress, day_of

from tests.unit.parliament.conftest import START

RULES = Rules(age_seconds=100, identities=2, active_days=2, window_days=3)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
TODAY = day_of(START)


def person(age: timedelta = 100 * SECOND, state: PersonState = PersonState.ACTIVE) -> Person:
    return Person("ann", 1, state, START - age)


def active(*days_ago: int, last: int = 0) -> Progress:
    """Somebody who took part so many days before the vote's, and last as many days ago."""
    bits = sum(1 << (days - last) for days in {*days_ago, last})
    return Progress("ann", TODAY - max(days_ago, default=0), TODAY - last, bits, 1)


def unmet(judged: object) -> list[Rule]:
    return [judgement.rule for judgement in judged if not judgement.met]


BEFORE = [START, START]


def test_who_meets_every_rule_at_its_edge_may_vote() -> None:
    assert unmet(judge(RULES, START, person(), BEFORE, active(1, 2))) == []


@pytest.mark.parametrize(
    ("someone", "links", "progress", "rule"),
    [
        (person(), [START], active(1, 2), Rule.IDENTITY),
        (person(), [START, START + SECOND], active(1, 2), Rule.IDENTITY),
        (person(100 * SECOND - SECOND / 1_000), BEFORE, active(1, 2), Rule.AGE),
        (person(), BEFORE, None, Rule.ACTIVITY),
        (person(), BEFORE, active(1), Rule.ACTIVITY),
        (person(), BEFORE, active(0, 1), Rule.ACTIVITY),
        (person(), BEFORE, active(1, 4, last=1), Rule.ACTIVITY),
        (person(state=PersonState.BLOCKED), BEFORE, active(1, 2), Rule.STANDING),
        (person(state=PersonState.MERGED), BEFORE, active(1, 2), Rule.STANDING),
        (person(state=PersonState.ERASED), BEFORE, active(1, 2), Rule.STANDING),
    ],
)
def test_one_rule_that_is_not_met(
    someone: Person, links: list, progress: Progress | None, rule: Rule
) -> None:
    assert unmet(judge(RULES, START, someone, links, progress)) == [rule]


def test_what_happens_after_the_opening_changes_nothing() -> None:
    progress = active(1, 2)
    for days in (1, 7, 33):
        later = Progress("ann", 1, TODAY + days, (progress.active_days << days) | 1, 2)
        assert unmet(judge(RULES, START, person(), [*BEFORE, START + DAY], later)) == []


def test_who_comes_after_the_opening_is_never_old_enough() -> None:
    rules = Rules(0, 0, 0, 1)
    assert unmet(judge(rules, START, person(timedelta(0)), [], None)) == []
    late = person(-timedelta(microseconds=1))
    assert unmet(judge(rules, START, late, [], None)) == [Rule.AGE]
