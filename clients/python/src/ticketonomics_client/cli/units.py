"""Amounts as people write them."""

import re
from typing import TYPE_CHECKING

from ticketonomics_client.amounts import format_amount, parse_amount

if TYPE_CHECKING:
    from ticketonomics.ledger.v1.account_pb2 import Balance

    from ticketonomics_client.client import Principal
    from ticketonomics_client.errors import RefusedError

# Facts of a refusal that are amounts of its asset.
_AMOUNTS = frozenset(
    {"available", "required", "left", "held", "posted", "circulating", "supply_cap"}
)


class Units:
    """Converts amounts between display and minor units; asks for each asset once."""

    def __init__(self, client: "Principal") -> None:
        self._client = client
        self._decimals: dict[str, int] = {}

    async def parse(self, text: str, asset: str) -> int:
        """Reads display units; raises AmountError."""
        return parse_amount(text, await self._of(asset))

    async def format(self, minor: int, asset: str) -> str:
        """Writes display units."""
        return format_amount(minor, await self._of(asset))

    async def cells(self, balance: "Balance") -> tuple[str, str, str]:
        """Writes what is available, held and posted."""
        decimals = await self._of(balance.asset)
        return (
            format_amount(balance.available, decimals),
            format_amount(balance.held, decimals),
            format_amount(balance.posted, decimals),
        )

    async def _of(self, asset: str) -> int:
        if asset not in self._decimals:
            self._decimals[asset] = (await self._client.asset(asset)).decimals
        return self._decimals[asset]


async def in_display_units(client: "Principal", error: "RefusedError") -> None:
    """Rewrites a refusal's amounts for people: the ledger tells them in minor units."""
    from ticketonomics_client.errors import TicketonomicsError

    facts = error.metadata
    amounts = {facts[name] for name in _AMOUNTS & facts.keys()}
    if not amounts or "asset" not in facts:
        return
    try:
        decimals = (await client.asset(facts["asset"])).decimals
    except TicketonomicsError:
        return
    shown = {text: format_amount(int(text), decimals) for text in amounts}
    for name in _AMOUNTS & facts.keys():
        facts[name] = shown[facts[name]]
    # Not within an address or an id.
    numbers = re.compile(rf"(?<![\w/.-])({'|'.join(map(re.escape, amounts))})(?![\w/.-])")
    error.message = numbers.sub(lambda found: shown[found[1]], error.message)
    error.args = (f"{error.reason_name}: {error.message}",)
