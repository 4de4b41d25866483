"""The community's market: a material, and a pool in which it is traded for tickets."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics_client import Client, RefusedError, new_id

from ticketonomics_simulator.patience import Patience
from ticketonomics_simulator.tickets import ASSET, WHOLE

MATERIAL = "IRON"
POOL = "iron-bronze"
INSTRUMENT = f"pools/{POOL}"
MARKET = "orgs/community/market"
# First reserves: 5,000 pieces of iron for 10,000 tickets, so that one costs two.
FIRST_IRON = 5_000
FIRST_TICKETS = 10_000 * WHOLE

# Somebody else may have been faster, or this key may not found a market: then there is none.
_FINE = frozenset({"ASSET_EXISTS", "ACCOUNT_EXISTS", "POOL_EXISTS"})

Answer = TypeVar("Answer")


async def open_market(operator: Client, patience: Patience) -> bool:
    """Finds or founds the market, and tells whether there is one.

    Args:
        operator: Whoever may create assets and pools; without the right, people do not trade.
        patience: For a server that is away.
    """
    try:
        await patience.ask(lambda: operator.pool(POOL))
    except RefusedError as error:
        if error.reason_name != "POOL_NOT_FOUND":
            raise
    else:
        return True
    ids = [new_id() for _ in range(5)]
    iron = Asset(code=MATERIAL, kind=Asset.KIND_MATERIAL, name="Iron")
    try:
        await _unless_there(patience, lambda: operator.create_asset(iron, request_id=ids[0]))
        await _unless_there(patience, lambda: operator.open_account(MARKET, request_id=ids[1]))
        for number, (asset, amount) in enumerate(
            ((MATERIAL, FIRST_IRON), (ASSET, FIRST_TICKETS)), start=2
        ):
            await _stock(operator, patience, asset, amount, ids[number])
        await _unless_there(
            patience,
            lambda: operator.create_pool(
                POOL,
                base_asset=MATERIAL,
                quote_asset=ASSET,
                account=MARKET,
                base_amount=FIRST_IRON,
                quote_amount=FIRST_TICKETS,
                request_id=ids[4],
            ),
        )
    except RefusedError as error:
        if error.reason_name != "SCOPE_MISSING":
            raise
        return False
    return True


async def _stock(
    operator: Client, patience: Patience, asset: str, amount: int, transaction_id: str
) -> None:
    """Mints what the market has too little of, also after a set-up that was cut short."""
    balance = await patience.ask(lambda: operator.balance(MARKET, asset))
    missing = amount - balance.available
    if missing > 0:
        await patience.ask(
            lambda: operator.mint(
                destination=MARKET,
                asset=asset,
                amount=missing,
                reason="the market's first liquidity",
                transaction_id=transaction_id,
            )
        )


async def _unless_there(patience: Patience, call: Callable[[], Awaitable[Answer]]) -> None:
    try:
        await patience.ask(call)
    except RefusedError as error:
        if error.reason_name not in _FINE:
            raise
