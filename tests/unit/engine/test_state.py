from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from ticketonomics_server.engine.model import Undoable
from ticketonomics_server.engine.state import State


@dataclass(slots=True, eq=False)
class Cup(Undoable):
    name: str
    drops: int

    @property
    def key(self) -> str:
        return self.name


@dataclass(slots=True, eq=False)
class Plate(Undoable):
    name: str
    crumbs: int

    @property
    def key(self) -> str:
        return self.name


NAMES = [*"abcd"]


def make_state(*rows: Any) -> State:
    state = State([Cup, Plate])
    for table in state.rows.values():
        table.update(dict.fromkeys(NAMES))
    for row in rows:
        state.rows[type(row)][row.key] = row
    return state


def test_a_key_that_was_not_declared_is_a_bug() -> None:
    state = make_state()
    assert state.find(Cup, "a") is None
    with pytest.raises(KeyError):
        state.find(Cup, "z")


def test_a_row_that_is_there_cannot_be_added() -> None:
    state = make_state(Cup("a", 1))
    with pytest.raises(ValueError, match="there already"):
        state.add(Cup("a", 2))
    state.add(Plate("a", 2))


def test_what_a_block_writes() -> None:
    kept, gone, new, brief = Cup("a", 1), Cup("b", 1), Cup("c", 1), Cup("d", 1)
    plate = Plate("a", 1)
    state = make_state(kept, gone, plate)
    for row in (kept, gone, plate):
        state.change(row)
    state.add(new)
    state.change(new)
    state.add(brief)
    state.remove(brief)
    state.remove(gone)
    assert state.added(Cup) == [new]
    assert state.changed(Cup) == [kept]
    assert state.removed(Cup) == [gone]
    assert (state.added(Plate), state.changed(Plate), state.removed(Plate)) == ([], [plate], [])
    assert state.touched == {Cup, Plate}
    state.end_block()
    assert state.touched == set()


def test_a_row_may_take_the_place_of_a_removed_one() -> None:
    old, new = Cup("a", 1), Cup("a", 2)
    state = make_state(old)
    state.remove(old)
    state.add(new)
    assert (state.removed(Cup), state.added(Cup)) == ([old], [new])
    assert state.find(Cup, "a") is new


def test_the_end_of_a_block_keeps_the_rows_and_forgets_what_to_write() -> None:
    cup = Cup("a", 1)
    state = make_state(cup)
    state.change(cup)
    cup.drops = 5
    state.append("log", "x")
    state.end_block()
    state.undo_command()
    assert state.find(Cup, "a").drops == 5
    assert (state.changed(Cup), dict(state.appended)) == ([], {})
    state.drop()
    assert state.size == 0


def image(state: State) -> Any:
    """All that a block sees and writes, by value."""

    def values(rows: list[Any]) -> list[Any]:
        return sorted((row.snapshot() for row in rows), key=repr)

    return (
        {t: {k: r and r.snapshot() for k, r in rows.items()} for t, rows in state.rows.items()},
        {t: values(state.added(t)) for t in state.rows},
        {t: values(state.changed(t)) for t in state.rows},
        {t: values(state.removed(t)) for t in state.rows},
        {name: list(records) for name, records in state.appended.items() if records},
    )


class Undoing(RuleBasedStateMachine):
    """Undoing a command gives what was there when it began, whatever it did and in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.state = make_state()
        self.before = image(self.state)

    @initialize(names=st.sets(st.sampled_from(NAMES)))
    def load(self, names: set[str]) -> None:
        for name in names:
            self.state.rows[Cup][name] = Cup(name, 0)
        self.begin()

    @rule()
    def begin(self) -> None:
        self.state.begin_command()
        self.before = deepcopy(image(self.state))

    @rule()
    def undo(self) -> None:
        # Once, this took a row out of `_added` and left it in `_changed`.
        self.state.undo_command()
        assert image(self.state) == self.before
        self.state.begin_command()

    @rule()
    def end_block(self) -> None:
        self.state.end_block()
        self.begin()

    @rule(row_type=st.sampled_from([Cup, Plate]), name=st.sampled_from(NAMES))
    def add(self, row_type: type, name: str) -> None:
        if self.state.find(row_type, name) is None:
            self.state.add(row_type(name, 0))

    @rule(
        row_type=st.sampled_from([Cup, Plate]), name=st.sampled_from(NAMES), value=st.integers(1, 9)
    )
    def change(self, row_type: type, name: str, value: int) -> None:
        if row := self.state.find(row_type, name):
            self.state.change(row)
            setattr(row, "drops" if row_type is Cup else "crumbs", value)

    @rule(row_type=st.sampled_from([Cup, Plate]), name=st.sampled_from(NAMES))
    def remove(self, row_type: type, name: str) -> None:
        if row := self.state.find(row_type, name):
            self.state.remove(row)

    @rule(journal=st.sampled_from(["log", "book"]), record=st.integers())
    def append(self, journal: str, record: int) -> None:
        self.state.append(journal, record)
        self.state.extend(journal, (record, -record))

    @precondition(lambda self: True)
    @invariant()
    def what_is_written_is_what_is_seen(self) -> None:
        for row_type, rows in self.state.rows.items():
            seen = [row for row in rows.values() if row is not None]
            assert all(row in seen for row in self.state.added(row_type))
            assert all(row in seen for row in self.state.changed(row_type))
            assert not any(row in seen for row in self.state.removed(row_type))


TestUndoing = Undoing.TestCase
TestUndoing.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
