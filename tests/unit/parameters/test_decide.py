"""Who sets parameters, and to what."""

from datetime import UTC, datetime
from typing import Any

import pytest
from ticketonomics_server.engine.command import Caller, Context, Decision, NothingToDo
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.parameters import catalog
from ticketonomics_server.parameters.decide import decide_set_parameter, declare_set_parameter
from ticketonomics_server.parameters.model import (
    Owner,
    Parameter,
    ParameterValue,
    SetParameter,
    Type,
    Values,
)
from ticketonomics_server.parameters.reading import declare_parameters, read, read_list
from ticketonomics_server.parameters.setting import PARAMETER_CHANGES, show_values

OPERATOR = Caller("office", frozenset({"parameters.set"}))
TIME = datetime(2030, 1, 1, tzinfo=UTC)

FEE = Parameter("test.fee", Type.BASIS_POINTS, default=30, maximum=500, description="A fee.")
STREAK = Parameter(
    "test.streak",
    Type.INTEGER_LIST,
    default=(1, 2, 3),
    minimum=1,
    maximum=100,
    length=(1, 7),
    description="What each day pays.",
)
QUORUM = Parameter(
    "test.quorum",
    Type.BASIS_POINTS,
    default=2_000,
    owner=Owner.PARLIAMENT,
    description="Who must vote.",
)
POLICY = Parameter(
    "test.policy", Type.CHOICE, default=0, choices=("refund", "extend"), description="What then."
)


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    for parameter in (FEE, STREAK, QUORUM, POLICY):
        monkeypatch.setitem(catalog.CATALOG, parameter.name, parameter)


class Office:
    def __init__(self) -> None:
        self.state = State([ParameterValue])
        self.sequence = 0

    def set(self, name: str, *values: int, reason: str = "") -> Decision | NothingToDo:
        command = SetParameter(bytes(16), bytes(16), name, values, reason)
        keys = Keys(set)
        declare_set_parameter(command, OPERATOR, keys)
        self._load(keys)
        self.sequence += 1
        context = Context(OPERATOR, TIME, self.sequence, b"")
        return decide_set_parameter(self.state, command, context)

    def refusal(self, name: str, *values: int) -> str:
        with pytest.raises(Rejection) as refused:
            self.set(name, *values)
        return str(refused.value.reason)

    def read(self, parameter: Parameter) -> Values:
        keys = Keys(set)
        declare_parameters(keys, parameter)
        self._load(keys)
        return read_list(self.state, parameter)

    def _load(self, keys: Keys) -> None:
        for name in keys[ParameterValue]:
            self.state.rows[ParameterValue].setdefault(name, None)


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_parameter_has_its_default_until_it_is_set(office: Office) -> None:
    assert office.read(FEE) == (30,)
    assert office.read(STREAK) == (1, 2, 3)
    office.set("test.fee", 50)
    office.set("test.streak", 5)
    assert office.read(FEE) == (50,)
    assert read(office.state, FEE) == 50
    assert office.read(STREAK) == (5,)


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("test.fee", (501,), "PARAMETER_OUT_OF_BOUNDS"),
        ("test.fee", (-1,), "PARAMETER_OUT_OF_BOUNDS"),
        ("test.fee", (1, 2), "PARAMETER_OUT_OF_BOUNDS"),
        ("test.fee", (), "PARAMETER_OUT_OF_BOUNDS"),
        ("test.streak", (0,), "PARAMETER_OUT_OF_BOUNDS"),
        ("test.streak", (1,) * 8, "PARAMETER_OUT_OF_BOUNDS"),
        ("test.policy", (2,), "PARAMETER_OUT_OF_BOUNDS"),
        ("parliament.seated", (2,), "PARAMETER_OUT_OF_BOUNDS"),
        ("test.nothing", (1,), "PARAMETER_NOT_FOUND"),
    ],
)
def test_refusals(office: Office, name: str, values: tuple[int, ...], reason: str) -> None:
    assert office.refusal(name, *values) == reason
    assert not office.state.appended.get(PARAMETER_CHANGES)


def test_the_same_again_is_nothing_to_do(office: Office) -> None:
    assert isinstance(office.set("test.fee", 30), NothingToDo)
    assert isinstance(office.set("test.fee", 31), Decision)
    assert isinstance(office.set("test.fee", 31), NothingToDo)


def test_the_history_tells_what_was_before_and_who_and_why(office: Office) -> None:
    office.set("test.fee", 50, reason="too cheap")
    office.set("test.fee", 30)
    first, second = office.state.appended[PARAMETER_CHANGES]
    assert first == (1, "test.fee", "30", "50", TIME, "office", "too cheap")
    assert second[1:4] == ("test.fee", "50", "30")


def test_the_operator_sets_what_is_the_parliaments_until_it_is_seated(office: Office) -> None:
    office.set("test.quorum", 100)
    office.set("parliament.seated", 1)
    assert office.refusal("test.quorum", 200) == "PARAMETER_OF_PARLIAMENT"
    assert office.refusal("parliament.seated", 0) == "PARAMETER_ONE_WAY"
    assert office.read(QUORUM) == (100,)
    office.set("test.fee", 1)


@pytest.mark.parametrize(
    "terms",
    [
        {"type": Type.BASIS_POINTS, "default": 10_001},
        {"type": Type.INTEGER, "default": 1, "minimum": 2},
        {"type": Type.CHOICE, "default": 1, "choices": ("one",)},
        {"type": Type.INTEGER_LIST, "default": (1, 2), "length": (3, 4)},
    ],
)
def test_a_default_out_of_bounds_is_a_bug(terms: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"test\.bad"):
        Parameter("test.bad", description="", **terms)


def test_values_are_shown_as_people_read_them() -> None:
    assert show_values(POLICY, (1,)) == "extend"
    assert show_values(catalog.SEATED, (0,)) == "no"
    assert show_values(STREAK, (1_000, 20)) == "1,000, 20"


def test_every_parameter_says_what_it_is() -> None:
    for parameter in catalog.PARAMETERS:
        assert parameter.description.endswith("."), parameter.name
        assert parameter.unit or parameter.type in {Type.BOOLEAN, Type.CHOICE}, parameter.name
        assert parameter.name.partition(".")[2], parameter.name
