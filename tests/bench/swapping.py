"""Swaps with one hot pool: drawn before the clock starts, sent alone or by the batch."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import grpc
from ticketonomics.amm.v1 import amm_service_pb2 as amm
from ticketonomics.amm.v1.swap_pb2 import SwapInput

from .gate import Gate
from .jobs import LoadResult, SwapJob
from .load import Load
from .senders import connect, credentials, unary
from .workload import ASSET, MATERIAL, POOL, address, new_ids

AMM_SERVICE = "/ticketonomics.amm.v1.AmmService"

_CALLS_PER_SECOND = 25_000
_BATCHED_PER_SECOND = 60_000
_SAMPLES = 100
_TIMEOUT_SECONDS = 30.0
# Large enough that a part of each fee is burned: a swap is three postings, as it usually is.
_SMALLEST, _LARGEST = 10_000, 100_000

# Sequence number, what was given, and what was received.
_Done = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Swaps:
    """Swaps by column, in the order in which they are sent: of each account, in both directions."""

    ids: list[str]
    accounts: list[int]
    sells: list[bool]
    amounts: list[int]

    @classmethod
    def draw(cls, count: int, *, seed: int, accounts: int) -> "Swaps":
        """Draw swaps of all accounts with the one pool."""
        draw = random.Random(seed)
        return cls(
            new_ids(count),
            draw.choices(range(1, accounts + 1), k=count),
            draw.choices((True, False), k=count),
            draw.choices(range(_SMALLEST, _LARGEST + 1), k=count),
        )

    def fields(self) -> Iterator[dict[str, str | int]]:
        """Yield the fields of each request."""
        for id_, account, sells, amount in zip(
            self.ids, self.accounts, self.sells, self.amounts, strict=True
        ):
            yield {
                "transaction_id": id_,
                "pool_id": POOL,
                "account": address(account),
                "asset_in": MATERIAL if sells else ASSET,
                "asset_out": ASSET if sells else MATERIAL,
                "amount_in": amount,
                "limit_amount": 1,
            }

    def net(self, done: list[tuple[int, _Done]], *, accounts: int) -> list[int]:
        """Sum what swaps, by their place in the order, did to each account's tickets."""
        net = [0] * (accounts + 1)
        for place, (_, given, received) in done:
            net[self.accounts[place]] += received if self.sells[place] else -given
        return net


async def send_swaps(job: SwapJob, gate: Gate) -> LoadResult:
    """Send swaps, each in a call of its own or by the batch."""
    size = job.batch_size
    rate = _BATCHED_PER_SECOND if size else _CALLS_PER_SECOND
    count = int(job.seconds * rate) // (size or 1)
    swaps = Swaps.draw(count * (size or 1), seed=job.seed, accounts=job.accounts)
    payloads = [message.SerializeToString() for message in _requests(swaps, size)]
    metadata = credentials(job.api_key)
    async with grpc.aio.insecure_channel(job.target) as channel:
        if size:
            call = unary(channel, f"{AMM_SERVICE}/CreateSwaps", amm.CreateSwapsResponse.FromString)
        else:
            call = unary(channel, f"{AMM_SERVICE}/Swap", amm.SwapResponse.FromString)

        async def send(number: int) -> list[_Done]:
            answer = await call(payloads[number], metadata=metadata, timeout=_TIMEOUT_SECONDS)
            results = answer.results if size else [answer.swap]
            done = [(r.sequence, r.amount_in, r.amount_out) for r in results]
            if not all(sequence for sequence, _, _ in done):
                # Every account has more than it gives, so this would be a bug.
                raise RuntimeError(next(r.refusal for r in results if not r.sequence))
            return done

        load = Load(send, count)
        await connect(channel)
        await gate.pass_when_ready()
        await load.saturate(job.concurrency, job.seconds)
    return _result(load, swaps, job)


def _requests(
    swaps: Swaps, size: int
) -> Iterator[amm.SwapRequest] | Iterator[amm.CreateSwapsRequest]:
    if not size:
        return (amm.SwapRequest(**fields) for fields in swaps.fields())
    inputs = [SwapInput(**fields) for fields in swaps.fields()]
    return (
        amm.CreateSwapsRequest(swaps=inputs[start : start + size])
        for start in range(0, len(inputs), size)
    )


def _result(load: Load[list[_Done]], swaps: Swaps, job: SwapJob) -> LoadResult:
    per_call = job.batch_size or 1
    done = [
        (number * per_call + offset, one)
        for number, answers in load.answers.items()
        for offset, one in enumerate(answers)
    ]
    step = max(1, len(done) // _SAMPLES)
    return LoadResult(
        acknowledged=len(done),
        at_once=len(load.latencies_us) * per_call,
        repeated=load.repeated,
        seconds=load.seconds,
        latencies_us=load.latencies_us,
        net=swaps.net(done, accounts=job.accounts),
        last_sequence=max((s for s, _, _ in chain.from_iterable(load.answers.values())), default=0),
        samples={swaps.ids[place]: one[0] for place, one in done[::step]},
    )
