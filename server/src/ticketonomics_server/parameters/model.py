"""What parameters are: the numbers of an economy that its operator or its Parliament sets."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from ticketonomics_server.engine.model import Undoable
from ticketonomics_server.ledger.model import MAX_INT64

Values = tuple[int, ...]


class EntryKind(IntEnum):
    """Kinds of entries that this room makes."""

    PARAMETER_SET = 110


class Type(IntEnum):
    """As in the contract's `Parameter.Type`. All values are integers, or lists of them."""

    INTEGER = 1
    BOOLEAN = 2
    BASIS_POINTS = 3
    AMOUNT = 4
    DURATION = 5
    CHOICE = 6
    INTEGER_LIST = 7


class Owner(IntEnum):
    """Who sets it; as in the contract's `Parameter.Owner`."""

    OPERATOR = 1
    PARLIAMENT = 2


@dataclass(slots=True, frozen=True, kw_only=True)
class _Terms:
    default: int | Values
    minimum: int | None = None
    maximum: int | None = None
    owner: Owner = Owner.OPERATOR
    unit: str = ""
    description: str
    choices: tuple[str, ...] = ()
    length: tuple[int, int] = (1, 1)
    one_way: bool = False


@dataclass(slots=True, frozen=True)
class Parameter(_Terms):
    """A number that a room declares in its `parameters.py`.

    Attributes:
        name: Room and name, such as `queues.timeout`.
        default: Its value until it is set; a tuple for a list.
        minimum: The least value, of each number of a list; by default what the type suggests.
        maximum: The greatest.
        unit: What the number counts, for people; types that have a unit of their own need none.
        choices: Of a choice, the names of 0, 1, and so on.
        length: Of a list, how many numbers it has at least and at most.
        one_way: Whether it can only be raised: what it stands for cannot be taken back.
    """

    name: str
    type: Type

    def __post_init__(self) -> None:
        least, most = _usual_bounds(self.type, len(self.choices))
        object.__setattr__(self, "minimum", least if self.minimum is None else self.minimum)
        object.__setattr__(self, "maximum", most if self.maximum is None else self.maximum)
        unit = self.unit or _UNITS.get(self.type, "")
        object.__setattr__(self, "unit", unit)
        if problem := self.problem(self.defaults):
            raise ValueError(f"{self.name}: {problem}")

    @property
    def defaults(self) -> Values:
        """Its default as a tuple, as values of all types are kept."""
        return self.default if isinstance(self.default, tuple) else (self.default,)

    def problem(self, values: Values) -> str:
        """Tells in words why it cannot have these values; nothing where it can."""
        shortest, longest = self.length
        if not shortest <= len(values) <= longest:
            return f"has {shortest} to {longest} numbers, not {len(values)}"
        assert self.minimum is not None, "set in `__post_init__`"
        assert self.maximum is not None, "set in `__post_init__`"
        for value in values:
            if not self.minimum <= value <= self.maximum:
                return f"lies between {self.minimum} and {self.maximum}, not at {value}"
        return ""


_UNITS = {
    Type.BASIS_POINTS: "basis points",
    Type.AMOUNT: "minor units",
    Type.DURATION: "seconds",
}


def _usual_bounds(type_: Type, choices: int) -> tuple[int, int]:
    match type_:
        case Type.BOOLEAN:
            return 0, 1
        case Type.CHOICE:
            return 0, choices - 1
        case Type.BASIS_POINTS:
            return 0, 10_000
        case _:
            return 0, MAX_INT64


@dataclass(slots=True, eq=False)
class ParameterValue(Undoable):
    """What a parameter was set to. One that was never set has no row.

    Attributes:
        setting: Its values, with commas between; see `Values`.
        set_by: The application that set it, or `proposals/` and the proposal's id.
    """

    name: str
    setting: str
    set_sequence: int
    set_time: datetime
    set_by: str

    @property
    def key(self) -> str:
        return self.name

    @property
    def values(self) -> Values:
        return parse_setting(self.setting)


def parse_setting(setting: str) -> Values:
    """Reads values as they are stored."""
    return tuple(map(int, setting.split(",")))


def format_setting(values: Values) -> str:
    """Writes values as they are stored."""
    return ",".join(map(str, values))


@dataclass(slots=True, frozen=True)
class SetParameter:
    """Asks to give a parameter other values."""

    request_id: bytes
    body_hash: bytes
    name: str
    values: Values
    reason: str = ""
