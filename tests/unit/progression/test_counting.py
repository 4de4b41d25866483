"""What deeds come to: experience, levels, streaks, achievements, reputation, and merges."""

import dataclasses
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ticketonomics_server.progression.achievements import ACHIEVEMENTS, BY_ID
from ticketonomics_server.progression.counting import (
    ReputationTerms,
    Terms,
    begin,
    combine,
    count_deed,
    experience_of,
    level_of,
    renamed,
    reputation_of,
)
from ticketonomics_server.progression.model import Deed, Progress, month_of
from ticketonomics_server.progression.parameters import (
    DAILY_FULL,
    DAILY_MOST,
    EXPERIENCE,
    PARAMETERS,
)

TERMS = Terms(EXPERIENCE.defaults, *DAILY_FULL.defaults, *DAILY_MOST.defaults)
REPUTATION = ReputationTerms((200, 250, 250, 300), (180, 20, 10, 5), 10)
DAY = 20_000


def did(*deeds: tuple[int, Deed, int], terms: Terms = TERMS) -> Progress:
    """Somebody who did this on these days, each an entry of its own, from entry 1 on."""
    progress = begin("ann", DAY + deeds[0][0], 1)
    for sequence, (day, deed, count) in enumerate(deeds, start=1):
        progress.change_sequence = sequence
        count_deed(progress, deed, count, DAY + day, terms)
    return progress


# --- experience ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taps", "experience"),
    [(0, 0), (1, 1), (99, 99), (100, 100), (101, 100), (102, 101), (300, 200), (10**9, 200)],
)
def test_points_count_in_full_then_by_half_then_not_at_all(taps: int, experience: int) -> None:
    assert did((0, Deed.TAPPED, taps)).experience == experience


def test_splitting_a_day_into_many_deeds_gains_nothing() -> None:
    assert did(*((0, Deed.TAPPED, 1) for _ in range(450))).experience == 200
    assert did(*((0, Deed.TAPPED, 7) for _ in range(21))).experience == 123


def test_every_day_begins_anew_and_every_deed_has_its_points() -> None:
    assert did((0, Deed.TAPPED, 500), (1, Deed.TAPPED, 500)).experience == 400
    for place, deed in enumerate(Deed):
        assert did((0, deed, 1)).experience == TERMS.experience[place]


def test_a_month_counts_for_itself() -> None:
    first = (date(2030, 1, 31) - date(1970, 1, 1)).days - DAY
    row = did((first, Deed.CLAIMED, 1), (first, Deed.CLAIMED, 1))
    assert (row.month, row.month_experience) == (2030 * 12, 40)
    row = did((first, Deed.CLAIMED, 1), (first + 1, Deed.VOTED, 1))
    assert (row.month, row.month_experience, row.experience) == (2030 * 12 + 1, 15, 35)
    assert month_of(DAY + first) == 2030 * 12


@pytest.mark.parametrize("terms", [Terms((0,) * 11, 0, 0), Terms((9,) * 11, 50, 10)])
def test_other_parameters_other_points(terms: Terms) -> None:
    row = did(*((0, Deed.VOTED, 1) for _ in range(30)), terms=terms)
    assert row.experience == terms.daily_most
    assert row.voted == 30


def test_parameters_that_shrink_within_a_day_take_nothing_back() -> None:
    row = did((0, Deed.TAPPED, 200))
    before = row.experience
    count_deed(row, Deed.TAPPED, 1, DAY, Terms((1,) * 11, 5, 10))
    count_deed(row, Deed.TAPPED, 1, DAY, Terms((1,) * 11, 5, 10))
    assert row.experience == before


@given(step=st.integers(1, 10**6), experience=st.integers(0, 10**15))
def test_a_level_is_the_greatest_that_the_experience_takes(step: int, experience: int) -> None:
    level = level_of(experience, step)
    assert level >= 1
    assert experience_of(level, step) <= experience < experience_of(level + 1, step)


def test_levels_of_the_published_table() -> None:
    table = [experience_of(level, 100) for level in (1, 2, 3, 4, 5, 10, 20)]
    assert table == [0, 100, 300, 600, 1_000, 4_500, 19_000]


# --- streaks and achievements -------------------------------------------------------------------


def test_a_gap_ends_a_streak() -> None:
    row = did(*((day, Deed.VOTED, 1) for day in (0, 1, 2, 2, 4, 5)))
    assert (row.streak, row.longest_streak) == (2, 3)


def test_achievements_are_earned_once_by_the_entry_that_fulfils_them() -> None:
    row = did((0, Deed.TAPPED, 99), (0, Deed.TAPPED, 1), (0, Deed.TAPPED, 1), (1, Deed.VOTED, 1))
    assert row.earned() == {"hundred_taps": 2, "voter": 4}
    ten = did(*((day, Deed.CLAIMED, 1) for day in range(12)))
    assert ten.earned() == {"newcomer": 1, "ten_day_streak": 10}


def test_the_achievements_are_data_that_makes_sense() -> None:
    row = begin("ann", DAY, 1)
    assert len(BY_ID) == len(ACHIEVEMENTS)
    for achievement in ACHIEVEMENTS:
        assert achievement.achievement_id.replace("_", "").isalpha()
        assert achievement.description.endswith(".")
        assert achievement.least >= 1
        assert not achievement.fulfilled(row), "nobody has it from the beginning"
        setattr(row, achievement.counter, achievement.least)
        assert achievement.fulfilled(row)
        row = begin("ann", DAY, 1)


def test_parameters_are_named_after_the_room() -> None:
    assert all(parameter.name.startswith("progression.") for parameter in PARAMETERS)


# --- reputation ---------------------------------------------------------------------------------


def days(count: int, deed: Deed = Deed.VOTED) -> Progress:
    return did(*((day, deed, 1) for day in range(count)))


def test_reputation_is_the_sum_of_its_parts() -> None:
    made = reputation_of(days(20), DAY + 19, REPUTATION)
    assert (made.tenure, made.trades, made.votes, made.help) == (
        200 * 19 // (19 + 180),
        0,
        250 * 20 // 30,
        0,
    )
    assert made.score == made.tenure + made.votes
    assert made.active_days == 20
    helper = did(*((day, Deed.REFERRED, 1) for day in range(10)))
    assert reputation_of(helper, DAY + 9, REPUTATION).help == 300 * 10 // 15


def test_taps_claims_and_ads_bring_no_reputation_but_time() -> None:
    row = did(*((day, deed, 9) for day in range(12) for deed in (Deed.TAPPED, Deed.WATCHED_AD)))
    made = reputation_of(row, DAY + 11, REPUTATION)
    assert made.score == made.tenure


def test_reputation_decays_without_deeds_and_does_not_come_back_at_once() -> None:
    row = days(20)
    scores = [reputation_of(row, DAY + 19 + idle, REPUTATION).score for idle in range(70)]
    tail = scores[52:]
    assert tail == sorted(tail, reverse=True)
    assert scores[-1] == 0
    count_deed(row, Deed.VOTED, 1, DAY + 100, TERMS)
    assert reputation_of(row, DAY + 100, REPUTATION).score < scores[0] // 4


def test_more_of_the_same_brings_less_and_less() -> None:
    scores = []
    for trades in (10, 100, 1_000, 10**12):
        row = days(10)
        row.traded = trades
        scores.append(reputation_of(row, DAY + 9, REPUTATION).trades)
    assert scores == sorted(scores)
    assert scores[-1] < 250


# --- merges -------------------------------------------------------------------------------------

DEEDS = st.lists(
    st.tuples(st.integers(0, 130), st.sampled_from(list(Deed)), st.integers(1, 200)), min_size=1
).map(sorted)


@given(one=DEEDS, other=DEEDS)
def test_merged_people_have_what_the_better_of_them_did(
    one: list[tuple[int, Deed, int]], other: list[tuple[int, Deed, int]]
) -> None:
    source, target = did(*one), did(*other)
    copies = dataclasses.replace(source), dataclasses.replace(target)
    combine(source, target, 999)
    a, b = copies
    for field in (*(deed.value for deed in Deed), "experience"):
        assert getattr(target, field) == max(getattr(a, field), getattr(b, field))
    active = {day for day, *_ in one} | {day for day, *_ in other}
    last = max(active)
    assert target.last_day == DAY + last
    assert target.first_day == DAY + min(active)
    assert target.active_days == sum(1 << (last - day) for day in active if last - day < 62)
    run = next(n for n in range(200) if last - n not in active)
    assert target.streak == run or (run > 62 and target.streak >= 62)
    assert target.earned() == {
        name: min(when for when in (a.earned().get(name), b.earned().get(name)) if when)
        for name in a.earned() | b.earned()
    }
    assert target.change_sequence == 999
    assert 0 <= target.month_experience <= target.experience


@given(one=DEEDS)
def test_merging_into_somebody_new_keeps_all(one: list[tuple[int, Deed, int]]) -> None:
    source = did(*one)
    made = renamed(source, "bob", 999)
    assert made.snapshot()[5:] == source.snapshot()[5:]
    assert (made.person_id, made.change_sequence) == ("bob", 999)


@given(one=DEEDS)
def test_merging_with_a_twin_gains_nothing(one: list[tuple[int, Deed, int]]) -> None:
    source, target = did(*one), did(*one)
    combine(source, target, target.change_sequence)
    assert target.snapshot() == source.snapshot()
