"""The ledger under test: its process, its accounts and funds, and the check at the end."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from ticketonomics.ledger.v1.asset_pb2 import Asset
from ticketonomics_client import Client, Posting, Receipt, TransactionDraft

from .jobs import LoadResult
from .workload import ASSET, MATERIAL, POOL, address

_TREASURY = "bench/treasury"
# No account can run dry, so that every transfer is accepted, whatever is drawn.
_FUNDS = 1_000_000_000
# So deep that no load moves the price far.
_RESERVE = 10**15
_BATCH = 1_000
_OPENING_IN_FLIGHT = 256


class LostWriteError(Exception):
    """The ledger does not hold what it acknowledged, or holds what nobody sent."""


@dataclass(slots=True)
class Tally:
    """What all loads together were told had happened."""

    net: list[int]
    accepted: int = 0
    repeated: int = 0
    samples: dict[str, int] = field(default_factory=dict)

    def add(self, results: Iterable[LoadResult]) -> None:
        """Count what a phase's processes got acknowledged."""
        for result in results:
            self.accepted += result.acknowledged
            self.repeated += result.repeated
            self.net = [all_ + new for all_, new in zip(self.net, result.net, strict=True)]
            self.samples.update(result.samples)


class Ledger:
    """A served ledger, reached like everybody reaches it."""

    def __init__(self, target: str, api_key: str, *, accounts: int) -> None:
        """Use a server that runs already.

        Args:
            target: Where it listens.
            api_key: The operator's.
            accounts: How many accounts to open and fund, beside the hot one.
        """
        self.target = target
        self.api_key = api_key
        self.tally = Tally(net=[0] * (accounts + 1))
        self._accounts = accounts
        self._first_sequence = 0

    async def set_up(self) -> None:
        """Create the asset, open all accounts and fund them."""
        async with Client(self.target, api_key=self.api_key, timeout_seconds=60) as client:
            for code, kind in ((ASSET, Asset.KIND_TICKET), (MATERIAL, Asset.KIND_MATERIAL)):
                await client.create_asset(Asset(code=code, kind=kind, decimals=0, name="Benchmark"))
            addresses = [address(number) for number in range(self._accounts + 1)]
            waiting = iter([_TREASURY, *addresses])

            async def open_accounts() -> None:
                for one in waiting:
                    await client.open_account(one)

            async with asyncio.TaskGroup() as group:
                for _ in range(_OPENING_IN_FLIGHT):
                    group.create_task(open_accounts())
            for code in (ASSET, MATERIAL):
                await client.mint(
                    destination=_TREASURY,
                    asset=code,
                    amount=_FUNDS * len(addresses) + _RESERVE,
                    reason="Funds of the benchmark",
                )
            await client.create_pool(
                POOL,
                base_asset=MATERIAL,
                quote_asset=ASSET,
                account=_TREASURY,
                base_amount=_RESERVE,
                quote_amount=_RESERVE,
            )
            for start in range(0, len(addresses), _BATCH):
                outcomes = await client.create_transactions(
                    [_funding(one) for one in addresses[start : start + _BATCH]]
                )
                for outcome in outcomes:
                    if not isinstance(outcome, Receipt):
                        raise outcome
            self._first_sequence = (await client.status()).last_sequence

    async def check(self) -> None:
        """Compare balances, entries and a sample of transactions with what was acknowledged.

        Raises:
            LostWriteError: Something is missing, or too much.
        """
        async with Client(self.target, api_key=self.api_key, timeout_seconds=60) as client:
            entries = (await client.status()).last_sequence - self._first_sequence
            if entries != self.tally.accepted:
                raise LostWriteError(f"{self.tally.accepted} acknowledged, {entries} in the ledger")
            posted = {
                balance.account: balance.posted
                async for balance in client.balances(asset=ASSET, page_size=1_000)
            }
            for number, net in enumerate(self.tally.net):
                if posted[address(number)] != _FUNDS + net:
                    raise LostWriteError(
                        f"{address(number)} has {posted[address(number)]}, not {_FUNDS + net}"
                    )
            for id_, sequence in self.tally.samples.items():
                if (await client.transaction(id_)).sequence != sequence:
                    raise LostWriteError(f"transaction {id_} is not number {sequence}")


def _funding(destination: str) -> TransactionDraft:
    return TransactionDraft(
        postings=[
            Posting(source=_TREASURY, destination=destination, asset=asset, amount=_FUNDS)
            for asset in (ASSET, MATERIAL)
        ]
    )
