"""`ticketonomics top`: what is computed of two looks, and what is drawn."""

from io import StringIO

import pytest
from google.protobuf.duration_pb2 import Duration
from rich.console import Console
from ticketonomics.operator.v1.operator_service_pb2 import (
    BlockPhase,
    GetStatusResponse,
    RefusalCount,
)
from ticketonomics_client.cli.pace import compare
from ticketonomics_client.cli.top import Screen, sparkline


def look(
    *,
    uptime: int = 100,
    height: int = 10,
    entries: int = 1_000,
    made: int = 5,
    commit_ms: int = 50,
    refusals: dict[str, int] | None = None,
) -> GetStatusResponse:
    return GetStatusResponse(
        economy="main",
        version="0.1.0",
        height=height,
        last_sequence=entries,
        uptime=Duration(seconds=uptime),
        made_blocks=made,
        block_phases=[
            BlockPhase(name="lock", total_duration=Duration()),
            BlockPhase(name="commit", total_duration=Duration(nanos=commit_ms * 1_000_000)),
        ],
        refusals=[RefusalCount(reason=r, count=c) for r, c in (refusals or {}).items()],
        queued_commands=3,
        max_queued_commands=32_768,
        open_streams=7,
        max_streams=5_000,
    )


def test_rates_are_differences_by_the_time_between() -> None:
    before = look(refusals={"QUEUE_FULL": 5, "CONTENTION": 1})
    after = look(
        uptime=102,
        height=14,
        entries=1_400,
        made=7,
        commit_ms=70,
        refusals={"QUEUE_FULL": 9, "CONTENTION": 1, "RATE_LIMITED": 20},
    )
    pace = compare(before, after, seconds=2.0)
    assert pace.blocks_per_second == 2
    assert pace.entries_per_second == 200
    assert pace.entries_per_block == 100
    assert pace.phase_milliseconds == pytest.approx({"lock": 0, "commit": 10})
    assert list(pace.refusals_per_second.items()) == [("RATE_LIMITED", 10), ("QUEUE_FULL", 2)]
    assert pace.document()["phaseMilliseconds"] == {"lock": 0, "commit": 10}


def test_nothing_happened() -> None:
    pace = compare(look(), look(uptime=101), seconds=1.0)
    assert (pace.blocks_per_second, pace.entries_per_second, pace.entries_per_block) == (0, 0, 0)
    assert pace.phase_milliseconds == {}
    assert pace.refusals_per_second == {}


@pytest.mark.parametrize(
    "other",
    [
        look(uptime=1, height=12, made=1, refusals={"QUEUE_FULL": 1}),
        look(uptime=5_000, height=12, made=900, refusals={"QUEUE_FULL": 700}),
    ],
    ids=["begun again", "another"],
)
def test_another_servers_totals_are_not_compared(other: GetStatusResponse) -> None:
    pace = compare(look(), other, seconds=1.0)
    assert pace.blocks_per_second == 2, "the economy's, whoever makes them"
    assert pace.phase_milliseconds == {}
    assert pace.refusals_per_second == {}


def test_a_restored_economy_gives_no_negative_rate() -> None:
    pace = compare(look(), look(uptime=101, height=1, entries=1), seconds=1.0)
    assert pace.blocks_per_second == 0
    assert pace.entries_per_second == 0


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_screen_says_it_all_at_any_width(width: int) -> None:
    out = StringIO()
    screen = Screen(Console(file=out, width=width, highlight=False))
    after = look(uptime=101, height=11, made=6, commit_ms=60, refusals={"QUEUE_FULL": 4})
    with screen.open(once=True):
        screen.show(after, compare(look(), after, seconds=1.0))
    text = out.getvalue()
    for word in ("main", "3 of 32,768", "7 of 5,000", "commit", "10.00 ms", "QUEUE_FULL", "4.0"):
        assert word in text, word
    screen.away("\x1b[2Jlost")
    assert "lost" in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()


def test_sparklines_show_the_least_and_the_most() -> None:
    assert sparkline([0, 1, 100]) == " ▁█"
    assert sparkline([0, 0]) == "  "
    assert sparkline([]) == ""
