"""Reads how many tickets of each tier circulate, and what a view pays."""

from decimal import Decimal

import asyncpg

from ticketonomics_server.economics.report import empty_supply
from ticketonomics_server.ledger.model import MINT, SINK
from ticketonomics_server.ledger.tickets import TICKET_DECIMALS, TIERS
from ticketonomics_server.parameters.model import parse_setting
from ticketonomics_server.rewards.parameters import AD_REWARD

_SUPPLY = """
SELECT s.code, s.decimals, -coalesce(sum(b.posted), 0)::bigint AS minor FROM assets s
LEFT JOIN (balances b JOIN accounts a ON a.economy_id = b.economy_id
           AND a.account_id = b.account_id AND a.address = ANY($3::text[]))
    ON b.economy_id = s.economy_id AND b.asset_id = s.asset_id
WHERE s.economy_id = $1 AND s.code = ANY($2::text[]) GROUP BY s.code, s.decimals
"""


async def read_supply(connection: asyncpg.Connection, economy_id: int) -> dict[str, Decimal]:
    """Returns whole tickets by tier: what was minted and not burned."""
    supply = empty_supply()
    accounts = [MINT, SINK]
    for code, decimals, minor in await connection.fetch(_SUPPLY, economy_id, list(TIERS), accounts):
        supply[code] = Decimal(minor).scaleb(-decimals)
    return supply


async def read_paid(connection: asyncpg.Connection, economy_id: int) -> Decimal:
    """Returns how much BRONZE a watched ad pays now."""
    setting = await connection.fetchval(
        "SELECT setting FROM parameter_values WHERE economy_id = $1 AND name = $2",
        economy_id,
        AD_REWARD.name,
    )
    (minor,) = parse_setting(setting) if setting else AD_REWARD.defaults
    return Decimal(minor).scaleb(-TICKET_DECIMALS)
