"""The live summary, as people like to watch it."""

import time

from rich.console import RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ticketonomics_simulator.community import Community
from ticketonomics_simulator.deeds import Purpose
from ticketonomics_simulator.people import Kind
from ticketonomics_simulator.summary import (
    NOTHING_YET,
    busiest,
    duration,
    milliseconds,
    richest,
    shops,
)
from ticketonomics_simulator.tally import Tally
from ticketonomics_simulator.tickets import bronze, tickets

SIDE_WIDTH = 38
NARROW_SIDE_WIDTH = 31
NARROW = 100
NUMBERS_HEIGHT = 9
_BARS = " ▁▂▃▄▅▆▇█"

_TONES = {
    Purpose.WELCOME: "bright_green",
    Purpose.EARNING: "green",
    Purpose.GIFT: "magenta",
    Purpose.PAYMENT: "cyan",
    Purpose.PURCHASE: "blue",
    Purpose.WAGES: "yellow",
    Purpose.INVESTMENT: "bright_yellow",
    Purpose.DIVIDEND: "yellow",
    "refused": "red",
    "news": "bold",
}


def dashboard(
    community: Community, tally: Tally, *, target: str, width: int, height: int
) -> Layout:
    """Draws everything for a terminal of this size, in columns and lines."""
    body_height = height - 1
    rankings_rows = max(1, min(5, (body_height - NUMBERS_HEIGHT - 5) // 3))
    side_width = SIDE_WIDTH if width >= NARROW else NARROW_SIDE_WIDTH
    layout = Layout()
    layout.split_column(Layout(_headline(community, tally, target), size=1), Layout(name="body"))
    layout["body"].split_row(
        Layout(_happenings(tally, body_height - 2)), Layout(name="side", size=side_width)
    )
    layout["side"].split_column(
        Layout(_numbers(tally), size=NUMBERS_HEIGHT),
        Layout(_rankings(community, tally, rankings_rows)),
    )
    return layout


def _headline(community: Community, tally: Tally, target: str) -> Text:
    kinds = [person.kind for person in community.people]
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(" Ticketonomics ", "bold reverse")
    text.append(f" {len(kinds)} people, {shops(community)}", "bold")
    text.append(f" · {duration(tally.up_seconds)} · {target}", "dim")
    text.append(
        f" · {kinds.count(Kind.TAPPER)} tappers, {kinds.count(Kind.CONSUMER)} consumers, "
        f"{kinds.count(Kind.PROACTIVE)} proactive",
        "dim",
    )
    return text


def _happenings(tally: Tally, lines: int) -> Panel:
    shown = list(tally.happenings)[-lines:] if lines > 0 else []
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for happening in reversed(shown):
        clock = time.strftime("%H:%M:%S", time.localtime(happening.time))
        table.add_row(clock, Text(happening.story, _TONES.get(happening.tone, "")))
    return Panel(table, title="What happens", title_align="left", border_style="dim")


def _numbers(tally: Tally) -> Panel:
    economy = tally.economy
    median, slowest = tally.latency_seconds(50, 99)
    rows: list[tuple[str, RenderableType]] = [
        ("pace", _pace(tally)),
        ("answers", f"{milliseconds(median)}, p99 {milliseconds(slowest)}"),
        ("accepted", f"{tally.accepted:,}, block {economy.height:,}"),
        ("refused", _refused(tally)),
        ("supply", bronze(economy.supply)),
        ("burned", f"{tickets(economy.burned)} of {tickets(economy.minted)}"),
        ("faucet", tickets(economy.faucet)),
    ]
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True, min_width=max(len(name) for name, _ in rows))
    table.add_column(no_wrap=True, overflow="ellipsis")
    for name, value in rows:
        table.add_row(name, value)
    return Panel(table, title="The ledger", title_align="left", border_style="dim")


def _pace(tally: Tally) -> Text:
    if tally.away_seconds is not None:
        return Text(f"away for {tally.away_seconds:.0f} s; waiting", "yellow")
    seconds = tally.per_second(10)
    highest = max(1, *seconds)
    bars = "".join(_BARS[-(-count * (len(_BARS) - 1) // highest)] for count in seconds)
    return Text(f"{tally.rate_per_second:.1f}/s ").append(bars, "green")


def _refused(tally: Tally) -> Text:
    reasons = tally.refusals.most_common(1)
    if not reasons:
        return Text("nothing")
    ((reason, _),) = reasons
    others = len(tally.refusals) - 1
    text = Text(f"{tally.refusals.total():,} ").append(reason.lower().replace("_", " "), "red")
    return text.append(f" +{others}") if others else text


def _rankings(community: Community, tally: Tally, rows: int) -> Panel:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column(justify="right", no_wrap=True)
    for title, ranking in (
        ("Richest", richest(community, rows)),
        ("Most generous", tally.gifts.most_common(rows)),
        ("Busiest shops", busiest(community, tally, rows)),
    ):
        table.add_row(Text(title, "dim"), "")
        for name, amount in ranking or [(NOTHING_YET, 0)]:
            table.add_row(Text(f"  {name}"), tickets(amount) if amount else "")
    return Panel(table, title="People and shops", title_align="left", border_style="dim")
