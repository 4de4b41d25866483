"""Transfers drawn before the clock starts: ids, messages and what they do to the balances."""

import os
import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ticketonomics.ledger.v1.ledger_service_pb2 import CreateTransactionsRequest, TransferRequest
from ticketonomics.ledger.v1.transaction_pb2 import Posting, TransactionInput

ASSET = "BENCH"
# What swaps trade for it, and with which pool.
MATERIAL = "ORE"
POOL = "ore-bench"
# Number 0 is the account that everybody pays in the hot phases; the others are `1…accounts`.
HOT = 0
LARGEST_AMOUNT = 100


def address(number: int) -> str:
    """Return the address of an account of the benchmark."""
    return f"bench/{number:05}"


def new_ids(count: int) -> list[str]:
    """Make UUIDs of version 7 that no other process can have made."""
    # `uuid_utils` is as quick, but nothing promises where its random bits come from; and one call
    # of the kernel for all of them costs next to nothing.
    prefix = (time.time_ns() // 1_000_000).to_bytes(6, "big").hex()
    head = f"{prefix[:8]}-{prefix[8:]}-7"
    bits = os.urandom(10 * count).hex()
    return [
        f"{head}{bits[i : i + 3]}-{'89ab'[int(bits[i + 3], 16) & 3]}{bits[i + 4 : i + 7]}"
        f"-{bits[i + 7 : i + 19]}"
        for i in range(0, 20 * count, 20)
    ]


@dataclass(frozen=True, slots=True)
class Transfers:
    """Transfers by column, in the order in which they are sent."""

    ids: list[str]
    sources: list[int]
    destinations: list[int]
    amounts: list[int]

    @classmethod
    def draw(cls, count: int, *, seed: int, accounts: int, hot: bool = False) -> "Transfers":
        """Draw transfers between two different accounts, or all to the hot one."""
        draw = random.Random(seed)
        sources = draw.choices(range(1, accounts + 1), k=count)
        if hot:
            destinations = [HOT] * count
        else:
            steps = draw.choices(range(1, accounts), k=count)
            destinations = [
                (source - 1 + step) % accounts + 1
                for source, step in zip(sources, steps, strict=True)
            ]
        amounts = draw.choices(range(1, LARGEST_AMOUNT + 1), k=count)
        return cls(new_ids(count), sources, destinations, amounts)

    def requests(self) -> Iterator[TransferRequest]:
        """Yield each transfer as a call of its own."""
        for id_, source, destination, amount in self._rows():
            yield TransferRequest(
                transaction_id=id_,
                source=address(source),
                destination=address(destination),
                asset=ASSET,
                amount=amount,
            )

    def batches(self, size: int) -> Iterator[CreateTransactionsRequest]:
        """Yield the transfers in batches, the last of which may be smaller."""
        inputs = [
            TransactionInput(
                transaction_id=id_,
                postings=[
                    Posting(
                        source=address(source),
                        destination=address(destination),
                        asset=ASSET,
                        amount=amount,
                    )
                ],
            )
            for id_, source, destination, amount in self._rows()
        ]
        for start in range(0, len(inputs), size):
            yield CreateTransactionsRequest(transactions=inputs[start : start + size])

    def net(self, indices: Iterable[int], *, accounts: int) -> list[int]:
        """Sum what the transfers with these places in the order do to each account."""
        net = [0] * (accounts + 1)
        for i in indices:
            net[self.sources[i]] -= self.amounts[i]
            net[self.destinations[i]] += self.amounts[i]
        return net

    def _rows(self) -> Iterator[tuple[str, int, int, int]]:
        return zip(self.ids, self.sources, self.destinations, self.amounts, strict=True)
