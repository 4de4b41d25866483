"""What a swap comes to with these reserves: one function for swaps and quotes. Pure."""

from ticketonomics_server.amm.formulas import amount_in, amount_out, burned_part
from ticketonomics_server.amm.model import Trade
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.ledger.decide import balance_overflow
from ticketonomics_server.ledger.model import MAX_INT64


def work_out(
    *,
    exact_in: bool,
    amount: int,
    reserve_in: int,
    reserve_out: int,
    fee_bps: int,
    sink_bps: int,
    asset_out: str,
) -> Trade:
    """Works out a swap. Guards: INSUFFICIENT_LIQUIDITY, AMOUNT_TOO_SMALL.

    Args:
        exact_in: Whether the amount is what is given; else it is what is received.
    """
    if exact_in:
        given = amount
        received = amount_out(given, reserve_in, reserve_out, fee_bps)
        if not received:
            raise too_small(f"{given} is worth less than 1 {asset_out}")
    else:
        if amount >= reserve_out:
            raise _too_little(amount, reserve_out, asset_out)
        given = amount_in(amount, reserve_in, reserve_out, fee_bps)
        if given > MAX_INT64:
            raise _too_little(amount, reserve_out, asset_out)
        # What the rounding leaves over is the trader's: the most that the amount gives.
        received = amount_out(given, reserve_in, reserve_out, fee_bps)
    return Trade(given, received, burned_part(given, fee_bps, sink_bps))


def too_small(message: str) -> Rejection:
    """Builds the refusal of an amount that comes to nothing."""
    return Rejection(Reason.AMOUNT_TOO_SMALL, message)


def _too_little(wanted: int, reserve: int, asset: str) -> Rejection:
    return Rejection(
        Reason.INSUFFICIENT_LIQUIDITY,
        f"the pool has {reserve} {asset}, and never gives away all of it, nor {wanted} at a price"
        " that can be paid",
        asset=asset,
        reserve=reserve,
        required=wanted,
    )


def guard_reserve(pool: str, asset_in: str, reserve_in: int, trade: Trade) -> None:
    """Refuses with BALANCE_OVERFLOW what a pool's reserve cannot take."""
    if reserve_in + trade.amount_in - trade.burned > MAX_INT64:
        raise balance_overflow(pool, asset_in)
