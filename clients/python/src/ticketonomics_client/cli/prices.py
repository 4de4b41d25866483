"""Commands about prices."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ticketonomics_client.cli import watching_prices
from ticketonomics_client.cli.arguments import TIMES, Limit
from ticketonomics_client.cli.output import Output, first, moment
from ticketonomics_client.cli.session import run
from ticketonomics_client.cli.units import Units

if TYPE_CHECKING:
    from ticketonomics.prices.v1.candle_pb2 import Candle
    from ticketonomics.prices.v1.price_pb2 import Price

    from ticketonomics_client.client import Principal

PRICE_COLUMNS = ("Instrument", ">Price", "In", ">24 h", ">Low", ">High", ">Volume", ">Trades")
TICK_COLUMNS = (">Entry", "Time", ">Price", ">Size")
CANDLE_COLUMNS = ("Begins", ">Open", ">High", ">Low", ">Close", ">Volume", ">Trades")


class Interval(StrEnum):
    """How long a candle lasts, as it is typed."""

    SECOND = "1s"
    MINUTE = "1m"
    FIVE_MINUTES = "5m"
    HOUR = "1h"
    DAY = "1d"


Instrument = Annotated[str, typer.Argument(help="Name of the instrument, such as pools/iron.")]
From = Annotated[
    datetime | None,
    typer.Option("--from", formats=TIMES, metavar="TIME", help="Not before this time."),
]
To = Annotated[
    datetime | None, typer.Option("--to", formats=TIMES, metavar="TIME", help="Before this time.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(no_args_is_help=True, help="What things are traded for, now and before.")
    group.command("list")(list_prices)
    group.command("show")(show)
    group.command("candles")(candles)
    group.command("watch")(watching_prices.watch)
    app.add_typer(group, name="prices")


def list_prices(
    context: typer.Context,
    source: Annotated[str, typer.Option(help="Only what is traded there, such as pools.")] = "",
    base: Annotated[str, typer.Option(help="Only prices of this asset.")] = "",
    quote: Annotated[str, typer.Option(help="Only prices in this asset.")] = "",
    limit: Limit = 100,
) -> None:
    """List instruments with their newest prices and their last 24 hours."""

    async def work(client: "Principal", output: Output) -> None:
        listed = client.prices(source=source, base=base, quote=quote, page_size=min(limit, 1000))
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        units = Units(client)
        rows = [
            (
                price.instrument,
                price.last.price,
                price.quote,
                change(price),
                price.day.low,
                price.day.high,
                await _amount(units, int(price.day.volume), price.base),
                f"{price.day.trade_count:,}",
            )
            for price in found
        ]
        output.table(PRICE_COLUMNS, rows)

    run(context, work)


def show(context: typer.Context, instrument: Instrument, limit: Limit = 10) -> None:
    """Show an instrument's newest price, its last 24 hours and its newest trades."""

    async def work(client: "Principal", output: Output) -> None:
        price = await client.price(instrument)
        if output.json:
            output.document(price)
            return
        units = Units(client)
        listed = client.ticks(instrument, page_size=min(limit, 1000))
        ticks = await first(limit, listed)
        output.facts(
            (
                ("Instrument", price.instrument),
                ("Price", f"{price.last.price} {price.quote}".rstrip()),
                ("24 hours", f"{change(price)}, {price.day.low} to {price.day.high}"),
                ("Volume", await _amount(units, int(price.day.volume), price.base)),
                ("Trades", f"{price.trade_count:,} since {moment(price.first_trade_time)}"),
            )
        )
        output.table(
            TICK_COLUMNS,
            [
                (
                    f"{tick.sequence:,}",
                    moment(tick.trade_time),
                    tick.price,
                    await _amount(units, tick.size, price.base),
                )
                for tick in ticks
            ],
        )

    run(context, work)


def candles(
    context: typer.Context,
    instrument: Instrument,
    interval: Annotated[Interval, typer.Option(help="How long a candle lasts.")] = Interval.MINUTE,
    *,
    start: From = None,
    end: To = None,
    fill_gaps: Annotated[
        bool, typer.Option("--fill-gaps", help="Intervals without trades have the close before.")
    ] = False,
    limit: Limit = 30,
) -> None:
    """List the newest candles, the newest at the bottom; with --json it comes first."""

    async def work(client: "Principal", output: Output) -> None:
        listed = client.candles(
            instrument,
            _number(interval),
            start_time=start,
            end_time=end,
            fill_gaps=fill_gaps,
            page_size=min(limit, 1000),
        )
        found = await first(limit, listed)
        if output.json:
            output.document(found)
            return
        base = (await client.price(instrument)).base
        units = Units(client)
        rows = [
            (
                moment(candle.start_time),
                candle.open,
                candle.high,
                candle.low,
                candle.close,
                await _amount(units, int(candle.volume), base),
                f"{candle.trade_count:,}",
            )
            for candle in reversed(found)
        ]
        output.table(CANDLE_COLUMNS, rows)

    run(context, work)


def change(price: "Price") -> str:
    """Writes how much a price has changed in its last 24 hours."""
    before = Decimal(price.day.open)
    percent = (Decimal(price.last.price) - before) / before * 100
    return f"{percent:+,.2f} %"


async def _amount(units: Units, minor: int, asset: str) -> str:
    """Writes how much was traded; of what is no asset, as it was counted."""
    return await units.format(minor, asset) if asset else f"{minor:,}"


def _number(interval: Interval) -> "Candle.Interval":
    from ticketonomics.prices.v1.candle_pb2 import Candle

    numbers = {
        Interval.SECOND: Candle.INTERVAL_SECOND,
        Interval.MINUTE: Candle.INTERVAL_MINUTE,
        Interval.FIVE_MINUTES: Candle.INTERVAL_FIVE_MINUTES,
        Interval.HOUR: Candle.INTERVAL_HOUR,
        Interval.DAY: Candle.INTERVAL_DAY,
    }
    return numbers[interval]
