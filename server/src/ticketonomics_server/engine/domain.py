"""How a room (ledger, identity, …) plugs into the engine."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ticketonomics_server.engine.command import Caller, Command, Context, Decision, NothingToDo
from ticketonomics_server.engine.state import Journal, RowTable, State

Keys = defaultdict[type, set[Any]]

Decide = Callable[[State, Any, Context], Decision | NothingToDo]
Declare = Callable[[Any, Caller, Keys], None]
FromTimer = Callable[["DueTimer"], Command]


@dataclass(slots=True, frozen=True)
class DueTimer:
    """A timer whose time has come.

    Attributes:
        request_id: The same for every try, so that it takes effect once.
        payload: What the domain stored with it.
    """

    timer_id: int
    request_id: bytes
    kind: int
    payload: bytes


@dataclass(slots=True, frozen=True)
class Handling:
    """How one type of command is handled.

    Attributes:
        declare: Adds the keys of the rows that `decide` will look at for this caller, by row type.
        decide: Pure. Guards in documented order, then effects on the state.
    """

    declare: Declare
    decide: Decide


@dataclass(slots=True, frozen=True)
class Domain:
    """A room's plug.

    Attributes:
        tables: Its rows, in the order in which they are loaded and written.
        journals: Its append-only tables.
        commands: How each type of command is handled.
        timers: Which command a due timer of a kind becomes.
    """

    name: str
    tables: Sequence[RowTable]
    commands: Mapping[type, Handling]
    journals: Sequence[Journal] = ()
    timers: Mapping[int, FromTimer] = field(default_factory=dict)


class Registry:
    """All rooms together, as the engine sees them."""

    def __init__(self, domains: Iterable[Domain]) -> None:
        domains = list(domains)
        self.tables = [table for domain in domains for table in domain.tables]
        self.journals = {journal.name: journal for d in domains for journal in d.journals}
        self.commands: dict[type, Handling] = {}
        self.timers: dict[int, FromTimer] = {}
        for domain in domains:
            if clash := self.commands.keys() & domain.commands.keys():
                raise ValueError(f"{domain.name} handles commands of another domain: {clash}")
            if twice := self.timers.keys() & domain.timers.keys():
                raise ValueError(f"{domain.name} has timers of another domain: {twice}")
            self.commands.update(domain.commands)
            self.timers.update(domain.timers)
