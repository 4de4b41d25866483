"""Encodes prices, ticks and candles into contract messages."""

from typing import cast

from ticketonomics.prices.v1.candle_pb2 import Candle as CandleMessage
from ticketonomics.prices.v1.price_pb2 import Price
from ticketonomics.prices.v1.price_pb2 import Tick as TickMessage
from ticketonomics.prices.v1.price_service_pb2 import WatchPricesResponse

from ticketonomics_server.prices.model import (
    INTERVALS_SECONDS,
    Candle,
    Tick,
    format_price,
    source_of,
)
from ticketonomics_server.prices.queries import Instrument, Update
from ticketonomics_server.rpc.fields import set_time

_NUMBERS = {seconds: number for number, seconds in enumerate(INTERVALS_SECONDS, start=1)}


def write_tick(message: TickMessage, tick: Tick) -> None:
    """Writes a tick into its message."""
    message.instrument = tick.instrument
    message.price = format_price(tick.price)
    message.size = tick.size
    message.sequence = tick.sequence
    message.index = tick.position
    set_time(message.trade_time, tick.tick_time)


def encode_tick(tick: Tick) -> TickMessage:
    """Encodes a trade."""
    message = TickMessage()
    write_tick(message, tick)
    return message


def encode_update(update: Update) -> WatchPricesResponse.Update:
    """Encodes what a stream tells of a trade."""
    message = WatchPricesResponse.Update(trade_count=update.trade_count)
    write_tick(message.tick, update.tick)
    return message


def encode_price(found: Instrument) -> Price:
    """Encodes an instrument with its newest price."""
    message = Price(
        instrument=found.name,
        source=source_of(found.name),
        base=found.base,
        quote=found.quote,
        trade_count=found.trade_count,
        day=Price.Day(
            open=format_price(found.day.open),
            high=format_price(found.day.high),
            low=format_price(found.day.low),
            volume=str(found.day.volume),
            trade_count=found.day.trade_count,
        ),
    )
    write_tick(message.last, found.last)
    set_time(message.first_trade_time, found.first_time)
    return message


def encode_candle(candle: Candle) -> CandleMessage:
    """Encodes a candle."""
    message = CandleMessage(
        instrument=candle.instrument,
        interval=cast("CandleMessage.Interval", _NUMBERS[candle.interval_seconds]),
        open=format_price(candle.open),
        high=format_price(candle.high),
        low=format_price(candle.low),
        close=format_price(candle.close),
        volume=str(candle.volume),
        trade_count=candle.trade_count,
        last_sequence=candle.last_sequence,
    )
    set_time(message.start_time, candle.start_time)
    return message
