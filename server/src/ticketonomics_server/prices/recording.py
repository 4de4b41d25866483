"""How other rooms tell of trades, inside of their decisions."""

from ticketonomics_server.engine.command import Context
from ticketonomics_server.engine.state import State
from ticketonomics_server.prices.model import (
    MAX_SIZE,
    TICKS,
    RecordedTick,
    is_instrument,
    round_price,
)


def record_trade(
    state: State,
    *,
    instrument: str,
    numerator: int,
    denominator: int,
    size: int,
    context: Context,
    base: str = "",
    quote: str = "",
) -> None:
    """Records that the entry being decided has traded: a tick, and its part in the candles.

    Nothing is to be declared, and no decision can read what was recorded. To be called after all
    guards, as often as the entry trades. It is undone with the command.

    Args:
        instrument: Such as `pools/iron`; the part before the first slash is the source's own.
        numerator: Over `denominator` it is the price of one whole unit of the base asset, in whole
            units of the quoted one. Where `paid` was given for `got`, both in minor units, that is
            `paid * 10**base_decimals` over `got * 10**quote_decimals`.
        denominator: See there.
        size: How much of the base asset was traded, in minor units.
        base: Code of the base asset, told with the instrument; its first trade says it for good.
        quote: Code of the asset that it is priced in.

    Raises:
        ValueError: A price or size that no trade has, or a name that no instrument has: a bug.
    """
    if numerator <= 0 or denominator <= 0 or not 0 < size <= MAX_SIZE:
        raise ValueError(f"{numerator}/{denominator} for {size} is no trade")
    if not is_instrument(instrument):
        raise ValueError(f"{instrument!r} is no name of an instrument")
    sequence = context.sequence
    before = state.appended.get(TICKS)
    position = 0
    if before and before[-1].sequence == sequence:
        position = before[-1].position + 1
    price = round_price(numerator, denominator)
    time = context.time
    tick = RecordedTick(sequence, position, instrument, price, size, time, base, quote)
    state.append(TICKS, tick)
