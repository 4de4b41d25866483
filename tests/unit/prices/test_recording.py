"""A trade is recorded where it is decided, and undone with it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from ticketonomics_server.engine.command import Caller, Context
from ticketonomics_server.engine.state import State
from ticketonomics_server.prices.model import MAX_SIZE, TICKS, Tick
from ticketonomics_server.prices.recording import record_trade

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def context(sequence: int) -> Context:
    return Context(Caller("somebody"), NOW, sequence, bytes(32))


@pytest.fixture
def state() -> State:
    return State(())


def record(state: State, sequence: int = 7, **deal: Any) -> None:
    record_trade(
        state,
        **{"instrument": "pools/iron", "numerator": 3, "denominator": 2, "size": 5, **deal},
        context=context(sequence),
    )


def recorded(state: State) -> list[Tick]:
    return [record.tick for record in state.appended.get(TICKS, [])]


def test_a_trade_is_a_tick_of_its_entry(state: State) -> None:
    record(state)
    assert recorded(state) == [Tick(7, 0, "pools/iron", Decimal("1.5"), 5, NOW)]


def test_trades_of_one_entry_are_numbered_and_those_of_the_next_anew(state: State) -> None:
    record(state)
    record(state, instrument="pools/copper")
    state.begin_command()
    record(state, sequence=8)
    assert [(t.sequence, t.position) for t in recorded(state)] == [(7, 0), (7, 1), (8, 0)]


def test_what_is_refused_later_was_never_traded(state: State) -> None:
    record(state)
    state.begin_command()
    record(state, sequence=8)
    record(state, sequence=8)
    state.undo_command()
    assert [t.sequence for t in recorded(state)] == [7]
    record(state, sequence=8)
    assert [(t.sequence, t.position) for t in recorded(state)] == [(7, 0), (8, 0)]


@pytest.mark.parametrize(
    "deal",
    [
        {"numerator": 0},
        {"denominator": 0},
        {"numerator": -1},
        {"size": 0},
        {"size": -5},
        {"size": MAX_SIZE + 1},
        {"instrument": "iron"},
        {"instrument": ""},
    ],
    ids=str,
)
def test_what_is_no_trade_is_a_bug_of_who_records_it(state: State, deal: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        record(state, **deal)
    assert recorded(state) == []
