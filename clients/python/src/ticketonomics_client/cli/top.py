"""`ticketonomics top`: the economy and its server, as they go."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticketonomics_client.cli.output import Output, encoded, moment, printable
from ticketonomics_client.cli.pace import Pace, compare
from ticketonomics_client.cli.session import run

if TYPE_CHECKING:
    from rich.console import Console, Group
    from ticketonomics.operator.v1.operator_service_pb2 import GetStatusResponse

    from ticketonomics_client.client import Principal

HISTORY = 60
_BARS = " ▁▂▃▄▅▆▇█"
_BAR_WIDTH = 30

Show = Callable[["GetStatusResponse", Pace], None]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(top)


def top(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Look for one interval, print, and end.")
    ] = False,
    interval: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 1.0,
) -> None:
    """Show blocks, rates, phases, queue, streams and refusals as they go; Ctrl-C ends it.

    With --json a line for each look, with --once one document. Needs the scope operator.status.
    """

    async def work(client: "Principal", output: Output) -> None:
        if output.json:
            await _follow(client, interval, _print_json(once=once), once=once)
            return
        screen = Screen()
        with screen.open(once=once):
            await _follow(client, interval, screen.show, once=once, away=screen.away)

    run(context, work)


async def _follow(
    client: "Principal",
    interval: float,
    show: Show,
    *,
    once: bool,
    away: Callable[[str], None] | None = None,
) -> None:
    """Looks again and again.

    Args:
        away: Told when nobody answers, and the looking goes on; where there is none it ends.
    """
    from ticketonomics_client.errors import UnavailableError

    before: GetStatusResponse | None = None
    looked = 0.0
    while True:
        try:
            after = await client.status()
        except UnavailableError as error:
            if once or away is None or before is None:
                raise
            away(error.message)
            await asyncio.sleep(interval)
            continue
        now = monotonic()
        if before is not None:
            show(after, compare(before, after, seconds=now - looked))
            if once:
                return
        before, looked = after, now
        await asyncio.sleep(interval)


def _print_json(*, once: bool) -> Show:
    def show(status: "GetStatusResponse", pace: Pace) -> None:
        content: dict[str, Any] = {**encoded(status), "pace": pace.document()}
        print(json.dumps(content, ensure_ascii=False, indent=2 if once else None), flush=True)

    return show


class Screen:
    """What a person sees: drawn over and over on a terminal, and one below the other elsewhere."""

    def __init__(self, console: "Console | None" = None) -> None:
        from rich.console import Console

        self._console = console or Console(highlight=False)
        self._history: deque[float] = deque(maxlen=HISTORY)
        self._draw: Callable[[Any], None] = self._console.print
        self._drawn: Group | None = None

    def open(self, *, once: bool) -> AbstractContextManager[Any]:
        """Takes the terminal's whole screen, unless there is none or it is for once."""
        if once or not self._console.is_terminal:
            return nullcontext()
        from rich.live import Live

        live = Live(console=self._console, screen=True, auto_refresh=False)
        self._draw = lambda content: live.update(content, refresh=True)
        return live

    def show(self, status: "GetStatusResponse", pace: Pace) -> None:
        """Draws a look."""
        from rich.console import Group
        from rich.text import Text

        self._history.append(pace.entries_per_second)
        state = "shutting down" if status.draining else "up"
        if status.timers_held:
            state += ", timers held"
        title = (
            f"{status.economy} · {state} for {_uptime(status.uptime.seconds)} · "
            f"version {status.version} · Postgres {status.postgres_version}"
        )
        self._drawn = Group(
            Text(printable(title), style="bold"),
            Text(),
            _facts(status, pace),
            Text(),
            Text(f"Entries a second, the last {len(self._history)} looks"),
            Text(sparkline(list(self._history)), style="green"),
            Text(),
            _phases(pace),
            Text(),
            _refusals(pace),
        )
        self._draw(self._drawn)

    def away(self, message: str) -> None:
        """Says that nobody answers, above what was seen last."""
        from rich.console import Group
        from rich.text import Text

        told = Text(f"No answer: {printable(message)}", style="bold red")
        self._draw(Group(told, *([self._drawn] if self._drawn else [])))


def sparkline(values: list[float]) -> str:
    """Draws values as blocks; the largest is the highest, and nothing is empty."""
    largest = max(values, default=0.0) or 1.0
    steps = len(_BARS) - 1
    # Little is still more than nothing.
    return "".join(_BARS[max(round(v / largest * steps), 1) if v > 0 else 0] for v in values)


def _facts(status: "GetStatusResponse", pace: Pace) -> Any:
    from rich.table import Table

    grid = Table.grid(padding=(0, 3, 0, 0))
    for _ in range(2):
        grid.add_column()
        grid.add_column(justify="right")
    queue = f"{status.queued_commands:,} of {status.max_queued_commands:,}"
    streams = f"{status.open_streams:,} of {status.max_streams:,}"
    grid.add_row("Blocks", f"{status.height:,}", "a second", f"{pace.blocks_per_second:,.1f}")
    grid.add_row(
        "Entries", f"{status.last_sequence:,}", "a second", f"{pace.entries_per_second:,.0f}"
    )
    newest = moment(status.block_time) or "none"
    grid.add_row("Newest block", newest, "entries in one", f"{pace.entries_per_block:,.1f}")
    grid.add_row("Queue", queue, "made by this server", f"{status.made_blocks:,}")
    grid.add_row("Streams", streams)
    return grid


def _phases(pace: Pace) -> Any:
    from rich.table import Table
    from rich.text import Text

    if not pace.phase_milliseconds:
        return Text("This server made no block.", style="dim")
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column()
    grid.add_column(justify="right")
    grid.add_column()
    whole = sum(pace.phase_milliseconds.values()) or 1.0
    for phase, milliseconds in pace.phase_milliseconds.items():
        bar = "█" * round(milliseconds / whole * _BAR_WIDTH)
        grid.add_row(Text(printable(phase)), f"{milliseconds:,.2f} ms", Text(bar, style="cyan"))
    grid.add_row("a block", f"{whole:,.2f} ms", "")
    return grid


def _refusals(pace: Pace) -> Any:
    from rich.table import Table
    from rich.text import Text

    if not pace.refusals_per_second:
        return Text("Nothing was refused.", style="dim")
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column()
    grid.add_column(justify="right")
    for reason, rate in pace.refusals_per_second.items():
        grid.add_row(Text(printable(reason), style="yellow"), f"{rate:,.1f} refused a second")
    return grid


def _uptime(seconds: int) -> str:
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"{days} d {hours:02}:{minutes:02}:{seconds:02}" if days else (
        f"{hours:02}:{minutes:02}:{seconds:02}"
    )  # fmt: skip
