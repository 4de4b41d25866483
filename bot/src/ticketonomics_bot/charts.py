"""Charts as pictures. They hold no words but codes and numbers, so they suit every language.

Matplotlib is slow to load and to draw, and not made for several threads: a single thread of its own
does both, and the bot goes on meanwhile.
"""

import asyncio
import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ParamSpec

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_GROUND, _GRID, _TEXT = "#17212b", "#2b3a47", "#c9d4de"
_RISE, _FALL, _LINE = "#3fb68b", "#ef5f6b", "#6ab3f3"
_SIZE_INCHES, _DOTS_PER_INCH = (8.0, 4.8), 120

_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="charts")
_Arguments = ParamSpec("_Arguments")


@dataclass(slots=True, frozen=True)
class Bar:
    """What a price did in an interval."""

    start: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(slots=True, frozen=True)
class DayFigures:
    """What was there of tickets at the end of a day, and what came and went on it."""

    day: date
    circulating: float
    minted: float
    burned: float


async def draw(
    chart: Callable[_Arguments, bytes], *arguments: _Arguments.args, **more: _Arguments.kwargs
) -> bytes:
    """Draws in the thread of charts; returns a PNG."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_thread, lambda: chart(*arguments, **more))


def candles(bars: Sequence[Bar], title: str) -> bytes:
    """Draws candles above their volumes, oldest first."""
    from matplotlib.patches import Rectangle

    figure, (prices, volumes) = _figure(2, heights=(4, 1))
    for place, bar in enumerate(bars):
        color = _RISE if bar.close >= bar.open else _FALL
        prices.vlines(place, bar.low, bar.high, color=color, linewidth=1)
        bottom, height = min(bar.open, bar.close), abs(bar.close - bar.open)
        body = Rectangle((place - 0.35, bottom), 0.7, height, facecolor=color, edgecolor=color)
        prices.add_patch(body)
        volumes.bar(place, bar.volume, width=0.7, color=color)
    prices.set_title(title, color=_TEXT, loc="left", fontsize=13)
    prices.set_xlim(-1, max(len(bars), 8))
    prices.margins(y=0.08)
    prices.autoscale_view(scalex=False)
    if bars:
        last = bars[-1].close
        prices.axhline(last, color=_LINE, linewidth=0.8, linestyle="--")
        prices.annotate(
            f" {last:g}",
            (1.0, last),
            xycoords=("axes fraction", "data"),
            color=_LINE,
            va="center",
            fontsize=10,
        )
    _label_times(volumes, [bar.start for bar in bars])
    prices.tick_params(labelbottom=False)
    volumes.tick_params(labelleft=False)
    return _png(figure)


def supply(days: Sequence[DayFigures], title: str) -> bytes:
    """Draws how much is circulating, above what was minted and burned each day."""
    figure, (total, flows) = _figure(2, heights=(3, 2))
    places = list(range(len(days)))
    total.plot(places, [day.circulating for day in days], color=_LINE, linewidth=2, marker=".")
    total.fill_between(places, [day.circulating for day in days], color=_LINE, alpha=0.15)
    total.set_ylim(bottom=0)
    total.set_title(title, color=_TEXT, loc="left", fontsize=13)
    total.tick_params(labelbottom=False)
    flows.bar(places, [day.minted for day in days], color=_RISE, width=0.7)
    flows.bar(places, [-day.burned for day in days], color=_FALL, width=0.7)
    flows.axhline(0, color=_TEXT, linewidth=0.6)
    flows.set_xlim(-1, max(len(days), 7))
    _label_times(flows, [datetime(day.day.year, day.day.month, day.day.day) for day in days])
    for axes in (total, flows):
        axes.yaxis.set_major_formatter(lambda value, _: _short(value))
    return _png(figure)


def _figure(rows: int, *, heights: Sequence[int]) -> "tuple[Figure, Any]":
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE_INCHES, dpi=_DOTS_PER_INCH, facecolor=_GROUND)
    FigureCanvasAgg(figure)
    every = figure.subplots(
        rows, 1, sharex=True, gridspec_kw={"height_ratios": heights, "hspace": 0.08}
    )
    figure.subplots_adjust(left=0.1, right=0.9, top=0.92, bottom=0.1)
    for axes in every:
        axes.set_facecolor(_GROUND)
        axes.grid(color=_GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(colors=_TEXT, labelsize=9, length=0)
        for spine in axes.spines.values():
            spine.set_color(_GRID)
    return figure, every


def _label_times(axes: "Axes", times: Sequence[datetime]) -> None:
    """Writes about six times, or days where they span more than two, below their places."""
    if not times:
        return
    # Those that all begin at midnight are whole days.
    long = all(time.hour == time.minute == 0 for time in times)
    long = long or (times[-1] - times[0]).total_seconds() > 2 * 86_400
    step = max(1, len(times) // 6)
    places = list(range(0, len(times), step))
    axes.set_xticks(places)
    pattern = "%d.%m." if long else "%H:%M"
    axes.set_xticklabels([times[place].strftime(pattern) for place in places])


def _short(value: float) -> str:
    for least, letter in ((1e9, "b"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= least:
            return f"{value / least:g}{letter}"
    return f"{value:g}"


def _png(figure: "Figure") -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", facecolor=_GROUND)
    return file.getvalue()
