"""The client processes that send: bare calls, transfers, batches, and the SDK's callers."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import chain
from typing import Any

import grpc
from ticketonomics.ledger.v1 import ledger_service_pb2 as ledger
from ticketonomics_client import Client

from . import bare_server
from .gate import Gate
from .jobs import BatchJob, EchoJob, LoadResult, RestJob, SdkJob, TransferJob
from .load import Load
from .rest import send_by_rest
from .workload import ASSET, Transfers, address

LEDGER_SERVICE = "/ticketonomics.ledger.v1.LedgerService"

# More than one process can send; a phase that runs out of prepared transfers ends a little early.
_CALLS_PER_SECOND = 25_000
_BATCHED_PER_SECOND = 60_000
_SAMPLES = 100
_TIMEOUT_SECONDS = 30.0


async def send_echoes(job: EchoJob, gate: Gate) -> LoadResult:
    """Send transfers' messages to a server that only sends them back."""
    count = int(job.seconds * _CALLS_PER_SECOND)
    transfers = Transfers.draw(count, seed=job.seed, accounts=job.accounts)
    payloads = [request.SerializeToString() for request in transfers.requests()]
    async with grpc.aio.insecure_channel(job.target) as channel:
        call = unary(channel, bare_server.ECHO, ledger.TransferRequest.FromString)

        async def send(number: int) -> list[int]:
            answer = await call(payloads[number], timeout=_TIMEOUT_SECONDS)
            return [answer.amount]

        load = Load(send, count)
        await connect(channel)
        await gate.pass_when_ready()
        await load.saturate(job.concurrency, job.seconds)
    return LoadResult(
        acknowledged=len(load.answers),
        at_once=len(load.latencies_us),
        repeated=load.repeated,
        seconds=load.seconds,
        latencies_us=load.latencies_us,
    )


async def send_transfers(job: TransferJob, gate: Gate) -> LoadResult:
    """Send transfers, each in a call of its own."""
    count = int(job.seconds * (job.paced_tps or _CALLS_PER_SECOND))
    transfers = Transfers.draw(count, seed=job.seed, accounts=job.accounts)
    payloads = [request.SerializeToString() for request in transfers.requests()]
    metadata = credentials(job.api_key)
    async with grpc.aio.insecure_channel(job.target) as channel:
        call = unary(channel, f"{LEDGER_SERVICE}/Transfer", ledger.TransferResponse.FromString)

        async def send(number: int) -> list[int]:
            answer = await call(payloads[number], metadata=metadata, timeout=_TIMEOUT_SECONDS)
            return [answer.transaction.sequence]

        load = Load(send, count)
        await connect(channel)
        await gate.pass_when_ready()
        if job.paced_tps:
            await load.pace(job.paced_tps, job.seconds)
        else:
            await load.saturate(job.concurrency, job.seconds)
    return _result(load, transfers, accounts=job.accounts)


async def send_rest_transfers(job: RestJob, gate: Gate) -> LoadResult:
    """Send transfers to a gateway, each in a call of its own."""
    load, transfers = await send_by_rest(job, gate)
    return _result(load, transfers, accounts=job.accounts)


async def send_batches(job: BatchJob, gate: Gate) -> LoadResult:
    """Send transfers by the batch."""
    count = int(job.seconds * _BATCHED_PER_SECOND) // job.batch_size
    transfers = Transfers.draw(
        count * job.batch_size, seed=job.seed, accounts=job.accounts, hot=job.hot
    )
    payloads = [batch.SerializeToString() for batch in transfers.batches(job.batch_size)]
    metadata = credentials(job.api_key)
    async with grpc.aio.insecure_channel(job.target) as channel:
        call = unary(
            channel,
            f"{LEDGER_SERVICE}/CreateTransactions",
            ledger.CreateTransactionsResponse.FromString,
        )

        async def send(number: int) -> list[int]:
            answer = await call(payloads[number], metadata=metadata, timeout=_TIMEOUT_SECONDS)
            sequences = [result.sequence for result in answer.results]
            if not all(sequences):
                # Every account has more than it is asked for, so this would be a bug.
                raise RuntimeError(next(r.refusal for r in answer.results if not r.sequence))
            return sequences

        load = Load(send, count)
        await connect(channel)
        await gate.pass_when_ready()
        await load.saturate(job.concurrency, job.seconds)
    return _result(load, transfers, accounts=job.accounts, per_call=job.batch_size)


async def send_by_sdk(job: SdkJob, gate: Gate) -> LoadResult:
    """Let many callers at once use the SDK, which makes batches of their transfers."""
    count = int(job.seconds * _BATCHED_PER_SECOND)
    transfers = Transfers.draw(count, seed=job.seed, accounts=job.accounts)
    addresses = [address(number) for number in range(job.accounts + 1)]
    async with Client(job.target, api_key=job.api_key, timeout_seconds=_TIMEOUT_SECONDS) as sdk:

        async def send(number: int) -> list[int]:
            receipt = await sdk.transfer(
                transaction_id=transfers.ids[number],
                source=addresses[transfers.sources[number]],
                destination=addresses[transfers.destinations[number]],
                asset=ASSET,
                amount=transfers.amounts[number],
            )
            return [receipt.sequence]

        load = Load(send, count)
        # The first call connects; a read changes nothing that is measured.
        await sdk.asset(ASSET)
        await gate.pass_when_ready()
        await load.saturate(job.concurrency, job.seconds)
    return _result(load, transfers, accounts=job.accounts)


def credentials(api_key: str) -> tuple[tuple[str, str], ...]:
    """Return a call's metadata; none for a server that asks for none."""
    return (("authorization", f"Bearer {api_key}"),) if api_key else ()


def unary(
    channel: grpc.aio.Channel, method: str, decode: Callable[[bytes], Any]
) -> Callable[..., Awaitable[Any]]:
    """Return a call that takes requests which are encoded already."""
    call: Callable[..., Awaitable[Any]] = channel.unary_unary(method, response_deserializer=decode)
    return call


async def connect(channel: grpc.aio.Channel) -> None:
    """Wait until the channel is open."""
    async with asyncio.timeout(_TIMEOUT_SECONDS):
        await channel.channel_ready()


def _result(
    load: Load[list[int]], transfers: Transfers, *, accounts: int, per_call: int = 1
) -> LoadResult:
    places = [
        number * per_call + offset
        for number, sequences in load.answers.items()
        for offset in range(len(sequences))
    ]
    sequences = list(chain.from_iterable(load.answers.values()))
    step = max(1, len(places) // _SAMPLES)
    return LoadResult(
        acknowledged=len(places),
        at_once=len(load.latencies_us) * per_call,
        repeated=load.repeated,
        seconds=load.seconds,
        latencies_us=load.latencies_us,
        net=transfers.net(places, accounts=accounts),
        last_sequence=max(sequences, default=0),
        samples={transfers.ids[places[i]]: sequences[i] for i in range(0, len(places), step)},
    )
