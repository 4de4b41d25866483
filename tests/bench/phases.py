"""Our own phases: what is sent, how it is checked, and which figures come out."""

from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from ticketonomics_server.storage.embedded import EmbeddedPostgres

from .driving import rate, send, spread, watch_while_sending
from .figures import Figures, percentile
from .jobs import BatchJob, LoadResult, RestJob, SdkJob, SwapJob, TransferJob, WatchJob, WatchResult
from .ledger import Ledger, LostWriteError
from .plan import Phase, Plan
from .rest import gateway_running
from .storage import checkpoint, footprint

# How long the watchers may lag behind once the last transfer was acknowledged.
_DRAIN_SECONDS = 20.0
# Far enough apart for the processes of one phase; an id is new whatever the seed.
_BATCH_SEED, _HOT_SEED, _UNARY_SEED, _SDK_SEED, _FANOUT_SEED, _PACED_SEED = range(100, 700, 100)
_SWAP_BATCH_SEED, _SWAP_SEED, _REST_SEED = 700, 800, 900


class Phases:
    """The phases that need our server, on one ledger."""

    def __init__(self, ledger: Ledger, postgres: EmbeddedPostgres, plan: Plan) -> None:
        """Use a ledger that is set up, and the Postgres below it."""
        self._ledger = ledger
        self._postgres = postgres
        self._plan = plan

    async def measure(self, phase: Phase) -> Figures:
        """Measure one phase."""
        await checkpoint(self._postgres)
        match phase:
            case Phase.BATCH:
                return await self._batches()
            case Phase.UNARY:
                return await self._unary()
            case Phase.REST:
                return await self._rest()
            case Phase.SWAP:
                return await self._swaps()
            case Phase.SDK:
                return await self._sdk()
            case Phase.FANOUT:
                return await self._fanout() | await self._delay()
            case _:
                raise ValueError(f"{phase} does not need our server")

    async def _batches(self) -> Figures:
        before = await footprint(self._postgres)
        uniform = await self._send_batches(hot=False, seed=_BATCH_SEED)
        hot = await self._send_batches(hot=True, seed=_HOT_SEED)
        after = await footprint(self._postgres)
        transfers = sum(result.acknowledged for result in [*uniform, *hot])
        return {
            "batch_uniform_tps": rate(uniform),
            "batch_hot_tps": rate(hot),
            **after.figures_since(before, transfers),
        }

    async def _send_batches(self, *, hot: bool, seed: int) -> list[LoadResult]:
        job = BatchJob(
            target=self._ledger.target,
            api_key=self._ledger.api_key,
            accounts=self._plan.accounts,
            seconds=self._plan.seconds,
            concurrency=self._plan.batches_in_flight,
            batch_size=self._plan.batch_size,
            hot=hot,
            seed=seed,
        )
        results = await send(spread(job, self._plan.client_processes))
        self._ledger.tally.add(results)
        return results

    async def _unary(self) -> Figures:
        results = await send(spread(self._transfers(_UNARY_SEED), self._plan.client_processes))
        self._ledger.tally.add(results)
        latencies_us = list(chain.from_iterable(result.latencies_us for result in results))
        return {
            "unary_rps": rate(results),
            "unary_p50_ms": percentile(latencies_us, 50) / 1_000,
            "unary_p99_ms": percentile(latencies_us, 99) / 1_000,
        }

    async def _rest(self) -> Figures:
        """Measure REST between two measurements of gRPC: a machine is never as fast as before."""
        before = await self._send_unary(_REST_SEED, self._plan.seconds / 2)
        with TemporaryDirectory(prefix="ticketonomics-bench-gateway-") as folder:
            async with gateway_running(self._ledger.target, Path(folder)) as target:
                job = RestJob(
                    target=target,
                    api_key=self._ledger.api_key,
                    accounts=self._plan.accounts,
                    seconds=self._plan.seconds,
                    concurrency=self._plan.unary_in_flight,
                    seed=_REST_SEED + 40,
                )
                by_rest = await send(spread(job, self._plan.client_processes))
        self._ledger.tally.add(by_rest)
        behind = await self._send_unary(_REST_SEED + 20, self._plan.seconds / 2)
        latencies_us = list(chain.from_iterable(result.latencies_us for result in by_rest))
        return {
            "rest_unary_rps": rate(by_rest),
            "rest_unary_p50_ms": percentile(latencies_us, 50) / 1_000,
            "rest_unary_p99_ms": percentile(latencies_us, 99) / 1_000,
            "rest_grpc_rps": (rate(before) + rate(behind)) / 2,
        }

    async def _send_unary(self, seed: int, seconds: float) -> list[LoadResult]:
        job = self._transfers(seed).model_copy(update={"seconds": seconds})
        results = await send(spread(job, self._plan.client_processes))
        self._ledger.tally.add(results)
        return results

    async def _swaps(self) -> Figures:
        batches = await self._send_swaps(
            self._plan.batches_in_flight, size=self._plan.batch_size, seed=_SWAP_BATCH_SEED
        )
        single = await self._send_swaps(self._plan.unary_in_flight, size=0, seed=_SWAP_SEED)
        return {"swap_batch_tps": rate(batches), "swap_unary_rps": rate(single)}

    async def _send_swaps(self, in_flight: int, *, size: int, seed: int) -> list[LoadResult]:
        job = SwapJob(
            target=self._ledger.target,
            api_key=self._ledger.api_key,
            accounts=self._plan.accounts,
            seconds=self._plan.seconds,
            concurrency=in_flight,
            batch_size=size,
            seed=seed,
        )
        results = await send(spread(job, self._plan.client_processes))
        self._ledger.tally.add(results)
        return results

    async def _sdk(self) -> Figures:
        job = SdkJob(
            target=self._ledger.target,
            api_key=self._ledger.api_key,
            accounts=self._plan.accounts,
            seconds=self._plan.seconds,
            concurrency=self._plan.sdk_callers,
            seed=_SDK_SEED,
        )
        results = await send(spread(job, self._plan.client_processes))
        self._ledger.tally.add(results)
        return {"sdk_coalesced_tps": rate(results)}

    async def _fanout(self) -> Figures:
        watched = await self._watch([self._transfers(_FANOUT_SEED)], delays=False)
        return {
            "fanout_1000_mps": sum(one.delivered / one.seconds for one in watched),
            "fanout_1000_messages_ps": sum(one.messages / one.seconds for one in watched),
        }

    async def _delay(self) -> Figures:
        paced = self._transfers(_PACED_SEED).model_copy(update={"paced_tps": self._plan.paced_tps})
        watched = await self._watch([paced], delays=True)
        delays_us = list(chain.from_iterable(one.delays_us for one in watched))
        # From the block's time, which is taken before the commit, and not from the acknowledgement:
        # it travels with each transaction, and makes the figure no better than it is.
        return {
            "fanout_1000_p50_ms": percentile(delays_us, 50) / 1_000,
            "fanout_1000_p99_ms": percentile(delays_us, 99) / 1_000,
        }

    async def _watch(self, senders: list[TransferJob], *, delays: bool) -> list[WatchResult]:
        job = WatchJob(
            target=self._ledger.target,
            api_key=self._ledger.api_key,
            seconds=_DRAIN_SECONDS,
            concurrency=self._plan.watchers,
            bare=False,
            delays=delays,
        )
        watched, sent = await watch_while_sending(spread(job, self._plan.client_processes), senders)
        self._ledger.tally.add(sent)
        _check_streams(watched, accepted=sum(result.acknowledged for result in sent))
        return watched

    def _transfers(self, seed: int) -> TransferJob:
        return TransferJob(
            target=self._ledger.target,
            api_key=self._ledger.api_key,
            accounts=self._plan.accounts,
            seconds=self._plan.seconds,
            concurrency=self._plan.unary_in_flight,
            seed=seed,
        )


def _check_streams(watched: list[WatchResult], *, accepted: int) -> None:
    for one in watched:
        if not one.ordered:
            raise LostWriteError("a stream told transactions out of order, or twice")
        if one.caught_up and not one.fewest == one.most == accepted:
            raise LostWriteError(
                f"of {accepted} transactions the streams told {one.fewest} to {one.most}"
            )
