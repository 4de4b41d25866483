"""Deeds are counted, and days remembered."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from ticketonomics_server.engine.command import Caller, Context
from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.state import State
from ticketonomics_server.parameters.model import ParameterValue
from ticketonomics_server.progression.model import Deed, Progress, day_of
from ticketonomics_server.progression.noting import declare_deed, note_deed, person_of

START = datetime(2030, 1, 1, 12, tzinfo=UTC)


def note(state: State, days: int, deed: Deed = Deed.VOTED, count: int = 1) -> None:
    keys = Keys(set)
    declare_deed("ann", keys)
    for row_type, names in keys.items():
        for name in names:
            state.rows[row_type].setdefault(name, None)
    context = Context(Caller("game"), START + timedelta(days=days), days + 1, b"")
    note_deed(state, "ann", deed, context, count=count)


def progress(state: State) -> Progress:
    found = state.find(Progress, "ann")
    assert found is not None
    return found


def test_deeds_are_counted_each_for_itself() -> None:
    state = State([Progress, ParameterValue])
    note(state, 0, Deed.TAPPED, 5)
    note(state, 0, Deed.TAPPED, 2)
    note(state, 1, Deed.VOTED)
    row = progress(state)
    assert (row.tapped, row.voted, row.claimed) == (7, 1, 0)
    assert row.last_day - row.first_day == 1
    assert row.change_sequence == 2


def test_every_deed_has_a_field() -> None:
    assert {deed.value for deed in Deed} <= set(Progress.__slots__)


def test_nobody_has_no_progress() -> None:
    state = State([Progress, ParameterValue])
    note_deed(state, "", Deed.VOTED, Context(Caller("game"), START, 1, b""))
    assert not state.rows[Progress]
    assert person_of("users/ann") == "ann"
    assert person_of("orgs/ann") == person_of("apps/a/b") == ""


@given(
    days=st.lists(st.integers(0, 200), min_size=1),
    within=st.integers(1, 30),
    ago=st.integers(0, 30),
)
def test_active_days_are_those_of_deeds(days: list[int], within: int, ago: int) -> None:
    days = sorted(days)
    state = State([Progress, ParameterValue])
    for day in days:
        note(state, day)
    row, last = progress(state), days[-1]
    today = day_of(START) + last - ago
    expected = {day for day in days if last - ago - within <= day < last - ago}
    assert row.active_before(today, within) == len(expected)
    later = day_of(START) + last + ago
    expected = {day for day in days if last + ago - within <= day < last + ago}
    assert row.active_before(later, within) == len(expected)
    assert 0 < row.active_days < 2**62


def test_a_command_that_is_undone_counts_nothing() -> None:
    state = State([Progress, ParameterValue])
    note(state, 0)
    state.begin_command()
    note(state, 3)
    state.undo_command()
    row = progress(state)
    assert (row.voted, row.last_day, row.active_days) == (1, day_of(START), 1)
