"""What everybody would have, row after row: finds overdrafts and full supplies before they happen.

All in minor units, between addresses, or identities of people who are still to come.
"""

from collections.abc import Iterable, Mapping

from ticketonomics.ledger.v1.asset_pb2 import Supply

from ticketonomics_client.amounts import LARGEST_AMOUNT, format_amount
from ticketonomics_client.importing.rows import MINT, SINK

Leg = tuple[str, str, str, int]


class Funds:
    """Balances as they are while rows are taken one after the other.

    Args:
        caps: Most that may circulate of each asset; 0 for no limit.
        decimals: Of each asset.
        names: What the file calls an address.
    """

    def __init__(
        self, caps: Mapping[str, int], decimals: Mapping[str, int], names: Mapping[str, str]
    ) -> None:
        self._caps = caps
        self._decimals = decimals
        self._names = names
        self._posted: dict[tuple[str, str], int] = {}
        self._held: dict[tuple[str, str], int] = {}
        self._minted: dict[str, int] = {}
        self._burned: dict[str, int] = {}

    def begin(self, party: str, asset: str, posted: int, held: int) -> None:
        """Notes what somebody has before the first row; nothing unless it is told."""
        self._posted[party, asset] = posted
        self._held[party, asset] = held

    def begin_supply(self, asset: str, supply: Supply) -> None:
        """Notes what was minted and burned before the first row; nothing unless it is told."""
        self._minted[asset] = supply.minted
        self._burned[asset] = supply.burned

    def take(self, legs: Iterable[Leg]) -> str:
        """Makes the movements together, or none of them; returns why not, or an empty text."""
        net: dict[tuple[str, str], int] = {}
        minted: dict[str, int] = {}
        for source, destination, asset, amount in legs:
            net[source, asset] = net.get((source, asset), 0) - amount
            net[destination, asset] = net.get((destination, asset), 0) + amount
            if source == MINT:
                minted[asset] = minted.get(asset, 0) + amount
        if wrong := self._over_cap(minted) or self._short(net):
            return wrong
        for (party, asset), delta in net.items():
            if party == MINT:
                self._minted[asset] = self._minted.get(asset, 0) - delta
            elif party == SINK:
                self._burned[asset] = self._burned.get(asset, 0) + delta
            else:
                self._posted[party, asset] = self._posted.get((party, asset), 0) + delta
        return ""

    def _over_cap(self, minted: Mapping[str, int]) -> str:
        for asset, amount in minted.items():
            cap = self._caps.get(asset, 0)
            circulating = self._minted.get(asset, 0) - self._burned.get(asset, 0)
            if cap and circulating + amount > cap:
                said = self._say(circulating + amount, asset)
                return f"it would make {said} {asset} of at most {self._say(cap, asset)}"
            if self._minted.get(asset, 0) + amount > LARGEST_AMOUNT:
                return f"it would mint more {asset} than the ledger can count"
        return ""

    def _short(self, net: Mapping[tuple[str, str], int]) -> str:
        for (party, asset), delta in net.items():
            if party in {MINT, SINK}:
                continue
            name, posted = self._names.get(party, party), self._posted.get((party, asset), 0)
            available = posted - self._held.get((party, asset), 0)
            if delta < 0 and available + delta < 0:
                has, needs = self._say(available, asset), self._say(-delta, asset)
                return f"{name} has {has} {asset} at this point and needs {needs}"
            if posted + delta > LARGEST_AMOUNT:
                return f"{name} would have more {asset} than the ledger can count"
        return ""

    def _say(self, minor: int, asset: str) -> str:
        return format_amount(minor, self._decimals.get(asset, 0))
