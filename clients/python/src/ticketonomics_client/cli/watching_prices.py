"""`ticketonomics prices watch`: prices as they change."""

from collections import deque
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ticketonomics_client.cli.output import Output, moment, printable
from ticketonomics_client.cli.session import run
from ticketonomics_client.cli.top import sparkline

if TYPE_CHECKING:
    from rich.console import Console
    from ticketonomics.prices.v1.price_service_pb2 import WatchPricesResponse

    from ticketonomics_client.client import Principal

HISTORY = 40
_UP, _DOWN, _LEVEL = "▲", "▼", "▄"
# The lowest price is drawn as something too, as a part of the difference to the highest.
_FLOOR = 0.1


def watch(
    context: typer.Context,
    instruments: Annotated[
        list[str] | None, typer.Argument(help="Names such as pools/iron; all if left out.")
    ] = None,
    after: Annotated[
        int | None,
        typer.Option(min=0, help="Go on behind this entry, without the newest prices first."),
    ] = None,
) -> None:
    """Show prices as they change, until Ctrl-C. Reconnects by itself.

    A terminal shows one row for each instrument; elsewhere, and with --json, there is a line for
    each trade.
    """

    async def work(client: "Principal", output: Output) -> None:
        # A watch waits for a server for ever: one ordinary call first tells a wrong address.
        await anext(client.methods(page_size=1), None)
        board = Board()
        messages = client.watch_price_messages(instruments or (), after_sequence=after)
        with nullcontext() if output.json else board.open():
            async with aclosing(messages):
                async for message in messages:
                    if not output.json:
                        board.show(message)
                        continue
                    for update in message.updates:
                        output.line(update)

    run(context, work)


@dataclass(slots=True)
class Row:
    """What is shown of an instrument."""

    price: str
    size: int
    time: str
    trade_count: int
    first_count: int
    rises: bool | None = None
    prices: deque[float] = field(default_factory=lambda: deque(maxlen=HISTORY))


class Board:
    """What a person sees: a table drawn over and over on a terminal, and lines elsewhere."""

    def __init__(self, console: "Console | None" = None) -> None:
        from rich.console import Console

        self._console = console or Console(highlight=False)
        self._live: Any = None
        self._rows: dict[str, Row] = {}

    def open(self) -> AbstractContextManager[Any]:
        """Takes the terminal's whole screen, if there is one."""
        if not self._console.is_terminal:
            return nullcontext()
        from rich.live import Live

        self._live = Live(console=self._console, screen=True, auto_refresh=False)
        live: AbstractContextManager[Any] = self._live
        return live

    def show(self, message: "WatchPricesResponse") -> None:
        """Shows what a message tells; a heartbeat too, for then the terminal may have grown."""
        for update in message.updates:
            self._note(update)
            if self._live is None:
                tick = update.tick
                self._console.print(
                    printable(
                        f"{tick.sequence:,}  {moment(tick.trade_time)}  {tick.instrument}"
                        f"  {tick.price}  size {tick.size:,}  trade {update.trade_count:,}"
                    ),
                    markup=False,
                )
        if self._live is not None:
            self._live.update(self.table(), refresh=True)

    def _note(self, update: "WatchPricesResponse.Update") -> None:
        tick = update.tick
        row = self._rows.get(tick.instrument)
        if row is None:
            row = self._rows[tick.instrument] = Row(
                tick.price, tick.size, "", update.trade_count, update.trade_count
            )
        elif (price := Decimal(tick.price)) != (before := Decimal(row.price)):
            row.rises = price > before
        row.price, row.size, row.time = tick.price, tick.size, moment(tick.trade_time)
        row.trade_count = update.trade_count
        row.prices.append(float(tick.price))

    def table(self) -> Any:
        """Draws what is known by now."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for column in ("Instrument", "Price", "", "Last trades", "Size", "Trades", "Seen", "At"):
            numeric = column in {"Price", "Size", "Trades", "Seen"}
            table.add_column(column, justify="right" if numeric else "left", no_wrap=True)
        for name, row in sorted(self._rows.items()):
            colour = "" if row.rises is None else "green" if row.rises else "red"
            arrow = "" if row.rises is None else _UP if row.rises else _DOWN
            table.add_row(
                Text(printable(name)),
                Text(row.price, style=f"bold {colour}".strip()),
                Text(arrow, style=colour),
                Text(shape(list(row.prices)), style=colour or "dim"),
                f"{row.size:,}",
                f"{row.trade_count:,}",
                f"{row.trade_count - row.first_count:,}",
                row.time,
            )
        if not self._rows:
            return Text("Nothing was traded yet.", style="dim")
        return table


def shape(prices: list[float]) -> str:
    """Draws how prices went, from the lowest of them to the highest."""
    lowest = min(prices, default=0.0)
    span = max(prices, default=0.0) - lowest
    if not span:
        return _LEVEL * len(prices)
    return sparkline([price - lowest + span * _FLOOR for price in prices])
