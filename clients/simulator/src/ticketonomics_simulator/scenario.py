"""Scenarios: what a community lives through, told by a file.

A scenario is a TOML file with phases, one after the other. Each phase says how fast things happen
and what people like to do in it, compared with usual days. The ledger is not told anything: what
follows is what it does under such people.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from ticketonomics_simulator.behaviours.behaviour import Behaviour

_SCENARIO = {"title", "shows", "whales", "bots", "phases"}
_WHALE = {"count", "tickets"}
_PHASE = {"story", "seconds", "pace", "appetite"}


class ScenarioError(ValueError):
    """A file that is no scenario; the text says why."""


@dataclass(slots=True, frozen=True)
class Phase:
    """A part of a scenario.

    Attributes:
        story: What happens in it, in human words.
        seconds: How long it takes.
        pace: How fast things happen, compared with the rate of the run.
        appetite: How much people like behaviours, by name, compared with usual days; 0 for not at
            all. `*` stands for all that are not named.
    """

    story: str
    seconds: float
    pace: float = 1.0
    appetite: Mapping[str, float] = field(default_factory=dict)

    def shape(self, behaviours: Sequence[Behaviour]) -> list[Behaviour]:
        """Returns the behaviours as people like them in this phase."""
        usual = self.appetite.get("*", 1.0)
        shaped = []
        for behaviour in behaviours:
            factor = self.appetite.get(behaviour.name, usual)
            if factor:
                liked = {kind: value * factor for kind, value in behaviour.appetite.items()}
                shaped.append(replace(behaviour, appetite=liked))
        return shaped


@dataclass(slots=True, frozen=True)
class Scenario:
    """What a community lives through.

    Attributes:
        title: Its name, for people.
        shows: What can be seen from it.
        phases: One after the other.
        whales: How many people are given much more than others.
        whale_tickets: How much each, in whole tickets.
        bots: How many of the people are bots.
    """

    title: str
    shows: str
    phases: tuple[Phase, ...]
    whales: int = 0
    whale_tickets: int = 0
    bots: int = 0

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return sum(phase.seconds for phase in self.phases)

    def phase_at(self, seconds: float) -> Phase:
        """Returns the phase so many seconds after the beginning; the last one goes on for ever."""
        for phase in self.phases:
            if seconds < phase.seconds:
                return phase
            seconds -= phase.seconds
        return self.phases[-1]


def scenario_names() -> list[str]:
    """Lists the scenarios that come with the simulator."""
    folder = files("ticketonomics_simulator") / "scenarios"
    return sorted(file.name.removesuffix(".toml") for file in folder.iterdir())


def load_scenario(name: str, behaviours: Sequence[Behaviour]) -> Scenario:
    """Reads a scenario by its name, or from a file.

    Args:
        name: One of `scenario_names`, or the path of a file.
        behaviours: Those that its phases may name.

    Raises:
        ScenarioError: There is none, or the file is none.
    """
    if name in scenario_names():
        source = files("ticketonomics_simulator") / "scenarios" / f"{name}.toml"
        text = source.read_text(encoding="utf-8")
    elif Path(name).is_file():
        text = Path(name).read_text(encoding="utf-8")
    else:
        known = ", ".join(scenario_names())
        raise ScenarioError(f"there is no scenario {name}; there are {known}, or give a file")
    try:
        return _scenario(tomllib.loads(text), {behaviour.name for behaviour in behaviours})
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{name}: {error}") from error
    except ScenarioError as error:
        raise ScenarioError(f"{name}: {error}") from error


def _scenario(content: dict[str, Any], known: set[str]) -> Scenario:
    _only(content, _SCENARIO, "the scenario")
    whales = content.get("whales", {})
    _only(whales, _WHALE, "whales")
    phases = tuple(_phase(part, known) for part in content.get("phases", []))
    if not phases:
        raise ScenarioError("it has no phases")
    return Scenario(
        title=_text(content, "title"),
        shows=_text(content, "shows"),
        phases=phases,
        whales=_number(whales, "count", 0, whole=True),
        whale_tickets=_number(whales, "tickets", 0, whole=True),
        bots=_number(content, "bots", 0, whole=True),
    )


def _phase(content: dict[str, Any], known: set[str]) -> Phase:
    _only(content, _PHASE, "a phase")
    appetite = content.get("appetite", {})
    if unknown := sorted(appetite.keys() - known - {"*"}):
        raise ScenarioError(
            f"nobody knows how to {unknown[0]}; known are {', '.join(sorted(known))}"
        )
    seconds = _number(content, "seconds", 0)
    if not seconds:
        raise ScenarioError("a phase takes some seconds")
    return Phase(
        story=_text(content, "story"),
        seconds=seconds,
        pace=_number(content, "pace", 1.0),
        appetite={name: _number(appetite, name, 1.0) for name in appetite},
    )


def _only(content: object, allowed: set[str], what: str) -> None:
    if not isinstance(content, dict):
        raise ScenarioError(f"{what} is no table")
    if unknown := sorted(content.keys() - allowed):
        raise ScenarioError(f"{what} has no {unknown[0]}; it has {', '.join(sorted(allowed))}")


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value.strip():
        raise ScenarioError(f"{name} is missing, or is no text")
    return value.strip()


def _number(content: dict[str, Any], name: str, usual: float, *, whole: bool = False) -> Any:
    value = content.get(name, usual)
    kinds = (int,) if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or value < 0:
        raise ScenarioError(f"{name} is {value!r}, not a number from 0 on")
    return value
