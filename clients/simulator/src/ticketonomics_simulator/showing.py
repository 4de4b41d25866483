"""Ways to show a running simulation: a live summary, lines for a log, or nothing."""

import asyncio
from typing import Protocol

from rich.console import Console
from rich.live import Live

from ticketonomics_simulator.community import Community
from ticketonomics_simulator.dashboard import dashboard
from ticketonomics_simulator.summary import describe
from ticketonomics_simulator.tally import Tally

FRAMES_PER_SECOND = 4
LINE_SECONDS = 5.0


class Show(Protocol):
    """Shows for ever, until cancelled."""

    async def run(self, community: Community, tally: Tally) -> None:
        """Shows what happens."""
        ...


class LiveShow:
    """Fills a terminal."""

    def __init__(self, console: Console, *, target: str) -> None:
        self._console = console
        self._target = target

    async def run(self, community: Community, tally: Tally) -> None:
        """Draws the dashboard a few times a second."""
        with Live(console=self._console, screen=True, auto_refresh=False) as live:
            while True:
                size = self._console.size
                live.update(
                    dashboard(
                        community,
                        tally,
                        target=self._target,
                        width=size.width,
                        height=size.height,
                    ),
                    refresh=True,
                )
                await asyncio.sleep(1 / FRAMES_PER_SECOND)


class LineShow:
    """Writes a line every few seconds, and the community's news when there are some."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def run(self, community: Community, tally: Tally) -> None:
        """Writes lines."""
        told = 0.0
        while True:
            await asyncio.sleep(LINE_SECONDS)
            for happening in list(tally.happenings):
                if happening.tone == "news" and happening.time > told:
                    told = happening.time
                    write_line(self._console, happening.story)
            write_line(self._console, describe(community, tally))


class SilentShow:
    """Shows nothing."""

    async def run(self, community: Community, tally: Tally) -> None:
        """Waits."""
        await asyncio.Event().wait()


def write_line(console: Console, text: str) -> None:
    """Writes one line as it is: not styled, not wrapped, not cut."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)
