"""Amounts as people write them."""

from typing import TYPE_CHECKING

from ticketonomics_client.amounts import format_amount, parse_amount

if TYPE_CHECKING:
    from ticketonomics.ledger.v1.account_pb2 import Balance

    from ticketonomics_client.client import Principal


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
