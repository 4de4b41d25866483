"""The assets of the economy: what they are called, how many decimals they have."""

import asyncio
import time
from collections.abc import Callable

from ticketonomics_client import Asset, Client

_FRESH_SECONDS = 60.0
TICKET = "BRONZE"

# What people call the tiers, in their inflected forms too, by its beginning.
_WORDS = {
    "BRONZE": ("bronze", "бронз", "билет", "ticket"),
    "SILVER": ("silver", "серебр"),
    "GOLD": ("gold", "золот"),
    "EMERALD": ("emerald", "изумруд"),
    "SAPPHIRE": ("sapphire", "сапфир"),
    "RUBY": ("ruby", "rubies", "рубин"),
    "AMETHYST": ("amethyst", "аметист"),
    "DIAMOND": ("diamond", "алмаз", "бриллиант"),
}
TIERS = tuple(_WORDS)


class Assets:
    """A copy of the list of assets, at most a minute old."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[str, Asset] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def all(self) -> dict[str, Asset]:
        """Returns all assets by code."""
        async with self._reading:
            if time.monotonic() - self._read_at > _FRESH_SECONDS:
                self._known = {asset.code: asset async for asset in self._client.assets()}
                self._read_at = time.monotonic()
        return self._known

    async def find(self, code: str) -> Asset | None:
        """Returns the asset of a code; one that is not known yet may be new."""
        if code not in await self.all():
            self._read_at = float("-inf")
        return (await self.all()).get(code)

    async def decimals(self, code: str) -> int:
        """Returns how many decimals an asset is shown with."""
        found = await self.find(code)
        return found.decimals if found else 2

    async def finder(self) -> Callable[[str], str | None]:
        """Returns what finds a code by what people call it: code, name, or a tier's name."""
        known = await self.all()
        by_name = {asset.name.lower(): asset.code for asset in known.values()}

        def find(word: str) -> str | None:
            if (code := word.upper()) in known:
                return code
            lower = word.lower()
            tier = tier_of(lower)
            return by_name.get(lower) or (tier if tier in known else None)

        return find


def tier_of(word: str) -> str | None:
    """Returns the tier that a word in English or Russian means."""
    lower = word.lower()
    for code, beginnings in _WORDS.items():
        if any(lower.startswith(beginning) for beginning in beginnings):
            return code
    return None
