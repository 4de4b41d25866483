"""Scenarios: files that say what a community lives through."""

from pathlib import Path

import pytest
from ticketonomics_simulator.behaviours import BEHAVIOURS
from ticketonomics_simulator.pacing import Pacer
from ticketonomics_simulator.scenario import ScenarioError, load_scenario, scenario_names

GOOD = """
title = "Storm"
shows = "what a storm does"
bots = 3
whales = { count = 1, tickets = 500 }
[[phases]]
story = "calm"
seconds = 10
[[phases]]
story = "storm"
seconds = 5.5
pace = 4
appetite = { "*" = 0.5, buy = 0, tip = 3 }
"""


def load(tmp_path: Path, text: str):
    file = tmp_path / "scenario.toml"
    file.write_text(text)
    return load_scenario(str(file), BEHAVIOURS)


def test_phases_come_one_after_the_other_and_the_last_one_stays(tmp_path: Path) -> None:
    scenario = load(tmp_path, GOOD)
    assert (scenario.bots, scenario.whales, scenario.whale_tickets) == (3, 1, 500)
    assert scenario.seconds == 15.5
    told = [scenario.phase_at(seconds).story for seconds in (0, 9.9, 10, 15.4, 15.5, 1000)]
    assert told == ["calm", "calm", "storm", "storm", "storm", "storm"]


def test_a_phase_shapes_what_people_like(tmp_path: Path) -> None:
    calm, storm = load(tmp_path, GOOD).phases
    usual = {behaviour.name: behaviour.appetite for behaviour in BEHAVIOURS}
    assert {b.name: b.appetite for b in calm.shape(BEHAVIOURS)} == usual
    shaped = {behaviour.name: behaviour.appetite for behaviour in storm.shape(BEHAVIOURS)}
    assert shaped.keys() == usual.keys() - {"buy"}
    assert shaped["tip"] == {kind: 3 * value for kind, value in usual["tip"].items()}
    assert shaped["pay"] == {kind: 0.5 * value for kind, value in usual["pay"].items()}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("title", "titel"), "has no titel"),
        (('title = "Storm"', ""), "title is missing"),
        (("seconds = 10", "seconds = 0"), "takes some seconds"),
        (("seconds = 10", 'seconds = "long"'), "not a number"),
        (("seconds = 10", "seconds = true"), "not a number"),
        (("bots = 3", "bots = -3"), "not a number"),
        (("bots = 3", "bots = 1.5"), "not a number"),
        (("tip = 3", "fly = 3"), "nobody knows how to fly"),
        (("tip = 3", "tip = -1"), "not a number"),
        (("pace = 4", "space = 4"), "has no space"),
        (("whales = { count = 1, tickets = 500 }", "whales = 3"), "whales is no table"),
    ],
)
def test_what_is_no_scenario_is_told(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(ScenarioError) as told:
        load(tmp_path, GOOD.replace(*change))
    assert said in str(told.value)


def test_a_scenario_without_phases_or_name_is_none(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no phases"):
        load(tmp_path, 'title = "a"\nshows = "b"\n')
    with pytest.raises(ScenarioError, match="market-day"):
        load_scenario("nothing", BEHAVIOURS)


@pytest.mark.parametrize("name", scenario_names())
def test_those_that_come_along_can_be_lived(name: str) -> None:
    scenario = load_scenario(name, BEHAVIOURS)
    assert scenario.title
    assert scenario.shows
    for phase in scenario.phases:
        assert phase.shape(BEHAVIOURS)


async def test_a_pace_of_nothing_still_ends() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    pacer = Pacer(10.0, clock=lambda: 0.0, sleep=sleep)
    await pacer.take()
    pacer.hurry(0)
    await pacer.take()
    pacer.hurry(2)
    await pacer.take()
    assert waited[1] == pytest.approx(10)
    assert waited[2] < 0.2
