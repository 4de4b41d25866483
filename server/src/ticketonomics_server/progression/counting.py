"""The formulas of progression. Pure, in integers: docs/progression.md publishes them."""

from math import isqrt
from typing import NamedTuple

from ticketonomics_server.parameters.model import Values
from ticketonomics_server.progression.achievements import ACHIEVEMENTS
from ticketonomics_server.progression.model import DAYS_KEPT, Deed, Progress, month_of

_DAYS_MASK = (1 << DAYS_KEPT) - 1
_PLACES = {deed: place for place, deed in enumerate(Deed)}


class Terms(NamedTuple):
    """What deeds come to: the parameters of those names."""

    experience: Values
    daily_full: int
    daily_most: int


class ReputationTerms(NamedTuple):
    """What makes a reputation: the parameters of those names."""

    most: Values
    half: Values
    full_activity: int


class Reputation(NamedTuple):
    """A reputation with its parts; `score` is their sum, less what inactivity takes away."""

    score: int
    tenure: int
    trades: int
    votes: int
    help: int
    active_days: int


def begin(person_id: str, day: int, sequence: int) -> Progress:
    """Makes the progress of somebody who has done nothing yet, but is about to."""
    return Progress(person_id, day, day, 1, sequence, month=month_of(day))


def count_deed(progress: Progress, deed: Deed, count: int, day: int, terms: Terms) -> None:
    """Counts a deed of a day, which is never before the last one's; `change_sequence` is set.

    Changes the row: the caller has announced it to the state.
    """
    if day > progress.last_day:
        _begin_day(progress, day)
    setattr(progress, deed, getattr(progress, deed) + count)
    _gain(progress, terms.experience[_PLACES[deed]] * count, terms)
    for achievement in ACHIEVEMENTS:
        if achievement.fulfilled(progress) and not progress.has(achievement.achievement_id):
            progress.achievements += f" {achievement.achievement_id}:{progress.change_sequence}"


def _begin_day(progress: Progress, day: int) -> None:
    gap = day - progress.last_day
    kept = progress.active_days << gap if gap < DAYS_KEPT else 0
    progress.active_days = (kept | 1) & _DAYS_MASK
    progress.streak = progress.streak + 1 if gap == 1 else 1
    progress.longest_streak = max(progress.longest_streak, progress.streak)
    progress.last_day = day
    progress.day_points = 0
    month = month_of(day)
    if month != progress.month:
        progress.month, progress.month_experience = month, 0


def _gain(progress: Progress, points: int, terms: Terms) -> None:
    before = _counted(progress.day_points, terms)
    # Points beyond what can count are forgotten, so that they never leave an int64.
    useful = max(terms.daily_full, 2 * terms.daily_most)
    progress.day_points = min(progress.day_points + points, useful)
    gained = max(_counted(progress.day_points, terms) - before, 0)
    progress.experience += gained
    progress.month_experience += gained


def _counted(points: int, terms: Terms) -> int:
    """What so many points of one day come to: in full, then by half, then not at all."""
    full = min(points, terms.daily_full)
    return min(full + (points - full) // 2, terms.daily_most)


def level_of(experience: int, step: int) -> int:
    """Returns the level: level n takes `step × n × (n - 1) ÷ 2`, the first one nothing."""
    return (step + isqrt(step * step + 8 * step * experience)) // (2 * step)


def experience_of(level: int, step: int) -> int:
    """Returns the experience that a level takes."""
    return step * level * (level - 1) // 2


def reputation_of(progress: Progress, today: int, terms: ReputationTerms) -> Reputation:
    """Computes a reputation as of a day.

    Each part is `most × n ÷ (n + half)`, rounded down: it grows less and less. The sum counts by as
    many of the last 62 days as were active, of those that it takes for all of it.
    """
    counts = (
        max(today - progress.first_day, 0),
        progress.traded,
        progress.voted,
        progress.referred + progress.provided_liquidity,
    )
    parts = [
        most * count // (count + half)
        for count, most, half in zip(counts, terms.most, terms.half, strict=True)
    ]
    active_days = progress.active_before(today + 1, DAYS_KEPT)
    active = min(active_days, terms.full_activity)
    tenure, trades, votes, help_ = parts
    score = sum(parts) * active // terms.full_activity
    return Reputation(score, tenure, trades, votes, help_, active_days)


def combine(source: Progress, target: Progress, sequence: int) -> None:
    """Makes of two people's progress the target's: as if the better of the two had done it.

    Nobody gains by having been two people: of each count and of experience the greater one stays,
    and a day on which both were active counts once.
    """
    later, earlier = target, source
    if source.last_day > target.last_day:
        later, earlier = source, target
    gap = later.last_day - earlier.last_day
    days = later.active_days | (earlier.active_days << gap if gap < DAYS_KEPT else 0)
    days &= _DAYS_MASK
    # The days without a gap up to the last one: the lowest bit that is not set ends them.
    run = (~days & (days + 1)).bit_length() - 1
    streak = max(run, source.streak, target.streak) if run == DAYS_KEPT else run
    streak = max(streak, later.streak)
    points = max(source.day_points, target.day_points) if not gap else later.day_points
    month_experience = later.month_experience
    if source.month == target.month:
        month_experience = max(source.month_experience, target.month_experience)
    target.first_day = min(source.first_day, target.first_day)
    target.last_day, target.month = later.last_day, later.month
    target.active_days, target.streak, target.day_points = days, streak, points
    target.longest_streak = max(source.longest_streak, target.longest_streak, streak)
    target.month_experience = month_experience
    target.change_sequence = sequence
    for field in (*(deed.value for deed in Deed), "experience"):
        setattr(target, field, max(getattr(source, field), getattr(target, field)))
    earned = source.earned()
    for achievement_id, when in target.earned().items():
        earned[achievement_id] = min(when, earned.get(achievement_id, when))
    # In the order of the table where one entry earned several, as that entry had them.
    places = [achievement.achievement_id for achievement in ACHIEVEMENTS]
    in_order = sorted(earned, key=lambda name: (earned[name], places.index(name)))
    target.achievements = "".join(f" {name}:{earned[name]}" for name in in_order)


def renamed(source: Progress, target_id: str, sequence: int) -> Progress:
    """Makes the progress of a target that has none yet: that of the source."""
    fields = {name: getattr(source, name) for name in Progress.__slots__}
    return Progress(**{**fields, "person_id": target_id, "change_sequence": sequence})
