import pytest
from rich.console import Console
from ticketonomics_simulator.dashboard import dashboard
from ticketonomics_simulator.observing import Observer
from ticketonomics_simulator.summary import describe, duration, farewell, milliseconds
from ticketonomics_simulator.tally import Tally


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 40), (60, 12), (20, 4)])
async def test_the_dashboard_fits_every_terminal(town, width: int, height: int) -> None:
    await town.live(500)
    console = Console(width=width, height=height, force_terminal=True)
    with console.capture() as capture:
        console.print(
            dashboard(
                town.community, town.tally, target="127.0.0.1:50051", width=width, height=height
            )
        )
    assert len(capture.get().rstrip("\n").splitlines()) == height


async def test_the_dashboard_of_a_community_without_a_past_says_so(town) -> None:
    console = Console(width=100, height=30)
    with console.capture() as capture:
        console.print(dashboard(town.community, town.tally, target="here", width=100, height=30))
    assert "nobody yet" in capture.get()
    assert "30 people, 0 shops" in capture.get()


async def test_names_with_brackets_are_shown_as_they_are(town) -> None:
    town.tally.tell("[bold]Mira[/bold] smiles")
    console = Console(width=100, height=30)
    with console.capture() as capture:
        console.print(dashboard(town.community, town.tally, target="here", width=100, height=30))
    assert "[bold]Mira[/bold] smiles" in capture.get()


async def test_a_line_and_the_farewell_tell_what_happened(town) -> None:
    await town.live(500)
    line = describe(town.community, town.tally)
    assert "\n" not in line
    assert f"{town.tally.accepted:,} accepted" in line
    observer = Observer(
        *(town.ledger, town.community, town.tally), keeper=town.keeper, patience=town.patience
    )
    await observer.read_figures()
    text = "\n".join(farewell(town.community, town.tally))
    assert "Gini 0.512 among 30 holders; the first tenth holds 42.5 %." in text
    assert "Queue rounds drawn 7; turnout 45.5 % over 3 votes." in text
    assert "Iron: ▁█▅  2.00 → 2.50 BRONZE, between 2.00 and 3.00." in text
    assert "30 people" in text
    assert "Richest: " in text


async def test_a_line_is_calm_while_the_server_is_away(town) -> None:
    town.tally.server_is_away()
    town.clock.now += 12
    assert describe(town.community, town.tally).endswith("away for 12 s; waiting")


def test_percentiles_are_nearest_ranks(town) -> None:
    tally = Tally()
    assert tally.latency_seconds(50, 99) == [0, 0]
    tally._latencies.extend(range(1, 101))
    assert tally.latency_seconds(50, 99, 100) == [50, 99, 100]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (61, "1 min 01 s"), (7384, "2 h 03 min 04 s")]
)
def test_durations_are_words(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_short_latencies_keep_a_decimal() -> None:
    assert milliseconds(0.0047) == "4.7 ms"
    assert milliseconds(0.1234) == "123 ms"
